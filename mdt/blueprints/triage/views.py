from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.triage.forms import DecisionForm
from mdt.queries.case_standing import standing_of
from mdt.queries.identity_checks import list_mismatches
from mdt.queries.series_checks import list_series_checks
from mdt.queries.triage import list_queue, queue_lines
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.case_state import Action, actions_from
from mdt.rules.errors import NotFound
from mdt.services.case_views import open_case
from mdt.services.triage import decide_case
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.words import triage as words
from mdt.web.words.codes import light_rows, readiness_summary, words_for_templates
from mdt.web.words.series_checks import check_colour, check_words

bp = Blueprint("triage", __name__)
_COLOURS = ("stop", "wait", "ok", "none")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        **words_for_templates(),
        "decisions": words.DECISIONS,
        "readiness_summary": readiness_summary,
        "time_left": words.time_left,
        "time_since": words.time_since,
        "tone_of": words.tone_of,
    }


@bp.get("/triage")
@requires(Permission.CASE_TRIAGE)
def show_queue(viewer: Viewer) -> str:
    return render_template("triage/queue.html", groups=list_queue(viewer))


@bp.get("/triage/<int:case_id>")
@requires(Permission.CASE_TRIAGE)
def show_case(viewer: Viewer, case_id: int) -> str:
    return _page(viewer, case_id)


@bp.post("/triage/<int:case_id>/<action>")
@requires(Permission.CASE_TRIAGE)
def decide(viewer: Viewer, case_id: int, action: str) -> Response | tuple[str, int]:
    if action not in words.DECISIONS:
        raise NotFound
    form = DecisionForm()
    case = accepted(
        form, lambda: decide_case(viewer, case_id, action, form.decision(), now=utc_now())
    )
    if case:
        flash(str(words.DECIDED[action]) % {"number": case.number}, "success")
        return redirect(url_for("triage.show_queue"))
    return _page(viewer, case_id, refused=action, form=form), 422


def _page(
    viewer: Viewer, case_id: int, *, refused: str = "", form: DecisionForm | None = None
) -> str:
    now = utc_now()
    case = open_case(viewer, case_id, page="triage", now=now, permission=Permission.CASE_TRIAGE)
    standing = standing_of(case, today=local_date(now))
    return render_template(
        "triage/case.html",
        line=queue_lines(viewer, [case], today=local_date(now))[0],
        standing=standing,
        series_checks=list_series_checks(viewer, standing, today=local_date(now)),
        check_colour=check_colour,
        check_words=check_words,
        mismatches={one.key: one for one in list_mismatches(viewer, case)}.values(),
        lights=sorted(light_rows(standing.readiness), key=_lacking_first),
        forms=[
            (one, _form(one, form if one.code == refused else None)) for one in _offered(case.state)
        ],
        refused=refused,
        refused_form=form,
    )


def _lacking_first(row: dict[str, Any]) -> tuple[bool, int]:
    """What is missing first, the required before the rest; what is there last."""
    return not row["blocking"], _COLOURS.index(row["colour"])


def _offered(state: str) -> list[Action]:
    return [one for one in actions_from(state) if one.code in words.DECISIONS]


def _form(action: Action, sent: DecisionForm | None) -> DecisionForm:
    form = sent or DecisionForm(formdata=None)
    return form.offer(action.code, action.reason_list)
