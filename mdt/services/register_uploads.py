"""What a person does with a register file: send it, say what its columns are, begin, call it off.

The work itself is done by a worker (``mdt.services.register_work``).
"""

import hashlib
import io
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from mdt.adapters.devices import storage
from mdt.adapters.queue import queue
from mdt.adapters.spreadsheets import Limits, TableRow, UnreadableSpreadsheet, read_head
from mdt.adapters.virus_scan import ScannerUnavailable
from mdt.extensions import sealing
from mdt.models.register_imports import RegisterColumns
from mdt.models.tumours import RegisterImport
from mdt.queries import register_columns as columns_of
from mdt.queries import registry as queries
from mdt.queries.register_columns import FileColumns
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, Refused
from mdt.rules.jobs import JobName
from mdt.rules.registry.columns import check_columns, guess_columns
from mdt.rules.registry.importing import ImportState, check_move
from mdt.rules.registry.shown import shown_value
from mdt.rules.registry.values import cell_text
from mdt.services.register_leftovers import discard_findings
from mdt.services.register_scan import look_for_viruses
from mdt.services.register_source import RegisterFileRefused, store_file
from mdt.services.stored_blobs import take_back
from mdt.services.unit_of_work import Work, unit_of_work

log = logging.getLogger(__name__)
#: What a worker reads; a workbook no more than what is laid out in memory.
JOB_LIMITS = Limits(size=400 * 1024 * 1024, rows=2_000_000)
#: Rows of which a few are shown and all say what a column may be.
_SAMPLES, _LOOKED_AT = 3, 20
_SHOWN = 40


def receive_register_file(viewer: Viewer, file: BinaryIO, *, now: datetime) -> int:
    """Take a register file (CSV or XLSX) in; gives the number of its import.

    Where the hospital has confirmed the columns of such a file before, its dry run begins at once.
    While the virus scanner is away it waits, unread. Raises `RegisterFileRefused` for a virus, and
    as far as the beginning of the file tells. Side effects: the file is stored sealed, an import is
    recorded, perhaps a job is asked for.
    """
    columns = _looked_at(viewer, file)
    digest = _digest(file)
    size = file.seek(0, io.SEEK_END)
    keys = store_file(storage(), file)
    try:
        with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
            record = RegisterImport(
                hospital_id=_only_managed(viewer),
                by_user_id=viewer.user_id,
                at=now,
                state=(ImportState.COLUMNS if columns else ImportState.QUARANTINE).value,
                file_keys=keys,
                file_size=size,
                file_index=sealing.keyring.blind_index("register_file", digest),
                file_format={"kind": "file"},
            )
            work.session.add(record)
            work.about(record, step="upload" if columns else "quarantine")
            if columns:
                accept_columns(work, record, columns)
    except BaseException as error:
        take_back(keys, error)
        raise
    return record.id


def _looked_at(viewer: Viewer, file: BinaryIO) -> FileColumns | None:
    """What the columns seem to be; nothing where the virus scanner is away."""
    try:
        look_for_viruses(file)
    except ScannerUnavailable as error:
        log.warning("a register file waits: %s", error)
        return None
    return columns_of_file(viewer, file)


def accept_columns(work: Work, record: RegisterImport, columns: FileColumns) -> None:
    """Keep what the columns of a file are, inside the running unit of work; if known, go on."""
    columns_of.seal_columns(record, columns)
    if columns.remembered:
        _ask(work, record, ImportState.CHECKING)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        found.update(piece)
    return found.hexdigest()


def columns_of_file(viewer: Viewer, file: BinaryIO) -> FileColumns:
    """What the columns seem to be: as confirmed before, else guessed.

    Raises `RegisterFileRefused`.
    """
    try:
        headings, rows = read_head(file, JOB_LIMITS, rows=_LOOKED_AT)
    except UnreadableSpreadsheet as error:
        raise RegisterFileRefused(f"register_{error.code}", **error.details) from error
    below = [_cells(rows, place) for place in range(len(headings))]
    kept = _remembered(viewer, headings)
    chosen = kept or guess_columns(headings, below, [*queries.managed_hospitals(viewer)])
    samples = [_samples(cells, column) for cells, column in zip(below, chosen, strict=True)]
    return FileColumns(headings, samples, chosen, remembered=kept is not None)


