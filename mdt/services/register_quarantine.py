"""Register files that wait, sealed and unread, for as long as the virus scanner does not answer."""

import logging

from sqlalchemy import select

from mdt.adapters.devices import storage
from mdt.adapters.storage import BlobNotFound, CorruptBlob
from mdt.adapters.virus_scan import ScannerUnavailable
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.rules.audit import AuditAction
from mdt.rules.registry.importing import ImportState, check_move
from mdt.services.register_run import Clock
from mdt.services.register_scan import look_for_viruses
from mdt.services.register_source import RegisterFileRefused, open_stored
from mdt.services.register_uploads import accept_columns, columns_of_file
from mdt.services.register_work import sender_of
from mdt.services.unit_of_work import Work, unit_of_work

log = logging.getLogger(__name__)
_BECAUSE = "files that wait for the virus scanner"


def take_from_quarantine(record: RegisterImport, *, clock: Clock) -> None:
    """Go on with a file that has waited: as who sent it, by the rights of now.

    Side effects: it goes on as after its upload, or has failed with the reason; where the scanner
    is away again, nothing.
    """
    file = open_stored(storage(), record.file_keys or (), record.file_size or 0)
    try:
        viewer = sender_of(record, clock)
        look_for_viruses(file)
        columns = columns_of_file(viewer, file)
    except ScannerUnavailable as error:
        log.warning("import %s waits: %s", record.id, error)
        return
    except RegisterFileRefused as error:
        _fail(record.id, error.code, error.details, clock)
        return
    except (BlobNotFound, CorruptBlob):
        log.exception("the file of import %s is damaged", record.id)
        _fail(record.id, "register_file_lost", {}, clock)
        return
    with unit_of_work(viewer, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        held = _held(work, record.id)
        if held is not None:
            check_move(held.state, ImportState.COLUMNS)
            held.state = ImportState.COLUMNS.value
            accept_columns(work, held, columns)
            work.about(held, step="scanned")


def _held(work: Work, import_id: int) -> RegisterImport | None:
    own = select(RegisterImport).where(
        RegisterImport.id == import_id, RegisterImport.state == ImportState.QUARANTINE.value
    )
    found: RegisterImport | None = work.session.scalar(scope.unscoped(own, because=_BECAUSE))
    if found is None:
        # Cancelled meanwhile, or taken by another worker.
        work.silent = True
    return found


def _fail(import_id: int, code: str, details: dict[str, object], clock: Clock) -> None:
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        record = _held(work, import_id)
        if record is not None:
            record.state, record.ended_at = ImportState.FAILED.value, work.now
            record.error, record.error_details = code, details
            work.about(record, step="failed")
