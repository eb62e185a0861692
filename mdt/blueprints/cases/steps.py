from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.cases import pages, standing_parts
from mdt.blueprints.cases.blueprint import bp
from mdt.blueprints.cases.forms import ConsentForm, ReturnForm, SubmitForm, WithdrawForm
from mdt.queries.case_files import case_files
from mdt.queries.case_standing import standing_of
from mdt.queries.cases import get_case, patient_facts
from mdt.queries.series_checks import list_series_checks
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.case_state import EDITABLE
from mdt.rules.errors import IllegalTransition
from mdt.rules.intake import UrgentException
from mdt.services import case_submission, consents
from mdt.services.case_moves import Reason
from mdt.services.case_views import open_case
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.route("/cases/<int:case_id>/submit", methods=["GET", "POST"])
@requires(Permission.CASE_SUBMIT)
def submit(viewer: Viewer, case_id: int) -> str | Response | tuple[str, int]:
    form = SubmitForm()
    sent = accepted(
        form,
        lambda: case_submission.submit_case(
            viewer,
            case_id,
            version=form.version.data,
            exception=_exception(form),
            now=utc_now(),
        ),
    )
    if sent:
        flash(_sent_words(sent), "success")
        return redirect(url_for("cases.show_case", case_id=case_id))
    return _show_summary(viewer, case_id, form)


def _exception(form: SubmitForm) -> UrgentException | None:
    if not form.use_exception.data:
        return None
    return UrgentException(form.exception_reason.data or "", form.exception_text.data or "")


def _sent_words(case: Any) -> str:
    if case.state == "reviewing":
        return gettext("已提交院内审核。审核通过后自动送达会诊团队。")
    return gettext("已提交。团队受理后会在待办中通知您。")


def _show_summary(viewer: Viewer, case_id: int, form: SubmitForm) -> Any:
    now = utc_now()
    case = open_case(viewer, case_id, page="submit", now=now, permission=Permission.CASE_SUBMIT)
    if case.state not in EDITABLE:
        raise IllegalTransition("case_not_editable", state=case.state)
    standing = standing_of(case, today=local_date(now))
    form.version.data = case.version
    page = render_template(
        "cases/submit.html",
        form=form,
        patient=patient_facts(viewer, case),
        facts=pages.facts_of_draft(standing),
        files=case_files(viewer, case_id),
        series_checks=list_series_checks(viewer, standing, today=local_date(now)),
        papers_editable=True,
        **standing_parts.context_of(standing, local_date(now)),
    )
    return (page, 422) if form.errors else page


@bp.post("/cases/<int:case_id>/approve")
@requires(Permission.CASE_APPROVE)
def approve(viewer: Viewer, case_id: int) -> Response:
    case_submission.approve_case(viewer, case_id, now=utc_now())
    flash(gettext("已通过审核，病例已送达会诊团队。"), "success")
    return redirect(url_for("cases.show_case", case_id=case_id))


@bp.post("/cases/<int:case_id>/return")
@requires(Permission.CASE_APPROVE)
def return_in_house(viewer: Viewer, case_id: int) -> Any:
    form = ReturnForm()
    sent = accepted(
        form,
        lambda: case_submission.return_case_in_house(
            viewer,
            case_id,
            Reason(form.reason.data or "", form.text.data or "", form.due_on.data),
            now=utc_now(),
        ),
    )
    if sent:
        flash(gettext("已退回主管医师补正。"), "success")
        return redirect(url_for("cases.show_case", case_id=case_id))
    return pages.case_page(viewer, case_id, return_form=form), 422


@bp.post("/cases/<int:case_id>/withdraw")
@requires(Permission.CASE_SUBMIT)
def withdraw(viewer: Viewer, case_id: int) -> Any:
    form = WithdrawForm()
    sent = accepted(
        form,
        lambda: case_submission.withdraw_case(viewer, case_id, form.text.data or "", now=utc_now()),
    )
    if sent:
        flash(gettext("病例已撤回。"), "success")
        return redirect(url_for("cases.show_case", case_id=case_id))
    return pages.case_page(viewer, case_id, withdraw_form=form), 422


@bp.route("/cases/<int:case_id>/consents/<kind>", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def consent(viewer: Viewer, case_id: int, kind: str) -> Any:
    form = ConsentForm(kind=kind, **_standing(viewer, case_id, kind))
    said = consents.ConsentDraft(
        kind=kind,
        signer=form.signer.data or "",
        signed_on=form.signed_on.data,
        relation=form.relation.data or "",
    )
    if accepted(form, lambda: consents.record_consent(viewer, case_id, said, now=utc_now())):
        return redirect(url_for("cases.consent", case_id=case_id, kind=kind))
    now = utc_now()
    case = open_case(viewer, case_id, page="consent", now=now)
    context = standing_parts.context_of(standing_of(case, today=local_date(now)), local_date(now))
    found = [one for one in context["consents"] if one["kind"] == kind]
    consents.check_kind(kind)
    page = render_template(
        "cases/consent.html",
        form=form,
        consent=found[0] if found else None,
        kind=kind,
        patient=patient_facts(viewer, case),
        **context,
    )
    return (page, 422) if form.errors else page


def _standing(viewer: Viewer, case_id: int, kind: str) -> dict[str, Any]:
    """What is written down now, to be corrected instead of typed again."""
    case = get_case(viewer, case_id)
    kept = [one for one in case.consents if one.kind == kind and one.withdrawn_at is None]
    if not kept:
        return {}
    last = kept[-1]
    return {"signer": last.signer, "relation": last.relation, "signed_on": last.signed_on}


@bp.post("/cases/<int:case_id>/consents/<int:consent_id>/withdraw")
@requires(Permission.CASE_EDIT)
def withdraw_consent(viewer: Viewer, case_id: int, consent_id: int) -> Response:
    case = consents.void_consent(viewer, case_id, consent_id, now=utc_now())
    flash(gettext("该同意记录已作废。"), "success")
    editable = case.state in EDITABLE
    target = "cases.edit" if editable else "cases.show_case"
    return redirect(url_for(target, case_id=case_id))
