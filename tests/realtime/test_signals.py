"""Signals: read strictly, relayed to the right seats, never stored."""

import pytest

from mdt.extensions import db
from mdt.models.discussion import LiveEvent
from mdt.queries import scope


@pytest.fixture
def room(sit, board):
    chair = sit("chair")
    chair.act("start")
    chair.act("advance", item=board.items["A"])
    return chair


def test_paging_reaches_the_others_and_late_comers(sit, board, room):
    presenter, expert = sit("clinician"), sit("oncologist")
    place = {"series": 5, "index": 7, "center": -600, "width": 1500}
    assert presenter.send("signal", kind="viewport", data=place)["ok"] is True
    [heard] = [s for s in expert.heard("signal") if s["kind"] == "viewport"]
    assert heard["data"] == {**place, "item": board.items["A"]}
    assert heard["actor"]["name"] == "林县医"
    assert [s["kind"] for s in presenter.heard("signal") if s["kind"] == "viewport"] == []
    late = sit("radiologist", join=False).send("join")["snapshot"]
    assert late["viewport"] == {**place, "item": board.items["A"]}


def test_each_pane_is_remembered_for_late_comers(sit, board, room):
    item = board.items["A"]
    camera = [1.5, -2, 3, 0, 0, -1, 0, -1, 0, 250]
    one = {"pane": 0, "panes": 2, "series": 5, "index": 7, "image": "2.25.7", "frame": 1,
           "center": None, "width": None, "invert": True, "camera": camera}  # fmt: skip
    other = {"pane": 1, "panes": 2, "slide": 3, "camera": [100, 200, 50.5, 90]}
    expert = sit("oncologist")
    for state in (one, other):
        assert room.send("signal", kind="viewport", data={**state, "item": item})["ok"] is True
    assert [s["data"] for s in expert.heard("signal") if s["kind"] == "viewport"] == [
        {**one, "item": item}, {**other, "item": item},
    ]  # fmt: skip
    late = sit("radiologist", join=False).send("join")["snapshot"]
    assert late["viewports"] == [{**one, "item": item}, {**other, "item": item}]
    # With the next case nothing of it is left.
    room.act("advance", item=board.items["B"], leaving=item, outcome="concluded")
    assert sit("chair", join=False).send("join")["snapshot"]["viewports"] == []


def test_only_the_presenter_or_the_chair_moves_the_picture(sit, room):
    place = {"series": 5, "index": 7}
    assert sit("oncologist").send("signal", kind="viewport", data=place)["ok"] is False
    assert room.send("signal", kind="viewport", data=place)["ok"] is True


def test_only_writers_type(sit, room):
    typed = {"field": "answer", "value": "能否手术"}
    assert sit("recorder").send("signal", kind="typing", data=typed)["ok"] is True
    answer = sit("clinician").send("signal", kind="typing", data=typed)
    assert answer["error"]["code"] == "forbidden"


def test_signals_are_not_stored(app, sit, room):
    sit("oncologist").send("signal", kind="pointer", data={"x": 0.5, "y": 0.5})
    with app.app_context():
        kinds = db.session.scalars(
            scope.scoped_children(
                db.select(LiveEvent.kind).order_by(LiveEvent.seq), of="conference"
            )
        ).all()
    assert kinds == ["state", "advance"]


def test_who_has_not_joined_sends_no_signal(sit, room):
    answer = sit("oncologist", join=False).send("signal", kind="pointer", data={"x": 0, "y": 0})
    assert answer["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pointer", {"x": 2, "y": 0}),
        ("pointer", {"x": True, "y": 0}),
        ("pointer", {"x": 0, "y": 0, "more": 1}),
        ("pointer", {"x": 0, "y": 0, "pane": 4}),
        ("viewport", {"series": -1, "index": 0}),
        ("viewport", {"index": 0}),
        ("viewport", {"series": 1, "slide": 1}),
        ("viewport", {"series": 1, "pane": 1}),
        ("viewport", {"series": 1, "panes": 3}),
        ("viewport", {"series": 1, "image": "a/b"}),
        ("viewport", {"series": 1, "invert": 1}),
        ("viewport", {"series": 1, "camera": [0, 0, 0, 0]}),
        ("viewport", {"series": 1, "camera": [0, 0, 0, 0, 0, 1, 0, 1, 0, 0]}),
        ("viewport", {"series": 1, "camera": [0, 0, 0, 0, 0, 1, 0, 1, "0", 9]}),
        ("viewport", {"slide": 1, "camera": [0, 0, 1, 0, 0, 1, 0, 1, 0, 9]}),
        ("viewport", {"series": 1, "camera": [1234.56789012345] * 30}),
        ("viewport", {"series": 1, "index": 0, "center": "0"}),
        ("viewport", {"series": 1, "index": 0, "center": 1e9}),
        ("typing", {"field": "a" * 81, "value": ""}),
        ("typing", {"field": "answer", "value": 7}),
        ("typing", {"field": "answer", "value": "长" * 6000}),
        ("cursor", {}),
        ("pointer", []),
        ("pointer", None),
    ],
)
def test_odd_signals_are_refused(room, kind, data):
    answer = room.send("signal", kind=kind, data=data)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")


def test_a_signal_before_the_start_or_after_the_end_is_refused(sit, board):
    chair = sit("chair")
    data = {"x": 0.5, "y": 0.5, "item": board.items["A"]}
    assert chair.send("signal", kind="pointer", data=data)["error"]["code"] == "room_not_live"
    chair.act("start")
    assert chair.send("signal", kind="pointer", data=data)["ok"] is True
