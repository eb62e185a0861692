"""The guarded namespace: every handler declares a permission and answers in one shape.

``before_request`` does not run for socket events and ``Namespace.trigger_event`` runs outside the
app's context, so the guard is wrapped around each handler when the class is made.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import Namespace, disconnect, join_room

from mdt.adapters.broadcast import cut_seats, session_room
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Forbidden, MdtError
from mdt.rules.events import Bucket
from mdt.services.accounts import living_among
from mdt.web.errors import error_json
from mdt.web.full_disk import is_full_disk
from mdt.web.guards import current_viewer, must_change_password
from mdt.web.messages import sentence

log = logging.getLogger(__name__)
Handler = Callable[..., Any]
SWEEP_SECONDS = 60.0
_OWN_EVENTS = frozenset({"connect", "disconnect"})


def needs(permission: Permission) -> Callable[[Handler], Handler]:
    """Declare which permission a handler asks for."""

    def decorate(handler: Handler) -> Handler:
        handler.mdt_policy = permission  # type: ignore[attr-defined]
        return handler

    return decorate


def failure(code: str) -> dict[str, Any]:
    """An acknowledgement that says no."""
    return {"ok": False, "error": {"code": code, "message": sentence(code), "fields": {}}}


class GuardedNamespace(Namespace):
    """Handlers are ``on_<event>(self, viewer, payload)`` and give the acknowledgement's content."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, handler in list(vars(cls).items()):
            if name.startswith("on_"):
                setattr(cls, name, _guarded(name, handler))

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.buckets: dict[str, Bucket] = {}
        self.sessions: dict[str, int] = {}
        #: When the sockets of ended sessions were last looked for (monotonic seconds).
        self.swept_at = 0.0

    def trigger_event(self, event: object, *args: Any) -> Any:
        """Dispatch what a client sends; the server's own events cannot be sent by a client.

        The server announces a socket before it counts as connected and after it has ceased to be.
        """
        if not isinstance(event, str):
            return failure("invalid")
        if event in _OWN_EVENTS and self.server.manager.is_connected(args[0], self.namespace):
            return failure("invalid")
        return super().trigger_event(event, *args)

    def on_connect(self, auth: object = None) -> None:
        """Let in whoever is signed in; what they may do is asked at each event."""
        viewer = current_viewer()
        if viewer is None or viewer.session_id is None or must_change_password():
            raise Refusal("http_401", failure("http_401")["error"])
        sid = _sid()
        self.buckets[sid] = Bucket(at=time.monotonic())
        self.sessions[sid] = viewer.session_id
        join_room(session_room(viewer.session_id), sid, self.namespace)

    def on_disconnect(self, reason: object = None) -> None:
        """Forget the socket."""
        sid = _sid()
        self.buckets.pop(sid, None)
        self.sessions.pop(sid, None)
        self.left(sid)

    def sweep(self) -> None:
        """Close sockets whose session was idle too long or is too old.

        Whoever acts looks after the others, once a minute: a room in which nobody acts tells
        nobody anything.
        """
        if time.monotonic() - self.swept_at < SWEEP_SECONDS:
            return
        self.swept_at = time.monotonic()
        open_now = list(self.sessions.items())
        living = living_among({session for _, session in open_now}, now=utc_now())
        cut_seats(sid for sid, session in open_now if session not in living)

    def left(self, sid: str) -> None:
        """What a namespace does when a socket has gone."""


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid


def _guarded(name: str, handler: Handler) -> Handler:
    permission = getattr(handler, "mdt_policy", None)
    if permission is None:
        raise TypeError(f"{name} declares no permission")

    @functools.wraps(handler)
    def guard(self: GuardedNamespace, payload: Any = None, *_: Any) -> dict[str, Any]:
        viewer = current_viewer()
        if viewer is None:
            disconnect()
            return failure("http_401")
        self.sweep()
        bucket = self.buckets.get(_sid())
        if bucket is not None and not bucket.take(time.monotonic()):
            return failure("too_fast")
        return _answer(name, lambda: _allowed(viewer, permission, handler, self, payload))

    return guard


def _allowed(
    viewer: Viewer, permission: Permission, handler: Handler, self: object, payload: Any
) -> Any:
    if not may(viewer, permission):
        raise Forbidden
    return handler(self, viewer, payload)


def _answer(name: str, act: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"ok": True, **(act() or {})}
    except MdtError as error:
        current = error.details.get("current")
        return error_json(error) if current is None else {**error_json(error), "current": current}
    except Exception as error:
        log.exception("the handler %s failed", name)
        return failure("storage_full" if is_full_disk(error) else "http_500")
