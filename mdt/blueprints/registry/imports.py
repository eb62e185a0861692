from collections.abc import Iterable
from typing import Any

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.columns import column_notes
from mdt.blueprints.registry.forms import ImportForm
from mdt.blueprints.registry.import_words import IMPORT_STATES
from mdt.queries import registry as queries
from mdt.queries.register_problems import RowProblem, without_values
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.services.register_files import template_file
from mdt.services.register_uploads import JOB_LIMITS, receive_register_file
from mdt.services.registry import ImportReport, RegisterFileRefused, import_register
from mdt.web.downloads import CSV, XLSX, attachment
from mdt.web.guards import bearer_token, requires
from mdt.web.submit import accepted
from mdt.web.templating import language
from mdt.web.words.registry import row_reason

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
        states=IMPORT_STATES,
        hospitals=queries.managed_hospital_names(viewer),
    )


@bp.post("/registry/import")
@requires(Permission.REGISTRY_IMPORT, scope="register")
def import_file(viewer: Viewer) -> Response | tuple[str, int]:
    _refuse_too_large()
    if bearer_token() is not None:
        return _answer(viewer, import_register(viewer, _sent(), now=utc_now()))
    form = ImportForm()
    number = accepted(
        form, lambda: receive_register_file(viewer, form.file.data.stream, now=utc_now())
    )
    if number is None:
        return _page(viewer, form), 422
    return redirect(url_for("registry.show_import_file", import_id=number))


def _refuse_too_large() -> None:
    """A machine waits for its answer; what a person sends is read by the worker."""
    limit = LARGEST_FILE if bearer_token() is not None else JOB_LIMITS.size
    if (request.content_length or 0) > limit + _FORM_OVERHEAD:
        raise RegisterFileRefused("register_too_large", limit=limit)


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
