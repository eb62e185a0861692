"""Signals: relayed to the others who may see the item, never stored."""

from typing import Any

from mdt.adapters import broadcast
from mdt.adapters.presence import presence
from mdt.queries import live
from mdt.queries.live_audience import audience
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.conference import LEADING_ROLES, PLAN_WRITING_ROLES, ConferenceState
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.events import SignalKind


def relay(
    viewer: Viewer, conference_id: int, kind: SignalKind, data: dict[str, Any], *, sid: str
) -> None:
    """Send a signal to whoever may see what it is about.

    It is about the item that is on, unless it names another one that the seat sees. A viewport is
    taken from the presenter only, and the last one of each pane is remembered for late comers;
    typing from those who write the plan.
    """
    seat = presence().seat(conference_id, sid)
    if seat is None or seat["user"] != viewer.user_id:
        raise NotFound
    stage = live.get_stage(conference_id)
    item = data.get("item", stage.item)
    if item is None:
        raise NotFound
    hear = audience(conference_id, item, as_of=viewer.as_of).hear
    if viewer.user_id not in hear:
        raise NotFound
    _check(viewer, seat, stage, kind, item)
    about = {**data, "item": item}
    payload = {
        "conference": conference_id,
        "kind": kind.value,
        "actor": {"id": viewer.user_id, "name": viewer.name},
        "data": about,
    }
    if kind is SignalKind.VIEWPORT:
        presence().keep_viewport(conference_id, about)
    broadcast.send_to_people("signal", payload, conference_id, hear, skip=sid)


def _check(
    viewer: Viewer, seat: dict[str, Any], stage: live.Stage, kind: SignalKind, item: int
) -> None:
    if seat["role"] == "observer":
        raise Forbidden
    if stage.state != ConferenceState.LIVE:
        raise Refused("room_not_live")
    leads = seat["role"] in LEADING_ROLES
    if kind is SignalKind.VIEWPORT and (
        stage.item != item or (viewer.user_id != stage.presenter and not leads)
    ):
        raise Forbidden
    writes = seat["role"] in PLAN_WRITING_ROLES
    if kind is SignalKind.TYPING and not (writes and may(viewer, Permission.PLAN_WRITE)):
        raise Forbidden
