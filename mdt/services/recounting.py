"""Everything that is noted with the rows of the register, noted anew for the operator."""

from datetime import datetime

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.rules.audit import AuditAction
from mdt.services.board_facts import note_boards
from mdt.services.duplicates import note_alike_by_number
from mdt.services.unit_of_work import unit_of_work

_AT_ONCE = 500


def recount(*, now: datetime) -> int:
    """Bring every row of the register up to date; gives how many were not.

    Never needed while all is well: for the operator who doubts it. Side effects: as `note_boards`,
    in transactions of some hundred rows, and an audit row.
    """
    changed = 0
    ids = _ids_after(0)
    while ids:
        with unit_of_work(None, AuditAction.REGISTRY_RECOUNT, now=now) as work:
            # The audit row at the end speaks for all of them.
            work.silent = True
            changed += note_boards(work, ids)
            # Not counted: of two rows alike one that is noted is enough, and here both are.
            note_alike_by_number(work, ids)
        ids = _ids_after(ids[-1])
    with unit_of_work(None, AuditAction.REGISTRY_RECOUNT, now=now) as work:
        work.row["data"] = {"changed": changed}
    return changed


def _ids_after(last: int) -> list[int]:
    statement = select(Tumour.id).where(Tumour.id > last).order_by(Tumour.id).limit(_AT_ONCE)
    return list(db.session.scalars(scope.unscoped(statement, because="numbers of all rows")))
