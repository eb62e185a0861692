"""A browser's part in a live room without the browser: joins, catches up, sends with keys.

The line can be cut at any moment. Follows the same protocol as frontend/room/connection.js.
"""

import contextlib
import re
import socket
import threading
import time
import uuid
from typing import Any

import requests
import socketio
from socketio.exceptions import SocketIOError

from mdt.adapters.broadcast import NAMESPACE
from tests.world import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_META_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def sign_in(url: str, username: str, password: str = PASSWORD) -> str:
    """The cookie header of somebody who has signed in."""
    with requests.Session() as session:
        found = _TOKEN.search(session.get(f"{url}/sign-in", timeout=30).text)
        assert found, "the sign-in page has its token"
        fields = {"csrf_token": found[1], "username": username, "password": password}
        session.post(f"{url}/sign-in", data=fields, timeout=30, allow_redirects=False)
        return "; ".join(f"{name}={value}" for name, value in session.cookies.items())


def sign_out(url: str, cookie: str) -> None:
    """Sign out of a session by its cookie header."""
    page = requests.get(f"{url}/", headers={"Cookie": cookie}, timeout=30)
    found = _META_TOKEN.search(page.text)
    assert found, "a page of somebody signed in has its token"
    renewed = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    answer = requests.post(
        f"{url}/sign-out",
        data={"csrf_token": found[1]},
        headers={"Cookie": renewed or cookie},
        timeout=30,
        allow_redirects=False,
    )
    assert answer.status_code == 302, answer.text[:500]


class RoomClient:
    """One seat. ``events`` are in order and each once; ``arrived`` holds when, by steady clock."""

    def __init__(self, url: str, cookie: str, conference: int, *, patience: float = 5) -> None:
        self.url, self.cookie, self.conference = url, cookie, conference
        self.patience = patience
        self.events: list[dict[str, Any]] = []
        self.arrived: dict[int, float] = {}
        self.signals: list[dict[str, Any]] = []
        self.signed_out = False
        self.snapshot: dict[str, Any] = {}
        self._early: dict[int, dict[str, Any]] = {}
        self._lock = threading.RLock()
        self._line: socketio.Client | None = None

    @property
    def last(self) -> int:
        """Number of the newest event that is in order."""
        return self.events[-1]["seq"] if self.events else 0

    @property
    def connected(self) -> bool:
        """Whether the line is up."""
        return self._line is not None and NAMESPACE in self._line.namespaces

    def connect(self) -> None:
        """Open a line and join, with what is known already. Raises where that fails."""
        line = socketio.Client(reconnection=False, handle_sigint=False)
        line.on("event", self._hear, namespace=NAMESPACE)
        line.on("signal", self.signals.append, namespace=NAMESPACE)
        line.on("signed-out", self._sign_out, namespace=NAMESPACE)
        try:
            line.connect(
                self.url,
                headers={"Cookie": self.cookie},
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=self.patience,
            )
        except BaseException:
            self._end(line)
            raise
        self._line = line
        self.catch_up()

    def _sign_out(self, _: object) -> None:
        self.signed_out = True

    def read_room(self) -> dict[str, Any]:
        """Join for the whole room; gives the answer."""
        answer = self.call("join")
        self.snapshot = answer.get("snapshot", {})
        return answer

    def catch_up(self) -> None:
        """Ask for everything since the last number, page by page."""
        while True:
            answer = self.call("join", since=self.last)
            if not answer["ok"]:
                raise RuntimeError(answer["error"]["code"])
            for event in answer["events"]:
                self._hear(event)
            if not answer["more"]:
                return

    def check(self) -> None:
        """The light check of every few seconds: a lost last event is noticed by its number."""
        answer = self.call("beat")
        if answer["ok"] and answer["seq"] > self.last:
            self.catch_up()

    def _hear(self, event: dict[str, Any]) -> None:
        moment = time.monotonic()
        with self._lock:
            if event["seq"] > self.last:
                self._early.setdefault(event["seq"], event)
                self.arrived.setdefault(event["seq"], moment)
            while self.last + 1 in self._early:
                self.events.append(self._early.pop(self.last + 1))

    def call(self, name: str, **payload: Any) -> dict[str, Any]:
        """Send and give the acknowledgement. Raises `SocketIOError` where the line is down."""
        line = self._line
        if line is None:
            raise SocketIOError("no line")
        message = {"conference": self.conference, **payload}
        answer: dict[str, Any] = line.call(
            name, message, namespace=NAMESPACE, timeout=self.patience
        )
        return answer

    def act(self, name: str, **payload: Any) -> dict[str, Any]:
        """Send something that needs a key of its own."""
        return self.call(name, **{"key": uuid.uuid4().hex, **payload})

    def cut(self) -> None:
        """Break the line without a word, as a pulled plug does."""
        line, self._line = self._line, None
        if line is None:
            return
        with contextlib.suppress(Exception):
            line.eio.ws.sock.shutdown(socket.SHUT_RDWR)
        self._end(line)

    def close(self) -> None:
        """Leave."""
        line, self._line = self._line, None
        if line is not None:
            self._end(line)

    @staticmethod
    def _end(line: socketio.Client) -> None:
        wire = line.eio.ws
        with contextlib.suppress(Exception):
            line.disconnect()
        with contextlib.suppress(Exception):
            line.eio.wait()
        with contextlib.suppress(Exception):
            wire.shutdown()


def wait_for(condition: Any, patience: float = 20) -> bool:
    """Wait until something holds; gives whether it came to hold."""
    give_up = time.monotonic() + patience
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True
