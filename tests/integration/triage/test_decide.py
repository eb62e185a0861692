"""Deciding on a case: accept, return, decline, defer, each seen by who sent it."""

from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import CaseStep
from mdt.models.regions import Team, TeamSeat
from mdt.rules.calendar import local_date, utc_now
from tests.desk import add_case, notices, states

LATER = (local_date(utc_now()) + timedelta(days=5)).isoformat()
YESTERDAY = (local_date(utc_now()) - timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("action", "fields", "state", "notice"),
    [
        ("accept", {}, "accepted", "case_accepted"),
        (
            "return",
            {"reason": "pathology_missing", "due_on": LATER, "text": "请补传"},
            "returned",
            "case_returned",
        ),
        ("decline", {"reason": "out_of_scope"}, "declined", "case_declined"),
        ("defer", {"reason": "await_molecular"}, "deferred", "case_deferred"),
    ],
)
def test_a_decision_moves_the_case_and_tells_who_sent_it(
    app, world, person, action, fields, state, notice
):
    case = add_case(app, world, state="submitted")
    answer = person("coordinator").post(f"/triage/{case}/{action}", **fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/triage")
    assert states(app, case) == [state]
    assert notices(app, world, notice) == ["clinician"]
    with app.app_context():
        step = db.session.scalars(db.select(CaseStep).where(CaseStep.case_id == case)).one()
        assert (step.action, step.reason_code, step.text) == (
            action,
            fields.get("reason", ""),
            fields.get("text", ""),
        )
        assert str(step.due_on or "") == fields.get("due_on", "")
        audited = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "case:move"))
        assert [row.case_id for row in audited] == [case]


def test_who_sent_it_reads_reason_and_day(app, world, person):
    case = add_case(app, world, state="submitted")
    person("coordinator").post(
        f"/triage/{case}/return", reason="imaging_old", text="请补近一月CT", due_on=LATER
    )
    doctor = person("clinician")
    worklist = doctor.get("/").text
    assert "MDT2026-000001 被退回补正" in worklist
    assert f'href="/cases/{case}/edit"' in worklist
    page = doctor.get(f"/cases/{case}").text
    assert "影像超过时限" in page
    assert "请补近一月CT" in page


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("return", {"due_on": LATER}, "请选择原因"),
        ("return", {"reason": "imaging_old"}, "请填写补正期限"),
        ("return", {"reason": "imaging_old", "due_on": YESTERDAY}, "日期不能早于今天"),
        ("return", {"reason": "nonsense", "due_on": LATER}, "请选择原因"),
        ("decline", {"reason": "other"}, "需要用文字说明"),
        ("decline", {"reason": "imaging_old"}, "请选择原因"),
        ("defer", {"reason": "await_imaging", "text": "长" * 1001}, "文字过长"),
    ],
)
def test_a_reason_that_is_owed_is_asked_for(app, world, person, action, fields, words):
    case = add_case(app, world, state="submitted")
    answer = person("coordinator").post(f"/triage/{case}/{action}", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert states(app, case) == ["submitted"]


def test_everything_that_is_owed_is_said_at_once(app, world, person):
    case = add_case(app, world, state="submitted")
    page = person("coordinator").post(f"/triage/{case}/return").text
    assert "请选择原因" in page
    assert "请填写补正期限" in page


def test_what_has_moved_on_is_not_decided_again(app, world, person):
    case = add_case(app, world, state="scheduled")
    answer = person("coordinator").post(f"/triage/{case}/accept")
    assert answer.status_code == 422
    assert "当前状态下不能这样做" in answer.text
    assert states(app, case) == ["scheduled"]


def test_an_unknown_action_is_not_found(app, world, person):
    case = add_case(app, world, state="submitted")
    assert person("coordinator").post(f"/triage/{case}/sign").status_code == 404


def test_a_coordinator_of_another_team_finds_nothing(app, world, person):
    case = add_case(app, world, state="submitted")
    with app.app_context():
        team = Team(hospital_id=world.hospitals["T"], name_zh="乳腺癌MDT协作组")
        db.session.add(team)
        db.session.flush()
        db.session.execute(
            db.update(TeamSeat).where(TeamSeat.role == "coordinator").values(team_id=team.id)
        )
        db.session.commit()
    stranger = person("coordinator")
    assert stranger.get(f"/triage/{case}").status_code == 404
    assert stranger.post(f"/triage/{case}/accept").status_code == 404
    assert person("chair").get(f"/triage/{case}").status_code == 200


def test_the_asking_hospital_does_not_decide(app, world, person):
    case = add_case(app, world, state="submitted")
    assert person("clinician").post(f"/triage/{case}/accept").status_code == 403
    assert states(app, case) == ["submitted"]


def test_a_draft_is_not_the_teams_to_see(app, world, person):
    case = add_case(app, world, state="draft")
    assert person("coordinator").get(f"/triage/{case}").status_code == 404


def test_the_page_shows_the_whole_case_and_is_recorded(app, world, person):
    case = add_case(app, world, state="submitted", history="咳嗽三个月", own_plan="拟手术")
    page = person("coordinator").get(f"/triage/{case}").text
    for words in (
        "能否手术？",
        "咳嗽三个月",
        "拟手术",
        "张**",
        "受理",
        "退回补正",
        "拒绝受理",
        "缓议",
    ):
        assert words in page
    assert "张三丰" not in page
    with app.app_context():
        viewed = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "case:view"))
        assert [row.case_id for row in viewed] == [case]


def test_declining_is_asked_before_it_ends_the_case(app, world, person):
    case = add_case(app, world, state="submitted")
    form = person("coordinator").get(f"/triage/{case}").text.split("/decline")[1].split(">")[0]
    assert "病例就此结束，不能恢复" in form


def test_a_day_is_called_the_same_in_the_field_and_in_what_is_wrong(app, world, person):
    case = add_case(app, world, state="submitted")
    answer = person("coordinator").post(f"/triage/{case}/return", reason="imaging_old", due_on="")
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert "补正期限：" in summary


def test_what_is_missing_stands_first_in_the_checklist(app, world, person):
    case = add_case(app, world, state="submitted")
    page = person("coordinator").get(f"/triage/{case}").text
    lights = page.split('<ul class="light-list">')[1].split("</ul>")[0].split("<li>")[1:]
    required = ["（必备）" in one for one in lights]
    assert any(required)
    assert required == sorted(required, reverse=True)
