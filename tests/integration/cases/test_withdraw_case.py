"""Withdrawing a case: for good, with a reason once others have seen it."""

import pytest

from mdt.extensions import db
from mdt.models.cases import CaseStep
from mdt.models.conferences import AgendaItem
from mdt.models.people import Notice
from mdt.queries import scope
from tests.board import build_board, make_case
from tests.case_kit import load, rows, start


@pytest.fixture
def submitted(app, world):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="submitted", number="MDT2026-000077").id
        db.session.commit()
    return case_id


def test_a_draft_goes_without_a_word(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    assert doctor.post(f"/cases/{case_id}/withdraw").status_code == 302
    assert load(app, case_id).state == "withdrawn"
    assert rows(app, Notice) == []


def test_a_submitted_case_goes_with_a_reason_that_the_team_is_told(app, world, person, submitted):
    doctor = person("clinician")
    assert "撤回后病例结束" in doctor.get(f"/cases/{submitted}").text
    assert doctor.post(f"/cases/{submitted}/withdraw", text="患者转院").status_code == 302
    assert [(s.action, s.text) for s in rows(app, CaseStep)] == [("withdraw", "患者转院")]
    told = {(n.user_id, n.kind) for n in rows(app, Notice)}
    assert told == {
        (world.users["coordinator"], "case_withdrawn"),
        (world.users["chair"], "case_withdrawn"),
    }


def test_without_a_reason(app, person, submitted):
    answer = person("clinician").post(f"/cases/{submitted}/withdraw", text="  ")
    assert answer.status_code == 422
    assert "请填写此项" in answer.text
    assert load(app, submitted).state == "submitted"


def test_a_scheduled_case_leaves_the_agenda(app, world, person):
    with app.app_context():
        board = build_board(world)
    case_id = board.cases["A"]
    answer = person("clinician").post(f"/cases/{case_id}/withdraw", text="患者转院")
    assert answer.status_code == 302
    with app.app_context():
        items = db.session.scalars(
            scope.unscoped(db.select(AgendaItem).order_by(AgendaItem.id), because="a test looks")
        )
        assert [(i.case_id, i.state, i.position) for i in items] == [
            (case_id, "undiscussed", 0),
            (board.cases["B"], "waiting", 1),
        ]


@pytest.mark.parametrize("state", ["discussing", "signed", "closed", "withdrawn"])
def test_too_late(app, world, person, state):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state=state, number="MDT2026-000078").id
        db.session.commit()
    answer = person("clinician").post(f"/cases/{case_id}/withdraw", text="患者转院")
    assert answer.status_code == 422
    assert "当前状态下不能这样做" in answer.text
    assert load(app, case_id).state == state


@pytest.mark.parametrize(
    ("who", "status"), [("clinician2", 404), ("coordinator", 403), ("approver", 403)]
)
def test_who_may_not(app, person, submitted, who, status):
    answer = person(who).post(f"/cases/{submitted}/withdraw", text="x")
    assert answer.status_code == status
    assert load(app, submitted).state == "submitted"
