from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.reports import definitions, freezes, quality
from mdt.blueprints.reports.blueprint import bp
from mdt.queries.coverage_definitions import known_definitions
from mdt.queries.register_matches import own_register_codes
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import (
    Audience,
    By,
    CoverageRequest,
    Line,
    Sort,
    beside_each_other,
    matrix_of,
    period_name,
    quick_periods,
    read_request,
    uncounted_boards,
)
from mdt.rules.coverage.published import published_table, published_text, why_hidden
from mdt.rules.errors import Invalid, NotFound
from mdt.services import published_reports, reports
from mdt.services.coverage_freezes import frozen_beside
from mdt.services.register_quality import quality_by_group
from mdt.web.charts import draw_rates
from mdt.web.downloads import CSV, PDF, XLSX, attachment
from mdt.web.guards import requires
from mdt.web.messages import fields_for
from mdt.web.templating import language
from mdt.web.words.definitions import definition_choices, differences, version_name
from mdt.web.words.registry import (
    BOARD_USES,
    CELLS,
    GROUPINGS,
    QUICK_PERIODS,
    exclusion_word,
    words_for_templates,
)

__all__ = ["bp", "definitions", "freezes", "quality"]

_KINDS = {"csv": CSV, "xlsx": XLSX, "pdf": PDF}


def _asked(viewer: Viewer) -> CoverageRequest:
    return read_request(
        request.args, today=local_date(viewer.as_of), definitions=known_definitions(viewer)
    )


@bp.get("/reports")
@requires(Permission.REPORT_READ)
def show_reports(viewer: Viewer) -> Response:
    return redirect(url_for("reports.show_coverage"))


@bp.get("/reports/coverage")
@requires(Permission.REPORT_READ)
def show_coverage(viewer: Viewer) -> str | tuple[str, int]:
    try:
        asked = _asked(viewer)
    except Invalid as error:
        return _ask_again(viewer, error), 422
    if _is_for_outside(viewer):
        return _show_published(viewer, asked)
    found = reports.show_coverage(viewer, asked, now=utc_now(), language=language())
    today = local_date(viewer.as_of)
    return render_template(
        "reports/coverage.html",
        found=found,
        asked=asked,
        panels=_panels(asked, found),
        pairs=_pairs(asked, found),
        frozen=frozen_beside(viewer, asked, found.report.total, language=language()),
        version=version_name,
        beside_cell=lambda key, line: _cell_address(asked.other, key, line),
        matrix=matrix_of(found.report),
        chart=draw_rates(found.report),
        period=period_name(asked.period).in_language(language()),
        period_word=lambda one: period_name(one).in_language(language()),
        **_filter(viewer, asked.as_arguments(), asked, today),
        today=today,
        address=lambda **changes: _address("/reports/coverage", asked, **changes),
        unsorted=_address("/reports/coverage", replace(asked, sort=Sort.CODE)),
        cell=lambda key, line: _cell_address(asked, key, line),
        unmatched_only=_unmatched_only(found),
        quality=quality_by_group(viewer, asked, now=utc_now(), language=language()),
        registers=f"/reports/quality?{urlencode(_days(asked))}",
        unmatched_of=lambda line: _unmatched_of(found, line),
        **words_for_templates(),
    )


def _is_for_outside(viewer: Viewer) -> bool:
    wanted = request.args.get("for", "")
    return published_reports.audience_of(viewer, wanted) is Audience.OUTSIDE


def _show_published(viewer: Viewer, asked: CoverageRequest) -> str:
    found = published_reports.show_published(viewer, asked, now=utc_now(), language=language())
    header, _ = published_table(found.report, language())
    return render_template(
        "reports/published.html",
        found=found,
        asked=asked,
        header=header,
        rows=published_text(found.report, language()),
        why=why_hidden(language()),
        period=period_name(asked.period).in_language(language()),
        address=lambda kind: _address(f"/reports/coverage{kind}", asked, **{"for": "outside"}),
        back=_address("/reports/coverage", asked),
    )


def _panels(asked: CoverageRequest, found: reports.Coverage) -> list[Any]:
    """Both reports, each with the request by which it is asked for; strict stands at the left."""
    panels = [(found.report, asked), (found.other, asked.other)]
    strict_last = asked.definition.code == "lenient" and asked.other.definition.code == "strict"
    return panels[::-1] if strict_last and not asked.beside_code else panels


def _pairs(asked: CoverageRequest, found: reports.Coverage) -> dict[str, Any] | None:
    """Two definitions laid beside each other, where a second one is named."""
    if not asked.beside_code or found.other is None:
        return None
    return {
        "lines": list(beside_each_other(found.report, found.other)),
        "differences": differences(found.report.definition, found.other.definition),
    }


