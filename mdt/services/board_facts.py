"""When a board that counts first discussed a tumour: noted with the tumour, for the reports.

Called wherever a link between a row and a case, a discussion or an opinion changes, inside the same
unit of work, so that a report never lags behind.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import delete, insert, select

from mdt.models.coverage import TumourBoard
from mdt.models.tumours import Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.bulk import in_parts
from mdt.queries.coverage import boards_of
from mdt.queries.duplicates import counting_for
from mdt.rules.coverage import Board, counts, first_board_day, first_opinion_day
from mdt.services.unit_of_work import Work

_BECAUSE = "dates of boards are noted with every hospital's row of the tumour"


def note_boards_of_case(work: Work, case_id: int) -> None:
    """Bring the register rows of a case up to date.

    Side effects: ``board_on``, ``opinion_on`` and ``opinion_alone`` of the rows and their
    `TumourBoard`, in the running unit of work.
    """
    links = select(TumourCase.tumour_id).where(TumourCase.case_id == case_id)
    note_boards(work, list(work.session.scalars(links)))


def note_boards(work: Work, tumour_ids: Collection[int]) -> int:
    """Bring register rows up to date, with those that count for them; gives how many were changed.

    Side effects: as above.
    """
    work.session.flush()
    ordered = sorted({*tumour_ids, *counting_for(tumour_ids)})
    return sum(_note(work, some) for some in in_parts(ordered))


def _note(work: Work, ids: list[int]) -> int:
    work.session.flush()
    boards = boards_of(ids)
    changed = _note_boards(work, ids, boards)
    statement = select(Tumour).where(Tumour.id.in_(ids))
    for tumour in work.session.scalars(scope.unscoped(statement, because=_BECAUSE)):
        of_tumour = boards.get(tumour.id, ())
        board_on, opinion_on = first_board_day(of_tumour), first_opinion_day(of_tumour)
        if (board_on, opinion_on) != (tumour.board_on, tumour.opinion_on):
            tumour.board_on, tumour.opinion_on = board_on, opinion_on
            changed.add(tumour.id)
        if tumour.opinion_alone != (opinion_on is not None):
            tumour.opinion_alone = opinion_on is not None
            changed.add(tumour.id)
    return len(changed)


def _note_boards(work: Work, ids: list[int], boards: Mapping[int, tuple[Board, ...]]) -> set[int]:
    """Keep the days and disciplines of the boards that count; gives the rows that were wrong."""
    known: dict[int, set[_Held]] = defaultdict(set)
    statement = select(TumourBoard.tumour_id, TumourBoard.held_on, TumourBoard.disciplines)
    rows = work.session.execute(statement.where(TumourBoard.tumour_id.in_(ids)))
    for tumour_id, held_on, disciplines in rows:
        known[tumour_id].add((held_on, disciplines))
    wanted = {id_: _held(boards.get(id_, ())) for id_ in ids}
    wrong = {id_ for id_ in ids if wanted[id_] != known.get(id_, set())}
    if wrong:
        work.session.execute(delete(TumourBoard).where(TumourBoard.tumour_id.in_(wrong)))
        new = [
            {"tumour_id": id_, "held_on": day, "disciplines": number}
            for id_ in sorted(wrong)
            for day, number in sorted(wanted[id_])
        ]
        if new:
            work.session.execute(insert(TumourBoard), new)
    return wrong


_Held = tuple[date, int]
"""The day of a board and the number of its disciplines."""


def _held(boards: Iterable[Board]) -> set[_Held]:
    return {(one.date_of_discussion, one.disciplines) for one in boards if counts(one)}
