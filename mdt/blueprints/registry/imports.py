from collections.abc import Iterable
from typing import Any

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.columns import column_notes
from mdt.blueprints.registry.forms import ImportForm
from mdt.queries import registry as queries
from mdt.queries.register_problems import RowProblem, visible_problems, without_values
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.services.audit_log import record_view
from mdt.services.register_files import refused_rows_file, template_file
from mdt.services.registry import ImportReport, RegisterFileRefused, import_register
from mdt.web.downloads import CSV, XLSX, attachment
from mdt.web.guards import bearer_token, requires
from mdt.web.submit import accepted
from mdt.web.templating import language
from mdt.web.words.registry import column_word, row_reason

LARGEST_FILE = 20 * 1024 * 1024
_FORM_OVERHEAD = 64 * 1024
_KINDS = {"csv": CSV, "xlsx": XLSX}


@bp.get("/registry/import")
@requires(Permission.REGISTRY_IMPORT)
def show_import(viewer: Viewer) -> str:
    return _page(viewer, ImportForm())


def _page(viewer: Viewer, form: ImportForm) -> str:
    return render_template(
        "registry/import.html",
        form=form,
        columns=column_notes(language()),
        imports=queries.list_imports(viewer),
        hospitals=queries.managed_hospital_names(viewer),
    )


@bp.post("/registry/import")
@requires(Permission.REGISTRY_IMPORT, scope="register")
def import_file(viewer: Viewer) -> Response | tuple[str, int]:
    _refuse_too_large()
    if bearer_token() is not None:
        return _answer(viewer, import_register(viewer, _sent(), now=utc_now()))
    form = ImportForm()
    report = accepted(form, lambda: import_register(viewer, form.file.data.read(), now=utc_now()))
    if report is None:
        return _page(viewer, form), 422
    return redirect(url_for("registry.show_result", import_id=report.id))


def _refuse_too_large() -> None:
    if (request.content_length or 0) > LARGEST_FILE + _FORM_OVERHEAD:
        raise RegisterFileRefused("register_too_large", limit=LARGEST_FILE)


def _sent() -> bytes:
    """The file that a machine sends: a part named ``file``, or the whole body."""
    if request.mimetype == "multipart/form-data":
        part = request.files.get("file")
        content = part.read() if part else b""
    else:
        # Unparsed: curl says of any body that it is a form.
        content = request.get_data(parse_form_data=False)
    if not content:
        raise RegisterFileRefused("register_empty")
    return content


def _answer(viewer: Viewer, report: ImportReport) -> FlaskResponse:
    return jsonify(
        accepted=report.accepted,
        unchanged=report.unchanged,
        total=report.total,
        refused_rows=report.refused_rows,
        refused=_problems(viewer, report, report.refused),
        warnings=_problems(viewer, report, report.warnings),
        matched=report.matched,
        possible_duplicates=report.possible_duplicates,
        unknown_headings=report.unknown_headings,
        import_id=report.id,
    )


def _problems(
    viewer: Viewer, report: ImportReport, problems: Iterable[RowProblem]
) -> list[dict[str, Any]]:
    return [_problem(one) for one in without_values(viewer, report.hospital_id, problems)]


def _problem(problem: RowProblem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": row_reason(problem.code, problem.column, language()),
        "code": problem.code,
    }


@bp.get("/registry/import/template.<kind>")
@requires(Permission.REGISTRY_IMPORT)
def template(viewer: Viewer, kind: str) -> FlaskResponse:
    if kind not in _KINDS:
        raise NotFound
    return attachment(template_file(kind), _KINDS[kind], "register-template")


@bp.get("/registry/imports/<int:import_id>")
@requires(Permission.REGISTRY_IMPORT)
def show_result(viewer: Viewer, import_id: int) -> str:
    record = queries.get_import(viewer, import_id)
    record_view(viewer, AuditAction.REGISTRY_VIEW, record, now=utc_now())
    return render_template(
        "registry/result.html",
        record=record,
        found=visible_problems(viewer, record),
        refused_rows=record.total - record.accepted - record.unchanged,
        reason=lambda one: row_reason(one.code, one.column, language()),
        column=lambda name: column_word(name, language()),
    )


@bp.get("/registry/imports/<int:import_id>/refused.csv")
@requires(Permission.REGISTRY_IMPORT)
def refused_file(viewer: Viewer, import_id: int) -> FlaskResponse:
    record = queries.get_import(viewer, import_id)
    record_view(viewer, AuditAction.REGISTRY_VIEW, record, now=utc_now(), file="refused")
    content = refused_rows_file(visible_problems(viewer, record).refused, language())
    return attachment(content, CSV, f"register-refused-{import_id}")
