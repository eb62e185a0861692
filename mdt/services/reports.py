"""Coverage reports: made from the register on the spot, each look and each export audited."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdt.adapters.spreadsheets import Cell, write_csv, write_xlsx
from mdt.queries.coverage import (
    Place,
    UnmatchedCase,
    coverage_rows,
    own_scope_names,
    region_names,
    unmatched_cases,
    visible_places,
)
from mdt.queries.registry import RegisterPage, tumour_lines
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import (
    By,
    CoverageRequest,
    CoverageRow,
    Exclusion,
    Report,
    group_code,
    group_name,
    report_table,
    source_lines,
    summarise,
)
from mdt.rules.errors import NotFound
from mdt.services.audit_log import record_view
from mdt.services.report_print import print_coverage

#: A cell that is no figure of its own: stage III or above, and no board in time.
NOT_DISCUSSED = "not_discussed"
#: Known by name: a row of unmatched cases alone has no figures to look in.
FIGURES = frozenset(
    {
        "numerator", "denominator", "below", "unstaged", "unstaged_with_board", "pending",
        "signed_without_meeting", "unmatched", NOT_DISCUSSED,
        *(f"excluded:{reason.value}" for reason in Exclusion),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """A report by the definition asked for, by the other one for a page, and what stands beside.

    ``unmatched`` are cases that a board discussed and no register row matches; ``unmatched_in``
    counts them by the code of the row in which they would stand, also where there is no such row.
    """

    request: CoverageRequest
    report: Report
    other: Report | None
    unmatched: tuple[UnmatchedCase, ...]
    unmatched_in: Mapping[str, int]
    names: Mapping[str, str]
    scope_names: tuple[str, ...]

    def as_json(self, language: str) -> dict[str, object]:
        """Return the contract's shape, with the cases that no row matches beside it."""
        shape = self.report.as_json(language)
        rows = shape["rows"]
        for row in rows if isinstance(rows, list) else ():
            row["unmatched_cases"] = self.unmatched_in.get(row["code"], 0)
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
        return {**shape, "unmatched": {"count": len(cases), "cases": cases}}


def show_coverage(
    viewer: Viewer, request: CoverageRequest, *, now: datetime, language: str, both: bool = True
) -> Coverage:
    """Make the report over the registers that the viewer sees, by ``both`` definitions or one.

    Side effects: one audit row.
    """
    found = _make(viewer, request, now, language, both=both)
    _record(viewer, AuditAction.REPORT_VIEW, request, now)
    return found


def _record(
    viewer: Viewer, action: AuditAction, request: CoverageRequest, now: datetime, **data: object
) -> None:
    asked: dict[str, Any] = {**request.as_arguments(), **data}
    record_view(viewer, action, request, now=now, **asked)


def _make(
    viewer: Viewer,
    request: CoverageRequest,
    now: datetime,
    language: str,
    *,
    both: bool = False,
    in_order: bool = False,
) -> Coverage:
    places = visible_places(viewer)
    rows = coverage_rows(viewer, request.period, places=places)
    if in_order:
        rows.sort(key=lambda row: (row.diagnosis_date, int(row.id)), reverse=True)
    names = _names(places.values(), language)
    unmatched = tuple(unmatched_cases(viewer, request.period, places=places))

    def by_definition(one: CoverageRequest) -> Report:
        return summarise(
            rows,
            by=one.by,
            period=one.period,
            definition=one.definition,
            on=local_date(now),
            names=names,
            language=language,
        )

    return Coverage(
        request=request,
        report=by_definition(request),
        other=by_definition(request.other) if both else None,
        unmatched=unmatched,
        unmatched_in=Counter(_would_stand_in(case, request.by) for case in unmatched),
        names=names,
        scope_names=tuple(en if language == "en" else zh for zh, en in own_scope_names(viewer)),
    )


def _names(places: Iterable[Place], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    codes: set[str] = set()
    for place in places:
        found[place.code] = place.name_en or place.name_zh if language == "en" else place.name_zh
        codes |= {place.county, place.city, place.province} - {""}
    for code, (zh, en) in region_names(codes).items():
        found[code] = en if language == "en" else zh
    return found


def _would_stand_in(case: UnmatchedCase, by: By) -> str:
    """The code of the row of the report to which an unmatched case would belong."""
    return group_code(
        CoverageRow(
            id="",
            hospital_code=case.place.code,
            county_code=case.place.county,
            city_code=case.place.city,
            province_code=case.place.province,
            case_type="new",
            icd10=case.icd10,
            diagnosis_date=case.counted_on,
        ),
        by,
    )


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
    row: str | None,
    *,
    page: int,
    now: datetime,
    language: str,
) -> CoverageCell:
    """List exactly the tumours behind one figure, the last diagnosed first.

    ``row`` is ``None`` for the total; ``cell`` is a key of ``Line.members``, ``not_discussed`` or
    ``unmatched``. Raises `NotFound` for a row or a figure that the report does not have. Side
    effects: one audit row.
    """
    found = _make(viewer, request, now, language, in_order=True)
    unmatched = tuple(
        case
        for case in found.unmatched
        if cell == "unmatched" and row in {None, _would_stand_in(case, request.by)}
    )
    if (row is not None and row not in _row_codes(found)) or cell not in FIGURES:
        raise NotFound
    ids = () if cell == "unmatched" else _members(found.report, cell, row)
    shown = tumour_lines(viewer, ids, today=local_date(now), page=max(1, page))
    _record(viewer, AuditAction.REPORT_VIEW, request, now, cell=cell, row=row or "")
    name = "" if row is None else found.names.get(row) or group_name(row, request.by, language)
    return CoverageCell(found, name, shown, unmatched)


def _row_codes(found: Coverage) -> set[str]:
    return {line.code for line in found.report.rows} | set(found.unmatched_in)


def _members(report: Report, cell: str, row: str | None) -> Sequence[str]:
    lines = {line.code: line for line in report.rows}
    line = report.total if row is None else lines.get(row)
    if line is None:
        return ()
    if cell == NOT_DISCUSSED:
        discussed = set(line.members["numerator"])
        return [id_ for id_ in line.members["denominator"] if id_ not in discussed]
    return line.members.get(cell, ())


def export_coverage(
    viewer: Viewer, request: CoverageRequest, kind: str, *, now: datetime, language: str
) -> bytes:
    """Write the report as ``csv``, ``xlsx`` or ``pdf``; it says who took it out, and by what.

    Side effects: one audit row.
    """
    found = _make(viewer, request, now, language, both=kind == "pdf")
    content = _written(viewer, found, kind, now, language)
    _record(viewer, AuditAction.REPORT_EXPORT, request, now, kind=kind)
    return content


def _written(viewer: Viewer, found: Coverage, kind: str, now: datetime, language: str) -> bytes:
    if kind == "pdf":
        both = (found.report, *([found.other] if found.other else []))
        return print_coverage(viewer, both, found.scope_names, now=now, language=language)
    header, rows = report_table(found.report, language)
    marks = [[line] for line in source_lines(found.report, viewer.name, now, language)]
    whole: list[Sequence[Cell]] = [*rows, [], *marks]
    return write_csv(header, whole) if kind == "csv" else write_xlsx(header, whole)
