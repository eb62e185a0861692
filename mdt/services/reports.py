"""Coverage reports: made from the register on the spot, each look and each export audited."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mdt.adapters.spreadsheets import Cell, write_csv, write_xlsx
from mdt.queries.coverage import (
    Place,
    UnmatchedCase,
    own_scope_names,
    region_names,
    unmatched_cases,
    visible_places,
)
from mdt.queries.coverage_conditions import NOT_DISCUSSED
from mdt.queries.coverage_figures import (
    Asked,
    count_figures,
    count_total,
    list_behind,
)
from mdt.queries.registry import PAGE_SIZE, RegisterPage, tumour_lines
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import (
    FIGURES,
    By,
    Compared,
    CoverageRequest,
    Line,
    Period,
    Placed,
    Report,
    earlier_periods,
    group_code,
    group_name,
    rank,
    report_table,
    source_lines,
    split_known,
    summarise,
)
from mdt.rules.coverage.table import REPORT_NAME
from mdt.rules.errors import NotFound
from mdt.rules.icd10 import site_group
from mdt.services.audit_log import record_view
from mdt.services.report_print import print_coverage

#: Known by name: a row of unmatched cases alone has no figures to look in.
CELLS = frozenset({*FIGURES, NOT_DISCUSSED, "unmatched"})
RowCodes = tuple[str | None, str | None]


@dataclass(frozen=True)
class Coverage:
    """A report by the definition asked for, by the other one for a page, and what stands beside.

    ``unmatched`` are cases that a board discussed and no register row matches; ``unmatched_in``
    counts them by the codes of the row in which they would stand (the second empty where rows are
    grouped once), also where there is no such row.
    ``compared`` has the totals of earlier periods by name, for a page and for machines.
    """

    request: CoverageRequest
    report: Report
    other: Report | None
    unmatched: tuple[UnmatchedCase, ...]
    unmatched_in: Mapping[tuple[str, str], int]
    names: Mapping[str, str]
    scope_names: tuple[str, ...]
    compared: Mapping[str, Compared] = field(default_factory=dict)

    def as_json(self, language: str) -> dict[str, object]:
        """Return the contract's shape, with the cases that no row matches beside it."""
        shape = self.report.as_json(language)
        rows = shape["rows"]
        for row in rows if isinstance(rows, list) else ():
            row["unmatched_cases"] = self.unmatched_in.get((row["code"], row.get("code2", "")), 0)
        cases = [
            {
                "number": case.number,
                "hospital_code": case.place.code,
                "icd10": case.icd10,
                "diagnosis_date": case.diagnosis_date and case.diagnosis_date.isoformat(),
                "discussed_on": case.discussed_on.isoformat(),
            }
            for case in self.unmatched
        ]
        earlier = {name: one.as_json() for name, one in self.compared.items()}
        unmatched = {"count": len(cases), "cases": cases}
        return {**shape, "unmatched": unmatched, "compared": earlier}


def show_coverage(
    viewer: Viewer, request: CoverageRequest, *, now: datetime, language: str, both: bool = True
) -> Coverage:
    """Make the report over the registers that the viewer sees, by ``both`` definitions or one.

    Side effects: one audit row.
    """
    places = visible_places(viewer)
    made = make_coverage(viewer, request, now, language, both=both, places=places)
    found = replace(made, compared=_compare(made, places, now))
    record_report(viewer, AuditAction.REPORT_VIEW, request, now)
    return found


def _compare(made: Coverage, places: Mapping[int, Place], now: datetime) -> dict[str, Compared]:
    """The totals of earlier periods by the definition of the report, two SELECTs at most for each.

    What the rows of the report have counted already is not counted again.
    """
    request, report = made.request, made.report
    found: dict[Period, Line] = {}
    earlier = earlier_periods(request.period)
    for period in set(earlier.values()):
        by = None if request.by2 else request.by
        known, rest = split_known(request.period, period, by)
        counts = Counter[str]()
        for line in report.rows:
            if line.code in known:
                counts.update({"numerator": line.numerator, "denominator": line.denominator})
        for one in rest:
            counts.update(count_total(_asked(replace(request, period=one), places, now)))
        found[period] = Line("", "", request.definition.target, counts)
    return {name: Compared(period, found[period], report.total) for name, period in earlier.items()}


def record_report(
    viewer: Viewer, action: AuditAction, request: CoverageRequest, now: datetime, **data: object
) -> None:
    """Write that somebody looked at a report or took it out. Side effects: one audit row."""
    asked: dict[str, Any] = {**request.as_arguments(), **data}
    record_view(viewer, action, request, now=now, **asked)


