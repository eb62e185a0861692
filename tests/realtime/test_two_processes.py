"""Two servers on PostgreSQL with Redis between them: one room."""

from contextlib import ExitStack
from itertools import count

import pytest
from flask_migrate import upgrade
from redis import Redis
from socketio.exceptions import SocketIOError

from mdt.extensions import db
from mdt.models.conferences import Invitation
from mdt.services.live_seats import end_lost_seats
from tests.fixtures_app import MIGRATIONS
from tests.live_board import LiveBoard, another
from tests.live_server import LiveServer, running_server
from tests.room_client import RoomClient, sign_in, sign_out, wait_for
from tests.services import postgresql_database
from tests.world import NOW, build_world


@pytest.fixture(scope="module")
def servers(postgresql_server, redis_url, tmp_path_factory):
    """Two started servers on one database and one Redis."""
    folder = tmp_path_factory.mktemp("two")
    # Tests of single devices have left seats of their own there.
    Redis.from_url(redis_url).flushall()
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_database(postgresql_server))
        shared = {"MDT_DATABASE_URL": database, "MDT_REDIS_URL": redis_url}
        first = LiveServer(folder / "one", **shared)
        with first.app.app_context():
            upgrade(MIGRATIONS)
        stack.callback(first.close)
        first.start()
        second = stack.enter_context(running_server(folder / "two", None, **shared))
        yield first, second


@pytest.fixture(scope="module")
def world(servers):
    with servers[0].app.app_context():
        return build_world()


@pytest.fixture(scope="module")
def numbers():
    return count(1)


@pytest.fixture
def live(servers, world, numbers) -> LiveBoard:
    """A conference of this test's own."""
    return another(servers[0], world, next(numbers))


@pytest.fixture
def enter(live, servers):
    """``enter(1, "chair")``: the chair has joined through the second server."""
    clients: list[RoomClient] = []

    def join(place: int, username: str) -> RoomClient:
        url = servers[place].url
        client = RoomClient(url, sign_in(url, username), live.board.conference)
        clients.append(client)
        client.connect()
        return client

    yield join
    for client in clients:
        client.close()


def kinds(client: RoomClient) -> list[str]:
    return [event["kind"] for event in client.events]


def signals(client: RoomClient, kind: str) -> list[dict]:
    return [one["data"] for one in client.signals if one["kind"] == kind]


def test_one_room_over_two_servers(live, servers, enter):
    item = live.board.items["A"]
    chair, doctor_a = enter(0, "chair"), enter(1, "clinician")
    doctor_b, expert = enter(1, "clinician2"), enter(0, "oncologist")
    names = {one["name"] for one in chair.read_room()["snapshot"]["people"]}
    assert names == {"陈主席", "林县医", "吴县医", "杨肿内"}
    assert wait_for(lambda: len(signals(chair, "presence")) == 3)

    chair.act("start")
    chair.act("advance", item=item)
    assert doctor_a.act("say", item=item, text="右上肺结节")["ok"] is True
    assert wait_for(lambda: all(one.last == 3 for one in (chair, doctor_a, doctor_b, expert)))
    assert kinds(chair) == kinds(expert) == kinds(doctor_a) == ["state", "advance", "message"]
    assert kinds(doctor_b) == ["state", "hidden", "hidden"]

    place = {"series": 4, "index": 9, "center": None, "width": None}
    assert doctor_a.call("signal", kind="viewport", data=place)["ok"] is True
    assert wait_for(lambda: signals(chair, "viewport") == [{**place, "item": item}])
    assert enter(0, "radiologist").read_room()["snapshot"]["viewport"] == {**place, "item": item}
    assert signals(doctor_b, "viewport") == []


def test_a_seat_lost_on_one_server_is_closed_on_the_other(live, servers, enter):
    expert, chair = enter(1, "oncologist"), enter(0, "chair")
    with servers[0].app.app_context():
        mine = Invitation.user_id == live.world.users["oncologist"]
        db.session.execute(db.update(Invitation).where(mine).values(withdrawn_at=NOW))
        db.session.commit()
        end_lost_seats([live.board.conference])
    assert wait_for(lambda: not expert.connected)
    assert wait_for(lambda: [one["here"] for one in signals(chair, "presence")] == [False])
    assert chair.connected


def test_signing_out_on_one_server_ends_the_socket_on_the_other(servers, enter):
    expert = enter(1, "oncologist")
    sign_out(servers[0].url, expert.cookie)
    assert wait_for(lambda: expert.signed_out)
    assert wait_for(lambda: not expert.connected)
    with pytest.raises(SocketIOError):
        expert.connect()


def test_a_killed_servers_people_come_back_through_the_other(live, servers, enter):
    item = live.board.items["A"]
    chair, expert = enter(0, "chair"), enter(1, "oncologist")
    assert expert.act("say", item=item, text="第一句")["ok"] is True
    servers[1].kill()
    assert chair.act("say", item=item, text="第二句")["ok"] is True
    expert.cut()
    expert.url = servers[0].url
    expert.connect()
    assert [e["data"]["text"] for e in expert.events] == ["第一句", "第二句"]
    assert [e["data"]["text"] for e in chair.events] == ["第一句", "第二句"]
    servers[1].start()
