"""The hospital's own approval: through, or back with a coded reason."""

import pytest

from mdt.models.cases import CaseStep
from mdt.models.people import Notice
from tests.case_kit import load, put, rows, whole


@pytest.fixture
def reviewed(app, world, person):
    case_id = whole(app, person("clinician"), world)
    put(app, case_id, state="reviewing")
    return case_id


def test_approved_it_reaches_the_team(app, person, reviewed):
    approver = person("approver")
    assert "审核通过" in approver.get(f"/cases/{reviewed}").text
    assert approver.post(f"/cases/{reviewed}/approve").status_code == 302
    case = load(app, reviewed)
    assert (case.state, case.submitted_at) == ("submitted", case.state_since)
    assert person("coordinator").get(f"/cases/{reviewed}").status_code == 200


def test_returned_with_a_reason_that_the_doctor_sees(app, world, person, reviewed):
    approver = person("approver")
    answer = approver.post(
        f"/cases/{reviewed}/return",
        reason="imaging_missing",
        text="请补增强CT",
        due_on="2026-12-01",
    )
    assert answer.status_code == 302
    assert load(app, reviewed).state == "returned"
    doctor = person("clinician")
    for path in (f"/cases/{reviewed}", f"/cases/{reviewed}/edit"):
        page = doctor.get(path).text
        assert "缺必备影像" in page
        assert "请补增强CT" in page
    assert [(n.user_id, n.kind) for n in rows(app, Notice)] == [
        (world.users["clinician"], "case_returned")
    ]


def test_a_return_without_a_reason(app, person, reviewed):
    answer = person("approver").post(f"/cases/{reviewed}/return", text="请补")
    assert answer.status_code == 422
    assert "请选择原因" in answer.text
    assert load(app, reviewed).state == "reviewing"


@pytest.mark.parametrize("path", ["approve", "return"])
@pytest.mark.parametrize(("who", "status"), [("clinician", 403), ("clinician2", 403)])
def test_only_the_hospitals_approver(person, reviewed, who, status, path):
    answer = person(who).post(f"/cases/{reviewed}/{path}", reason="imaging_missing")
    assert answer.status_code == status


def test_a_draft_cannot_be_approved(app, world, person):
    case_id = whole(app, person("clinician"), world)
    approver = person("approver")
    assert approver.post(f"/cases/{case_id}/approve").status_code == 409
    assert rows(app, CaseStep) == []