def _filter(
    viewer: Viewer, given: Mapping[str, str], asked: CoverageRequest, today: date
) -> dict[str, Any]:
    """What the filter shows: the arguments ``given``, beside links that change those ``asked``."""
    return {
        "given": given,
        "quick": {
            code: (one, _address("/reports/coverage", replace(asked, period=one)))
            for code, one in quick_periods(today).items()
        },
        "quick_words": QUICK_PERIODS,
        "groupings": GROUPINGS,
        "definitions": definition_choices(known_definitions(viewer)),
    }


def _ask_again(viewer: Viewer, error: Invalid) -> str:
    """Show the filter with what was asked and what is wrong; no figures, which none asked for."""
    today = local_date(viewer.as_of)
    good = {
        name: value
        for name, value in request.args.items()
        if name not in error.fields and name not in {"from", "to"}
    }
    asked = read_request(good, today=today, definitions=known_definitions(viewer))
    given = {**asked.as_arguments(), **request.args.to_dict()}
    return render_template(
        "reports/again.html",
        errors=fields_for(error.fields),
        asked=asked,
        **_filter(viewer, given, asked, today),
    )


def _unmatched_only(found: reports.Coverage) -> int:
    """Unmatched cases of rows that the table does not have."""
    codes = {line.codes for line in found.report.rows}
    return sum(count for row, count in found.unmatched_in.items() if row not in codes)


def _days(asked: CoverageRequest) -> dict[str, str]:
    return {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}


def _unmatched_of(found: reports.Coverage, line: Line) -> int:
    """Unmatched cases of a row; a row that is a sum has those of all that it sums up."""
    return sum(
        count
        for codes, count in found.unmatched_in.items()
        if all(wanted in {"", code} for wanted, code in zip(line.codes, codes, strict=True))
    )


def _address(path: str, asked: CoverageRequest, **changes: str) -> str:
    return f"{path}?{urlencode({**asked.as_arguments(), **changes})}"


def _cell_address(asked: CoverageRequest, key: str, line: Any) -> str:
    rows = {"row": line.code, "row2": line.code2}
    kept = {name: code for name, code in rows.items() if code}
    return _address("/reports/coverage/list", asked, cell=key, **kept)


@bp.get("/reports/coverage.json")
@requires(Permission.REPORT_READ, scope="reports")
def coverage_json(viewer: Viewer) -> FlaskResponse:
    if _is_for_outside(viewer):
        published = published_reports.show_published(
            viewer, _asked(viewer), now=utc_now(), language=language()
        )
        return jsonify(published.report.as_json(language()))
    found = reports.show_coverage(
        viewer, _asked(viewer), now=utc_now(), language=language(), both=False
    )
    return jsonify(found.as_json(language()))


@bp.get("/reports/coverage.<kind>")
@requires(Permission.REPORT_READ, scope="reports")
def coverage_file(viewer: Viewer, kind: str) -> FlaskResponse:
    if kind not in _KINDS:
        raise NotFound
    asked = _asked(viewer)
    outside = _is_for_outside(viewer)
    export = published_reports.export_published if outside else reports.export_coverage
    content = export(viewer, asked, kind, now=utc_now(), language=language())
    stem = f"coverage-{asked.period.first}-{asked.period.last}-{_file_word(asked)}"
    stem += "-outside" if outside else ""
    return attachment(content, _KINDS[kind], stem)


def _file_word(asked: CoverageRequest) -> str:
    return asked.definition_code.replace("@", "-")


@bp.get("/reports/coverage/list")
@requires(Permission.REPORT_READ)
def list_cell(viewer: Viewer) -> str:
    asked = _asked(viewer)
    cell, row = request.args.get("cell", ""), (request.args.get("row"), request.args.get("row2"))
    found = reports.list_cell(
        viewer,
        asked,
        cell,
        row,
        page=request.args.get("page", 1, type=int),
        now=utc_now(),
        language=language(),
    )
    kept = {name: request.args[name] for name in ("cell", "row", "row2") if name in request.args}
    return render_template(
        "reports/list.html",
        found=found,
        asked=asked,
        cell=cell,
        title=_cell_title(cell),
        period=period_name(asked.period).in_language(language()),
        definition=version_name(asked.definition),
        back=_address("/reports/coverage", asked),
        url=_address("/reports/coverage/list", asked, **kept),
        by=By,
        uncounted=lambda line: uncounted_boards(line.row, asked.definition),
        board_uses=BOARD_USES,
        own_codes=own_register_codes(viewer),
        **words_for_templates(),
    )


def _cell_title(cell: str) -> str:
    if cell.startswith("excluded:"):
        return exclusion_word(cell.partition(":")[2])
    return str(CELLS[cell])
