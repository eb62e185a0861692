"""A wrong file of a listed case is struck out with a reason, and restored where that was wrong."""

import pytest

from mdt.models.attachments import Attachment, Series
from mdt.models.audit import AuditRow
from tests import case_kit
from tests.attachment_kit import codes, ct, pdf, rows, send

WHATS = ("attachments/1", "series/1")


@pytest.fixture
def base(doctor, board):
    send(doctor, board.cases["A"], ("a.pdf", pdf()), *ct(2))
    return f"/cases/{board.cases['A']}"


@pytest.mark.parametrize("what", WHATS)
def test_striking(app, doctor, base, what):
    assert "原因" in doctor.get(f"{base}/{what}/strike").text
    answer = doctor.post(f"{base}/{what}/strike", reason="传错患者")
    assert answer.status_code == 302
    (row,) = rows(app, Attachment if what.startswith("att") else Series)
    assert (row.struck_reason, row.struck_at is None) == ("传错患者", False)
    page = doctor.get(f"{base}/attachments").text
    assert "已划除" in page
    assert "传错患者" in page
    assert len(case_kit.rows(app, AuditRow, action="attachment:strike")) == 1


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_a_reason_is_owed(app, doctor, base, what, reason):
    answer = doctor.post(f"{base}/{what}/strike", reason=reason)
    assert answer.status_code == 422
    assert [row.struck_at for row in (*rows(app, Attachment), *rows(app, Series))] == [None, None]


def test_struck_files_are_for_the_own_hospital_alone(person, doctor, base):
    for what in WHATS:
        doctor.post(f"{base}/{what}/strike", reason="传错患者")
    addresses = [f"{base}/attachments/1", f"{base}/attachments/1/copy", f"{base}/series/1.json",
                 f"{base}/series/1/images/1.jpg", f"{base}/viewer?series=1"]  # fmt: skip
    assert [doctor.get(url).status_code for url in addresses] == [200] * 5
    for guest in ("radiologist", "coordinator"):
        browser = person(guest)
        assert [browser.get(url).status_code for url in addresses] == [404] * 5
        assert browser.get(f"{base}/series.json").json == []
        assert "传错患者" not in browser.get(f"{base}/attachments").text
    assert doctor.get(f"{base}/series.json").json == []


@pytest.mark.parametrize("what", WHATS)
def test_twice_is_refused_and_restoring_undoes_it(app, doctor, base, what):
    assert doctor.post(f"{base}/{what}/restore").status_code == 409
    doctor.post(f"{base}/{what}/strike", reason="传错患者")
    again = doctor.post(f"{base}/{what}/strike", reason="别的")
    assert again.status_code == 422
    assert doctor.post(f"{base}/{what}/restore").status_code == 302
    (row,) = rows(app, Attachment if what.startswith("att") else Series)
    assert (row.struck_at, row.struck_by_id, row.struck_reason) == (None, None, "")
    assert len(case_kit.rows(app, AuditRow, action="attachment:restore")) == 1


def test_what_was_struck_is_not_taken_again(doctor, board, base):
    for what in WHATS:
        doctor.post(f"{base}/{what}/strike", reason="传错患者")
    answer = send(doctor, board.cases["A"], ("a.pdf", pdf()), *ct(1))
    assert codes(answer) == ["attachment_struck", "attachment_struck"]
    assert "恢复" in answer.json["results"][0]["message"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 302), ("approver", 403), ("coordinator", 403), ("radiologist", 403),
     ("clinician2", 404)],
)  # fmt: skip
@pytest.mark.parametrize("what", WHATS)
def test_who_may(app, person, base, who, status, what):
    answer = person(who).post(f"{base}/{what}/strike", reason="传错患者")
    assert answer.status_code == status
    struck = [row for row in (*rows(app, Attachment), *rows(app, Series)) if row.struck_at]
    assert len(struck) == (1 if status == 302 else 0)
