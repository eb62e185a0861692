"""Moving and cancelling: everybody concerned is told, answers are asked again, cases go back."""

import pytest

from mdt.rules.calendar import utc_now
from mdt.services.live_room import close_conference
from tests.desk import (
    add_case,
    agenda,
    clock,
    conference_row,
    invitations,
    list_case,
    notices,
    plan,
    plan_fields,
    states,
)

EVERYBODY = [
    "chair", "clinician", "oncologist", "pathologist", "radiologist", "radiotherapist", "recorder",
]  # fmt: skip


@pytest.fixture
def case(app, world):
    return add_case(app, world)


@pytest.fixture
def conference(desk, world, case):
    number = plan(desk, world)
    list_case(desk, number, case)
    return number


def edit(desk, app, world, conference, **changes):
    fields = plan_fields(
        chair_id=world.users["chair"], version=conference_row(app, conference).version
    )
    return desk.post(f"/conferences/{conference}/edit", **{**fields, **changes})


def test_a_new_time_asks_everybody_again(app, world, desk, conference, person):
    person("oncologist").post(f"/conferences/{conference}/answer", answer="accepted")
    assert edit(desk, app, world, conference, starts_at="16:00").status_code == 302
    row = conference_row(app, conference)
    assert (clock(row), row.sequence) == ("16:00", 1)
    answers = {answer for _, answer in invitations(app, world, conference).values()}
    assert answers == {"pending"}
    assert notices(app, world, "conference_moved") == EVERYBODY
    assert "改到" in person("oncologist").get("/").text


def test_a_new_place_is_told_and_answers_stand(app, world, desk, conference, person):
    person("oncologist").post(f"/conferences/{conference}/answer", answer="accepted")
    assert edit(desk, app, world, conference, place="三号会议室").status_code == 302
    assert conference_row(app, conference).sequence == 1
    assert invitations(app, world, conference)["oncologist"] == ("expert", "accepted")
    assert notices(app, world, "conference_changed") == EVERYBODY
    assert notices(app, world, "conference_moved") == []


def test_a_new_title_tells_nobody(app, world, desk, conference):
    assert edit(desk, app, world, conference, title="周五肺癌会诊").status_code == 302
    row = conference_row(app, conference)
    assert (row.title, row.sequence) == ("周五肺癌会诊", 0)
    assert notices(app, world, "conference_changed") == []


def test_an_edit_on_an_old_page_is_refused(app, world, desk, conference):
    answer = edit(desk, app, world, conference, version="1", starts_at="16:00")
    assert answer.status_code == 422
    assert "别人刚刚改过这里" in answer.text
    assert clock(conference_row(app, conference)) == "14:30"


def test_an_edit_that_cannot_be_is_refused(app, world, desk, conference):
    answer = edit(desk, app, world, conference, minutes="3")
    assert answer.status_code == 422
    assert "会议时长应在" in answer.text


def test_cancelling_puts_the_cases_back_and_tells_everybody(
    app, world, desk, conference, case, person
):
    assert desk.post(
        f"/conferences/{conference}/cancel", reason="主席出差"
    ).status_code == 302  # fmt: skip
    row = conference_row(app, conference)
    assert (row.state, row.cancel_reason, row.sequence) == ("cancelled", "主席出差", 1)
    assert states(app, case) == ["accepted"]
    assert notices(app, world, "conference_cancelled") == [
        one for one in EVERYBODY if one != "clinician"
    ]
    assert notices(app, world, "case_conference_cancelled") == ["clinician"]
    assert "主席出差" in person("oncologist").get(f"/conferences/{conference}").text
    assert "第 2 次排期" in desk.get("/triage").text
    again = plan(desk, world)
    fields = {"reason": "emergency", "text": "气道受压"}
    assert list_case(desk, again, case, **fields).status_code == 302
    assert agenda(app, again) == [(case, 15)]


def test_a_cancelled_conference_leaves_one_notice_that_says_why(
    app, world, desk, conference, person
):
    doctor, expert = person("clinician"), person("oncologist")
    assert "邀请您参加" in expert.get("/").text
    assert "请准备汇报" in doctor.get("/").text
    desk.post(f"/conferences/{conference}/cancel", reason="主席出差")
    for page in (doctor.get("/").text, expert.get("/").text):
        assert "已取消：主席出差。" in page
        assert "邀请您参加" not in page
        assert "请准备汇报" not in page
    assert "病例 MDT2026-000001 已退回待排期" in doctor.get("/").text
    assert "MDT2026-000001" not in expert.get("/").text


def test_a_cancelled_conference_goes_into_no_calendar(desk, conference):
    assert "加入日历" in desk.get(f"/conferences/{conference}").text
    desk.post(f"/conferences/{conference}/cancel", reason="主席出差")
    assert "加入日历" not in desk.get(f"/conferences/{conference}").text


def test_cancelling_wants_a_reason(app, desk, conference, case):
    assert "data-dialog-shown" not in desk.get(f"/conferences/{conference}").text
    answer = desk.post(f"/conferences/{conference}/cancel", reason="  ")
    assert answer.status_code == 422
    assert "data-dialog-shown" in answer.text
    assert conference_row(app, conference).state == "scheduled"
    assert states(app, case) == ["scheduled"]


def test_what_has_begun_is_neither_moved_nor_cancelled(app, world, desk, conference):
    desk.post(f"/conferences/{conference}/start")
    assert desk.post(f"/conferences/{conference}/cancel", reason="晚了").status_code == 422
    assert edit(desk, app, world, conference, starts_at="16:00").status_code == 422
    row = conference_row(app, conference)
    assert (row.state, clock(row)) == ("live", "14:30")


@pytest.mark.parametrize(("who", "status"), [("oncologist", 403), ("clinician", 403)])
def test_only_the_desk_moves_and_cancels(app, world, conference, person, who, status):
    visitor = person(who)
    assert visitor.get(f"/conferences/{conference}/edit").status_code == status
    assert visitor.post(f"/conferences/{conference}/cancel", reason="x").status_code == status
    assert visitor.post(f"/conferences/{conference}/start").status_code == status
    assert conference_row(app, conference).state == "scheduled"


def test_a_case_that_was_not_reached_goes_back_and_its_doctor_hears(
    app, world, desk, conference, case
):
    desk.post(f"/conferences/{conference}/start")
    with app.app_context():
        now = utc_now()
        close_conference(world.viewer("coordinator", now=now), conference, "close", now=now)
    assert states(app, case) == ["accepted"]
    assert notices(app, world, "case_put_back") == ["clinician"]
    assert notices(app, world, "conference_cancelled") == []
    assert "第 2 次排期" in desk.get("/triage").text
    page = desk.get(f"/triage/{case}").text
    assert "未讨论，退回待排期" in page
