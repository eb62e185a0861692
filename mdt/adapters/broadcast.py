"""What the others hear: Socket.IO emits, after the commit and with plain data only.

Rooms of a conference: ``c<id>:panel`` holds the seats that see every item; ``c<id>:u<user>`` holds
one person's seats, for those who see some items only. ``s<session>`` holds the sockets of one
sign-in session.
"""

from collections.abc import Iterable
from typing import Any

from mdt.extensions import socketio

NAMESPACE = "/live"


def panel_room(conference_id: int) -> str:
    """Room of the seats that see every item of a conference."""
    return f"c{conference_id}:panel"


def person_room(conference_id: int, user_id: int) -> str:
    """Room of one person's seats in a conference."""
    return f"c{conference_id}:u{user_id}"


def session_room(session_id: int) -> str:
    """Room of the sockets of one sign-in session."""
    return f"s{session_id}"


def send(name: str, payload: dict[str, Any], room: str, *, skip: str | None = None) -> None:
    """Emit ``name`` to each socket in a room, but not to the socket ``skip``."""
    socketio.emit(name, payload, to=room, namespace=NAMESPACE, skip_sid=skip)


def cut_sessions(session_ids: Iterable[int]) -> None:
    """Close the sockets of sign-in sessions that have ended.

    A socket of another process hears ``signed-out`` and is refused at its next event.
    """
    for session_id in session_ids:
        room = session_room(session_id)
        send("signed-out", {}, room)
        _cut_room(room)


def cut_seats(sids: Iterable[str]) -> None:
    """Close single sockets: their seat is no longer what it was."""
    for sid in sids:
        socketio.server.disconnect(sid, namespace=NAMESPACE)


def _cut_room(room: str) -> None:
    server = socketio.server
    if server is not None:
        cut_seats([sid for sid, _ in server.manager.get_participants(NAMESPACE, room)])
