"""The home page: what each person must do, most urgent first, with the one next action."""

import re
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.conferences import AgendaItem, Attendance
from mdt.models.plans import FollowUp, Plan, PlanRevision, Signature
from mdt.rules.calendar import local_date, utc_now
from tests.counting import count_queries
from tests.desk import add_case, item_of, list_case, plan
from tests.fixtures_app import Browser


def tasks(browser: Browser) -> list[tuple[str, str]]:
    """Kinds of tasks with their addresses, in the order of the page."""
    page = browser.get("/").text
    return re.findall(r'data-task="(\w+)".*?<a class="btn[^"]*" href="([^"]+)"', page, re.DOTALL)


def test_a_doctor_sees_own_cases_by_urgency(app, world, person):
    today = local_date(utc_now())
    draft = add_case(app, world, state="draft", number="MDT2026-000001")
    signed = add_case(app, world, state="signed", number="MDT2026-000002")
    late = add_case(
        app, world, state="returned", number="MDT2026-000003", due_on=today - timedelta(days=1)
    )
    owing = add_case(
        app,
        world,
        state="submitted",
        number="MDT2026-000004",
        urgent_exception={"reason": "emergency", "text": ""},
    )
    add_case(app, world, state="draft", number="MDT2026-000005", doctor="colleague")
    add_case(app, world, state="closed", number="MDT2026-000006")
    assert tasks(person("clinician")) == [
        ("returned", f"/cases/{late}/edit"),
        ("consent_owed", f"/cases/{owing}/edit#consent"),
        ("adopt", f"/cases/{signed}/plan"),
        ("complete_draft", f"/cases/{draft}/edit"),
    ]


def test_what_is_late_stands_first_under_its_own_heading(app, world, person):
    now = utc_now()
    add_case(app, world, state="signed", number="MDT2026-000001")
    adopted = {"state": "adopted", "state_since": now - timedelta(days=10)}
    add_case(app, world, number="MDT2026-000002", **adopted)
    page = person("clinician").get("/").text
    assert [
        (one, kind)
        for one, kind in re.findall(r'id="band-(\w+)".*?data-task="(\w+)"', page, re.DOTALL)
    ] == [
        ("overdue", "follow_up"),
        ("today", "adopt"),
    ]
    assert "超时 3 天" in page


def test_the_own_doctor_reads_whose_case_it_is(app, world, person):
    add_case(app, world, state="submitted", number="MDT2026-000001")
    add_case(app, world, state="returned", number="MDT2026-000002")
    page = person("clinician").get("/").text
    assert page.count("张**") == 1
    assert "男" in page.split("张**")[1][:80]
    assert "MDT2026-000001" in person("coordinator").get("/").text
    assert "张" not in person("coordinator").get("/").text.split('id="content"')[1]


def test_a_follow_up_that_is_due_is_asked_for(app, world, person):
    today = local_date(utc_now())
    case = add_case(app, world, state="following")
    doctor = person("clinician")
    assert tasks(doctor) == []
    with app.app_context():
        made = Plan(case_id=case, created_at=utc_now())
        revision = PlanRevision(
            plan=made,
            case_id=case,
            number=1,
            content={},
            updated_at=utc_now(),
            updated_by_id=world.users["chair"],
        )
        db.session.add(revision)
        db.session.flush()
        for days, next_on in ((30, today + timedelta(days=60)), (2, today)):
            db.session.add(
                FollowUp(
                    case_id=case,
                    revision_id=revision.id,
                    seen_on=today - timedelta(days=days),
                    status="ongoing",
                    vital="alive",
                    response="stable",
                    next_on=next_on,
                    by_user_id=world.users["clinician"],
                    at=utc_now(),
                )
            )
        db.session.commit()
    assert tasks(doctor) == [("follow_up", f"/cases/{case}/follow-up")]


