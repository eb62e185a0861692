"""Who is in the room now, and what the presenter shows: in memory, or in Redis for several servers.

None of it is stored for good: who was here for a case is written by ``mdt.services.attendance``.
"""

import json
import logging
import threading
import time
from typing import Any, Protocol

import redis
from flask import Flask, current_app

from mdt.rules.events import viewports_with

log = logging.getLogger(__name__)

#: A server that died leaves its seats behind; they fade after this many seconds.
EXPIRY = 60.0
_VIEWPORT_EXPIRY = 24 * 3600

SeatData = dict[str, Any]


class Presence(Protocol):
    """Seats are ``{"sid", "user", "session", ...}``; a person may hold several."""

    def enter(self, conference_id: int, sid: str, seat: SeatData) -> None:
        """Note a socket in a conference."""

    def leave(self, sid: str) -> list[tuple[int, SeatData]]:
        """Forget a socket; gives the conferences it was in."""

    def seats(self, conference_id: int) -> list[SeatData]:
        """Every socket in a conference."""

    def seat(self, conference_id: int, sid: str) -> SeatData | None:
        """One socket's seat in a conference."""

    def conferences(self) -> list[int]:
        """Conferences in which somebody may be."""

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""

    def viewports(self, conference_id: int) -> list[dict[str, Any]]:
        """What the presenter shows in each pane, what was told last at the end."""


class MemoryPresence:
    """For one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[int, dict[str, SeatData]] = {}
        self._viewports: dict[int, list[dict[str, Any]]] = {}

    def enter(self, conference_id: int, sid: str, seat: SeatData) -> None:
        """Note a socket in a conference."""
        with self._lock:
            self._seats.setdefault(conference_id, {})[sid] = {**seat, "sid": sid}

    def leave(self, sid: str) -> list[tuple[int, SeatData]]:
        """Forget a socket; gives the conferences it was in."""
        with self._lock:
            left = [
                (number, seats.pop(sid)) for number, seats in self._seats.items() if sid in seats
            ]
            for number, _ in left:
                if not self._seats[number]:
                    del self._seats[number]
            return left

    def seats(self, conference_id: int) -> list[SeatData]:
        """Every socket in a conference."""
        with self._lock:
            return list(self._seats.get(conference_id, {}).values())

    def seat(self, conference_id: int, sid: str) -> SeatData | None:
        """One socket's seat in a conference."""
        with self._lock:
            return self._seats.get(conference_id, {}).get(sid)

    def conferences(self) -> list[int]:
        """Conferences in which somebody may be."""
        with self._lock:
            return list(self._seats)

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""
        with self._lock:
            if viewport is None:
                self._viewports.pop(conference_id, None)
            else:
                before = self._viewports.get(conference_id, ())
                self._viewports[conference_id] = viewports_with(before, viewport)

    def viewports(self, conference_id: int) -> list[dict[str, Any]]:
        """What the presenter shows in each pane, what was told last at the end."""
        with self._lock:
            return list(self._viewports.get(conference_id, ()))


class RedisPresence:
    """For several processes.

    Each process says again and again that its seats are alive; seats of one that died fade.
    """

    _ROOMS = "mdt:presence"

    def __init__(self, url: str, *, expiry: float = EXPIRY) -> None:
        self._redis = redis.Redis.from_url(url, decode_responses=True)
        self._expiry = expiry
        self._lock = threading.Lock()
        self._own: dict[str, dict[int, SeatData]] = {}
        self._started = False

    @staticmethod
    def _key(conference_id: int) -> str:
        return f"mdt:presence:{conference_id}"

    def enter(self, conference_id: int, sid: str, seat: SeatData) -> None:
        """Note a socket in a conference."""
        with self._lock:
            self._own.setdefault(sid, {})[conference_id] = {**seat, "sid": sid}
        self._write(conference_id, {**seat, "sid": sid})
        self._redis.sadd(self._ROOMS, conference_id)
        self._start_refreshing()

    def _write(self, conference_id: int, seat: SeatData) -> None:
        value = json.dumps({**seat, "seen": time.time()})
        self._redis.hset(self._key(conference_id), seat["sid"], value)

    def _start_refreshing(self) -> None:
        with self._lock:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._refresh, name="presence", daemon=True).start()

    def _refresh(self) -> None:
        while self._has_own():
            time.sleep(self._expiry / 3)
            try:
                self._refresh_once()
            except redis.RedisError:
                log.warning("presence could not be renewed", exc_info=True)

    def _has_own(self) -> bool:
        """Whether there is anything to renew; the thread ends where there is not."""
        with self._lock:
            self._started = bool(self._own)
            return self._started

    def _refresh_once(self) -> None:
        with self._lock:
            own = [(number, seat) for seats in self._own.values() for number, seat in seats.items()]
        for number, seat in own:
            with self._lock:
                gone = number not in self._own.get(seat["sid"], {})
            if not gone:
                self._write(number, seat)

    def leave(self, sid: str) -> list[tuple[int, SeatData]]:
        """Forget a socket of this process; gives the conferences it was in."""
        with self._lock:
            left = list(self._own.pop(sid, {}).items())
        for number, _ in left:
            self._redis.hdel(self._key(number), sid)
        return left

    def seats(self, conference_id: int) -> list[SeatData]:
        """Every socket in a conference whose process is alive."""
        seats = [json.loads(value) for value in self._redis.hvals(self._key(conference_id))]
        oldest = time.time() - self._expiry
        faded = [seat["sid"] for seat in seats if seat["seen"] < oldest]
        if faded:
            self._redis.hdel(self._key(conference_id), *faded)
        if len(faded) == len(seats):
            self._redis.srem(self._ROOMS, conference_id)
        return [seat for seat in seats if seat["seen"] >= oldest]

    def seat(self, conference_id: int, sid: str) -> SeatData | None:
        """One socket's seat in a conference; a socket speaks to the process that holds it."""
        with self._lock:
            return self._own.get(sid, {}).get(conference_id)

    def conferences(self) -> list[int]:
        """Conferences in which somebody may be."""
        return [int(number) for number in self._redis.smembers(self._ROOMS)]

    def keep_viewport(self, conference_id: int, viewport: dict[str, Any] | None) -> None:
        """Remember what the presenter shows."""
        key = self._viewports_key(conference_id)
        if viewport is None:
            self._redis.delete(key)
        else:
            # One person presents at a time, by one socket: nobody else writes in between.
            together = viewports_with(self.viewports(conference_id), viewport)
            self._redis.set(key, json.dumps(together), ex=_VIEWPORT_EXPIRY)

    def viewports(self, conference_id: int) -> list[dict[str, Any]]:
        """What the presenter shows in each pane, what was told last at the end."""
        value = self._redis.get(self._viewports_key(conference_id))
        return list(json.loads(value)) if value else []

    @staticmethod
    def _viewports_key(conference_id: int) -> str:
        return f"mdt:viewports:{conference_id}"


def init_app(app: Flask, redis_url: str | None) -> None:
    """Give the app its presence store."""
    app.extensions["mdt_presence"] = RedisPresence(redis_url) if redis_url else MemoryPresence()


def presence() -> Presence:
    """The running app's store."""
    found: Presence = current_app.extensions["mdt_presence"]
    return found
