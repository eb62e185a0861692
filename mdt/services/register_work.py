"""What a worker does with a register file: the dry run and the import.

Whatever is asked for stands in the import's row. A job that comes twice, or too late, finds there
that nothing is left to do; one that was lost is asked for again (`register_tending`).
"""

import logging
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

from sqlalchemy import select, update

from mdt.adapters.devices import storage
from mdt.adapters.queue import queue
from mdt.adapters.spreadsheets import UnreadableSpreadsheet, read_table
from mdt.adapters.storage import BlobNotFound, CorruptBlob
from mdt.extensions import db
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.queries import registry as queries
from mdt.queries import scope
from mdt.queries.people import get_user, viewer_of
from mdt.queries.register_columns import open_columns
from mdt.queries.register_problems import Findings, seal_findings
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.jobs import JobName
from mdt.rules.registry.importing import LEASE, MOST_TRIES, MOST_WARNED, ImportState
from mdt.services.register_kept import KeptRows, basis_of, store_judged
from mdt.services.register_leftovers import discard_files, discard_findings
from mdt.services.register_reading import NOBODY, JudgedRow, Reading, findings_of
from mdt.services.register_run import (
    MOST_REFUSED,
    Clock,
    HoldLost,
    Run,
    hold,
    write_file,
)
from mdt.services.register_source import (
    RegisterFileRefused,
    SourceRow,
    StoredRows,
    WritingOrder,
    open_stored,
    source_row,
    store_rows,
)
from mdt.services.register_uploads import JOB_LIMITS
from mdt.services.registry import finish_import
from mdt.services.unit_of_work import unit_of_work

log = logging.getLogger(__name__)
#: How often a dry run says how far it has come, in seconds.
_PACE = 0.5
#: A job that finds another at the file, or fails, comes back after so many seconds.
LATER = 5
BECAUSE = "imports that a worker looks after"


def check_file(import_id: int, *, clock: Clock) -> None:
    """Try a file: read every row and say what would be taken, without touching the register.

    Begun anew after a cut. Side effects: the import's counts and findings; its rows are stored one
    by one, so that the import need not read the file again.
    """
    _work_on(import_id, ImportState.CHECKING, JobName.REGISTER_CHECK, _check, clock)


def import_file(import_id: int, *, clock: Clock) -> None:
    """Write a file that was tried into the register, from where it stands.

    Side effects: as `mdt.services.register_run.write_file`.
    """
    _work_on(import_id, ImportState.IMPORTING, JobName.REGISTER_IMPORT, _import, clock)


def _work_on(
    import_id: int,
    state: ImportState,
    job: JobName,
    do: Callable[[RegisterImport, str, Clock], None],
    clock: Clock,
) -> None:
    holder = uuid4().hex
    record = hold(import_id, state, holder, lease=LEASE, now=clock())
    if record is None:
        if _state(import_id) == state:
            queue().put(job, import_id, delay=LATER)
        return
    if record.tries > MOST_TRIES:
        _fail(import_id, holder, "register_interrupted", {}, clock)
        return
    try:
        do(record, holder, clock)
    except HoldLost:
        log.info("import %s has gone to somebody else", import_id)
    except RegisterFileRefused as error:
        _fail(import_id, holder, error.code, error.details, clock)
    except (BlobNotFound, CorruptBlob):
        log.exception("the file of import %s is damaged", import_id)
        _fail(import_id, holder, "register_file_lost", {}, clock)
    except Exception:
        log.exception("import %s was cut off", import_id)
        db.session.rollback()
        _let_go(import_id, holder, clock)
        queue().put(job, import_id, delay=LATER)


def _state(import_id: int) -> str | None:
    db.session.rollback()
    statement = select(RegisterImport.state).where(RegisterImport.id == import_id)
    found: str | None = db.session.scalar(scope.unscoped(statement, because=BECAUSE))
    return found


