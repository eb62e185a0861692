from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mdt.queries.people import list_unread_notices
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import accounts
from mdt.web.guards import requires

bp = Blueprint("worklist", __name__)


@bp.get("/")
@requires(Permission.WORKLIST_READ)
def show_worklist(viewer: Viewer) -> str:
    return render_template("worklist/worklist.html", notices=list_unread_notices(viewer), tasks=[])


@bp.post("/notices/<int:notice_id>/read")
@requires(Permission.WORKLIST_READ)
def read_notice(viewer: Viewer, notice_id: int) -> Response:
    accounts.read_notice(viewer, notice_id, now=utc_now())
    return redirect(url_for("worklist.show_worklist"))
