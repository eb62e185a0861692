from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.plans import parts
from mdt.blueprints.plans.forms import (
    AmendForm,
    DissentForm,
    OverrideForm,
    RevisionForm,
    SignForm,
    read_edit,
)
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import plan_documents, plan_sheets, plan_signing, plans
from mdt.web.downloads import inline_pdf
from mdt.web.guards import requires
from mdt.web.messages import fields_for
from mdt.web.submit import accepted, answer
from mdt.web.templating import site_address

bp = Blueprint("plans", __name__)


@bp.get("/cases/<int:case_id>/plan")
@requires(Permission.PLAN_READ)
def show_plan(viewer: Viewer, case_id: int) -> str:
    chosen = request.args.get("revision", type=int)
    sheet = plan_sheets.open_plan(viewer, case_id, revision_id=chosen, now=utc_now())
    return _page(sheet)


def _page(sheet: plan_sheets.PlanSheet, **forms: Any) -> str:
    context = parts.context_of(sheet)
    given = {
        "sign_form": SignForm(),
        "dissent_form": DissentForm(),
        "amend_form": AmendForm(),
        "override_form": OverrideForm(),
    }
    return render_template("plans/plan.html", **context, **{**given, **forms})


def _again(viewer: Viewer, case_id: int, **forms: Any) -> tuple[str, int]:
    """The page with a form that was refused."""
    return _page(plan_sheets.read_plan(viewer, case_id, now=utc_now()), **forms), 422


@bp.post("/cases/<int:case_id>/plan/fields")
@requires(Permission.PLAN_WRITE)
def save_fields(viewer: Viewer, case_id: int) -> Response:
    fields, version, key = read_edit(request.get_json(silent=True))
    edit = plans.edit_plan(
        viewer,
        plans.get_item_of(viewer, case_id).id,
        fields,
        base_version=version,
        key=key or plans.new_key(),
        now=utc_now(),
        revision_id=request.args.get("revision", type=int),
    )
    sheet = plan_sheets.read_plan(viewer, case_id, now=utc_now())
    return jsonify(
        ok=True,
        version=edit.version,
        seq=edit.seq,
        saved_at=edit.saved_at.isoformat(),
        errors=fields_for(dict(edit.errors)),
        others=edit.others,
        blocks=[{"code": code, "message": words} for code, (words, _) in _blocks(sheet)],
        html=_drawn(sheet, edit),
    )


def _blocks(sheet: plan_sheets.PlanSheet) -> Any:
    words = parts.context_of(sheet)["blocks"]
    return zip(sheet.blocks, words, strict=True)


def _drawn(sheet: plan_sheets.PlanSheet, edit: plans.PlanEdit) -> dict[str, str]:
    names = {"side"}
    if any(name.startswith("stage.") for name in (*edit.changed, *edit.others)):
        names.add("stage")
    names |= {rows for rows in ("steps", "dissent") if f"{rows}.order" in edit.others}
    return {f"plan-{name}": parts.part(name, sheet) for name in sorted(names)}


@bp.post("/cases/<int:case_id>/plan/open")
@requires(Permission.PLAN_WRITE)
def open_for_signing(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = RevisionForm()
    return answer(
        form,
        lambda: plan_signing.open_for_signing(viewer, case_id, form.revision_id, now=utc_now()),
        said=gettext("已发出签署，签名人会在待办中看到。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, refused=form),
    )


@bp.post("/cases/<int:case_id>/plan/override")
@requires(Permission.PLAN_WRITE)
def override_quorum(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = OverrideForm()
    return answer(
        form,
        lambda: plan_signing.override_quorum(viewer, case_id, form.chosen, now=utc_now()),
        said=gettext("理由已记录，将印在意见书上；本次讨论仍不计为达到法定学科数。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, override_form=form),
        tone="warning",
    )


@bp.post("/cases/<int:case_id>/plan/back")
@requires(Permission.PLAN_WRITE)
def take_back(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = RevisionForm()
    return answer(
        form,
        lambda: plan_signing.take_back(viewer, case_id, form.revision_id, now=utc_now()),
        said=gettext("已退回修改，原稿连同签名作废留存。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, refused=form),
    )


@bp.post("/cases/<int:case_id>/plan/sign")
@requires(Permission.PLAN_SIGN)
def sign(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = SignForm()
    signed = accepted(
        form,
        lambda: plan_signing.sign_plan(
            viewer,
            case_id,
            form.revision_id,
            form.password.data or "",
            site=site_address(),
            now=utc_now(),
        ),
    )
    if signed:
        words = gettext("签署完成，意见书已生效。") if signed.complete else gettext("您已签名。")
        flash(words, "success")
        return _back(case_id)
    return _again(viewer, case_id, sign_form=form)


@bp.post("/cases/<int:case_id>/plan/dissent")
@requires(Permission.PLAN_SIGN)
def dissent(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = DissentForm()
    return answer(
        form,
        lambda: plan_signing.dissent_from_plan(
            viewer, case_id, form.revision_id, form.said, now=utc_now()
        ),
        said=gettext("您的不同意见已写入意见书；意见书已退回修改，主席会收到通知。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, dissent_form=form),
    )


@bp.post("/cases/<int:case_id>/plan/amend")
@requires(Permission.PLAN_WRITE)
def amend(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = AmendForm()
    return answer(
        form,
        lambda: plans.amend_plan(viewer, case_id, form.reason.data or "", now=utc_now()),
        said=gettext("已建立补充修订稿；原意见书保留，修订签署后才生效。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, amend_form=form),
    )


@bp.post("/cases/<int:case_id>/plan/discard")
@requires(Permission.PLAN_WRITE)
def discard(viewer: Viewer, case_id: int) -> Response:
    plans.discard_amendment(viewer, case_id, now=utc_now())
    flash(gettext("补充修订稿已放弃，原意见书继续有效。"), "success")
    return _back(case_id)


@bp.get("/cases/<int:case_id>/plan.pdf")
@requires(Permission.PLAN_READ, scope="cases")
def show_pdf(viewer: Viewer, case_id: int) -> Response:
    chosen = request.args.get("revision", type=int)
    file = plan_documents.read_pdf(viewer, case_id, chosen, site=site_address(), now=utc_now())
    return inline_pdf(file.content, file.name)


def _back(case_id: int) -> Response:
    return redirect(url_for("plans.show_plan", case_id=case_id))
