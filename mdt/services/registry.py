"""A register file that its sender waits for, and the end of every import."""

import io
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid4

from sqlalchemy import select

from mdt.adapters.spreadsheets import UnreadableSpreadsheet, read_table
from mdt.extensions import db
from mdt.models.tumours import RegisterImport
from mdt.queries import registry as queries
from mdt.queries import scope
from mdt.queries.bulk import in_parts, look_up_by_index
from mdt.queries.duplicates import count_possible_duplicates
from mdt.queries.register_columns import FileColumns, seal_columns
from mdt.queries.register_imports import overlapped
from mdt.queries.register_problems import Problems, RowProblem, open_findings, seal_problems
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import NotFound
from mdt.rules.registry import COLUMNS, Header, recognise_header
from mdt.rules.registry.columns import REASON_COLUMNS
from mdt.rules.registry.importing import ImportState
from mdt.services.duplicates import note_alike_by_number
from mdt.services.register_leftovers import discard_files
from mdt.services.register_reading import NOBODY, Reading
from mdt.services.register_run import Clock, HoldLost, Run, beat, write_file
from mdt.services.register_scan import look_for_viruses
from mdt.services.register_source import (
    RegisterFileRefused,
    SourceRow,
    WritingOrder,
    source_row,
)
from mdt.services.unit_of_work import unit_of_work

__all__ = [
    "ImportReport",
    "RegisterFileRefused",
    "finish_import",
    "import_register",
]

#: As many problems are kept with an import; the answer to the sender has all of them.
_KEPT_PROBLEMS = 5_000
#: How often it is said meanwhile that somebody is at it, in seconds.
_PACE = 2
_BECAUSE = "begun just before"


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
    """Read a register file (CSV or XLSX) into the register, while the caller waits.

    Rows count for the hospitals whose register the viewer manages; ``hospital_code`` narrows that
    to one. Without a viewer it is the system's own import and the hospital must be named. The same
    file again changes nothing; a corrected row takes the place of the former one.

    Raises `RegisterFileRefused` where the file has a virus or cannot be read at all, `NotFound` for
    an unknown ``hospital_code``, `mdt.adapters.virus_scan.ScannerUnavailable`. Side effects:
    patients, tumours and links to cases, in transactions of about 100 ms each; an import record; an
    audit row as it begins and one as it ends.
    """
    hospitals = _hospitals(viewer, hospital_code)
    look_for_viruses(io.BytesIO(content))
    rows, header = _open_file(content)
    columns = [header.by_heading.get(heading, "") for heading in header.headings]
    every = queries.managed_hospitals(None)
    reading = Reading(columns, hospitals, every, queries.region_codes(), local_date(now))
    persons, hospital_id = _look_through(rows, reading)
    holder = uuid4().hex
    file = FileColumns(header.headings, (), columns)
    import_id = _begin(viewer, len(rows), file, hospital_id, holder, now)
    run = Run(
        viewer=viewer,
        import_id=import_id,
        rows=rows,
        order=WritingOrder.of_persons(persons),
        reading=reading,
        holder=holder,
        clock=_clock_from(now),
        keep_all=True,
    )
    record = finish_import(run, write_file(run))
    report = _report(record, header)
    discard_files(record.id, now=run.clock())
    return report


def _clock_from(now: datetime) -> Clock:
    """A clock that runs on from here: other imports are told when this one ended."""
    began = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - began)


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


def _open_file(content: bytes) -> tuple[list[SourceRow], Header]:
    try:
        table = read_table(content)
    except UnreadableSpreadsheet as error:
        raise RegisterFileRefused(f"register_{error.code}", **error.details) from error
    header = recognise_header(table.header)
    if header.missing:
        names = "、".join(f"{COLUMNS[column]}（{column}）" for column in header.missing)
        raise RegisterFileRefused("register_columns_missing", columns=names)
    return [source_row(row) for row in table.rows], header