@dataclass
class _Trial:
    """What a dry run has found so far, and what of it is not yet written down."""

    record: RegisterImport
    holder: str
    clock: Clock
    reading: Reading
    persons: "array[int]" = field(default_factory=lambda: array("q"))
    owners: set[int] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)
    judged_keys: list[str] = field(default_factory=list)
    refused: int = 0
    warned: int = 0
    number: int = 0
    waiting: list[Findings] = field(default_factory=list)
    said_at: float = 0.0

    def take(self, rows: list[SourceRow]) -> None:
        """Judge some rows."""
        judged = [self.reading.judge(row) for row in rows]
        self.judged_keys.append(store_judged(storage(), judged))
        self.persons.extend(self._person(one) for one in judged)
        for one in judged:
            # Of refused rows, too: they are kept as they stand, and read by the file's hospital.
            self.owners.update(self.reading.owners(one))
        found = findings_of(judged)
        self.waiting.append(
            Findings(
                found.refused[: max(0, MOST_REFUSED - self.refused)],
                found.warnings if self.warned < MOST_WARNED else (),
            )
        )
        self.refused += len(found.refused)
        self.warned += sum(bool(one.warnings) for one in judged)
        if monotonic() - self.said_at >= _PACE:
            self.say()

    def _person(self, one: JudgedRow) -> int:
        if one.row is None:
            return NOBODY
        return self.reading.person(one.row)

    def say(self) -> None:
        """Write down how far it has come, and what was wrong until here."""
        found = Findings(
            [row for one in self.waiting for row in one.refused],
            [problem for one in self.waiting for problem in one.warnings],
        )
        sealed = seal_findings(self.record.id, self.number, found)
        now = self.clock()
        with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=now, behind=True) as work:
            work.silent = True
            counts: dict[str, object] = {
                "handled": len(self.persons),
                "refused": self.refused,
                "warned": self.warned,
                "beat_at": work.now,
            }
            _note(self.record.id, self.holder, ImportState.CHECKING, counts)
            if sealed:
                work.session.add(
                    RegisterFindings(
                        import_id=self.record.id,
                        number=self.number,
                        refused=len(found.refused),
                        sealed=sealed,
                    )
                )
                self.number += 1
        self.waiting, self.said_at = [], monotonic()


def _note(import_id: int, holder: str, state: ImportState, changes: Mapping[str, object]) -> None:
    """Change the row of an import that is held, inside the running unit of work."""
    changed = db.session.execute(
        update(RegisterImport)
        .where(
            RegisterImport.id == import_id,
            RegisterImport.holder == holder,
            RegisterImport.state == state.value,
        )
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise HoldLost


def _check(record: RegisterImport, holder: str, clock: Clock) -> None:
    trial = _Trial(record, holder, clock, _reading(record, sender_of(record, clock)))
    _forget_findings(record, holder, clock)
    try:
        for rows in _stored_blocks(record, trial.keys):
            trial.take(rows)
    except UnreadableSpreadsheet as error:
        _delete([*trial.keys, *trial.judged_keys])
        raise RegisterFileRefused(f"register_{error.code}", **error.details) from error
    except BaseException:
        _delete([*trial.keys, *trial.judged_keys])
        raise
    trial.say()
    _end_check(trial)


def _forget_findings(record: RegisterImport, holder: str, clock: Clock) -> None:
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        work.silent = True
        discard_findings(work, record)
        zero = {"handled": 0, "refused": 0, "warned": 0}
        _note(record.id, holder, ImportState.CHECKING, zero)


def _stored_blocks(record: RegisterImport, keys: list[str]) -> Iterator[list[SourceRow]]:
    """The rows of the file, some at a time; the keys of what was newly stored go into ``keys``."""
    if (record.file_format or {}).get("kind") == "rows":
        rows = StoredRows(storage(), record.file_keys or (), record.total)
        yield from rows.blocks()
        return
    file = open_stored(storage(), record.file_keys or (), record.file_size or 0)
    table = read_table(file, JOB_LIMITS, ahead=False)
    if list(table.header) != list(open_columns(record).headings):
        raise RegisterFileRefused("register_encoding")
    for key, block in store_rows(storage(), (source_row(row) for row in table.rows)):
        keys.append(key)
        yield block


def _end_check(trial: _Trial) -> None:
    record = trial.record
    total = len(trial.persons)
    order = WritingOrder.of_persons(trial.persons)
    order_key = storage().put(order.to_bytes()).key
    former = [*(record.order_keys or ())]
    changes: dict[str, object] = {
        "state": ImportState.CHECKED.value,
        "holder": None,
        "total": total,
        "accepted": total - trial.refused,
        "order_keys": [order_key, *trial.judged_keys],
        "file_format": {"kind": "rows", "judged_by": basis_of(trial.reading)},
    }
    if trial.keys or not total:
        former += record.file_keys or ()
        changes["file_keys"] = trial.keys
    if trial.owners:
        changes["hospital_id"] = trial.owners.pop() if len(trial.owners) == 1 else None
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=trial.clock()) as work:
        work.silent = True
        _note(record.id, trial.holder, ImportState.CHECKING, changes)
        work.after_commit(lambda: _delete(former))


