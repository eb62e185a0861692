"""What happened to rows of the register beside corrections: entered, matched, decided; by whom."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.tumours import MatchDecision, RegisterImport, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.register_history import names_of_people


class RowEvent(StrEnum):
    """What happened."""

    ENTERED = "entered"
    IMPORTED = "imported"
    LINKED = "linked"
    MATCHED = "matched"
    REVOKED = "revoked"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a row; ``by`` is the name of the person, empty where it was the system."""

    at: datetime
    event: RowEvent
    by: str


_Found = tuple[int, datetime, RowEvent, int | None]


def events_between(
    tumours: Iterable[Tumour], after: datetime, until: datetime | None
) -> dict[int, list[Happened]]:
    """The events of some rows that the viewer was found to see, by number, in four SELECTs.

    Those after one moment and until another (``None``: until now), the first first. Of a case that
    was matched nothing is said: it may be another hospital's.
    """
    rows = list(tumours)

    def within(moment: datetime | None) -> bool:
        return moment is not None and after < moment and (until is None or moment <= until)

    found = [
        *_entries([row for row in rows if within(row.created_at)]),
        *_matches([row.id for row in rows], within),
    ]
    names = names_of_people(person for *_, person in found)
    by_row: dict[int, list[Happened]] = defaultdict(list)
    for number, at, event, person in sorted(found, key=lambda one: (one[1], one[2])):
        by_row[number].append(Happened(at, event, names.get(person or 0, "")))
    return by_row


def _entries(rows: Iterable[Tumour]) -> Iterator[_Found]:
    new = list(rows)
    files = {row.id: _first_file(row) for row in new}
    wanted = {file for file in files.values() if file is not None}
    statement = select(RegisterImport.id, RegisterImport.by_user_id)
    own = scope.scoped_children(statement.where(RegisterImport.id.in_(wanted)), of="tumour")
    senders = {row.id: row.by_user_id for row in db.session.execute(own)}
    for row in new:
        file = files[row.id]
        if file is not None:
            yield row.id, row.created_at, RowEvent.IMPORTED, senders.get(file)
        elif row.entered_by_id is not None:
            yield row.id, row.created_at, RowEvent.ENTERED, row.entered_by_id


def _first_file(row: Tumour) -> int | None:
    """The file that a row came with; of older rows it is known where nothing has changed them."""
    if row.entered_import_id is None and row.entered_by_id is None:
        return row.import_id if row.updated_at == row.created_at else None
    return row.entered_import_id


def _matches(ids: Iterable[int], within: Callable[[datetime | None], bool]) -> Iterator[_Found]:
    wanted = list(ids)
    decisions = db.session.scalars(
        scope.scoped_children(
            select(MatchDecision).where(MatchDecision.tumour_id.in_(wanted)), of="tumour"
        )
    ).all()
    by_hand = set()
    for one in decisions:
        if one.verdict == RowEvent.LINKED and one.revoked_at is None:
            by_hand.add((one.tumour_id, one.case_id))
        if within(one.at):
            yield one.tumour_id, one.at, RowEvent(one.verdict), one.by_user_id
        if one.revoked_at is not None and within(one.revoked_at):
            yield one.tumour_id, one.revoked_at, RowEvent.REVOKED, one.revoked_by_id
    links = select(TumourCase).where(TumourCase.tumour_id.in_(wanted))
    for link in db.session.scalars(links):
        if within(link.matched_at) and (link.tumour_id, link.case_id) not in by_hand:
            yield link.tumour_id, link.matched_at, RowEvent.MATCHED, None
