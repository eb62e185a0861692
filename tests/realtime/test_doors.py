"""Sockets are guarded like pages."""

import pytest

from mdt.adapters.broadcast import NAMESPACE
from mdt.extensions import db, socketio
from mdt.models.people import SignInSession
from mdt.realtime.base import GuardedNamespace


def test_a_handler_without_a_permission_cannot_be_written():
    with pytest.raises(TypeError, match="declares no permission"):
        type("Careless", (GuardedNamespace,), {"on_anything": lambda self, viewer, payload: None})


def test_a_stranger_cannot_connect(app, world):
    client = socketio.test_client(app, namespace=NAMESPACE, flask_test_client=app.test_client())
    assert client.is_connected(NAMESPACE) is False


def test_signing_out_by_http_ends_the_socket(sit):
    chair = sit("chair")
    chair.browser.post("/sign-out")
    assert chair.socket.is_connected(NAMESPACE) is False


def test_an_ended_session_is_refused_at_the_next_event(app, sit, board):
    chair = sit("chair")
    with app.app_context():
        db.session.execute(db.update(SignInSession).values(ended_at=db.func.current_timestamp()))
        db.session.commit()
    assert chair.act("say", text="还在吗", item=board.items["A"])["error"]["code"] == "http_401"


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("join", {"conference": "x"}, "invalid"),
        ("join", {"conference": 10**6}, "not_found"),
        ("say", {"text": "  ", "key": "k"}, "invalid"),
        ("say", {"text": 7, "key": "k"}, "invalid"),
        ("say", {"text": "没有键"}, "invalid"),
        ("signal", {"kind": "presence", "data": {}}, "invalid"),
        ("signal", {"kind": "pointer", "data": {"x": "9" * 5000}}, "invalid"),
    ],
)
def test_odd_payloads_are_refused_in_one_shape(sit, name, payload, code):
    answer = sit("chair").send(name, **payload)
    assert answer["ok"] is False
    assert set(answer["error"]) == {"code", "message", "fields"}
    assert answer["error"]["code"] == code


def test_only_the_desk_runs_the_agenda(sit, board):
    expert, recorder, doctor = sit("oncologist"), sit("recorder"), sit("clinician")
    for seat in (expert, recorder, doctor):
        assert seat.act("start")["error"]["code"] == "forbidden"
    chair = sit("chair")
    assert chair.act("start")["ok"] is True
    assert expert.act("advance", item=board.items["A"])["error"]["code"] == "forbidden"
    assert sit("coordinator").act("advance", item=board.items["A"])["ok"] is True


def test_a_flood_is_slowed_and_the_allowed_rate_is_not(sit, board):
    chair = sit("chair")
    answers = [chair.act("hand", up=True)["ok"] for _ in range(60)]
    assert answers == [True] * 60
