from itertools import groupby
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.reading.forms import ReadingForm, read_typed
from mdt.queries.cases import get_case_alone
from mdt.queries.readings import list_to_read, newest_of_each
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.reading import LONGEST_OPINION
from mdt.services import readings
from mdt.web.guards import requires
from mdt.web.submit import answer
from mdt.web.words import reading as words
from mdt.web.words.codes import light_rows, readiness_summary, words_for_templates
from mdt.web.words.triage import time_left, tone_of

bp = Blueprint("reading", __name__)


@bp.get("/reading")
@requires(Permission.READING_WRITE)
def show_list(viewer: Viewer) -> str:
    return _page(viewer)


def _page(viewer: Viewer, **refused: Any) -> str:
    """The list; ``refused`` is a form that was not accepted and the number of its case."""
    lines = list_to_read(viewer)
    return render_template(
        "reading/list.html",
        groups=[
            (conference, list(group))
            for conference, group in groupby(lines, key=lambda line: line.conference)
        ],
        longest=LONGEST_OPINION,
        newest_of_each=newest_of_each,
        light_rows=light_rows,
        readiness_summary=readiness_summary,
        time_left=time_left,
        tone_of=tone_of,
        kind_words=words.KINDS,
        opened_words=words.OPENED,
        **words_for_templates(),
        **refused,
    )


@bp.post("/cases/<int:case_id>/reading/draft")
@requires(Permission.READING_WRITE)
def keep_typed(viewer: Viewer, case_id: int) -> Response:
    text, version = read_typed(request.get_json(silent=True))
    now = utc_now()
    kept = readings.keep_reading(viewer, case_id, text, version=version, now=now)
    return jsonify(
        ok=True,
        version=kept.version if kept else 0,
        saved_at=(kept.updated_at if kept else now).isoformat(),
        errors={},
    )


@bp.post("/cases/<int:case_id>/reading")
@requires(Permission.READING_WRITE)
def give(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = ReadingForm()
    number = get_case_alone(viewer, case_id).number
    return answer(
        form,
        lambda: readings.give_reading(viewer, case_id, form.text.data or "", now=utc_now()),
        said=gettext("%(number)s 的复阅意见已给出，能看到本例的人都可以看到。", number=number),
        back=lambda: redirect(url_for("reading.show_list", _anchor=f"case-{case_id}")),
        again=lambda: (_page(viewer, refused=form, refused_case=case_id), 422),
    )
