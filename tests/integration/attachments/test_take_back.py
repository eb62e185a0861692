"""A file that was attached by mistake goes away, until the case is listed."""

from pathlib import Path

import pytest

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.audit import AuditRow
from mdt.models.cases import CaseStep
from mdt.rules.case_state import CaseState
from tests import case_kit
from tests.attachment_kit import ct, draft, pdf, rows, send, set_state
from tests.world import NOW

BEFORE_LISTING = ("draft", "submitted", "reviewing", "returned", "accepted", "deferred")


def blobs(app) -> int:
    """How many files lie in the storage."""
    root = Path(app.config["MDT"].storage_url)
    return sum(path.is_file() for path in root.rglob("*"))


def test_a_document_goes_with_its_bytes(app, doctor, case_id):
    send(doctor, case_id, ("a.pdf", pdf()))
    assert blobs(app) == 2
    answer = doctor.post(f"/cases/{case_id}/attachments/1/take-back")
    assert (answer.status_code, rows(app, Attachment), blobs(app)) == (302, [], 0)
    (row,) = case_kit.rows(app, AuditRow, action="attachment:take-back")
    assert (row.object_type, row.object_id, row.case_id) == ("attachment", "1", case_id)


def test_a_series_goes_with_its_study_when_it_is_the_last(app, doctor, case_id):
    send(doctor, case_id, *ct(2), *ct(2, series=2))
    doctor.post(f"/cases/{case_id}/series/1/take-back")
    assert [row.id for row in rows(app, Series)] == [2]
    assert (len(rows(app, Study)), len(rows(app, Instance)), blobs(app)) == (1, 2, 4)
    doctor.post(f"/cases/{case_id}/series/2/take-back")
    assert (rows(app, Study), rows(app, Instance), blobs(app)) == ([], [], 0)


def test_it_may_be_sent_again(doctor, case_id):
    send(doctor, case_id, *ct(1))
    doctor.post(f"/cases/{case_id}/series/1/take-back")
    assert send(doctor, case_id, *ct(1)).json["results"][0]["code"] == "taken"


def test_only_before_the_case_is_listed(app, doctor, case_id):
    found = {}
    for state in CaseState:
        set_state(app, case_id, "draft")
        send(doctor, case_id, ("a.pdf", pdf()), *ct(1))
        (document,), (series,) = rows(app, Attachment), rows(app, Series)
        set_state(app, case_id, state)
        found[state] = [
            doctor.post(f"/cases/{case_id}/{what}/take-back").status_code
            for what in (f"attachments/{document.id}", f"series/{series.id}")
        ]
    assert found == {
        state: [302, 302] if state in BEFORE_LISTING else [409, 409] for state in CaseState
    }


def test_not_once_it_was_listed(app, world, doctor):
    case_id = draft(app, world, state="accepted")
    send(doctor, case_id, ("a.pdf", pdf()))
    with app.app_context():
        db.session.add(
            CaseStep(
                case_id=case_id,
                action="schedule",
                from_state="accepted",
                to_state="scheduled",
                by_user_id=world.users["coordinator"],
                at=NOW,
            )
        )
        db.session.commit()
    answer = doctor.post(f"/cases/{case_id}/attachments/1/take-back")
    assert answer.status_code == 409
    assert "病例已排上会议" in answer.text
    assert len(rows(app, Attachment)) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 302), ("approver", 403), ("coordinator", 403), ("clinician2", 404)],
)
def test_who_may(app, person, world, doctor, who, status):
    case_id = draft(app, world, state="accepted")
    send(doctor, case_id, ("a.pdf", pdf()), *ct(1))
    browser = person(who)
    for what in ("attachments/1", "series/1"):
        assert browser.post(f"/cases/{case_id}/{what}/take-back").status_code == status
    left = 0 if status == 302 else 1
    assert len(rows(app, Attachment)) == len(rows(app, Series)) == left
