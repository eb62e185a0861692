"""Who was here for this case: written when a person is in the room while its item is on."""

from collections.abc import Iterable

from sqlalchemy import select

from mdt.models.conferences import AgendaItem, Attendance
from mdt.models.people import User
from mdt.queries import scope
from mdt.queries.live import RoomSeat
from mdt.services.unit_of_work import Work


def note_attendance(work: Work, item: AgendaItem, seats: Iterable[RoomSeat]) -> None:
    """Write or renew one row for each person who may see the item, inside the running work."""
    here = {seat.user_id: seat for seat in seats if seat.sees(item.id)}
    statement = select(Attendance).where(
        Attendance.item_id == item.id, Attendance.user_id.in_(here)
    )
    known = {
        row.user_id: row
        for row in work.session.scalars(scope.scoped_children(statement, of="item"))
    }
    for row in known.values():
        row.last_seen_at = work.now
    new = here.keys() - known.keys()
    for user in work.session.scalars(select(User).where(User.id.in_(new)).order_by(User.id)):
        work.session.add(_row(work, item, user, here[user.id]))
    work.session.flush()


def _row(work: Work, item: AgendaItem, user: User, seat: RoomSeat) -> Attendance:
    return Attendance(
        item_id=item.id,
        user_id=user.id,
        hospital_id=user.hospital_id,
        discipline=seat.discipline,
        role=seat.role,
        first_seen_at=work.now,
        last_seen_at=work.now,
    )
