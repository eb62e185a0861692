from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.match_form import MatchForm
from mdt.queries import register_matches as queries
from mdt.queries.registry import RegisterFilter, tumour_lines
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.errors import NotFound
from mdt.rules.registry.matches import MatchVerdict
from mdt.services.audit_log import record_view
from mdt.services.match_decisions import decide_match, revoke_match
from mdt.web.forms import BaseForm
from mdt.web.guards import requires
from mdt.web.messages import sentence
from mdt.web.submit import accepted
from mdt.web.words.matches import row_beside_case
from mdt.web.words.registry import words_for_templates


@bp.get("/registry/<int:tumour_id>/match")
@requires(Permission.REGISTRY_IMPORT)
def show_match(viewer: Viewer, tumour_id: int) -> tuple[str, int]:
    """A row beside a case, to say that they belong together or do not."""
    number = request.args.get("number", "").strip().upper()
    return _compare(viewer, tumour_id, MatchForm(formdata=None, data={"number": number}))


def _compare(viewer: Viewer, tumour_id: int, form: MatchForm) -> tuple[str, int]:
    tumour = queries.own_row(viewer, tumour_id)
    case = _case(viewer, form)
    linked = case is not None and queries.is_linked(tumour_id, case.id)
    form.offer(MatchVerdict.UNLINKED if linked else MatchVerdict.LINKED)
    record_view(viewer, AuditAction.REGISTRY_VIEW, tumour, now=utc_now(), page="match")
    page = render_template(
        "registry/match.html",
        form=form,
        tumour=tumour,
        case=case,
        linked=linked,
        lines=row_beside_case(queries.side_of_row(tumour), queries.side_of_case(case))
        if case
        else (),
        **words_for_templates(),
    )
    status = 409 if form.form_errors else 422 if form.errors else 200
    return page, status


def _case(viewer: Viewer, form: MatchForm) -> Any:
    """The case of the form; one that is not found is said at its field."""
    if not form.number.data:
        return None
    try:
        return queries.find_case(viewer, form.number.data)
    except NotFound as error:
        form.number.errors = [sentence(error.code)]
        return None


@bp.post("/registry/<int:tumour_id>/match")
@requires(Permission.REGISTRY_IMPORT)
def decide_on_match(viewer: Viewer, tumour_id: int) -> Response | tuple[str, int]:
    form = MatchForm()
    decided = accepted(
        form,
        lambda: decide_match(
            viewer, tumour_id, form.number.data, MatchVerdict(form.verdict.data),
            reason=form.reason.data or "", text=form.text.data or "", now=utc_now(),
        ),
    )  # fmt: skip
    if decided is None:
        return _compare(viewer, tumour_id, form)
    flash(gettext("已更正关联，讨论率随之更新。可在本页撤销。"), "success")
    return redirect(url_for("registry.show_row", tumour_id=tumour_id))


@bp.post("/registry/match/<decision_id>/revoke")
@requires(Permission.REGISTRY_IMPORT)
def revoke_match_decision(viewer: Viewer, decision_id: str) -> Response:
    form = BaseForm()
    tumour_id = queries.get_decision(viewer, decision_id).tumour_id
    if accepted(form, lambda: revoke_match(viewer, decision_id, now=utc_now())) is None:
        for text in form.form_errors:
            flash(text, "warning")
    else:
        flash(gettext("判定已撤销，按证件号码和部位重新自动比对。"), "success")
    return redirect(url_for("registry.show_row", tumour_id=tumour_id))


@bp.get("/registry/unmatched")
@requires(Permission.REGISTRY_IMPORT)
def show_unmatched(viewer: Viewer) -> str:
    """Cases of the own hospital that a board discussed and no row matches."""
    found = queries.list_unmatched(viewer)
    record_view(viewer, AuditAction.REGISTRY_VIEW, RegisterFilter(), now=utc_now(), rows=len(found))
    return render_template("registry/unmatched.html", found=found, **words_for_templates())


@bp.get("/registry/unmatched/<number>")
@requires(Permission.REGISTRY_IMPORT)
def pick_row(viewer: Viewer, number: str) -> str:
    """The rows that an unmatched case may be."""
    case = queries.find_case(viewer, number)
    ids = queries.rows_for_case(viewer, case)
    lines = tumour_lines(viewer, ids, today=local_date(viewer.as_of))
    record_view(
        viewer, AuditAction.REGISTRY_VIEW, case, now=utc_now(), case_id=case.id, rows=len(lines)
    )
    side = queries.side_of_case(case)
    return render_template(
        "registry/pick_row.html", case=case, side=side, lines=lines, **words_for_templates()
    )
