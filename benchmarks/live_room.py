"""How fast a message reaches 30 seats of a live room on a real server, and that none is lost."""

import tempfile
import time
from pathlib import Path
from statistics import quantiles

from flask_migrate import upgrade

from mdt.extensions import db
from mdt.models.conferences import Invitation
from mdt.models.people import User
from mdt.models.regions import TeamSeat
from mdt.services.passwords import hash_password
from tests.fixtures_app import MIGRATIONS
from tests.live_board import LiveBoard, set_up
from tests.live_server import LiveServer
from tests.room_client import RoomClient, sign_in, wait_for
from tests.world import NOW, PASSWORD

SEATS = 30
RATE = 5.0  # messages a second
SECONDS = 12.0
P95_LIMIT_MS = 250


def run() -> list[dict[str, object]]:
    """Measure delivery from just before the sending to each seat's hearing, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder) / "server")
        with server.app.app_context():
            upgrade(MIGRATIONS)
        live = set_up(server)
        names = ["chair", *_add_experts(live, SEATS - 1)]
        server.start()
        try:
            return _measure(live, names)
        finally:
            server.close()


def _add_experts(live: LiveBoard, count: int) -> list[str]:
    """More experts of the team, each invited to the whole conference."""
    names = [f"expert{number}" for number in range(count)]
    hashed = hash_password(PASSWORD)
    with live.server.app.app_context():
        for name in names:
            user = User(
                username=name, name=name, password_hash=hashed, created_at=NOW,
                hospital_id=live.world.hospitals["T"], discipline="radiology",
            )  # fmt: skip
            db.session.add(user)
            db.session.flush()
            seat = {"user_id": user.id, "role": "expert", "discipline": "radiology"}
            db.session.add(TeamSeat(team_id=live.world.team, **seat))
            invitation = {"conference_id": live.board.conference, "answer": "accepted"}
            db.session.add(Invitation(**invitation, **seat))
        db.session.commit()
    return names


def _measure(live: LiveBoard, names: list[str]) -> list[dict[str, object]]:
    url, item = live.server.url, live.board.items["A"]
    seats = [RoomClient(url, sign_in(url, name), live.board.conference) for name in names]
    begun = time.monotonic()
    for seat in seats:
        seat.connect()
    joined = time.monotonic() - begun
    sent: dict[int, float] = {}
    start = time.monotonic()
    for number in range(int(RATE * SECONDS)):
        time.sleep(max(0.0, start + number / RATE - time.monotonic()))
        moment = time.monotonic()
        answer = seats[number % len(seats)].act("say", item=item, text=f"第{number}句")
        sent[answer["seq"]] = moment
    newest = max(sent)
    wait_for(lambda: all(seat.last == newest for seat in seats), patience=10)
    delays = [
        (seat.arrived[seq] - moment) * 1000
        for seat in seats
        for seq, moment in sent.items()
        if seq in seat.arrived
    ]
    for seat in seats:
        seat.close()
    return _rows(delays, lost=len(sent) * len(seats) - len(delays), joined=joined)


def _rows(delays: list[float], *, lost: int, joined: float) -> list[dict[str, object]]:
    name = f"live room, {SEATS} seats, {RATE:g} messages/s"
    cuts = quantiles(delays, n=100)
    return [
        {"name": f"{name}: delivery p50", "value": round(cuts[49], 1), "unit": "ms"},
        {
            "name": f"{name}: delivery p95",
            "value": round(cuts[94], 1),
            "unit": "ms",
            "limit": P95_LIMIT_MS,
        },
        {"name": f"{name}: lost", "value": lost, "unit": "messages", "limit": 0},
        {"name": f"{name}: all joined", "value": round(joined, 2), "unit": "s"},
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
