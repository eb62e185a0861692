"""How long invited people see a case, and that a sent case stays with its team."""

from datetime import timedelta

import pytest
from flask import Flask

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference
from mdt.models.plans import Plan, PlanRevision
from mdt.queries.cases import get_case
from mdt.rules.errors import NotFound, Refused
from mdt.services import cases
from mdt.services.case_submission import withdraw_case
from tests.board import Board
from tests.world import NOW, World


def sees(world: World, username: str, case_id: int, now) -> bool:
    try:
        get_case(world.viewer(username, now=now), case_id)
    except NotFound:
        return False
    return True


def end_item(board: Board, state: str, case_state: str) -> None:
    item = db.session.get_one(AgendaItem, board.items["A"], execution_options={"mdt_scoped": True})
    item.state, item.ended_at = state, NOW
    case = db.session.get_one(Case, board.cases["A"], execution_options={"mdt_scoped": True})
    case.state = case_state
    db.session.commit()


@pytest.mark.parametrize(
    ("state", "case_state"), [("deferred", "deferred"), ("concluded", "concluded")]
)
def test_without_a_signature_invited_people_see_the_case_for_thirty_days_more(
    app: Flask, world: World, board: Board, state: str, case_state: str
):
    with app.app_context():
        end_item(board, state, case_state)
        days = {
            day: sees(world, "oncologist", board.cases["A"], NOW + timedelta(days=day))
            for day in (29, 31)
        }
        assert days == {29: True, 31: False}
        assert sees(world, "chair", board.cases["A"], NOW + timedelta(days=31)) is True


def test_who_is_asked_to_sign_sees_the_case_for_as_long_as_it_is_asked(
    app: Flask, world: World, board: Board
):
    with app.app_context():
        end_item(board, "concluded", "concluded")
        plan = Plan(case_id=board.cases["A"], item_id=board.items["A"], created_at=NOW)
        db.session.add(plan)
        db.session.flush()
        db.session.add_all(
            [
                PlanRevision(
                    plan_id=plan.id, case_id=board.cases["A"], number=1, state="signing",
                    updated_at=NOW, updated_by_id=world.users["chair"],
                ),
                Attendance(
                    item_id=board.items["A"], user_id=world.users["oncologist"], role="expert",
                    discipline="medical_oncology", first_seen_at=NOW, last_seen_at=NOW,
                ),
            ]
        )  # fmt: skip
        db.session.commit()
        later = NOW + timedelta(days=90)
        found = {
            who: sees(world, who, board.cases["A"], later) for who in ("oncologist", "radiologist")
        }
        assert found == {"oncologist": True, "radiologist": False}


def test_a_case_that_was_sent_stays_with_its_team(app: Flask, world: World, board: Board):
    with app.app_context():
        case = db.session.get_one(Case, board.cases["A"], execution_options={"mdt_scoped": True})
        case.state = "returned"
        db.session.commit()
        saved = cases.save_case(
            world.viewer("clinician"), case.id, {"team_id": world.team + 1}, version=case.version,
            now=NOW,
        )  # fmt: skip
        assert (saved.errors, saved.case.team_id) == ({"team_id": "team_is_fixed"}, world.team)


def test_a_case_of_a_live_conference_is_not_withdrawn_over_the_room(
    app: Flask, world: World, board: Board
):
    with app.app_context():
        conference = db.session.get_one(
            Conference, board.conference, execution_options={"mdt_scoped": True}
        )
        conference.state = "live"
        db.session.commit()
        viewer = world.viewer("clinician")
        with pytest.raises(Refused, match="withdraw_while_live"):
            withdraw_case(viewer, board.cases["A"], "患者转院", now=NOW)
        conference.state = "scheduled"
        db.session.commit()
        assert withdraw_case(viewer, board.cases["A"], "患者转院", now=NOW).state == "withdrawn"