def make_coverage(
    viewer: Viewer,
    request: CoverageRequest,
    now: datetime,
    language: str,
    *,
    both: bool = False,
    places: Mapping[int, Place] | None = None,
) -> Coverage:
    """Make the report; the caller writes that it was asked for.

    ``places`` are the hospitals that the viewer sees, where the caller has them already.
    """
    places = visible_places(viewer) if places is None else places
    names = _names(places.values(), language)
    unmatched = tuple(unmatched_cases(viewer, request.period, places=places))

    def by_definition(one: CoverageRequest) -> Report:
        made = summarise(
            count_figures(_asked(one, places, now), one.groupings),
            by=one.by,
            by2=one.by2,
            period=one.period,
            definition=one.definition,
            on=local_date(now),
            names=names,
            language=language,
        )
        return replace(made, rows=rank(made.rows, one.sort))

    return Coverage(
        request=request,
        report=by_definition(request),
        other=by_definition(request.other) if both else None,
        unmatched=unmatched,
        unmatched_in=Counter(_would_stand_in(case, request) for case in unmatched),
        names=names,
        scope_names=tuple(en if language == "en" else zh for zh, en in own_scope_names(viewer)),
    )


def _asked(request: CoverageRequest, places: Mapping[int, Place], now: datetime) -> Asked:
    return Asked(places, request.period, request.definition, local_date(now))


def _names(places: Iterable[Place], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    codes: set[str] = set()
    for place in places:
        found[place.code] = place.name_en or place.name_zh if language == "en" else place.name_zh
        codes |= {place.county, place.city, place.province} - {""}
    for code, (zh, en) in region_names(codes).items():
        found[code] = en if language == "en" else zh
    return found


def _would_stand_in(case: UnmatchedCase, request: CoverageRequest) -> tuple[str, str]:
    """The codes of the row of the report to which an unmatched case would belong."""
    place = case.place
    placed = Placed(
        place.code,
        place.county,
        place.city,
        place.province,
        case.counted_on,
        site_group(case.icd10).group,
    )
    second = group_code(placed, request.by2) if request.by2 else ""
    return group_code(placed, request.by), second


@dataclass(frozen=True)
class CoverageCell:
    """The tumours behind one figure of a report, a page of them; or its unmatched cases."""

    coverage: Coverage
    row_name: str
    page: RegisterPage
    unmatched: tuple[UnmatchedCase, ...] = ()


def list_cell(
    viewer: Viewer,
    request: CoverageRequest,
    cell: str,
    row: RowCodes,
    *,
    page: int,
    now: datetime,
    language: str,
) -> CoverageCell:
    """List exactly the tumours behind one figure, the last diagnosed first.

    ``row`` has the codes of a row by both groupings, ``None`` for all of a grouping; ``cell`` is
    one of `CELLS`. Raises `NotFound` for a row or a figure that the report does not have. Side
    effects: one audit row.
    """
    found = make_coverage(viewer, request, now, language)
    codes = {line.codes for line in found.report.rows} | set(found.unmatched_in)
    known = row == (None, None) or any(_is_in(one, row) for one in codes)
    if not known or cell not in CELLS or (row[1] is not None and request.by2 is None):
        raise NotFound
    unmatched = tuple(
        case
        for case in found.unmatched
        if cell == "unmatched" and _is_in(_would_stand_in(case, request), row)
    )
    of_row = {
        by: code for by, code in zip(request.groupings, row, strict=False) if code is not None
    }
    shown = _tumours_behind(viewer, request, cell, of_row, page=max(1, page), now=now)
    marks = {"row": row[0] or "", **({"row2": row[1]} if row[1] is not None else {})}
    record_report(viewer, AuditAction.REPORT_VIEW, request, now, cell=cell, **marks)
    names = (found.names.get(code) or group_name(code, by, language) for by, code in of_row.items())
    return CoverageCell(found, " · ".join(names), shown, unmatched)


def _is_in(codes: tuple[str, str], row: RowCodes) -> bool:
    return all(wanted in {None, code} for code, wanted in zip(codes, row, strict=True))


def _tumours_behind(
    viewer: Viewer,
    request: CoverageRequest,
    cell: str,
    row: Mapping[By, str],
    *,
    page: int,
    now: datetime,
) -> RegisterPage:
    if cell == "unmatched":
        return RegisterPage((), 0, page)
    ids, total = list_behind(
        _asked(request, visible_places(viewer), now),
        cell,
        row,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return RegisterPage(tumour_lines(viewer, ids, today=local_date(now)), total, page)


def export_coverage(
    viewer: Viewer, request: CoverageRequest, kind: str, *, now: datetime, language: str
) -> bytes:
    """Write the report as ``csv``, ``xlsx`` or ``pdf``; it says who took it out, and by what.

    Side effects: one audit row.
    """
    found = make_coverage(viewer, request, now, language, both=kind == "pdf")
    content = _written(viewer, found, kind, now, language)
    record_report(viewer, AuditAction.REPORT_EXPORT, request, now, kind=kind)
    return content


def _written(viewer: Viewer, found: Coverage, kind: str, now: datetime, language: str) -> bytes:
    if kind == "pdf":
        both = (found.report, *([found.other] if found.other else []))
        return print_coverage(viewer, both, found.scope_names, now=now, language=language)
    header, rows = report_table(found.report, language)
    marks = [[line] for line in source_lines(found.report, viewer.name, now, language)]
    whole: list[Sequence[Cell]] = [*rows, [], *marks]
    if kind == "csv":
        return write_csv(header, whole)
    return write_xlsx(header, whole, title=REPORT_NAME.in_language(language), shares=True)
