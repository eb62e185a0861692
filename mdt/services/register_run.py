"""Writing a register file into the register, batch by batch; it can be cut off at any moment.

With each batch its rows, what they had wrong with them and how far the file has come are committed
together. So whoever goes on writes no row twice and none not at all, and ends with the same report.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, MutableSet, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from time import perf_counter
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from mdt.extensions import db
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.queries.bulk import (
    carry_over,
    insert_rows,
    look_up_by_index,
    on_postgresql,
    tuned_for_writing,
)
from mdt.queries.register_problems import Findings, RowProblem, seal_findings
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.registry.importing import MOST_WARNED, ImportState
from mdt.services.register_kept import KeptRows
from mdt.services.register_prepared import PreparedRow, WorkedOut, prepare_row
from mdt.services.register_reading import JudgedRow, Reading, findings_of
from mdt.services.register_rows import Written, decide_rows
from mdt.services.register_source import Rows, WritingOrder
from mdt.services.unit_of_work import Overtaken, Work, unit_of_late_work, unit_of_work

#: So long a batch is aimed at. On SQLite, where meanwhile nobody else writes, a room feels it.
_SECONDS_A_BATCH, _SECONDS_A_TURN = 0.3, 0.02
_SMALLEST_BATCH, _FIRST_BATCH, _LARGEST_BATCH = 20, 50, 2_000
#: How often SQLite's log is carried over into the database, in seconds: a page of an index that
#: was written many times goes over once, and nobody else finds so much that they do it themselves.
_PACE = 0.5
#: So often a batch is tried beside others who write; then it keeps them waiting.
_TRIES_BESIDE = 2
#: Most have a row or two. Who has more than these is a number that many people share.
_MOST_OF_ONE = 50
#: Of a file with more than these a sender has better things to do than to read on.
MOST_REFUSED = 100_000
_BECAUSE = "an import that this worker holds"
_FINDINGS = cast("Table", RegisterFindings.__table__)
_FINDINGS_COLUMNS = ("import_id", "number", "refused", "sealed", "tumour_ids")

Clock = Callable[[], datetime]


class HoldLost(Exception):
    """Another worker has the import now, or it was cancelled."""


class TumourNumbers(MutableSet[int]):
    """Numbers of register rows, an eighth of a byte for each row of the register."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int) or number >> 3 >= len(self._bits):
            return False
        return bool(self._bits[number >> 3] & (1 << (number & 7)))

    def __iter__(self) -> Iterator[int]:
        return (
            place * 8 + bit
            for place, byte in enumerate(self._bits)
            if byte
            for bit in range(8)
            if byte & (1 << bit)
        )

    def __len__(self) -> int:
        return self._count

    def add(self, number: int) -> None:
        """Put a number in."""
        if number in self:
            return
        missing = (number >> 3) + 1 - len(self._bits)
        if missing > 0:
            self._bits.extend(bytes(max(missing, 4096)))
        self._bits[number >> 3] |= 1 << (number & 7)
        self._count += 1

    def discard(self, number: int) -> None:
        """Take a number out."""
        if number in self:
            self._bits[number >> 3] &= ~(1 << (number & 7))
            self._count -= 1


@dataclass(frozen=True)
class Run:
    """One import on its way: for whom, which rows in which order, read how, held by whom."""

    viewer: Viewer | None
    import_id: int
    rows: Rows
    order: WritingOrder
    reading: Reading
    holder: str
    clock: Clock
    #: The rows as a dry run has judged them, where that still holds.
    kept: KeptRows | None = None
    #: Everything wrong is kept, however much: for files that a machine waits for.
    keep_all: bool = False
    #: Told after each batch how many seconds it took to write.
    after_batch: Callable[[float], None] = lambda _: None


@dataclass
class _Standing:
    """How far the import has come."""

    handled: int
    refused: int
    warned: int
    #: The number of the next batch's findings.
    number: int
    taken: TumourNumbers


