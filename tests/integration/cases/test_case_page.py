"""The case page: who sees what of it, unmasking, and text of strangers."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from tests.board import make_case
from tests.case_kit import rows, save, start
from tests.counting import count_queries

CANARY = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TEXTS = (
    "name", "phone", "mrn", "diagnosis_text", "history", "examination", "labs", "molecular",
    "comorbidity_text", "chief_complaint", "treatment_so_far", "own_plan", "patient_preference",
    "question", "stage_text",
)  # fmt: skip


def test_the_own_doctor_sees_the_patient_masked(person, board):
    page = person("clinician").get(f"/cases/{board.cases['A']}").text
    for words in ("张**", "3699**********0015", "能否手术？", "III期及以上", "IIIA", "已排期"):
        assert words in page
    for secret in ("张三丰", "369921196203050015"):
        assert secret not in page


def test_the_desk_sees_the_patient_and_guests_do_not(person, board):
    case_id = board.cases["A"]
    assert "张**" in person("coordinator").get(f"/cases/{case_id}").text
    for guest in ("radiologist", "recorder"):
        page = person(guest).get(f"/cases/{case_id}").text
        assert "已去标识" in page
        assert "男" in page
        for secret in ("张**", "3699", "MRN-"):
            assert secret not in page


@pytest.mark.parametrize(
    ("who", "status"), [("clinician2", 404), ("observer", 404), ("quality", 403)]
)
def test_others_do_not_see_it(person, board, who, status):
    assert person(who).get(f"/cases/{board.cases['A']}").status_code == status


def test_no_such_case(person, board):
    assert person("clinician").get("/cases/999").status_code == 404


def test_unmasking_is_recorded(app, person, board):
    case_id = board.cases["A"]
    answer = person("clinician").post_json(f"/cases/{case_id}/unmask", {})
    assert answer.json["values"]["name"] == "张三丰"
    assert answer.json["values"]["id_number"] == "369921196203050015"
    assert [row.case_id for row in rows(app, AuditRow, action="patient:unmask")] == [case_id]


@pytest.mark.parametrize(
    ("who", "status"), [("radiologist", 403), ("clinician2", 404), ("observer", 403)]
)
def test_who_may_not_unmask(app, person, board, who, status):
    answer = person(who).post_json(f"/cases/{board.cases['A']}/unmask", {})
    assert answer.status_code == status
    assert "张三丰" not in answer.text
    assert rows(app, AuditRow, action="patient:unmask") == []


def test_opening_is_recorded_once(app, person, board):
    person("clinician").get(f"/cases/{board.cases['A']}")
    assert [(row.case_id, row.data["page"]) for row in rows(app, AuditRow, action="case:view")] == [
        (board.cases["A"], "case")
    ]


def test_text_of_strangers_is_shown_as_text(world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    for name in TEXTS:
        save(doctor, case_id, version=99, **{name: CANARY[:30]})
    for path in ("", "/edit", "/submit"):
        page = doctor.get(f"/cases/{case_id}{path}").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_title_holds_no_patient(person, board):
    page = person("clinician").get(f"/cases/{board.cases['A']}").text
    title = page.split("<title>")[1].split("</title>")[0]
    assert title.startswith("病例 MDT2026-900001")


def test_queries_do_not_grow_with_the_history(app, world, person):
    doctor = person("clinician")
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="draft", number="MDT2026-000070").id
        db.session.commit()
    with count_queries(app) as before:
        doctor.get(f"/cases/{case_id}")
    with app.app_context():
        from_another = make_case(world, "A", "clinician", number="MDT2026-000071")
        assert from_another.id
        db.session.commit()
    doctor.post(f"/cases/{case_id}/withdraw")
    with count_queries(app) as after:
        doctor.get(f"/cases/{case_id}")
    assert len(after) <= len(before) + 1
