"""Who is in the room now, and what the presenter shows: in memory, or in Redis for several servers.

None of it is stored for good: who was here for a case is written by ``mdt.services.attendance``.
"""

import json
import threading
import time
from typing import Any, Protocol

import redis
from flask import Flask, current_app

#: A server that died leaves its seats behind; they fade after this many seconds.
EXPIRY = 60


class Presence(Protocol):
    """Seats are ``{"sid", "user", "session", ...}``; a person may hold several."""

    def enter(self, conference_id: int, sid: str, seat: dict[str, Any]) -> None:
        """Note a socket in a conference."""

    def leave(self, sid: str) -> list[tuple[int, dict[str, Any]]]:
        """Forget a socket; gives the conferences it was in."""

    def seats(self, conference_id: int) -> list[dict[str, Any]]:
        """Every socket in a conference."""

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""

    def viewport(self, conference_id: int) -> dict[str, Any] | None:
        """What the presenter showed last."""


class MemoryPresence:
    """For one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[int, dict[str, dict[str, Any]]] = {}
        self._viewports: dict[int, dict[str, Any]] = {}

    def enter(self, conference_id: int, sid: str, seat: dict[str, Any]) -> None:
        """Note a socket in a conference."""
        with self._lock:
            self._seats.setdefault(conference_id, {})[sid] = {**seat, "sid": sid}

    def leave(self, sid: str) -> list[tuple[int, dict[str, Any]]]:
        """Forget a socket; gives the conferences it was in."""
        with self._lock:
            return [
                (number, seats.pop(sid)) for number, seats in self._seats.items() if sid in seats
            ]

    def seats(self, conference_id: int) -> list[dict[str, Any]]:
        """Every socket in a conference."""
        with self._lock:
            return list(self._seats.get(conference_id, {}).values())

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""
        with self._lock:
            if viewport is None:
                self._viewports.pop(conference_id, None)
            else:
                self._viewports[conference_id] = viewport

    def viewport(self, conference_id: int) -> dict[str, Any] | None:
        """What the presenter showed last."""
        with self._lock:
            return self._viewports.get(conference_id)


class RedisPresence:
    """For several processes: each seat has its time, and old ones are not counted."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, decode_responses=True)

    @staticmethod
    def _key(conference_id: int) -> str:
        return f"mdt:presence:{conference_id}"

    def enter(self, conference_id: int, sid: str, seat: dict[str, Any]) -> None:
        """Note a socket in a conference."""
        value = json.dumps({**seat, "sid": sid, "seen": time.time()})
        self._redis.hset(self._key(conference_id), sid, value)
        self._redis.sadd(f"mdt:seats:{sid}", conference_id)

    def leave(self, sid: str) -> list[tuple[int, dict[str, Any]]]:
        """Forget a socket; gives the conferences it was in."""
        left = []
        for number in map(int, self._redis.smembers(f"mdt:seats:{sid}")):
            value = self._redis.hget(self._key(number), sid)
            self._redis.hdel(self._key(number), sid)
            if value:
                left.append((number, json.loads(value)))
        self._redis.delete(f"mdt:seats:{sid}")
        return left

    def seats(self, conference_id: int) -> list[dict[str, Any]]:
        """Every socket in a conference that was seen lately."""
        values = self._redis.hvals(self._key(conference_id))
        oldest = time.time() - EXPIRY
        return [seat for seat in map(json.loads, values) if seat["seen"] >= oldest]

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""
        key = f"mdt:viewport:{conference_id}"
        if viewport is None:
            self._redis.delete(key)
        else:
            self._redis.set(key, json.dumps(viewport), ex=24 * 3600)

    def viewport(self, conference_id: int) -> dict[str, Any] | None:
        """What the presenter showed last."""
        value = self._redis.get(f"mdt:viewport:{conference_id}")
        return json.loads(value) if value else None


def init_app(app: Flask, redis_url: str | None) -> None:
    """Give the app its presence store."""
    app.extensions["mdt_presence"] = RedisPresence(redis_url) if redis_url else MemoryPresence()


def presence() -> Presence:
    """The running app's store."""
    found: Presence = current_app.extensions["mdt_presence"]
    return found