def write_file(run: Run) -> TumourNumbers:
    """Write what is left of a file; gives the numbers of all rows of the register that it met.

    Raises `HoldLost`. Side effects: as `write_rows`, in transactions that keep
    others from writing to SQLite for about 20 ms each.
    """
    standing = _standing(run)
    people = _batches_left(run.order, standing.handled)
    allowed = _SECONDS_A_BATCH if on_postgresql(db.session()) else _SECONDS_A_TURN
    size, tidied = _FIRST_BATCH, perf_counter()
    with tuned_for_writing(db.session()):
        while places := _next_batch(people, size):
            kept = [_kept(run, place) for place in places]
            judged = [one for one, _ in kept]
            seconds = _write_batch(run, standing, judged, _prepare(run.reading, kept))
            fits = int(len(places) * allowed / max(seconds, 1e-6))
            size = max(_SMALLEST_BATCH, min(_LARGEST_BATCH, 2 * size, fits))
            if perf_counter() - tidied > _PACE:
                carry_over(db.session())
                tidied = perf_counter()
            run.after_batch(seconds)
    return standing.taken


def _kept(run: Run, place: int) -> tuple[JudgedRow, WorkedOut | None]:
    """A row as it is judged, with what was worked out of it already."""
    kept = run.kept.get(place) if run.kept else None
    return (run.reading.judge(run.rows[place]), None) if kept is None else kept


def _write_batch(
    run: Run, standing: _Standing, judged: Sequence[JudgedRow], rows: Sequence[PreparedRow]
) -> float:
    """Write a batch; gives the seconds that the writing itself took."""
    action, now = AuditAction.REGISTRY_IMPORT, run.clock()
    for _ in range(_TRIES_BESIDE):
        try:
            with unit_of_late_work(run.viewer, action, now=now) as work:
                started = _write(run, work, standing, judged, rows)
            return perf_counter() - started
        except Overtaken:
            continue
    with unit_of_work(run.viewer, action, now=now, behind=True) as work:
        started = _write(run, work, standing, judged, rows)
    return perf_counter() - started


def _write(
    run: Run,
    work: Work,
    standing: _Standing,
    judged: Sequence[JudgedRow],
    rows: Sequence[PreparedRow],
) -> float:
    """Write a batch inside the running unit of work; gives the moment from which on it wrote."""
    # The audit rows of beginning and end speak for all batches.
    work.silent = True
    look_up_by_index(work.session)
    batch = decide_rows(work, rows, standing.taken, run.import_id)
    advance = _noted(run, work, standing, judged, batch.written)
    work.begin_writing()
    started = perf_counter()
    batch.finish()
    advance()
    return started


def _standing(run: Run) -> _Standing:
    own = select(RegisterImport).where(RegisterImport.id == run.import_id)
    record = db.session.scalars(scope.unscoped(own, because=_BECAUSE)).one()
    last = db.session.scalar(
        select(func.max(RegisterFindings.number)).where(RegisterFindings.import_id == run.import_id)
    )
    taken = TumourNumbers()
    for number in met_tumours(run.import_id):
        taken.add(number)
    number = 0 if last is None else last + 1
    return _Standing(record.handled, record.refused, record.warned, number, taken)


def met_tumours(import_id: int) -> Iterator[int]:
    """Numbers of the rows of the register that an import has met so far."""
    packed = select(RegisterFindings.tumour_ids).where(
        RegisterFindings.import_id == import_id, RegisterFindings.tumour_ids.is_not(None)
    )
    for one in db.session.scalars(packed):
        numbers = array("q")
        numbers.frombytes(one or b"")
        yield from numbers


def people_in_batches(order: WritingOrder) -> Iterator[list[int]]:
    """The places of each person's rows; of somebody with very many, some at a time."""
    for places in order.people():
        for start in range(0, len(places), _MOST_OF_ONE):
            yield places[start : start + _MOST_OF_ONE]


def _batches_left(order: WritingOrder, handled: int) -> Iterator[list[int]]:
    """The order without what was written; batches end between two persons, or where one is cut."""
    people = people_in_batches(order)
    while handled > 0:
        handled -= len(next(people))
    return people


def _next_batch(people: Iterator[list[int]], size: int) -> list[int]:
    batch: list[int] = []
    while len(batch) < size and (places := next(people, None)):
        batch += places
    return batch


def _prepare(
    reading: Reading, kept: Iterable[tuple[JudgedRow, WorkedOut | None]]
) -> list[PreparedRow]:
    hospitals = reading.hospitals
    return [
        prepare_row(one.row, one.source.number, hospitals[one.row.hospital_code], worked)
        for one, worked in kept
        if one.row is not None
    ]


