from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp, page_number
from mdt.blueprints.registry.forms import DuplicateForm
from mdt.queries import duplicates as queries
from mdt.queries.registry import RegisterFilter
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.services.audit_log import record_view
from mdt.services.duplicates import decide_duplicates, revoke_decision
from mdt.web.forms import BaseForm
from mdt.web.guards import current_viewer, requires
from mdt.web.submit import accepted
from mdt.web.words.registry import DUPLICATE_VERDICTS, compare_rows, words_for_templates


@bp.context_processor
def _open_groups() -> dict[str, Any]:
    """For the register's tabs: a function, as few of its pages show them."""
    return {"open_duplicates": _count_open_groups}


def _count_open_groups() -> int:
    viewer = current_viewer()
    return len(queries.undecided_groups(viewer)) if viewer else 0


@bp.get("/registry/duplicates")
@requires(Permission.REGISTRY_DECIDE)
def show_duplicates(viewer: Viewer) -> str:
    return _queue(viewer)


def _queue(viewer: Viewer, refused: str = "", form: DuplicateForm | None = None) -> str:
    found = queries.list_duplicates(viewer, page=page_number())
    rows = sum(len(group) for group in found.groups)
    given = {"refused": refused, "chosen": form.chosen if form else {}}
    return _page(viewer, "duplicates", rows, found=found, compared=compare_rows, **given)


@bp.get("/registry/duplicates/decided")
@requires(Permission.REGISTRY_DECIDE)
def show_decided(viewer: Viewer) -> str:
    return _decided(viewer)


def _decided(viewer: Viewer, refused: str = "") -> str:
    found = queries.list_decided(viewer, page=page_number())
    rows = 2 * sum(len(group.pairs) for group in found.groups)
    words = {"refused": refused, "verdicts": DUPLICATE_VERDICTS}
    return _page(viewer, "duplicates_decided", rows, found=found, **words)


def _page(viewer: Viewer, name: str, rows: int, **shown: Any) -> str:
    """Write that so many rows were looked at, and show them."""
    record_view(viewer, AuditAction.REGISTRY_VIEW, RegisterFilter(), now=utc_now(), rows=rows)
    return render_template(f"registry/{name}.html", **shown, **words_for_templates())


@bp.post("/registry/duplicates")
@requires(Permission.REGISTRY_DECIDE)
def decide(viewer: Viewer) -> Response | tuple[str, int]:
    form = DuplicateForm()
    decided = accepted(form, lambda: decide_duplicates(viewer, form.counting(), now=utc_now()))
    if decided is None:
        if form.form_errors:
            return _queue(viewer, str(form.form_errors[0])), 409
        return _queue(viewer, form.unsaid, form), 422
    flash(gettext("已判定，讨论率随之更新。可在“已判定”中撤销。"), "success")
    return redirect(url_for("registry.show_duplicates"))


@bp.post("/registry/duplicates/<int:decision_id>/revoke")
@requires(Permission.REGISTRY_DECIDE)
def revoke(viewer: Viewer, decision_id: int) -> Response | tuple[str, int]:
    form = BaseForm()
    if accepted(form, lambda: revoke_decision(viewer, decision_id, now=utc_now())) is None:
        return _decided(viewer, str(form.form_errors[0]) if form.form_errors else ""), 409
    flash(gettext("判定已撤销，各条记录恢复到判定以前。"), "success")
    return redirect(url_for("registry.show_decided"))
