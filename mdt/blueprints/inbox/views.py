from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.inbox.forms import FindForm
from mdt.queries.cases import patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services.attachments import DUPLICATE, FileResult
from mdt.services.inbox import open_inbox, open_received, open_received_study, take_study
from mdt.web.guards import requires
from mdt.web.messages import sentence

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@requires(Permission.CASE_EDIT)
def list_received(viewer: Viewer) -> str:
    free = request.args.get("state") == "free"
    page = request.args.get("page", 1, type=int)
    found = open_received(viewer, free=free, page=page, now=utc_now())
    return render_template("inbox/received.html", found=found, free=free)


@bp.get("/inbox/<int:inbox_id>")
@requires(Permission.CASE_EDIT)
def show_received(viewer: Viewer, inbox_id: int) -> str:
    one, cases = open_received_study(viewer, inbox_id, now=utc_now())
    return render_template("inbox/received_study.html", one=one, cases=cases)


@bp.route("/cases/<int:case_id>/inbox", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def show_inbox(viewer: Viewer, case_id: int) -> str:
    """Search by a form that is posted: what names a patient never stands in an address."""
    form = FindForm() if request.method == "POST" else FindForm(formdata=None)
    text = (form.text.data or "") if form.is_submitted() and form.validate() else ""
    page = request.args.get("page", 1, type=int)
    case, found = open_inbox(viewer, case_id, text=text, page=page, now=utc_now())
    return render_template(
        "inbox/studies.html",
        case=case,
        found=found,
        form=form,
        searched=bool(text),
        patient=patient_facts(viewer, case),
    )


@bp.post("/cases/<int:case_id>/inbox/<int:inbox_id>/take")
@requires(Permission.CASE_EDIT)
def take(viewer: Viewer, case_id: int, inbox_id: int) -> Response:
    _say(take_study(viewer, case_id, inbox_id, now=utc_now()))
    return redirect(url_for("attachments.show_files", case_id=case_id))


def _say(results: Sequence[FileResult]) -> None:
    """What became of the objects; of those that are refused each reason once."""
    refused = Counter(one.code for one in results if not one.ok)
    there = sum(one.code == DUPLICATE for one in results)
    taken = len(results) - there - refused.total()
    if taken:
        flash(gettext("已从 PACS 来片选入 %(n)d 个文件。", n=taken), "success")
    if there:
        flash(gettext("%(n)d 个文件本病例中已有。", n=there), "info")
    for code, count in refused.items():
        reason = sentence(code)
        flash(gettext("%(n)d 个文件未选入：%(reason)s", n=count, reason=reason), "danger")
