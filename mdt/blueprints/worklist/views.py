from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mdt.queries.people import list_unread_notices
from mdt.queries.worklist import get_worklist
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.preparation import begins_by_itself
from mdt.services import notices
from mdt.web.guards import requires
from mdt.web.words import worklist as words
from mdt.web.words.codes import words_for_templates
from mdt.web.words.notices import notice_line
from mdt.web.words.triage import time_left, time_since, tone_of

bp = Blueprint("worklist", __name__)


@bp.get("/")
@requires(Permission.WORKLIST_READ)
def show_worklist(viewer: Viewer) -> str:
    found = get_worklist(viewer)
    return render_template(
        "worklist/worklist.html",
        notices=[notice_line(one) for one in list_unread_notices(viewer)],
        bands=[
            (band, words.BANDS[band], list(tasks))
            for band, tasks in groupby(found.tasks, key=lambda task: task.band)
        ],
        cases=found.cases,
        patients=found.patients,
        conferences=found.conferences,
        lines=words.LINES,
        url_of=words.url_of,
        preparing=[
            one
            for one in found.conferences.values()
            if begins_by_itself(one.state, one.starts_at, found.at)
            and one.id in {task.conference_id for task in found.tasks}
        ],
        time_left=time_left,
        time_since=time_since,
        tone_of=tone_of,
        **words_for_templates(),
    )


@bp.post("/notices/<int:notice_id>/read")
@requires(Permission.WORKLIST_READ)
def read_notice(viewer: Viewer, notice_id: int) -> Response:
    notices.read_notice(viewer, notice_id, now=utc_now())
    return redirect(url_for("worklist.show_worklist"))


@bp.post("/notices/read")
@requires(Permission.WORKLIST_READ)
def read_all_notices(viewer: Viewer) -> Response:
    notices.read_notices(viewer, request.form.get("up_to", 0, type=int), now=utc_now())
    return redirect(url_for("worklist.show_worklist"))
