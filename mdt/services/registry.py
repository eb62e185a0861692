"""Reading a register file row by row, in short transactions; a bad row never loses a good one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from time import perf_counter
from typing import Any

from sqlalchemy import select

from mdt.adapters.spreadsheets import UnreadableSpreadsheet, read_table
from mdt.models.tumours import RegisterImport
from mdt.queries import registry as queries
from mdt.queries import scope
from mdt.queries.duplicates import count_possible_duplicates
from mdt.queries.patients import Identity, open_identity
from mdt.queries.register_problems import Problems, RowProblem, seal_problems
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.registry import COLUMNS, Header, ParsedRow, Problem, parse_row, recognise_header
from mdt.rules.registry.shown import shown_value
from mdt.rules.registry.values import cell_text
from mdt.services.register_rows import PreparedRow, Written, prepare_row, write_rows
from mdt.services.unit_of_work import unit_of_work

#: A long write would stop a live room on SQLite; half of what is allowed is aimed at.
_SECONDS_A_BATCH = 0.1
_SMALLEST_BATCH, _FIRST_BATCH, _LARGEST_BATCH = 20, 50, 500
#: As many problems are kept with an import; the answer to the sender has all of them.
_KEPT_PROBLEMS = 5_000
_SHOWN_VALUE = 60


class RegisterFileRefused(Refused):
    """The file as a whole cannot be read; nothing of it was taken."""

    status = 422


@dataclass(frozen=True)
class ImportReport:
    """What became of a file; ``total`` is accepted, unchanged and refused rows together.

    ``matched`` counts rows that belong to a case, ``possible_duplicates`` rows that may be the
    same tumour as another row of the register. ``unknown_headings`` were not read. Values of
    problems are for those who see names in the register of ``hospital_id`` (`without_values`).
    """

    id: int
    hospital_id: int | None = None
    total: int = 0
    accepted: int = 0
    unchanged: int = 0
    matched: int = 0
    possible_duplicates: int = 0
    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()
    unknown_headings: tuple[str, ...] = ()

    @property
    def refused_rows(self) -> int:
        """How many rows were refused, each for one reason or several."""
        return len({problem.row for problem in self.refused})


def import_register(
    viewer: Viewer | None, content: bytes, *, hospital_code: str | None = None, now: datetime
) -> ImportReport:
    """Read a register file (CSV or XLSX) into the register.

    Rows count for the hospitals whose register the viewer manages; ``hospital_code`` narrows that
    to one. Without a viewer it is the system's own import and the hospital must be named. The same
    file again changes nothing; a corrected row takes the place of the former one.

    Raises `RegisterFileRefused` where the file cannot be read at all, `NotFound` for an unknown
    ``hospital_code``. Side effects: patients, tumours and links to cases, in transactions of about
    100 ms each; an import record; an audit row as it begins and one as it ends.
    """
    hospitals = _hospitals(viewer, hospital_code)
    table, header = _open_file(content)
    parsed, problems = _parse(table.rows, header, hospitals, now)
    hospital_id = _only_hospital(parsed, hospitals)
    import_id = _begin(viewer, parsed, hospital_id, now)
    rows = [
        prepare_row(one.row, one.row_number, hospitals[one.row.hospital_code], local_date(now))
        for one in parsed
        if one.row is not None
    ]
    written = _write_all(viewer, rows, import_id, now)
    report = _report(import_id, hospital_id, parsed, problems, header, written)
    _finish(viewer, report, now)
    return report


def _hospitals(viewer: Viewer | None, hospital_code: str | None) -> Mapping[str, int]:
    """Codes of the hospitals whose rows may be taken, with their numbers."""
    found = queries.managed_hospitals(viewer)
    if hospital_code is None:
        if viewer is None:
            raise ValueError("the system's own import names its hospital")
        return found
    if hospital_code not in found:
        raise NotFound("hospital_code_unknown")
    return {hospital_code: found[hospital_code]}


def _open_file(content: bytes) -> tuple[Any, Header]:
    try:
        table = read_table(content)
    except UnreadableSpreadsheet as error:
        raise RegisterFileRefused(f"register_{error.code}", **error.details) from error
    header = recognise_header(table.header)
    if header.missing:
        names = "、".join(f"{COLUMNS[column]}（{column}）" for column in header.missing)
        raise RegisterFileRefused("register_columns_missing", columns=names)
    return table, header


def _parse(
    rows: Iterable[Any], header: Header, hospitals: Mapping[str, int], now: datetime
) -> tuple[list[ParsedRow], list[RowProblem]]:
    """Read every row before the first is written; the problems are those of the file's shape."""
    regions, today = queries.region_codes(), local_date(now)
    parsed, problems = [], []
    for row in rows:
        one = parse_row(
            header.translate(row.cells),
            row_number=row.number,
            today=today,
            known_hospitals=hospitals,
            known_regions=regions,
        )
        parsed.append(one)
        if row.surplus:
            shown = "、".join(shown_value("", cell_text(cell)) for cell in row.surplus)
            problems.append(RowProblem(row.number, "", _shown(shown), "cells_beyond_header"))
    return parsed, problems