def test_the_approver_sees_what_waits_in_the_own_hospital(app, world, person):
    case = add_case(app, world, state="reviewing")
    add_case(app, world, key="B", doctor="clinician2", state="reviewing", number="MDT2026-000002")
    assert tasks(person("approver")) == [("approve", f"/cases/{case}")]


def test_the_coordinator_sees_the_queue_and_what_a_conference_lacks(app, world, person):
    desk = person("coordinator")
    submitted = add_case(app, world, state="submitted", number="MDT2026-000001", urgency="critical")
    yesterday = utc_now() - timedelta(days=1)
    accepted = add_case(
        app, world, state="accepted", number="MDT2026-000002", submitted_at=yesterday
    )
    conference = plan(desk, world)
    assert tasks(desk) == [
        ("triage", f"/triage/{submitted}"),
        ("schedule", f"/triage/{accepted}"),
        ("arrange", f"/conferences/{conference}"),
    ]
    page = desk.get("/").text
    assert "6 人未答复" in page
    assert "还剩 1 小时" in page


def test_an_expert_answers_then_attends_then_joins(world, person):
    desk, expert = person("coordinator"), person("oncologist")
    conference = plan(desk, world)
    assert tasks(expert) == [("answer", f"/conferences/{conference}#answer")]
    expert.post(f"/conferences/{conference}/answer", answer="accepted")
    assert tasks(expert) == [("attend", f"/conferences/{conference}")]
    desk.post(f"/conferences/{conference}/start")
    assert tasks(expert) == [("join_live", f"/conferences/{conference}/live")]
    assert tasks(desk)[0] == ("join_live", f"/conferences/{conference}/live")
    assert tasks(person("recorder")) == [("join_live", f"/conferences/{conference}/live")]
    assert tasks(person("observer")) == []


def test_who_presents_sees_the_conference(app, world, person):
    desk, doctor = person("coordinator"), person("clinician")
    conference = plan(desk, world)
    list_case(desk, conference, add_case(app, world))
    doctor.post(f"/conferences/{conference}/answer", answer="accepted")
    assert tasks(doctor) == [("present", f"/conferences/{conference}")]


@pytest.fixture
def concluded(app, world, person):
    """A case that was discussed by the chair, an oncologist and a pathologist."""
    desk = person("coordinator")
    conference = plan(desk, world)
    case = add_case(app, world)
    list_case(desk, conference, case)
    item = item_of(app, conference, case)
    desk.post(f"/conferences/{conference}/start")
    with app.app_context():
        now = utc_now()
        for name, discipline, role in (
            ("chair", "thoracic_surgery", "chair"),
            ("oncologist", "medical_oncology", "expert"),
            ("pathologist", "pathology", "expert"),
        ):
            db.session.add(
                Attendance(
                    item_id=item,
                    user_id=world.users[name],
                    hospital_id=world.hospitals["T"],
                    discipline=discipline,
                    role=role,
                    first_seen_at=now,
                    last_seen_at=now,
                )
            )
        db.session.execute(
            db.update(AgendaItem).where(AgendaItem.id == item).values(state="concluded")
        )
        db.session.execute(
            db.text("UPDATE case_file SET state = 'concluded' WHERE id = :id"), {"id": case}
        )
        db.session.execute(
            db.text("UPDATE conference SET state = 'closed' WHERE id = :id"), {"id": conference}
        )
        db.session.commit()
    return case, item


def open_for_signing(app, world, case: int, item: int) -> int:
    now = utc_now()
    with app.app_context():
        made = Plan(case_id=case, item_id=item, created_at=now)
        db.session.add(made)
        db.session.flush()
        revision = PlanRevision(
            plan_id=made.id,
            case_id=case,
            number=1,
            state="signing",
            content={},
            opened_for_signing_at=now,
            updated_at=now,
            updated_by_id=world.users["chair"],
        )
        db.session.add(revision)
        db.session.commit()
        return revision.id


