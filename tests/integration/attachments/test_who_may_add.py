"""Doctors of the own hospital attach files until the case is locked, and nobody else."""

import pytest

from mdt.models.attachments import Attachment
from mdt.rules.case_state import LOCKED, CaseState
from tests.attachment_kit import draft, pdf, rows, send, set_state

REPORT = ("a.pdf", pdf())


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clinician", 200),
        ("colleague", 200),
        ("approver", 403),
        ("coordinator", 403),
        ("radiologist", 403),
        ("clinician2", 404),
        ("observer", 403),
        ("quality", 403),
        ("sysadmin", 403),
    ],
)
def test_who_may_add(app, person, board, who, status):
    answer = send(person(who), board.cases["A"], REPORT)
    assert answer.status_code == status
    assert len(rows(app, Attachment)) == (1 if status == 200 else 0)


def test_a_doctor_of_another_hospital_who_is_invited_may_look_and_not_add(app, person, board):
    # County B's doctor presents the second case of the conference and is a clinician elsewhere.
    answer = send(person("clinician"), board.cases["B"], REPORT)
    assert answer.status_code == 404
    assert rows(app, Attachment) == []


def test_nobody_signed_in(person, case_id):
    assert send(person(), case_id, REPORT).status_code in {400, 401}


def test_a_locked_case_takes_nothing_more(app, doctor, case_id):
    found = {}
    for place, state in enumerate(CaseState):
        set_state(app, case_id, state)
        answer = send(doctor, case_id, (f"{place}.pdf", pdf(str(place))))
        found[state] = (answer.status_code, answer.json.get("error", {}).get("code"))
    assert found == {
        state: (409, "attachments_locked") if state in LOCKED else (200, None)
        for state in CaseState
    }
    assert len(rows(app, Attachment)) == len(CaseState) - len(LOCKED)


def test_a_locked_case_offers_no_upload(app, world, doctor, case_id):
    locked = draft(app, world, state="signed", number="MDT2026-000002")
    assert "data-upload-url" in doctor.get(f"/cases/{case_id}/attachments").text
    page = doctor.get(f"/cases/{locked}/attachments").text
    assert "data-upload-url" not in page
    assert "补充资料请在随访中登记" in page
