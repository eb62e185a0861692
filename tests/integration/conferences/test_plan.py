"""Planning a conference: who is asked, what is refused, whose it is."""

from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.regions import Team, TeamSeat
from mdt.rules.calendar import local_date, utc_now
from tests.desk import add_case, clock, conference_row, invitations, notices, plan, plan_fields

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


@pytest.fixture
def second_team(app, world):
    """Another team of the same desk, with a chair of its own."""
    with app.app_context():
        team = Team(
            hospital_id=world.hospitals["T"],
            name_zh="乳腺癌团队",
            name_en="Breast",
            tumour_types=[],
            core_disciplines=[],
        )
        db.session.add(team)
        db.session.flush()
        for name, role in (("coordinator", "coordinator"), ("oncologist", "chair")):
            db.session.add(TeamSeat(team_id=team.id, user_id=world.users[name], role=role))
        db.session.commit()
        return team.id


def chosen_team(page):
    return page.split('name="team"')[1].split("selected value=")[1].split('"')[1]


def test_the_form_opens_with_the_team_one_comes_from(app, world, person, second_team):
    desk = person("coordinator")
    case = add_case(app, world)
    assert chosen_team(desk.get("/conferences/new").text) == str(world.team)
    assert chosen_team(desk.get(f"/conferences/new?case={case}").text) == str(world.team)
    assert chosen_team(desk.get(f"/conferences/new?team={second_team}").text) == str(second_team)


def test_another_team_keeps_what_was_typed_and_plans_nothing_yet(app, world, person, second_team):
    desk = person("coordinator")
    fields = plan_fields(title="周五会诊", chair_id=world.users["chair"], team=second_team)
    answer = desk.post("/conferences/new", roster_of=world.team, **fields)
    assert answer.status_code == 200
    for words in ("周五会诊", "一号", "团队已更换", f'value="{world.users["oncologist"]}"'):
        assert words in answer.text
    assert notices(app, world, "conference_invited") == []
    fields["chair_id"] = world.users["oncologist"]
    planned = desk.post("/conferences/new", roster_of=second_team, **fields)
    assert planned.status_code == 302
    number = int(planned.headers["Location"].rsplit("/", 1)[1])
    assert conference_row(app, number).team_id == second_team


def test_a_new_conference_says_what_comes_next(app, world, person):
    desk = person("coordinator")
    page = desk.get(f"/conferences/{plan(desk, world)}").text
    assert "会议已建立，已邀请 6 人。下一步" in page


def test_a_case_leads_to_the_conferences_that_can_take_it(app, world, person, second_team):
    desk = person("coordinator")
    case = add_case(app, world)
    conference = plan(desk, world)
    other = plan(desk, world, team=second_team, chair_id=world.users["oncologist"], invited=[])
    assert f'href="/conferences?case={case}"' in desk.get(f"/triage/{case}").text
    page = desk.get(f"/conferences?case={case}").text
    assert f'href="/conferences/{conference}#add"' in page
    assert f"/conferences/{other}" not in page
    assert f'href="/conferences/new?team={world.team}&amp;case={case}"' in page


def test_another_teams_conference_is_not_planned(world, person):
    desk = person("coordinator")
    assert desk.get("/conferences/new?team=999").status_code == 404
    assert desk.get(f"/conferences/new?team={world.team}").status_code == 200
