"""Planning a conference: who is asked, what is refused, whose it is."""

from datetime import timedelta

import pytest

from mdt.rules.calendar import local_date, utc_now
from tests.desk import clock, conference_row, invitations, notices, plan, plan_fields

YESTERDAY = (local_date(utc_now()) - timedelta(days=1)).isoformat()


def test_a_conference_is_planned_and_its_panel_asked(app, world, person):
    desk = person("coordinator")
    conference = plan(desk, world)
    row = conference_row(app, conference)
    assert (row.state, row.minutes, row.place, clock(row)) == ("scheduled", 60, "一号", "14:30")
    assert row.number == f"C{local_date(utc_now()).year}-{conference:04d}"
    assert invitations(app, world, conference) == {
        "chair": ("chair", "pending"),
        "oncologist": ("expert", "pending"),
        "radiotherapist": ("expert", "pending"),
        "radiologist": ("expert", "pending"),
        "pathologist": ("expert", "pending"),
        "recorder": ("recorder", "pending"),
    }
    assert notices(app, world, "conference_invited") == sorted(invitations(app, world, conference))


def test_the_form_ticks_the_whole_roster(world, person):
    page = person("coordinator").get("/conferences/new").text
    assert page.count("checked") == 5
    assert "陈主席" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_on": YESTERDAY}, "开始时间已过"),
        ({"starts_on": "2026-13-40"}, "starts_on-error"),
        ({"starts_at": ""}, "请填写此项"),
        ({"minutes": "5"}, "会议时长应在10分钟至8小时之间"),
        ({"media_link": "javascript:alert(1)"}, "请填写以 https:// 开头的网址"),
        ({"title": "长" * 121}, "文字过长"),
        ({"chair_id": "999999"}, "请从本团队名单中选择主席"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_words(app, world, person, changes, words):
    fields = plan_fields(**{"chair_id": world.users["chair"], **changes})
    answer = person("coordinator").post("/conferences/new", **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_an_expert_is_no_chair(world, person):
    fields = plan_fields(chair_id=world.users["oncologist"])
    assert person("coordinator").post("/conferences/new", **fields).status_code == 422


def test_only_the_desk_plans(world, person):
    for name in ("clinician", "oncologist", "recorder", "quality"):
        assert person(name).get("/conferences/new").status_code == 403
        fields = plan_fields(chair_id=world.users["chair"])
        assert person(name).post("/conferences/new", **fields).status_code == 403


def test_another_teams_conference_is_not_planned(world, person):
    desk = person("coordinator")
    assert desk.get("/conferences/new?team=999").status_code == 404
    assert desk.get(f"/conferences/new?team={world.team}").status_code == 200
