"""What the others hear: Socket.IO emits, after the commit and with plain data only.

``c<id>:u<user>`` holds one person's sockets in a conference, ``s<session>`` the sockets of one
sign-in session. Who hears what is decided for each event by ``mdt.queries.live_audience``; being
in a room gives no right.
"""

from collections.abc import Iterable
from typing import Any

from mdt.adapters.presence import presence
from mdt.extensions import socketio

NAMESPACE = "/live"


def person_room(conference_id: int, user_id: int) -> str:
    """Room of one person's sockets in a conference."""
    return f"c{conference_id}:u{user_id}"


def session_room(session_id: int) -> str:
    """Room of the sockets of one sign-in session."""
    return f"s{session_id}"


def send_to_people(
    name: str,
    payload: dict[str, Any],
    conference_id: int,
    users: Iterable[int],
    *,
    skip: str | None = None,
) -> None:
    """Emit to each socket of these people in a conference, but not to the socket ``skip``."""
    rooms = [person_room(conference_id, user) for user in sorted(users)]
    if rooms:
        socketio.emit(name, payload, to=rooms, namespace=NAMESPACE, skip_sid=skip)


def cut_sessions(session_ids: Iterable[int]) -> None:
    """Close the sockets of sign-in sessions that have ended or whose rights have changed.

    Each hears ``signed-out`` first. Sockets in a conference are closed in every process; one that
    has joined none hears nothing and is refused at its next event.
    """
    ended = set(session_ids)
    for session_id in ended:
        socketio.emit("signed-out", {}, to=session_room(session_id), namespace=NAMESPACE)
    elsewhere = {
        seat["sid"]
        for conference_id in presence().conferences()
        for seat in presence().seats(conference_id)
        if seat["session"] in ended
    }
    cut_seats(elsewhere.union(*(_here(session_room(number)) for number in ended)))


def cut_seats(sids: Iterable[str]) -> None:
    """Close single sockets, in whichever process they are: their seat is not what it was."""
    if socketio.server is not None:
        for sid in sids:
            socketio.server.disconnect(sid, namespace=NAMESPACE)


def _here(room: str) -> set[str]:
    server = socketio.server
    if server is None:
        return set()
    return {sid for sid, _ in server.manager.get_participants(NAMESPACE, room)}
