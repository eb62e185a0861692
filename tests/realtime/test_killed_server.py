"""Nothing that was acknowledged is lost or doubled: lines cut at random, a server killed."""

import random
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from requests.exceptions import RequestException
from socketio.exceptions import SocketIOError

from tests.live_board import LiveBoard, set_up
from tests.live_server import running_server
from tests.room_client import RoomClient, sign_in, wait_for

#: What a broken line or a dead server may do to a call.
BROKEN = (SocketIOError, RequestException, RuntimeError, OSError)
PEOPLE = ("chair", "coordinator", "oncologist", "radiologist", "pathologist", "clinician")
SECONDS = 14.0
SEED = 20261122


@dataclass
class Talker:
    """Somebody who talks all the time over a line that breaks."""

    client: RoomClient
    item: int
    chance: random.Random
    acknowledged: dict[str, int] = field(default_factory=dict)
    cuts: int = 0
    failures: list[str] = field(default_factory=list)

    def run(self, until: float) -> None:
        """Talk, cut the line now and then, until the time is over and the last word is in."""
        try:
            while time.monotonic() < until:
                self._say(f"{self.client.cookie[-6:]}-{len(self.acknowledged)}")
                time.sleep(self.chance.uniform(0.05, 0.3))
        except Exception as error:
            self.failures.append(repr(error))

    def _say(self, text: str) -> None:
        key = uuid.uuid4().hex
        give_up = time.monotonic() + 45
        while time.monotonic() < give_up:
            if self._try(text, key):
                return
            time.sleep(self.chance.uniform(0.05, 0.3))
        self.failures.append(f"{text} was never taken")

    def _try(self, text: str, key: str) -> bool:
        with suppress(*BROKEN):
            if not self.client.connected:
                self.client.cut()
                self.client.connect()
            if self.chance.random() < 0.15:
                self._cut_soon()
            answer = self.client.call("say", item=self.item, text=text, key=key)
            if answer["ok"]:
                self.acknowledged[text] = answer["seq"]
                return True
            if answer["error"]["code"] not in {"too_fast", "http_500"}:
                self.failures.append(answer["error"]["code"])
        return False

    def _cut_soon(self) -> None:
        """Sometimes the answer still comes, sometimes only the message went through."""
        self.cuts += 1
        threading.Timer(self.chance.uniform(0, 0.01), self.client.cut).start()


@pytest.fixture
def live(migrated_sqlite, tmp_path):
    with running_server(tmp_path / "server", migrated_sqlite) as server:
        yield set_up(server)


def talkers(live: LiveBoard) -> list[Talker]:
    """One talker for each person, all about case A."""
    url, conference = live.server.url, live.board.conference
    return [
        Talker(
            RoomClient(url, sign_in(url, name), conference, patience=3),
            live.board.items["A"],
            random.Random(SEED + number),  # noqa: S311 -- dice of a test
        )
        for number, name in enumerate(PEOPLE)
    ]


def test_what_was_acknowledged_is_there_once_and_in_one_order(live):
    people = talkers(live)
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=one.run, args=[until]) for one in people]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS / 2)
    live.server.restart()
    for thread in threads:
        thread.join()
    assert [failure for one in people for failure in one.failures] == []
    for one in people:
        one.client.cut()
        one.client.connect()
    newest = max(one.client.last for one in people)
    assert wait_for(lambda: all(one.client.last == newest for one in people))

    told = [[(e["seq"], e["data"].get("text")) for e in one.client.events] for one in people]
    assert all(one == told[0] for one in told)
    assert [number for number, _ in told[0]] == list(range(1, newest + 1))
    acknowledged = {text: seq for one in people for text, seq in one.acknowledged.items()}
    assert {text: seq for seq, text in told[0]} == acknowledged
    assert len(told[0]) == len(acknowledged)
    assert sum(one.cuts for one in people) > 0
    for one in people:
        one.client.close()


def test_a_server_that_dies_between_storing_and_sending_loses_nothing(migrated_sqlite, tmp_path):
    path = tmp_path / "server"
    with running_server(path, migrated_sqlite, wsgi="tests.realtime.dying_server:app") as server:
        live = set_up(server)
        url, item = server.url, live.board.items["A"]
        chair = RoomClient(url, sign_in(url, "chair"), live.board.conference)
        expert = RoomClient(url, sign_in(url, "oncologist"), live.board.conference)
        chair.connect()
        expert.connect()
        chair.act("say", item=item, text="之前")
        key = uuid.uuid4().hex
        with pytest.raises(BROKEN):
            chair.call("say", item=item, text="断电", key=key)
        server.wait_until_dead()
        assert [e["data"]["text"] for e in expert.events] == ["之前"]
        server.start()
        for one in (chair, expert):
            one.cut()
            one.connect()
        assert chair.call("say", item=item, text="断电", key=key) == {"ok": True, "seq": 2}
        assert [e["data"]["text"] for e in expert.events] == ["之前", "断电"]
        chair.close()
        expert.close()