def _delete(keys: list[str]) -> None:
    for key in keys:
        storage().delete(key)


def _import(record: RegisterImport, holder: str, clock: Clock) -> None:
    viewer = sender_of(record, clock)
    order_key, *judged_keys = record.order_keys or ("",)
    reading = _reading(record, viewer)
    judged_alike = (record.file_format or {}).get("judged_by") == basis_of(reading)
    order = WritingOrder.from_bytes(record.total, storage().read(order_key))
    run = Run(
        viewer=viewer,
        import_id=record.id,
        rows=StoredRows(storage(), record.file_keys or (), record.total, order.others),
        order=order,
        reading=reading,
        holder=holder,
        clock=clock,
        kept=KeptRows(storage(), judged_keys, order.others) if judged_alike else None,
    )
    met = write_file(run)
    finish_import(run, met)
    discard_files(record.id, now=clock())


def sender_of(record: RegisterImport, clock: Clock) -> Viewer:
    """Whoever sent the file, with what they may do now. Raises `RegisterFileRefused`."""
    user = get_user(record.by_user_id) if record.by_user_id else None
    if user is None or not user.active:
        raise RegisterFileRefused("register_sender_gone")
    return viewer_of(user, now=clock())


def _reading(record: RegisterImport, viewer: Viewer) -> Reading:
    # As on the day on which it was asked for: whoever goes on tomorrow judges alike.
    today = local_date(record.queued_at or record.at)
    columns = open_columns(record).chosen
    hospitals, every = queries.managed_hospitals(viewer), queries.managed_hospitals(None)
    return Reading(columns, hospitals, every, queries.region_codes(), today)


def _fail(import_id: int, holder: str, code: str, details: dict[str, object], clock: Clock) -> None:
    """Give a file up, with the reason. What an import has written until then stays."""
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        own = select(RegisterImport).where(
            RegisterImport.id == import_id, RegisterImport.holder == holder
        )
        record = work.session.scalar(scope.unscoped(own, because=BECAUSE))
        if record is None:
            work.silent = True
            return
        if record.state == ImportState.CHECKING:
            # It is not known yet whose these rows are.
            discard_findings(work, record)
        record.state, record.holder = ImportState.FAILED.value, None
        record.error, record.error_details = code, details
        record.ended_at = work.now
        work.about(record, step="failed")
        work.after_commit(lambda: queue().put(JobName.REGISTER_TEND))


def _let_go(import_id: int, holder: str, clock: Clock) -> None:
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        work.silent = True
        work.session.execute(
            update(RegisterImport)
            .where(RegisterImport.id == import_id, RegisterImport.holder == holder)
            .values(holder=None)
            .execution_options(synchronize_session=False)
        )
