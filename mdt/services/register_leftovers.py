"""What a register file leaves behind while it is worked on, and how it is cleared away."""

from datetime import datetime

from sqlalchemy import delete, select, update

from mdt.adapters.devices import storage
from mdt.extensions import db
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.rules.audit import AuditAction
from mdt.rules.registry.importing import REFUSED_KEPT
from mdt.services.unit_of_work import Work, unit_of_work


def discard_findings(work: Work, record: RegisterImport) -> None:
    """Forget what the batches so far had found, inside the running unit of work."""
    work.session.execute(delete(RegisterFindings).where(RegisterFindings.import_id == record.id))
    record.sealed_problems = None


def discard_files(import_id: int, *, now: datetime) -> None:
    """Delete the stored file of an import that has ended. Side effects: the storage."""
    own = select(RegisterImport).where(RegisterImport.id == import_id)
    found = scope.unscoped(own, because="an import that has ended")
    record = db.session.scalars(found).one()
    # Before the row: whoever is cut off here does it again.
    for key in (*(record.file_keys or ()), *(record.order_keys or ())):
        storage().delete(key)
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=now) as work:
        work.silent = True
        record = work.session.scalars(found).one()
        record.file_keys = record.order_keys = None
        # Its rows are in the register; of the file only the refused ones are still needed.
        ours = RegisterFindings.import_id == import_id
        work.session.execute(delete(RegisterFindings).where(ours, RegisterFindings.refused == 0))
        work.session.execute(update(RegisterFindings).where(ours).values(tumour_ids=None))


def discard_refused_rows(*, now: datetime) -> None:
    """Delete the whole rows of imports that ended long ago; what was wrong with them stays."""
    ended = select(RegisterImport.id).where(RegisterImport.ended_at < now - REFUSED_KEPT)
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=now) as work:
        work.silent = True
        work.session.execute(
            delete(RegisterFindings)
            .where(RegisterFindings.import_id.in_(ended))
            .execution_options(synchronize_session=False)
        )