def _noted(
    run: Run,
    work: Work,
    standing: _Standing,
    judged: Sequence[JudgedRow],
    written: Sequence[Written],
) -> Callable[[], None]:
    """What notes with the rows what they had wrong with them, and how far the file has come."""
    found = _findings(judged, written)
    # One that has a word to say of itself counts once, however many it has.
    warned = len({problem.row for problem in found.warnings})
    refused = len(found.refused)
    kept = found if run.keep_all else _within(found, standing)
    changed = sum(one.changed for one in written)
    findings = (
        run.import_id,
        standing.number,
        len(kept.refused),
        seal_findings(run.import_id, standing.number, kept),
        array("q", {one.tumour_id for one in written}).tobytes() or None,
    )

    def note() -> None:
        _advance(
            run,
            work,
            standing,
            handled=len(judged),
            accepted=changed,
            unchanged=len(written) - changed,
            refused=refused,
            warned=warned,
        )
        insert_rows(work.session, _FINDINGS, _FINDINGS_COLUMNS, [findings])
        standing.number += 1
        standing.handled += len(judged)
        standing.refused += refused
        standing.warned += warned

    return note


def _findings(judged: Sequence[JudgedRow], written: Sequence[Written]) -> Findings:
    found = findings_of(judged)
    said = [
        RowProblem(one.number, column, "", code) for one in written for column, code in one.remarks
    ]
    warnings = sorted(chain(found.warnings, said), key=lambda problem: problem.row)
    return replace(found, warnings=warnings)


def _within(found: Findings, standing: _Standing) -> Findings:
    return Findings(
        found.refused[: max(0, MOST_REFUSED - standing.refused)],
        found.warnings if standing.warned < MOST_WARNED else (),
    )


_COUNTED = ("handled", "accepted", "unchanged", "refused", "warned")
#: Made once, as it is executed with each batch.
_MOVE_ON = (
    update(RegisterImport)
    .where(
        RegisterImport.id == bindparam("own_id"),
        RegisterImport.holder == bindparam("own_holder"),
        RegisterImport.state == ImportState.IMPORTING.value,
        RegisterImport.handled == bindparam("stood_at"),
    )
    .values(
        beat_at=bindparam("now"),
        tries=0,
        **{name: getattr(RegisterImport, name) + bindparam(f"more_{name}") for name in _COUNTED},
    )
    .execution_options(synchronize_session=False)
)


def _advance(run: Run, work: Work, standing: _Standing, **more: int) -> None:
    """Move the import on, unless somebody else has moved it meanwhile."""
    moved = work.session.execute(
        _MOVE_ON,
        {
            "own_id": run.import_id,
            "own_holder": run.holder,
            "stood_at": standing.handled,
            "now": work.now,
            **{f"more_{name}": more[name] for name in _COUNTED},
        },
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise HoldLost


def beat(run: Run) -> None:
    """Say that the import is being worked on, where no batch says it. Raises `HoldLost`."""
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=run.clock()) as work:
        work.silent = True
        alive = work.session.execute(
            update(RegisterImport)
            .where(RegisterImport.id == run.import_id, RegisterImport.holder == run.holder)
            .values(beat_at=work.now)
            .execution_options(synchronize_session=False)
        )
        if alive.rowcount != 1:  # type: ignore[attr-defined]
            raise HoldLost


def hold(
    import_id: int, state: ImportState, holder: str, *, lease: timedelta, now: datetime
) -> RegisterImport | None:
    """Take an import that is in this state, unless a living worker has it.

    Side effects: the holder is noted, and one try more.
    """
    free = (
        (RegisterImport.holder.is_(None))
        | (RegisterImport.holder == holder)
        | (RegisterImport.beat_at < now - lease)
    )
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=now) as work:
        work.silent = True
        taken = work.session.execute(
            update(RegisterImport)
            .where(
                RegisterImport.id == import_id,
                RegisterImport.state == state.value,
                free,
            )
            .values(holder=holder, beat_at=now, tries=RegisterImport.tries + 1)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return None
        own = select(RegisterImport).where(RegisterImport.id == import_id)
        return work.session.scalars(scope.unscoped(own, because=_BECAUSE)).one()