def _only_hospital(parsed: Iterable[ParsedRow], hospitals: Mapping[str, int]) -> int | None:
    """The hospital of the file: the only one that its rows or its sender can be of."""
    of_rows = {one.row.hospital_code for one in parsed if one.row is not None}
    codes = of_rows or set(hospitals)
    return hospitals[codes.pop()] if len(codes) == 1 else None


def _begin(
    viewer: Viewer | None, parsed: Sequence[ParsedRow], hospital_id: int | None, now: datetime
) -> int:
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        record = RegisterImport(
            hospital_id=hospital_id,
            by_user_id=viewer.user_id if viewer else None,
            at=now,
            total=len(parsed),
        )
        work.session.add(record)
        work.about(record, step="begin", rows=len(parsed))
        return record.id


def _write_all(
    viewer: Viewer | None, rows: list[PreparedRow], import_id: int, now: datetime
) -> list[Written]:
    """Write in batches that hold each person whole and take about as long as they may."""
    written: list[Written] = []
    taken: set[int] = set()
    size = _FIRST_BATCH
    waiting = _people_together(rows)
    while batch := _next_batch(waiting, size):
        started = perf_counter()
        with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
            # The audit rows of beginning and end speak for all batches.
            work.silent = True
            written += write_rows(work, batch, taken, import_id)
        fits = int(len(batch) * _SECONDS_A_BATCH / max(perf_counter() - started, 1e-6))
        size = max(_SMALLEST_BATCH, min(_LARGEST_BATCH, fits))
    return written


def _people_together(rows: list[PreparedRow]) -> Iterator[list[PreparedRow]]:
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        first.setdefault(row.key, row.number)
    in_order = sorted(rows, key=lambda row: (first[row.key], row.number))
    return (list(group) for _, group in groupby(in_order, key=lambda row: first[row.key]))


def _next_batch(people: Iterator[list[PreparedRow]], size: int) -> list[PreparedRow]:
    batch: list[PreparedRow] = []
    while len(batch) < size and (rows := next(people, None)):
        batch += rows
    return batch


def _report(
    import_id: int,
    hospital_id: int | None,
    parsed: Sequence[ParsedRow],
    problems: Iterable[RowProblem],
    header: Header,
    written: Sequence[Written],
) -> ImportReport:
    said = [
        RowProblem(one.number, column, "", code) for one in written for column, code in one.remarks
    ]
    warnings = [
        *problems,
        *_problems(parsed, lambda one: one.warnings if one.row else ()),
        *said,
    ]
    tumours = {one.tumour_id for one in written}
    return ImportReport(
        id=import_id,
        hospital_id=hospital_id,
        total=len(parsed),
        accepted=sum(one.changed for one in written),
        unchanged=sum(not one.changed for one in written),
        matched=queries.count_matched(tumours),
        possible_duplicates=count_possible_duplicates(tumours),
        refused=tuple(_problems(parsed, lambda one: one.refusals)),
        warnings=tuple(sorted(warnings, key=lambda problem: problem.row)),
        unknown_headings=header.unknown,
    )


def _problems(
    parsed: Iterable[ParsedRow], of: Callable[[ParsedRow], Iterable[Problem]]
) -> list[RowProblem]:
    return [
        RowProblem(one.row_number, problem.column, _shown(problem.value), problem.code)
        for one in parsed
        for problem in of(one)
    ]


def _shown(value: str) -> str:
    plain = value.replace("\x00", "")
    return plain if len(plain) <= _SHOWN_VALUE else plain[:_SHOWN_VALUE] + "…"


def _finish(viewer: Viewer | None, report: ImportReport, now: datetime) -> None:
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        own = select(RegisterImport).where(RegisterImport.id == report.id)
        record = work.session.scalars(scope.unscoped(own, because="begun just before")).one()
        record.accepted, record.unchanged = report.accepted, report.unchanged
        record.matched = report.matched
        record.possible_duplicates = report.possible_duplicates
        kept = Problems(report.refused[:_KEPT_PROBLEMS], report.warnings[:_KEPT_PROBLEMS])
        seal_problems(record, kept)
        work.about(
            record,
            step="end",
            accepted=report.accepted,
            unchanged=report.unchanged,
            refused=report.refused_rows,
        )


def unmask_register_patient(viewer: Viewer, tumour_id: int, *, now: datetime) -> Identity:
    """Show the whole identity behind a row of the own hospital, which is recorded.

    Raises `NotFound` for a row out of sight, `Forbidden` above the own hospital.
    """
    with unit_of_work(viewer, AuditAction.PATIENT_UNMASK, now=now) as work:
        tumour = queries.get_tumour(viewer, tumour_id)
        if not queries.shows_names(viewer, tumour.hospital_id):
            raise Forbidden
        work.about(tumour.patient, tumour_id=tumour.id)
        return open_identity(tumour.patient)
