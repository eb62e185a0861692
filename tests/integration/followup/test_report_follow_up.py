"""Reports on the patient after the opinion was decided on."""

from datetime import date

import pytest

from mdt.models.cases import Case
from mdt.models.plans import FollowUp
from mdt.rules.followup import Adoption, AdoptionDecision
from mdt.services.followup import adopt_plan

REPORT = {
    "on": "2026-11-21",
    "execution": "ongoing",
    "vital": "alive",
    "response": "not_assessed",
    "ecog": "1",
    "treatment_started_on": "2026-11-21",
    "treatment_type": "chemotherapy",
    "text": "第一周期顺利",
    "next_on": "2026-12-12",
    "steps.a1.result": "partly",
    "steps.a1.reason": "toxicity",
    "steps.b2.result": "",
}


@pytest.fixture
def adopted(opinion):
    """A signed opinion that was adopted in full; today is a day after."""
    signed = opinion.signed()
    decision = Adoption(AdoptionDecision.FULL, "full")
    opinion.act(adopt_plan, "clinician", opinion.case, signed.id, decision)
    return opinion


def report(browser, opinion, **changes):
    fields = {name: value for name, value in {**REPORT, **changes}.items() if value is not None}
    return browser.post(f"/cases/{opinion.case}/follow-up", **fields)


def test_a_report_is_kept_and_the_case_follows(adopted, person):
    doctor = person("clinician")
    assert report(doctor, adopted).status_code == 302

    (row,) = adopted.rows(FollowUp)
    assert (row.seen_on, row.status, row.vital, row.ecog, row.text) == (
        date(2026, 11, 21),
        "ongoing",
        "alive",
        1,
        "第一周期顺利",
    )
    assert row.steps == [{"key": "a1", "result": "partly", "reason": "toxicity"}]
    assert (row.revision_id, row.next_on) == (adopted.revision().id, date(2026, 12, 12))
    case = adopted.row(Case)
    assert (case.state, case.first_treatment_date) == ("following", date(2026, 11, 21))
    page = doctor.get(f"/cases/{adopted.case}/follow-up").text
    assert "第一周期顺利" in page
    assert "前一步毒性未恢复" in page


def test_a_second_report_stands_beside_the_first(adopted, person):
    doctor = person("clinician")
    report(doctor, adopted)
    report(doctor, adopted, text="第二周期", treatment_started_on="", treatment_type="")
    assert [row.text for row in adopted.rows(FollowUp)] == ["第一周期顺利", "第二周期"]
    assert adopted.row(Case).first_treatment_date == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on": ""}, "请填写随访日期"),
        ({"on": "2026-11-01"}, "早于意见书签署日期"),
        ({"on": "2099-01-01"}, "晚于今天"),
        ({"execution": None}, "请选择"),
        ({"execution": "stopped", "reason": ""}, "请填写此项"),
        ({"vital": "dead", "ecog": ""}, "请填写此项"),
        ({"steps.a1.reason": ""}, "逐条选择原因"),
        ({"next_on": "2026-11-20"}, "晚于本次随访日期"),
        ({"treatment_started_on": ""}, "请填写此项"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(adopted, person, changes, words):
    answer = report(person("clinician"), adopted, **changes)
    assert (answer.status_code, adopted.rows(FollowUp)) == (422, [])
    assert words in answer.text
    assert "第一周期顺利" in answer.text


@pytest.mark.parametrize(
    ("username", "status"), [("clinician2", 404), ("chair", 403), ("approver", 403)]
)
def test_who_may_not(adopted, person, username, status):
    answer = report(person(username), adopted)
    assert (answer.status_code, adopted.rows(FollowUp)) == (status, [])


def test_before_the_decision_no_report_is_taken(opinion, person):
    opinion.signed()
    answer = report(person("clinician"), opinion)
    assert (answer.status_code, opinion.rows(FollowUp)) == (422, [])
    assert "请先确认是否采纳" in answer.text


def test_closing_ends_the_follow_up(adopted, person):
    doctor = person("clinician")
    assert doctor.post(f"/cases/{adopted.case}/close").status_code == 302
    assert adopted.row(Case).state == "closed"
    assert report(doctor, adopted).status_code == 422
    assert doctor.post(f"/cases/{adopted.case}/close").status_code == 409


@pytest.mark.parametrize(("username", "status"), [("clinician2", 404), ("chair", 403)])
def test_who_may_not_close(adopted, person, username, status):
    answer = person(username).post(f"/cases/{adopted.case}/close")
    assert (answer.status_code, adopted.row(Case).state) == (status, "adopted")
