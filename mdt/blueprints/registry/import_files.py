"""A register file from its upload to its result: columns, dry run, import."""

from collections.abc import Callable

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.forms import ColumnsForm
from mdt.blueprints.registry.import_words import IMPORT_STATES, failure, progress
from mdt.queries import registry as queries
from mdt.queries.register_imports import ImportView, list_under_way, show_import
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.rules.registry import COLUMNS, REQUIRED
from mdt.rules.registry.importing import ImportState
from mdt.services.audit_log import record_view
from mdt.services.register_files import refused_rows_file, warnings_file
from mdt.services.register_uploads import begin_import, cancel_import, confirm_columns
from mdt.web.downloads import CSV, XLSX, attachment
from mdt.web.guards import current_viewer, requires
from mdt.web.submit import accepted
from mdt.web.templating import language
from mdt.web.words.registry import column_word, row_reason

_KINDS = {"csv": CSV, "xlsx": XLSX}


@bp.context_processor
def _for_pages() -> dict[str, object]:
    """The tabs of the register say how many files of the reader are not over yet."""
    return {"imports_under_way": _count_under_way}


def _count_under_way() -> int:
    viewer = current_viewer()
    return len(list_under_way(viewer)) if viewer else 0


@bp.get("/registry/import/<int:import_id>")
@requires(Permission.REGISTRY_IMPORT)
def show_import_file(viewer: Viewer, import_id: int) -> str:
    view = show_import(viewer, import_id, now=utc_now())
    record_view(viewer, AuditAction.REGISTRY_VIEW, view.record, now=utc_now())
    return _page(view, ColumnsForm(formdata=None, data={"columns": list(view.columns.chosen)}))


def _page(view: ImportView, form: ColumnsForm) -> str:
    asked = view.state is ImportState.CHECKED and "columns" in request.args
    return render_template(
        "registry/import_file.html",
        view=view,
        record=view.record,
        form=form,
        choosing=view.mine and (view.state is ImportState.COLUMNS or asked),
        options=[(name, column_word(name, language())) for name in COLUMNS],
        required=REQUIRED,
        states=IMPORT_STATES,
        progress=progress(view),
        failure=failure(view),
        reason=lambda one: row_reason(one.code, one.column, language()),
        column=lambda name: column_word(name, language()),
    )


@bp.get("/registry/import/<int:import_id>.json")
@requires(Permission.REGISTRY_IMPORT)
def import_file_progress(viewer: Viewer, import_id: int) -> FlaskResponse:
    view = show_import(viewer, import_id, now=utc_now(), lists=False)
    record = view.record
    return jsonify(
        state=record.state,
        handled=record.handled,
        total=record.total,
        text=progress(view),
        waiting=view.waiting is not None,
    )


@bp.post("/registry/import/<int:import_id>/columns")
@requires(Permission.REGISTRY_IMPORT)
def choose_columns(viewer: Viewer, import_id: int) -> Response | tuple[str, int]:
    form = ColumnsForm()
    done = accepted(
        form, lambda: confirm_columns(viewer, import_id, form.columns.data, now=utc_now())
    )
    if done is None:
        return _page(show_import(viewer, import_id, now=utc_now()), form), 422
    return _to_file(import_id)


@bp.post("/registry/import/<int:import_id>/begin")
@requires(Permission.REGISTRY_IMPORT)
def begin_import_file(viewer: Viewer, import_id: int) -> Response:
    begin_import(viewer, import_id, now=utc_now())
    return _to_file(import_id)


@bp.post("/registry/import/<int:import_id>/cancel")
@requires(Permission.REGISTRY_IMPORT)
def cancel_import_file(viewer: Viewer, import_id: int) -> Response:
    cancel_import(viewer, import_id, now=utc_now())
    return _to_file(import_id)


def _to_file(import_id: int) -> Response:
    return redirect(url_for("registry.show_import_file", import_id=import_id))


@bp.get("/registry/import/<int:import_id>/refused.<kind>")
@requires(Permission.REGISTRY_IMPORT)
def refused_file(viewer: Viewer, import_id: int, kind: str) -> FlaskResponse:
    return _rows_file(viewer, import_id, kind, "refused", refused_rows_file)


@bp.get("/registry/import/<int:import_id>/warnings.<kind>")
@requires(Permission.REGISTRY_IMPORT)
def warned_file(viewer: Viewer, import_id: int, kind: str) -> FlaskResponse:
    return _rows_file(viewer, import_id, kind, "warnings", warnings_file)


def _rows_file(
    viewer: Viewer, import_id: int, kind: str, name: str, write: Callable[..., bytes]
) -> FlaskResponse:
    """Rows of an import as a file of this kind; that they were taken out is written down."""
    if kind not in _KINDS:
        raise NotFound
    record = queries.get_import(viewer, import_id)
    record_view(viewer, AuditAction.REGISTRY_VIEW, record, now=utc_now(), file=name)
    content = write(viewer, record, kind, language())
    return attachment(content, _KINDS[kind], f"register-{name}-{import_id}")
