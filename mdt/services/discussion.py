"""What is said and shown in the room: messages, hands, votes, the picture that all look at."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from mdt.adapters.presence import presence
from mdt.models.attachments import Series
from mdt.models.conferences import AgendaItem
from mdt.queries import scope
from mdt.queries.held import is_held
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.conference import LEADING_ROLES
from mdt.rules.errors import Forbidden, Invalid, NotFound, Refused
from mdt.rules.events import LONGEST_MESSAGE, LiveEventKind, Vote
from mdt.services.live_events import RoomWork, room_work


def say(
    viewer: Viewer, conference_id: int, item_id: int | None, text: str, key: str, *, now: datetime
) -> int:
    """Post a message to an item's discussion; gives its number.

    Without an item it belongs to the case that is on, where the seat may see that; so nothing
    said about a case reaches a seat that may not see it. The same key again gives the same number
    and posts nothing. Side effects: one event.
    """
    cleaned = text.strip()
    if not cleaned:
        raise Invalid({"text": "message_empty"})
    if len(cleaned) > LONGEST_MESSAGE:
        raise Invalid({"text": "message_too_long"})
    with room_work(viewer, conference_id, key, now=now) as room:
        if not room.events:
            check_speaks(viewer, room)
            room.add(LiveEventKind.MESSAGE, item_of(room, item_id), {"text": cleaned})
    return room.seq


def raise_hand(viewer: Viewer, conference_id: int, up: bool, key: str, *, now: datetime) -> int:
    """Raise or lower one's hand. Side effects: one event."""
    with room_work(viewer, conference_id, key, now=now) as room:
        if not room.events:
            check_speaks(viewer, room)
            room.add(LiveEventKind.HAND, item_of(room, None), {"up": up})
    return room.seq


def vote(
    viewer: Viewer, conference_id: int, item_id: int | None, choice: str, key: str, *, now: datetime
) -> int:
    """Be for or against the plan as it stands; the last vote of a person counts."""
    if choice not in set(Vote):
        raise Invalid({"choice": "vote_unknown"})
    with room_work(viewer, conference_id, key, now=now) as room:
        if not room.events:
            if room.seat.role not in {"chair", "expert"}:
                raise Forbidden
            if room.conference.state != "live":
                raise Refused("room_not_live")
            item = item_of(room, item_id)
            if item is None:
                raise Refused("no_item_on")
            room.add(LiveEventKind.VOTE, item, {"choice": choice})
    return room.seq


def show(
    viewer: Viewer, conference_id: int, picture: dict[str, Any], key: str, *, now: datetime
) -> int:
    """Put a series of the current case on everybody's stage. Side effects: one event."""
    with room_work(viewer, conference_id, key, now=now) as room:
        if not room.events:
            check_presents(viewer, room)
            item = item_of(room, None)
            if item is None:
                raise Refused("no_item_on")
            shown = _picture(room, item, picture)
            viewport = {**shown, "item": item.id, "center": None, "width": None}
            room.work.after_commit(lambda: presence().keep_viewport(conference_id, viewport))
            room.add(LiveEventKind.SHOW, item, shown)
    return room.seq


def _picture(room: RoomWork, item: AgendaItem, picture: dict[str, Any]) -> dict[str, Any]:
    series_id, index = picture.get("series"), picture.get("index", 0)
    if not isinstance(series_id, int) or not isinstance(index, int) or index < 0:
        raise Invalid({"series": "picture_unknown"})
    statement = select(Series).where(
        Series.id == series_id, Series.case_id == item.case_id, Series.struck_at.is_(None)
    )
    found = room.work.session.scalar(scope.scoped_children(statement, of="case"))
    if found is None:
        raise NotFound
    if is_held(found):
        raise Refused("series_held")
    if found.unconfirmed:
        raise Refused("series_unconfirmed")
    return {"series": series_id, "index": index}


def item_of(room: RoomWork, item_id: int | None) -> AgendaItem | None:
    """The item meant: the given one, else the one that is on; `NotFound` for a hidden one.

    Only the panel speaks to the whole room, and only while no case is on: what a presenter says
    without naming a case is about the own one, or refused where that is not clear.
    """
    if item_id is None:
        item_id = _item_unsaid(room)
        if item_id is None:
            return None
    elif not room.seat.sees(item_id):
        raise NotFound
    found: AgendaItem | None = room.work.session.scalar(
        scope.scoped_children(
            select(AgendaItem).where(
                AgendaItem.id == item_id, AgendaItem.conference_id == room.conference.id
            ),
            of="conference",
        )
    )
    if found is None:
        raise NotFound
    return found


def _item_unsaid(room: RoomWork) -> int | None:
    current = room.conference.current_item_id
    if current is not None and room.seat.sees(current):
        return current
    if room.seat.panel:
        return None
    if len(room.seat.items) != 1:
        raise Refused("say_which_case")
    return next(iter(room.seat.items))


def check_speaks(viewer: Viewer, room: RoomWork) -> None:
    """Observers listen; nobody speaks in a room that is not open."""
    if room.seat.role == "observer" or not may(viewer, Permission.CONFERENCE_SPEAK):
        raise Forbidden
    if room.conference.state not in {"scheduled", "live"}:
        raise Refused("room_closed")


def check_presents(viewer: Viewer, room: RoomWork) -> None:
    """The presenter shows the picture; the desk and chair may always."""
    check_speaks(viewer, room)
    if room.conference.state != "live":
        raise Refused("room_not_live")
    leads = room.seat.role in LEADING_ROLES
    if not leads and room.conference.presenter_id != viewer.user_id:
        raise Forbidden
