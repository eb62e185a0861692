"""What strangers and broken programs send to the socket; the others go on working."""

import json
from contextlib import contextmanager

import pytest
import requests
import websocket

from mdt.adapters.broadcast import NAMESPACE
from tests.live_board import set_up
from tests.live_server import running_server
from tests.room_client import RoomClient, sign_in

PATH = "/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(scope="module")
def live(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacks")
    with running_server(folder / "server", migrated_sqlite) as server:
        yield set_up(server)


@pytest.fixture
def chair(live):
    """Somebody who sits in the room all the while."""
    client = RoomClient(live.server.url, sign_in(live.server.url, "chair"), live.board.conference)
    client.connect()
    yield client
    answer = client.act("say", item=live.board.items["A"], text="还在")
    assert answer["ok"] is True
    client.close()


@contextmanager
def raw(live, username="oncologist"):
    """A bare web socket of a person that has connected to the namespace."""
    line = websocket.WebSocket()
    try:
        line.connect(
            live.server.url.replace("http", "ws") + PATH,
            header={"Cookie": sign_in(live.server.url, username)},
            origin=live.server.url,
            timeout=20,
        )
        line.recv()
        line.send(f"40{NAMESPACE},")
        assert line.recv().startswith(f"40{NAMESPACE},")
        yield line
    finally:
        line.shutdown()


def ask(line, name, payload, number):
    """Send an event with an acknowledgement and give it; what comes between is dropped."""
    line.send(f"42{NAMESPACE},{number}" + json.dumps([name, payload]))
    mark = f"43{NAMESPACE},{number}"
    while True:
        heard = line.recv()
        if heard == "2":
            line.send("3")
        elif heard.startswith(mark + "["):
            return json.loads(heard.removeprefix(mark))[0]


def test_another_origin_is_refused(live, chair):
    cookie = sign_in(live.server.url, "oncologist")
    line = websocket.WebSocket()
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        line.connect(
            live.server.url.replace("http", "ws") + PATH,
            header={"Cookie": cookie},
            origin="https://evil.example",
            timeout=20,
        )
    assert refusal.value.status_code == 400
    polling = live.server.url + PATH.replace("websocket", "polling")
    headers = {"Cookie": cookie, "Origin": "https://evil.example"}
    assert requests.get(polling, headers=headers, timeout=20).status_code == 400


def test_our_own_origin_is_let_in(live, chair):
    with raw(live) as line:
        assert ask(line, "join", {"conference": live.board.conference}, 1)["ok"] is True


@pytest.mark.parametrize(
    "frame",
    [
        "9",
        "42",
        "42[",
        "42/live,",
        "42/live,[]",
        "42/live,[7]",
        "42/live,[null,{}]",
        '42/live,1["say"]',
        '42/live,1["say",1,2,3]',
        '42/live,1["say",{"conference":{"a":1}}]',
        '42/live,1["__init__",{}]',
        '42/live,1["trigger_event",{}]',
        "451-/live,[]",
        "40/other,",
        "44/live,1",
        "x" * 100_000,
    ],
    ids=lambda frame: frame[:24],
)
def test_a_malformed_frame_hurts_nobody_else(live, chair, frame):
    with raw(live) as line:
        line.send(frame)
        assert chair.call("beat")["ok"] is True


def test_the_servers_own_events_cannot_be_sent(live, chair):
    with raw(live) as line:
        assert ask(line, "join", {"conference": live.board.conference}, 1)["ok"] is True
        for number, name in enumerate(("disconnect", "connect"), start=2):
            answer = ask(line, name, {"x": 1}, number)
            assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")
        names = [one["name"] for one in chair.call("beat")["people"]]
        assert names == ["陈主席", "杨肿内"]


def test_the_others_are_served_during_a_flood(live, chair):
    with raw(live) as line:
        conference = live.board.conference
        assert ask(line, "join", {"conference": conference}, 0)["ok"] is True
        for _ in range(300):
            line.send(f"42{NAMESPACE}," + json.dumps(["beat", {"conference": conference}]))
        assert chair.call("beat")["ok"] is True
        assert chair.act("say", item=live.board.items["A"], text="照常")["ok"] is True
