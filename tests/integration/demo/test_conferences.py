"""Conferences of the demo: one is going on, with everybody who should be there."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mdt.extensions import db
from mdt.models.attachments import Series, Study
from mdt.models.cases import Case
from mdt.models.conferences import Conference
from mdt.models.plans import PlanRevision
from mdt.models.regions import Hospital
from mdt.queries import scope
from mdt.queries.sealed_files import open_patients
from mdt.rules.calendar import utc_now
from mdt.rules.staging import printed_group
from mdt.services.plan_desk import draft_in

NAMED = {
    "chair", "radiologist", "pathologist", "surgeon", "oncologist", "radiotherapist", "tcm",
    "recorder",
}  # fmt: skip
COUNTIES = {"DEMO-JX-C1": "clinician", "DEMO-JX-C2": "clinician2", "DEMO-JX-C3": "clinician3"}


def read(statement):
    return scope.unscoped(statement, because="looks at all that was loaded")


def live_conference():
    statement = select(Conference).where(Conference.state == "live")
    return db.session.scalars(
        read(
            statement.options(selectinload(Conference.items), selectinload(Conference.invitations))
        )
    ).one()


def test_one_is_live_with_the_named_specialists(loaded):
    conference = live_conference()
    panel = [one for one in conference.invitations if one.item_id is None]

    assert {one.user.username for one in panel} == NAMED
    assert {one.answer for one in conference.invitations} == {"accepted"}
    assert conference.team.name_zh == "胸部肿瘤MDT协作组"
    assert conference.starts_at < utc_now()


def test_three_counties_present_their_own_case_each(loaded):
    conference = live_conference()
    asked = {(one.item_id, one.user.username) for one in conference.invitations if one.item_id}
    presented = {}
    for item in conference.items:
        case = db.session.scalars(read(select(Case).where(Case.id == item.case_id))).one()
        presented[case.hospital.code] = item.id
    expected = {(presented[code], doctor) for code, doctor in COUNTIES.items()}
    observed = {(number, name) for number, name in asked if name == "observer"}

    assert presented.keys() == COUNTIES.keys()
    assert asked - observed == expected
    assert len(observed) == 1


def test_the_first_case_is_on_with_half_an_opinion(loaded):
    conference = live_conference()
    first = conference.items[0]
    assert (first.state, first.position) == ("discussing", 1)
    assert conference.current_item_id == first.id
    assert conference.last_seq > 8

    draft = db.session.scalars(
        read(select(PlanRevision).where(PlanRevision.case_id == first.case_id))
    ).one()
    assert draft.state == "draft"
    assert draft.content["diagnosis"] == "右上肺腺癌，单站N2"
    assert (draft.content["outcome"], draft.content["answer"]) == (None, "")


def test_two_of_its_cases_have_a_chest_with_the_right_name(loaded):
    cases = [item.case_id for item in live_conference().items]
    studies = db.session.scalars(read(select(Study).where(Study.case_id.in_(cases)))).all()
    series = db.session.scalars(read(select(Series).where(Series.case_id.in_(cases)))).all()

    assert sorted(one.image_count for one in series) == [64, 64]
    assert {person.name for one in studies for person in open_patients(one)} == {
        "演示丑",
        "演示卯",
    }


def test_the_others_are_over_or_still_to_come(loaded):
    rows = db.session.scalars(read(select(Conference).where(Conference.state != "live"))).all()
    now = utc_now()
    coming = [one for one in rows if one.state == "scheduled"]

    assert {one.state for one in rows} == {"closed", "scheduled"}
    assert len(coming) == 2
    assert all(one.starts_at > now for one in coming)
    assert all(one.starts_at < now for one in rows if one.state == "closed")


def test_a_county_doctor_finds_the_live_room(visitor):
    with_room = visitor("clinician2").get("/conferences")
    assert with_room.status_code == 200
    assert "望禾、松澜、竹沅三县联合讨论" in with_room.text
    assert "望禾、松澜、竹沅三县联合讨论" not in visitor("approver").get("/conferences").text


def test_hospitals_are_named_as_invented(loaded):
    names = db.session.scalars(select(Hospital.name_zh)).all()
    assert len(names) == 8
    assert [name for name in names if "虚构" not in name] == []


def test_signed_opinions_print_the_group_as_the_tables_do(loaded):
    revisions = db.session.scalars(read(select(PlanRevision).where(PlanRevision.state == "signed")))
    groups = {draft_in(one).stage.stage_group for one in revisions}

    assert "IIIA" in groups
    assert {printed_group(group) for group in groups} == groups
