"""Signals: relayed to the others who may see the item, never stored."""

from typing import Any

from mdt.adapters import broadcast
from mdt.adapters.presence import presence
from mdt.queries import live
from mdt.queries.live_snapshot import people_for
from mdt.rules.access import Viewer
from mdt.rules.errors import Forbidden, NotFound
from mdt.rules.events import SignalKind


def relay(
    viewer: Viewer, conference_id: int, kind: SignalKind, data: dict[str, Any], *, sid: str
) -> None:
    """Send a signal to whoever may see what it is about.

    It is about the item that is on, unless it names another one that the seat sees. A viewport is
    taken from the presenter only, and the last one is remembered for late comers.
    """
    seat = live.get_seat(viewer, conference_id)
    stage = live.get_stage(conference_id)
    item = data.get("item", stage.item)
    if item is None or not isinstance(item, int) or not seat.sees(item):
        raise NotFound
    if seat.role == "observer":
        raise Forbidden
    if kind is SignalKind.VIEWPORT:
        leads = seat.role in {"chair", "coordinator"}
        if stage.item != item or (viewer.user_id != stage.presenter and not leads):
            raise Forbidden
        presence().keep_viewport(conference_id, {**data, "item": item})
    payload = {
        "conference": conference_id,
        "kind": kind.value,
        "actor": {"id": viewer.user_id, "name": viewer.name},
        "data": {**data, "item": item},
    }
    hearers = live.audience(conference_id, item)
    broadcast.send("signal", payload, broadcast.panel_room(conference_id), skip=sid)
    for user_id in hearers.hear:
        broadcast.send("signal", payload, broadcast.person_room(conference_id, user_id), skip=sid)


def announce_presence(conference_id: int) -> None:
    """Tell each seat who is here, as that seat may know it."""
    present = presence().seats(conference_id)
    panel = [seat for seat in present if seat["panel"]]
    if panel:
        broadcast.send(
            "signal", _people(conference_id, panel[0], present), broadcast.panel_room(conference_id)
        )
    for user_id, seat in {s["user"]: s for s in present if not s["panel"]}.items():
        room = broadcast.person_room(conference_id, user_id)
        broadcast.send("signal", _people(conference_id, seat, present), room)


def _people(
    conference_id: int, seat: dict[str, Any], present: list[dict[str, Any]]
) -> dict[str, Any]:
    as_seat = live.RoomSeat(
        conference_id,
        seat["user"],
        seat["role"],
        seat["discipline"],
        seat["panel"],
        frozenset(seat["items"]),
    )
    return {
        "conference": conference_id,
        "kind": SignalKind.PRESENCE.value,
        "actor": None,
        "data": {"people": people_for(as_seat, present)},
    }


def forget(sid: str) -> None:
    """A socket has gone: tell the conferences it was in."""
    for conference_id, _ in presence().leave(sid):
        announce_presence(conference_id)
