"""When a board that counts first discussed a tumour: noted with the tumour, for the reports.

Called wherever a link between a row and a case, a discussion or an opinion changes, inside the same
unit of work, so that a report never lags behind.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.tumours import Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.coverage import boards_of
from mdt.rules.audit import AuditAction
from mdt.rules.coverage import first_board_day, has_opinion_alone
from mdt.services.duplicates import note_alike_by_number
from mdt.services.unit_of_work import Work, unit_of_work

_BECAUSE = "dates of boards are noted with every hospital's row of the tumour"
_AT_ONCE = 500


def note_boards_of_case(work: Work, case_id: int) -> None:
    """Bring the register rows of a case up to date.

    Side effects: ``board_on`` and ``opinion_alone`` of the rows, in the running unit of work.
    """
    links = select(TumourCase.tumour_id).where(TumourCase.case_id == case_id)
    note_boards(work, list(work.session.scalars(links)))


def note_boards(work: Work, tumour_ids: Collection[int]) -> int:
    """Bring register rows up to date; gives how many were changed.

    Side effects: as above.
    """
    ordered = sorted(set(tumour_ids))
    return sum(_note(work, ordered[at : at + _AT_ONCE]) for at in range(0, len(ordered), _AT_ONCE))


def recount(*, now: datetime) -> int:
    """Bring every row of the register up to date; gives how many were not.

    Never needed while all is well: for the operator who doubts it. Side effects: as above, in
    transactions of some hundred rows, and an audit row.
    """
    changed = 0
    ids = _ids_after(0)
    while ids:
        with unit_of_work(None, AuditAction.REGISTRY_RECOUNT, now=now) as work:
            # The audit row at the end speaks for all of them.
            work.silent = True
            changed += _note(work, ids)
            # Not counted: of two rows alike one that is noted is enough, and here both are.
            note_alike_by_number(work, ids)
        ids = _ids_after(ids[-1])
    with unit_of_work(None, AuditAction.REGISTRY_RECOUNT, now=now) as work:
        work.row["data"] = {"changed": changed}
    return changed


def _ids_after(last: int) -> list[int]:
    statement = select(Tumour.id).where(Tumour.id > last).order_by(Tumour.id).limit(_AT_ONCE)
    return list(db.session.scalars(scope.unscoped(statement, because="numbers of all rows")))


def _note(work: Work, ids: list[int]) -> int:
    work.session.flush()
    boards = boards_of(ids)
    statement = select(Tumour).where(Tumour.id.in_(ids))
    changed = 0
    for tumour in work.session.scalars(scope.unscoped(statement, because=_BECAUSE)):
        of_tumour = boards.get(tumour.id, ())
        facts = (first_board_day(of_tumour), has_opinion_alone(of_tumour))
        if facts != (tumour.board_on, tumour.opinion_alone):
            tumour.board_on, tumour.opinion_alone = facts
            changed += 1
    return changed
