"""What the others hear: Socket.IO emits, after the commit and with plain data only.

Rooms of a conference: ``c<id>:panel`` holds the seats that see every item; ``c<id>:u<user>`` holds
one person's seats. ``s<session>`` holds the sockets of one sign-in session.
"""

from collections.abc import Iterable
from typing import Any

from mdt.extensions import socketio

NAMESPACE = "/live"


def panel_room(conference_id: int) -> str:
    """Room of the seats that see every item of a conference."""
    return f"c{conference_id}:panel"


def person_room(conference_id: int, user_id: int) -> str:
    """Room of one person's seats in a conference, for those who see some items only."""
    return f"c{conference_id}:u{user_id}"


def session_room(session_id: int) -> str:
    """Room of the sockets of one sign-in session."""
    return f"s{session_id}"


def send(
    name: str, payload: dict[str, Any], rooms: Iterable[str], *, skip: str | None = None
) -> None:
    """Emit ``name`` once to each socket in the rooms, but not to the socket ``skip``."""
    for room in rooms:
        socketio.emit(name, payload, to=room, namespace=NAMESPACE, skip_sid=skip)


def cut_sessions(session_ids: Iterable[int]) -> None:
    """Close the sockets of sign-in sessions that have ended."""
    for session_id in session_ids:
        socketio.emit("signed-out", {}, to=session_room(session_id), namespace=NAMESPACE)
        socketio.close_room(session_room(session_id), namespace=NAMESPACE)
