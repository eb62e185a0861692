"""Running a conference: when it begins, which case is on, who presents, when it is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mdt.adapters.presence import presence
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.people import User
from mdt.queries import live, scope
from mdt.queries.live_snapshot import snapshot
from mdt.queries.team_quorum import judge_quorum
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction, CaseState
from mdt.rules.conference import (
    LEADING_ROLES,
    ConferenceState,
    ItemState,
    left_over,
    move_conference,
    move_item,
)
from mdt.rules.errors import Forbidden, Invalid, NotFound, Refused, Stale
from mdt.rules.events import PAGE, LiveEventKind, json_for
from mdt.rules.notices import NoticeKind
from mdt.services.attendance import note_attendance
from mdt.services.case_moves import NO_REASON, Reason, move_case
from mdt.services.live_events import RoomWork, room_work
from mdt.services.live_seats import present_seats
from mdt.services.notices import tell
from mdt.services.unit_of_work import begin_reading, unit_of_work

#: What leaving an item means for its case.
_LEAVING = {
    ItemState.CONCLUDED: CaseAction.CONCLUDE,
    ItemState.DEFERRED: CaseAction.DEFER,
    ItemState.UNDISCUSSED: CaseAction.PUT_BACK,
    ItemState.WAITING: CaseAction.PAUSE,
}
_ON_AGENDA = frozenset({CaseState.SCHEDULED, CaseState.DISCUSSING})


@dataclass(frozen=True)
class Leaving:
    """How the case that is on is left: an item state, and the reason of a deferral.

    ``item`` is what the sender saw on (0: nothing), empty where that was not said: two people who
    press the same button must not leave two cases.
    """

    state: ItemState = ItemState.WAITING
    reason: Reason = NO_REASON
    item: int | None = None


def read_room(viewer: Viewer, conference_id: int) -> dict[str, Any]:
    """The whole state as this seat may have it: ``{seq, snapshot}``."""
    begin_reading()
    seat = live.get_seat(viewer, conference_id)
    return snapshot(
        viewer, seat, presence().seats(conference_id), presence().viewports(conference_id)
    )


def open_snapshot(viewer: Viewer, conference_id: int, *, now: datetime) -> dict[str, Any]:
    """The same without a socket. Side effects: one audit row, for it shows cases."""
    answer = read_room(viewer, conference_id)
    with unit_of_work(viewer, AuditAction.CONFERENCE_JOIN, now=now) as work:
        conference = work.session.scalars(
            scope.conferences(viewer).where(Conference.id == conference_id)
        ).one()
        work.about(conference, socket=False)
    return answer


def read_events(viewer: Viewer, conference_id: int, since: int) -> dict[str, Any]:
    """Events after ``since``, at most `PAGE`: ``{seq, events, more}``; hidden ones as hidden.

    ``seq`` is the number to go on from; smaller than ``since`` where that was never given (after a
    restored backup), and then the room must be read anew.
    """
    begin_reading()
    seat = live.get_seat(viewer, conference_id)
    newest = live.last_seq(conference_id)
    events = live.list_events(conference_id, since=since, limit=PAGE + 1)
    page = events[:PAGE]
    return {
        "seq": page[-1].seq if page else newest,
        "events": [json_for(event, seat.items) for event in page],
        "more": len(events) > PAGE,
    }


def start_conference(viewer: Viewer, conference_id: int, key: str, *, now: datetime) -> int:
    """Open the room. Side effects: state, one event, one audit row."""
    with room_work(
        viewer, conference_id, key, now=now, action=AuditAction.CONFERENCE_START
    ) as room:
        if not room.events:
            check_leads(viewer, room)
            _move(room, ConferenceState.LIVE)
            room.conference.started_at = now
            state = {"state": ConferenceState.LIVE.value, "started_at": now.isoformat()}
            room.add(LiveEventKind.STATE, None, state)
    return room.seq


def advance(
    viewer: Viewer,
    conference_id: int,
    item_id: int | None,
    leaving: Leaving,
    key: str,
    *,
    now: datetime,
) -> int:
    """Leave the case that is on and take up another one (or none).

    Side effects: both items and both cases move; attendance of the new one; an ``item`` event for
    what is left and an ``advance`` event for what comes; one audit row.
    """
    with room_work(viewer, conference_id, key, now=now, action=AuditAction.CONFERENCE_EDIT) as room:
        if not room.events:
            check_leads(viewer, room)
            if room.conference.state != ConferenceState.LIVE:
                raise Refused("room_not_live")
            _check_expected(room, item_id, leaving)
            _leave_current(room, leaving)
            _take_up(room, item_id)
            room.work.after_commit(lambda: presence().keep_viewport(conference_id, None))
    return room.seq


def _check_expected(room: RoomWork, item_id: int | None, leaving: Leaving) -> None:
    current = room.conference.current_item_id
    if leaving.item is not None and leaving.item != (current or 0):
        raise Stale
    if item_id is not None and item_id == current:
        raise Refused("item_already_on")


def _leave_current(room: RoomWork, leaving: Leaving) -> None:
    item = _item(room, room.conference.current_item_id)
    if item is None or item.state != ItemState.DISCUSSING:
        return
    leave_item(room, item, leaving)


def leave_item(room: RoomWork, item: AgendaItem, leaving: Leaving) -> None:
    """End (or set aside) the discussion of an item, inside the running work."""
    now = room.work.now
    note_attendance(room.work, item, present_seats(room.conference.id, item.id, as_of=now))
    item.state = move_item(
        ItemState(item.state), leaving.state, conference=ConferenceState(room.conference.state)
    ).value
    item.ended_at = now
    if leaving.state is ItemState.CONCLUDED:
        item.discussed_on = local_date(now)
        item.quorum_met = judge_quorum(item, room.conference.team).met
    case = _case(room, item)
    move_case(
        room.work, case, _LEAVING[leaving.state], leaving.reason, conference_id=room.conference.id
    )
    room.add(LiveEventKind.ITEM, item, {"state": item.state, "ended_at": now.isoformat()})


def _take_up(room: RoomWork, item_id: int | None) -> None:
    conference = room.conference
    if item_id is None:
        conference.current_item_id = conference.presenter_id = None
        room.add(LiveEventKind.ADVANCE, None, {})
        return
    item = _item(room, item_id)
    if item is None or not room.seat.sees(item_id):
        raise NotFound
    if item.state != ItemState.DISCUSSING:
        item.state = move_item(
            ItemState(item.state), ItemState.DISCUSSING, conference=ConferenceState.LIVE
        ).value
    item.started_at = item.started_at or room.work.now
    item.ended_at = None
    case = _case(room, item)
    if case.state != CaseState.DISCUSSING:
        again = case.state == CaseState.CONCLUDED
        action = CaseAction.REOPEN if again else CaseAction.START
        move_case(room.work, case, action, conference_id=conference.id)
    conference.current_item_id = item.id
    conference.presenter_id = item.presenter_id
    room.work.session.flush()
    here = present_seats(conference.id, item.id, as_of=room.work.now)
    note_attendance(room.work, item, here)
    data = {
        "started_at": item.started_at.isoformat(),
        "presenter": item.presenter_id,
        "presenter_name": _name(room, item.presenter_id),
    }
    room.add(LiveEventKind.ADVANCE, item, data)


def give_presenting(
    viewer: Viewer, conference_id: int, user_id: int, key: str, *, now: datetime
) -> int:
    """Let another person of the room show the picture, and take down that person's hand.

    Side effects: presenter, an event, and one more where the hand was up.
    """
    with room_work(viewer, conference_id, key, now=now) as room:
        if not room.events:
            if viewer.user_id != room.conference.presenter_id:
                check_leads(viewer, room)
            item = _item(room, room.conference.current_item_id)
            if item is None:
                raise Refused("no_item_on")
            here = present_seats(conference_id, item.id, as_of=now)
            if user_id not in {s.user_id for s in here if s.role != "observer"}:
                raise Invalid({"user": "not_in_room"})
            room.conference.presenter_id = user_id
            data = {"user": user_id, "name": _name(room, user_id)}
            room.add(LiveEventKind.PRESENT, item, data)
            if user_id in live.hands_up(room.seat):
                room.add(LiveEventKind.HAND, item, {"up": False, "user": user_id})
    return room.seq


def close_conference(viewer: Viewer, conference_id: int, key: str, *, now: datetime) -> int:
    """End the conference; what was not discussed goes back to the queue with its history.

    Side effects: items and cases move, an event for each and one for the room, one audit row.
    """
    with room_work(
        viewer, conference_id, key, now=now, action=AuditAction.CONFERENCE_CLOSE
    ) as room:
        if not room.events:
            check_leads(viewer, room)
            put_back_open_items(room)
            _move(room, ConferenceState.CLOSED)
            room.conference.closed_at = now
            room.work.after_commit(lambda: presence().keep_viewport(conference_id, None))
            room.conference.current_item_id = room.conference.presenter_id = None
            room.add(LiveEventKind.STATE, None, {"state": ConferenceState.CLOSED.value})
    return room.seq


def put_back_open_items(room: RoomWork) -> None:
    """Every item still waiting or under discussion goes back, inside the running work."""
    items = room.work.session.scalars(
        scope.scoped_children(
            select(AgendaItem)
            .where(AgendaItem.conference_id == room.conference.id)
            .order_by(AgendaItem.position),
            of="conference",
        )
    ).all()
    states = left_over({item.id: ItemState(item.state) for item in items})
    for item in items:
        if item.id in states:
            item.state = states[item.id].value
            case = _case(room, item)
            # A case that was withdrawn meanwhile must not keep the conference from ending.
            if case.state in _ON_AGENDA:
                move_case(room.work, case, CaseAction.PUT_BACK, conference_id=room.conference.id)
                _tell_put_back(room, case)
            ended_at = item.ended_at.isoformat() if item.ended_at else None
            room.add(LiveEventKind.ITEM, item, {"state": item.state, "ended_at": ended_at})


def _tell_put_back(room: RoomWork, case: Case) -> None:
    """The doctor hears that the board did not come to the case; of a cancellation all hear."""
    conference = room.conference
    if conference.state == ConferenceState.LIVE:
        kind = NoticeKind.CASE_PUT_BACK
        tell(
            room.work,
            {case.created_by_id},
            kind,
            case=case,
            conference=conference,
            linked=False,
        )


def check_leads(viewer: Viewer, room: RoomWork) -> None:
    """The chair and the coordinator run the room."""
    if room.seat.role not in LEADING_ROLES or not may(viewer, Permission.CONFERENCE_CHAIR):
        raise Forbidden


def _move(room: RoomWork, target: ConferenceState) -> None:
    current = ConferenceState(room.conference.state)
    room.conference.state = move_conference(current, target).value


def _name(room: RoomWork, user_id: int | None) -> str:
    found = room.work.session.scalar(select(User.name).where(User.id == user_id))
    return found or ""


def _item(room: RoomWork, item_id: int | None) -> AgendaItem | None:
    if item_id is None:
        return None
    statement = select(AgendaItem).where(
        AgendaItem.id == item_id, AgendaItem.conference_id == room.conference.id
    )
    found: AgendaItem | None = room.work.session.scalar(
        scope.scoped_children(statement, of="conference")
    )
    return found


def _case(room: RoomWork, item: AgendaItem) -> Case:
    statement = select(Case).where(Case.id == item.case_id)
    found: Case = room.work.session.scalars(
        scope.unscoped(statement, because="the case of an item of the locked conference")
    ).one()
    return found