def _look_through(rows: Iterable[SourceRow], reading: Reading) -> tuple["array[int]", int | None]:
    """Whose row each is, and the hospital of the file: the only one any row of it can be of."""
    persons = array("q")
    owners: set[int] = set()
    for source in rows:
        judged = reading.judge(source)
        persons.append(reading.person(judged.row) if judged.row else NOBODY)
        owners.update(reading.owners(judged))
    owners = owners or {*reading.hospitals.values()}
    return persons, owners.pop() if len(owners) == 1 else None


def _begin(
    viewer: Viewer | None,
    total: int,
    columns: FileColumns,
    hospital_id: int | None,
    holder: str,
    now: datetime,
) -> int:
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        record = RegisterImport(
            hospital_id=hospital_id,
            by_user_id=viewer.user_id if viewer else None,
            at=now,
            state=ImportState.IMPORTING.value,
            holder=holder,
            queued_at=now,
            beat_at=now,
            total=total,
        )
        work.session.add(record)
        work.about(record, step="begin", rows=total)
        seal_columns(record, columns)
        return record.id


def finish_import(run: Run, met: Iterable[int]) -> RegisterImport:
    """End an import whose rows are written; ``met`` are the rows of the register that it met.

    Raises `HoldLost`. Side effects: the import's counts, the first of its problems, an audit row.
    """
    matched = duplicates = 0
    raced = overlapped(run.import_id)
    said_at = monotonic()
    for ids in in_parts(met):
        if monotonic() - said_at > _PACE:
            beat(run)
            said_at = monotonic()
        if raced:
            _note_races(run, ids)
        look_up_by_index(db.session())
        matched += queries.count_matched(ids)
        duplicates += count_possible_duplicates(ids)
    # Many words take a while to seal, and it is nobody's turn to write yet.
    problems = seal_problems(run.import_id, _problems(_held(run), _KEPT_PROBLEMS))
    with unit_of_work(run.viewer, AuditAction.REGISTRY_IMPORT, now=run.clock()) as work:
        record = _held(run)
        record.matched, record.possible_duplicates = matched, duplicates
        record.state, record.holder = ImportState.DONE.value, None
        record.ended_at = work.now
        record.sealed_problems = problems
        work.about(
            record,
            step="end",
            accepted=record.accepted,
            unchanged=record.unchanged,
            refused=record.refused,
        )
        return record


def _held(run: Run) -> RegisterImport:
    own = select(RegisterImport).where(
        RegisterImport.id == run.import_id, RegisterImport.holder == run.holder
    )
    record: RegisterImport | None = db.session.scalar(scope.unscoped(own, because=_BECAUSE))
    if record is None:
        raise HoldLost
    return record


def _note_races(run: Run, ids: Sequence[int]) -> None:
    """Note possible duplicates that two imports, each blind to the other's last rows, have missed.

    Side effects: as `note_alike_by_number`, in a transaction of its own.
    """
    with unit_of_work(run.viewer, AuditAction.REGISTRY_IMPORT, now=run.clock()) as work:
        work.silent = True
        note_alike_by_number(work, ids)


def _problems(record: RegisterImport, most: int | None = None) -> Problems:
    """What was wrong with a file, by row; of each kind no more than ``most``."""
    refused: list[RowProblem] = []
    warnings: list[RowProblem] = []
    for findings in open_findings(record):
        refused += [problem for row in findings.refused for problem in row.problems]
        warnings += findings.warnings
        if most is not None and len(refused) >= most and len(warnings) >= most:
            break
    refused.sort(key=lambda problem: problem.row)
    warnings.sort(key=lambda problem: problem.row)
    return Problems(tuple(refused[:most]), tuple(warnings[:most]))


def _report(record: RegisterImport, header: Header) -> ImportReport:
    found = _problems(record)
    return ImportReport(
        id=record.id,
        hospital_id=record.hospital_id,
        total=record.total,
        accepted=record.accepted,
        unchanged=record.unchanged,
        matched=record.matched,
        possible_duplicates=record.possible_duplicates,
        refused=found.refused,
        warnings=found.warnings,
        unknown_headings=tuple(one for one in header.unknown if one not in REASON_COLUMNS),
    )
