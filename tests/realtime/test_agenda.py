"""The chair's steps: what moves, what is refused, and two who press the same button."""

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.queries import scope
from tests.attachment_kit import ct, send


def states(app, board):
    with app.app_context():
        rows = db.session.execute(
            scope.unscoped(db.select(Case.id, Case.state).order_by(Case.id), because="a test looks")
        )
        found = dict(rows.all())
    return [found[board.cases[key]] for key in "AB"]


@pytest.fixture
def chair(sit):
    seat = sit("chair")
    seat.act("start")
    return seat


def test_two_who_press_next_leave_one_case(app, sit, board, chair):
    desk = sit("coordinator")
    chair.act("advance", item=board.items["A"], leaving=0)
    step = {"item": board.items["B"], "leaving": board.items["A"], "outcome": "concluded"}
    assert chair.act("advance", **step)["ok"] is True
    assert desk.act("advance", **step)["error"]["code"] == "stale"
    assert states(app, board) == ["concluded", "discussing"]


def test_taking_up_a_case_sets_the_other_aside(app, board, chair):
    chair.act("advance", item=board.items["A"])
    assert chair.act("advance", item=board.items["B"])["ok"] is True
    assert states(app, board) == ["scheduled", "discussing"]


def test_a_case_that_is_on_is_not_taken_up_again(app, board, chair):
    chair.act("advance", item=board.items["A"])
    answer = chair.act("advance", item=board.items["A"], outcome="concluded")
    assert answer["error"]["code"] == "item_already_on"
    assert states(app, board) == ["discussing", "scheduled"]


def test_the_same_key_gives_the_same_number_for_an_action_of_several_events(board, chair):
    chair.act("advance", item=board.items["A"])
    step = {"item": board.items["B"], "outcome": "concluded", "key": "once"}
    first, again = chair.act("advance", **step), chair.act("advance", **step)
    assert first == again == {"ok": True, "seq": 4}


def test_a_deferral_owes_its_reason(app, board, chair):
    chair.act("advance", item=board.items["A"])
    bare = chair.act("advance", item=None, outcome="deferred")
    assert bare["error"]["code"] == "invalid"
    other = chair.act("advance", item=None, outcome="deferred", reason="other")
    assert set(other["error"]["fields"]) == {"text"}
    told = chair.act("advance", item=None, outcome="deferred", reason="await_molecular")
    assert told["ok"] is True
    assert states(app, board) == ["deferred", "scheduled"]


@pytest.mark.parametrize("outcome", ["undiscussed", "discussing", "anything"])
def test_other_outcomes_are_no_outcomes(board, chair, outcome):
    chair.act("advance", item=board.items["A"])
    answer = chair.act("advance", item=None, outcome=outcome)
    assert set(answer["error"]["fields"]) == {"outcome"}


def test_a_withdrawn_case_does_not_keep_the_conference_from_ending(app, board, chair):
    with app.app_context():
        db.session.execute(
            db.update(Case).where(Case.id == board.cases["B"]).values(state="withdrawn")
        )
        db.session.commit()
    assert chair.act("close")["ok"] is True
    assert states(app, board) == ["accepted", "withdrawn"]


def test_presenting_is_given_to_who_is_here_and_sees_the_case(sit, board, world, chair):
    sit("oncologist"), sit("clinician2")
    chair.act("advance", item=board.items["A"])
    for name, code in (("clinician2", "invalid"), ("pathologist", "invalid")):
        assert chair.act("present", user=world.users[name])["error"]["code"] == code
    assert chair.act("present", user=world.users["oncologist"])["ok"] is True


def test_a_show_is_where_late_comers_begin(app, sit, board, chair):
    chair.act("advance", item=board.items["A"])
    assert chair.act("show", series=99, index=0)["error"]["code"] == "not_found"
    assert chair.act("show", series="99", index=0)["error"]["code"] == "invalid"


def test_asking_somebody_to_present_takes_that_hand_down(sit, board, world, chair):
    expert = sit("oncologist")
    chair.act("advance", item=board.items["A"])
    for seat in (expert, sit("radiologist")):
        seat.act("hand", up=True)
    chair.drain()
    given = chair.act("present", user=world.users["oncologist"])
    heard = [(one["seq"], one["kind"], one["data"]) for one in chair.heard()]
    lowered = {"up": False, "user": world.users["oncologist"]}
    assert [one[0] for one in heard] == [given["seq"] - 1, given["seq"]]
    assert [one[1] for one in heard] == ["present", "hand"]
    assert heard[1][2] == lowered
    assert chair.send("join")["snapshot"]["hands"] == [world.users["radiologist"]]


def test_presenting_without_a_hand_up_is_one_event(sit, board, world, chair):
    sit("oncologist")
    chair.act("advance", item=board.items["A"])
    chair.drain()
    chair.act("present", user=world.users["oncologist"])
    assert [one["kind"] for one in chair.heard()] == ["present"]


def test_who_has_gone_still_counts_for_the_case_that_is_on(sit, board, chair):
    assert chair.send("beat")["quorum"] is None
    expert = sit("oncologist")
    chair.act("advance", item=board.items["A"])
    expert.socket.disconnect("/live")
    beat = chair.send("beat")
    assert [one["discipline"] for one in beat["people"]] == ["thoracic_surgery"]
    assert beat["quorum"]["present"] == ["medical_oncology", "thoracic_surgery"]
    assert (beat["quorum"]["met"], "pathology" in beat["quorum"]["missing"]) == (False, True)
    assert chair.send("join")["snapshot"]["quorum"] == beat["quorum"]


def test_a_doctor_is_told_that_another_case_is_on_and_nothing_of_its_quorum(sit, board, chair):
    doctor = sit("clinician2")
    told = []
    for item in (None, board.items["A"], board.items["B"]):
        if item is not None:
            chair.act("advance", item=item)
        beat, seen = doctor.send("beat"), doctor.send("join")["snapshot"]
        assert (beat["elsewhere"], beat["quorum"]) == (seen["elsewhere"], seen["quorum"])
        told.append((beat["elsewhere"], beat["quorum"] is not None))
    assert told == [(False, False), (True, False), (False, True)]


def test_nobody_shows_a_series_that_names_somebody_else(app, sit, board, world, person, chair):
    doctor, base = sit("clinician"), f"/cases/{board.cases['A']}"
    send(person("clinician"), board.cases["A"], *ct(1, PatientName="李四光"))
    chair.act("advance", item=board.items["A"])
    refused = doctor.act("show", series=1, index=0)
    assert "患者身份尚未确认" in refused["error"]["message"]
    assert sit("radiologist").send("beat")["unconfirmed"] == [board.items["A"]]
    page = person("clinician").get(f"{base}/attachments").text
    key = page.partition(f"{base}/identity/")[2].partition('"')[0]
    person("clinician").post(f"{base}/identity/{key}", reason="曾用名")
    assert doctor.act("show", series=1, index=0)["ok"] is True
    assert sit("radiologist").send("beat")["unconfirmed"] == []
