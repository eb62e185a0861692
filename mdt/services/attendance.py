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
    for seat in seats:
        if seat.sees(item.id):
            _note(work, item, seat)


def _note(work: Work, item: AgendaItem, seat: RoomSeat) -> None:
    row = work.session.scalar(
        scope.scoped_children(
            select(Attendance).where(
                Attendance.item_id == item.id, Attendance.user_id == seat.user_id
            )
        )
    )
    if row is not None:
        row.last_seen_at = work.now
        return
    user = work.session.get_one(User, seat.user_id)
    work.session.add(
        Attendance(
            item_id=item.id,
            user_id=user.id,
            hospital_id=user.hospital_id,
            discipline=seat.discipline,
            role=seat.role,
            first_seen_at=work.now,
            last_seen_at=work.now,
        )
    )
    work.session.flush()