def _remembered(viewer: Viewer, headings: Sequence[str]) -> tuple[str, ...] | None:
    """What was confirmed for such a file before; the reasons that we wrote into it aside."""
    own = columns_of.without_reasons(headings)
    hospital_id = _only_managed(viewer)
    if hospital_id is not None:
        kept = columns_of.find_remembered(hospital_id, own)
        chosen = columns_of.open_remembered(kept) if kept else None
    else:
        # Whoever keeps several registers is asked each time, but not about a file that we gave out.
        ours = len(own) < len(headings)
        chosen = columns_of.find_confirmed(viewer, own) if ours else None
    return columns_of.with_reasons(headings, chosen) if chosen else None


def _cells(rows: Sequence[TableRow], place: int) -> list[str]:
    return [cell_text(row.values[place]) if place < len(row.values) else "" for row in rows]


def _samples(cells: Sequence[str], column: str) -> list[str]:
    """First values of a column; what looks like a person is masked, whatever the column."""
    return [shown_value(column, cell)[:_SHOWN] for cell in cells[:_SAMPLES]]


def _only_managed(viewer: Viewer) -> int | None:
    managed = list(queries.managed_hospitals(viewer).values())
    return managed[0] if len(managed) == 1 else None


def confirm_columns(
    viewer: Viewer, import_id: int, columns: Sequence[str], *, now: datetime
) -> None:
    """Say which column each heading is (empty: none), and ask for the dry run.

    Raises `NotFound`, `Forbidden` for a file that somebody else sent, `Refused` where a required
    column is not chosen or one is chosen twice. Side effects: remembered for the hospital.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        record = _own_import(viewer, import_id)
        check_move(record.state, ImportState.CHECKING)
        found = columns_of.open_columns(record)
        if len(columns) != len(found.headings):
            raise Refused("unknown_code")
        check_columns(columns)
        columns_of.seal_columns(record, FileColumns(found.headings, found.samples, [*columns]))
        _remember(viewer, work, found.headings, columns)
        work.about(record, step="columns")
        _ask(work, record, ImportState.CHECKING)


def _remember(viewer: Viewer, work: Work, headings: Sequence[str], columns: Sequence[str]) -> None:
    hospital_id = _only_managed(viewer)
    if hospital_id is None:
        return
    own = columns_of.without_reasons(headings)
    kept = columns_of.find_remembered(hospital_id, own)
    if kept is None:
        index = columns_of.headings_index(own)
        kept = RegisterColumns(hospital_id=hospital_id, headings_index=index)
        work.session.add(kept)
    kept.by_user_id, kept.at = viewer.user_id, work.now
    chosen = zip(headings, columns, strict=True)
    columns_of.seal_remembered(kept, [one for name, one in chosen if name in own])


def begin_import(viewer: Viewer, import_id: int, *, now: datetime) -> None:
    """Have the rows of a file that was tried written into the register.

    Raises `NotFound`, `Forbidden`, `IllegalTransition`. Side effects: a job is asked for; what the
    dry run found makes room for what the import finds.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        record = _own_import(viewer, import_id)
        check_move(record.state, ImportState.IMPORTING)
        discard_findings(work, record)
        work.about(record, step="begin", rows=record.total)
        _ask(work, record, ImportState.IMPORTING)


def cancel_import(viewer: Viewer, import_id: int, *, now: datetime) -> None:
    """Throw a file away before any row of it was written. Raises as `begin_import`."""
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=now) as work:
        record = _own_import(viewer, import_id)
        check_move(record.state, ImportState.CANCELLED)
        discard_findings(work, record)
        record.state, record.holder = ImportState.CANCELLED.value, None
        record.ended_at = now
        work.about(record, step="cancel")
        # The file itself goes with the worker's next round.
        work.after_commit(lambda: queue().put(JobName.REGISTER_TEND))


def _own_import(viewer: Viewer, import_id: int) -> RegisterImport:
    record = queries.get_import(viewer, import_id, lock=True)
    if record.by_user_id != viewer.user_id:
        raise Forbidden("import_of_another")
    return record


def _ask(work: Work, record: RegisterImport, state: ImportState) -> None:
    """Put the file before a worker."""
    job = {
        ImportState.CHECKING: JobName.REGISTER_CHECK,
        ImportState.IMPORTING: JobName.REGISTER_IMPORT,
    }[state]
    record.state = state.value
    record.handled = record.accepted = record.unchanged = record.refused = record.warned = 0
    record.tries, record.holder, record.beat_at = 0, None, None
    record.queued_at = work.now
    work.after_commit(lambda: queue().put(job, record.id))
