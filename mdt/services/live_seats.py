"""Seats in live rooms: taking one, keeping it, losing it, and telling the others who is here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mdt.adapters import broadcast
from mdt.adapters.presence import presence
from mdt.models.conferences import AgendaItem, Conference
from mdt.queries import live, scope
from mdt.queries.live_audience import audience, seated
from mdt.queries.live_snapshot import may_know, people_for, person_json, standing
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.conference import ConferenceState
from mdt.rules.errors import Forbidden, NotFound
from mdt.rules.events import SignalKind
from mdt.services.attendance import note_attendance
from mdt.services.unit_of_work import unit_of_work


def enter_room(viewer: Viewer, conference_id: int, sid: str, *, now: datetime) -> live.RoomSeat:
    """Come into the room, or again with the same socket.

    Side effects: presence, attendance of the case that is on, one audit row; the others are told.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_JOIN, now=now) as work:
        seat = live.get_seat(viewer, conference_id)
        conference = work.session.scalar(
            scope.conferences(viewer).where(Conference.id == conference_id)
        )
        if conference is None:
            raise NotFound
        work.about(conference)
        if conference.state == ConferenceState.LIVE and conference.current_item_id is not None:
            statement = select(AgendaItem).where(AgendaItem.id == conference.current_item_id)
            item = work.session.scalars(scope.scoped_children(statement, of="conference")).one()
            note_attendance(work, item, [seat])
    known = presence().seat(conference_id, sid)
    presence().enter(conference_id, sid, _seat_json(viewer, seat))
    if known is None:
        announce(conference_id, {**_seat_json(viewer, seat), "sid": sid}, here=True)
    return seat


def _seat_json(viewer: Viewer, seat: live.RoomSeat) -> dict[str, Any]:
    return {
        "user": viewer.user_id,
        "name": viewer.name,
        "hospital": viewer.hospital_name_zh,
        "hospital_en": viewer.hospital_name_en,
        "role": seat.role,
        "discipline": seat.discipline or "",
        "panel": seat.panel,
        "items": sorted(seat.items),
        "session": viewer.session_id,
    }


@dataclass(frozen=True)
class Beat:
    """What a light check answers: the newest number, who is here, whether the seat has changed.

    ``standing`` is `mdt.queries.live_snapshot.standing`.
    """

    seq: int
    people: list[dict[str, Any]]
    changed: bool
    standing: dict[str, Any]


def check_seat(viewer: Viewer, conference_id: int, sid: str) -> Beat:
    """Look after a seat between events; a lost one ends here.

    ``changed`` where the seat is another one than at the join: the room must be joined anew.
    Raises `NotFound` and closes the socket where there is no seat any more.
    """
    try:
        seat = live.get_seat(viewer, conference_id)
    except (Forbidden, NotFound):
        broadcast.cut_seats([sid])
        raise
    known = presence().seat(conference_id, sid)
    changed = known is None or known != {**_seat_json(viewer, seat), "sid": sid}
    people = people_for(seat, presence().seats(conference_id))
    conference = live.get_conference(viewer, conference_id)
    return Beat(conference.last_seq, people, changed, standing(seat, conference))


def present_seats(conference_id: int, item_id: int, *, as_of: datetime) -> list[live.RoomSeat]:
    """Seats in the room now that may see this item."""
    hear = audience(conference_id, item_id, as_of=as_of).hear
    return [
        live.RoomSeat(
            conference_id,
            seat["user"],
            seat["role"],
            seat["discipline"] or None,
            seat["panel"],
            frozenset({item_id}),
        )
        for seat in presence().seats(conference_id)
        if seat["user"] in hear
    ]


def announce(conference_id: int, seat: dict[str, Any], *, here: bool) -> None:
    """Tell the seats that may know this person that they came or went.

    One small message for one coming, however many are here; a person in two windows comes once.
    """
    present = presence().seats(conference_id)
    if any(s["user"] == seat["user"] and s["sid"] != seat.get("sid") for s in present):
        return
    entitled = seated(conference_id)
    users = {s["user"] for s in present if s["user"] in entitled and may_know(s, seat)}
    payload = {
        "conference": conference_id,
        "kind": SignalKind.PRESENCE.value,
        "actor": None,
        "data": {"person": person_json(seat), "here": here},
    }
    broadcast.send_to_people("signal", payload, conference_id, users)


def forget(sid: str) -> None:
    """A socket has gone: tell the conferences it was in."""
    for conference_id, seat in presence().leave(sid):
        announce(conference_id, seat, here=False)


def end_lost_seats(conference_ids: Iterable[int] | None = None) -> None:
    """Close the sockets of people who have no seat any more, in these rooms or in all.

    For services that take a seat away, after their commit. Whoever is missed hears nothing from
    then on all the same: `mdt.queries.live_audience` is asked for each event.
    """
    rooms = presence().conferences() if conference_ids is None else conference_ids
    for conference_id in rooms:
        entitled = seated(conference_id)
        lost = [s["sid"] for s in presence().seats(conference_id) if s["user"] not in entitled]
        broadcast.cut_seats(lost)
