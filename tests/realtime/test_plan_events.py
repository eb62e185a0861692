"""The opinion in the live room: seen as it is typed by who may see the case, hidden from others."""

import pytest

from mdt.extensions import db
from mdt.models.plans import PlanRevision
from tests.plans import select_all


@pytest.fixture
def on_a(sit, board):
    """County A's case is on; gives the chair's seat."""
    chair = sit("chair")
    assert chair.act("start")["ok"] is True
    assert chair.act("advance", item=board.items["A"])["ok"] is True
    chair.drain()
    return chair


def stored(app):
    with app.app_context():
        return db.session.scalars(select_all(PlanRevision)).one()


def test_a_typed_field_reaches_every_seat_of_the_case_and_is_hidden_from_the_other_county(
    app, sit, board, on_a
):
    recorder, doctor, other = sit("recorder"), sit("clinician"), sit("clinician2")
    answer = recorder.act("plan", item=board.items["A"], fields={"answer": "可手术"}, version=0)

    assert (answer["ok"], answer["version"], answer["errors"]) == (True, 2, {})
    revision = stored(app)
    made, typed = doctor.heard()
    assert [e["kind"] for e in (made, typed)] == ["plan", "plan"]
    assert made["data"]["fields"]["diagnosis"] == "右上肺腺癌"
    assert typed["data"] == {
        "revision": revision.id,
        "state": "draft",
        "version": 2,
        "fields": {"answer": "可手术"},
    }
    assert on_a.heard() == [made, typed]
    assert [(e["kind"], set(e)) for e in other.heard()] == [
        ("hidden", {"conference", "seq", "kind"})
    ] * 2


def test_what_was_typed_is_in_a_fresh_snapshot(app, sit, board, on_a):
    recorder = sit("recorder")
    recorder.act("plan", item=board.items["A"], fields={"answer": "可手术"}, version=0)
    revision = stored(app)
    seen = sit("clinician", join=False).send("join")["snapshot"]["plans"]
    assert seen[str(board.items["A"])] == {
        "revision": revision.id,
        "state": "draft",
        "version": 2,
        "content": revision.content,
    }
    hidden = sit("clinician2", join=False).send("join")["snapshot"]["plans"]
    assert hidden == {}


def test_the_same_key_again_writes_nothing_and_gets_the_same_number(app, sit, board, on_a):
    recorder = sit("recorder")
    sent = {"item": board.items["A"], "fields": {"answer": "可手术"}, "version": 0, "key": "k"}
    first, again = recorder.act("plan", **sent), recorder.act("plan", **sent)
    assert (again["ok"], again["seq"], again["version"]) == (True, first["seq"], 2)
    assert stored(app).version == 2


def test_two_people_in_one_field_get_the_stored_text(app, sit, board, on_a):
    recorder, chair = sit("recorder"), on_a
    item = board.items["A"]
    recorder.act("plan", item=item, fields={"answer": "可手术"}, version=0)
    answer = chair.act("plan", item=item, fields={"answer": "不可手术"}, version=1)
    assert (answer["ok"], answer["error"]["code"]) == (False, "stale")
    assert stored(app).content["answer"] == "可手术"


@pytest.mark.parametrize(
    ("username", "code"), [("clinician", "forbidden"), ("clinician2", "forbidden")]
)
def test_who_may_not_write(app, sit, board, on_a, username, code):
    answer = sit(username).act("plan", item=board.items["A"], fields={"answer": "x"}, version=0)
    assert (answer["ok"], answer["error"]["code"]) == (False, code)


def test_the_requesting_county_may_not_write_its_own_opinion_by_another_seat(sit, board, on_a):
    answer = sit("recorder").act("plan", item=999, fields={"answer": "x"}, version=0)
    assert answer["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"answer": "很好😀"}, "answer"), ({"outcome": "cured"}, "outcome"), (3, "payload")],
)
def test_what_cannot_be_is_refused_with_the_field(sit, board, on_a, fields, name):
    answer = sit("recorder").act("plan", item=board.items["A"], fields=fields, version=0)
    assert (answer["ok"], set(answer["error"]["fields"])) == (False, {name})
