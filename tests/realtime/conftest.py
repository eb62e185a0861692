"""Seats in the live room, over Socket.IO's test client with the browser's own cookie."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from mdt.adapters.broadcast import NAMESPACE
from mdt.extensions import socketio
from tests.board import Board
from tests.fixtures_app import Browser


class SeatClient:
    """One socket of one person."""

    def __init__(self, browser: Browser, app: Flask, conference: int) -> None:
        self.conference = conference
        self.browser = browser
        self.socket = socketio.test_client(
            app, namespace=NAMESPACE, flask_test_client=browser.client
        )
        self.keys = 0

    def send(self, name: str, **payload: Any) -> Any:
        """Send an event and give its acknowledgement."""
        payload.setdefault("conference", self.conference)
        return self.socket.emit(name, payload, namespace=NAMESPACE, callback=True)

    def act(self, name: str, **payload: Any) -> Any:
        """Send an event that needs a key; each gets its own unless one is given."""
        self.keys += 1
        payload.setdefault("key", f"key-{self.keys}")
        return self.send(name, **payload)

    def heard(self, name: str = "event") -> list[dict[str, Any]]:
        """What arrived since the last call."""
        received = self.socket.get_received(NAMESPACE)
        return [one["args"][0] for one in received if one["name"] == name]

    def drain(self) -> None:
        """Forget what arrived so far."""
        self.socket.get_received(NAMESPACE)


Sit = Callable[..., SeatClient]


@pytest.fixture
def sit(app: Flask, board: Board, person: Any) -> Iterator[Sit]:
    """``sit("chair")`` gives a socket that has joined the board's conference."""
    open_seats: list[SeatClient] = []

    def take(username: str, *, join: bool = True) -> SeatClient:
        seat = SeatClient(person(username), app, board.conference)
        open_seats.append(seat)
        if join:
            assert seat.send("join")["ok"] is True
            seat.drain()
        return seat

    yield take
    for seat in open_seats:
        if seat.socket.is_connected(NAMESPACE):
            seat.socket.disconnect(NAMESPACE)