def test_chair_and_recorder_see_the_opinion_that_is_to_be_written(concluded, person):
    case, _ = concluded
    for name in ("chair", "recorder"):
        assert tasks(person(name)) == [("write_plan", f"/cases/{case}/plan")]
    for name in ("oncologist", "radiologist", "clinician2"):
        assert tasks(person(name)) == []


def test_those_who_were_there_see_what_they_must_sign(app, world, concluded, person):
    case, item = concluded
    revision = open_for_signing(app, world, case, item)
    for name in ("chair", "oncologist", "pathologist"):
        assert tasks(person(name)) == [("sign", f"/cases/{case}/plan")]
    for name in ("radiologist", "recorder"):
        assert tasks(person(name)) == []
    with app.app_context():
        db.session.add(
            Signature(
                revision_id=revision,
                user_id=world.users["oncologist"],
                role="expert",
                discipline="medical_oncology",
                content_hash="",
                signed_at=utc_now(),
            )
        )
        db.session.commit()
    assert tasks(person("oncologist")) == []
    assert tasks(person("pathologist")) == [("sign", f"/cases/{case}/plan")]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("quality", ["not_discussed", "import_register", "read_report"]),
        ("sysadmin", ["manage_places"]),
        ("secadmin", ["manage_accounts"]),
        ("auditor", ["read_audit"]),
    ],
)
def test_who_treats_nobody_has_links(world, person, name, kinds):
    found = [kind for kind, _ in tasks(person(name))]
    assert sorted(found) == sorted(kinds)


def test_an_empty_worklist_says_what_will_stand_here(world, person):
    assert "没有待办" in person("clinician").get("/").text


def test_a_notice_stands_on_top_until_it_is_read(app, world, person):
    case = add_case(app, world, state="submitted")
    person("coordinator").post(f"/triage/{case}/accept")
    doctor = person("clinician")
    page = doctor.get("/").text
    assert "病例 MDT2026-000001 已受理，等待排期。" in page
    number = re.search(r"/notices/(\d+)/read", page).group(1)
    assert person("clinician2").post(f"/notices/{number}/read").status_code == 404
    assert doctor.post(f"/notices/{number}/read").status_code == 302
    assert "已受理，等待排期" not in doctor.get("/").text


@pytest.mark.parametrize("name", ["clinician", "coordinator", "chair", "oncologist", "quality"])
def test_the_worklist_asks_no_more_for_more_lines(app, world, person, name):
    desk, reader = person("coordinator"), person(name)
    counts = []
    for number in (1, 2, 3):
        add_case(app, world, state="draft", number=f"MDT2026-00001{number}")
        add_case(app, world, state="submitted", number=f"MDT2026-00002{number}")
        add_case(app, world, state="following", number=f"MDT2026-00003{number}")
        add_case(app, world, state="concluded", number=f"MDT2026-00004{number}")
        listed = add_case(app, world, number=f"MDT2026-00005{number}")
        list_case(desk, plan(desk, world), listed)
        with count_queries(app) as counted:
            reader.get("/")
        counts.append(len(counted))
    assert counts[0] == counts[1] == counts[2]


def test_all_notices_of_the_page_are_read_at_once_and_nobody_elses(app, world, person):
    desk = person("coordinator")
    for number in (1, 2):
        case = add_case(app, world, state="submitted", number=f"MDT2026-00000{number}")
        desk.post(f"/triage/{case}/accept")
    other = add_case(
        app, world, key="B", doctor="clinician2", state="submitted", number="MDT2026-000003"
    )
    desk.post(f"/triage/{other}/accept")
    doctor, stranger = person("clinician"), person("clinician2")
    last = re.search(r'name="up_to" value="(\d+)"', doctor.get("/").text).group(1)
    assert doctor.post("/notices/read", up_to=int(last) - 1).status_code == 302
    assert doctor.get("/").text.count('/read"') == 1
    assert doctor.post("/notices/read", up_to=10**6).status_code == 302
    assert doctor.get("/").text.count('/read"') == 0
    assert "MDT2026-000003 已受理" in stranger.get("/").text
