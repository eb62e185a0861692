"""Whether files that seem to name somebody else are the patient's: a doctor's word."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.forms import ConfirmForm
from mdt.queries.case_files import case_files
from mdt.queries.cases import patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import identity_checks
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.route("/cases/<int:case_id>/identity/<check_key>", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def confirm_identity(
    viewer: Viewer, case_id: int, check_key: str
) -> str | Response | tuple[str, int]:
    form = ConfirmForm()
    if accepted(
        form,
        lambda: identity_checks.confirm_identity(
            viewer, case_id, check_key, form.reason.data or "", now=utc_now()
        ),
    ):
        flash(gettext("已确认为本患者，您的姓名和依据已记录。"), "success")
        return redirect(url_for("attachments.show_files", case_id=case_id))
    case, found = identity_checks.open_identity_check(viewer, case_id, check_key, now=utc_now())
    numbers = {one.study_id for one in found}
    page = render_template(
        "attachments/identity.html",
        case=case,
        person=found[0],
        studies=[one for one in case_files(viewer, case_id).studies if one.id in numbers],
        patient=patient_facts(viewer, case),
        form=form,
    )
    return (page, 422) if form.errors else page


@bp.post("/cases/<int:case_id>/identity/<check_key>/withdraw")
@requires(Permission.CASE_EDIT)
def withdraw_identity(viewer: Viewer, case_id: int, check_key: str) -> Response:
    identity_checks.withdraw_identity(viewer, case_id, check_key, now=utc_now())
    flash(gettext("已撤销确认。重新确认或划除之前，本病例不能列入会议。"), "success")
    return redirect(url_for("attachments.show_files", case_id=case_id))
