"""A document is shown as a copy in which nothing acts; its original goes to the sender alone."""

import io

import pikepdf
import pytest

from mdt.models.audit import AuditRow
from tests import case_kit
from tests.attachment_kit import pdf, png, send


def acting_pdf() -> bytes:
    """A PDF that runs a script when it is opened."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')")
        )
        document.save(stream)
    return stream.getvalue()


@pytest.fixture
def sent():
    return acting_pdf()


@pytest.fixture
def base(doctor, board, sent):
    send(doctor, board.cases["A"], ("张三丰病理2026-11-03.pdf", sent))
    return f"/cases/{board.cases['A']}/attachments/1"


def test_the_page_frames_the_copy(doctor, base):
    page = doctor.get(base).text
    assert f'src="{base}/copy"' in page
    assert "张三丰病理2026-11-03.pdf" in page
    assert "<title>病理报告" in page


def test_a_picture_has_its_own_page(doctor, case_id):
    send(doctor, case_id, ("a.png", png()))
    page = doctor.get(f"/cases/{case_id}/attachments/1").text
    assert f'<img src="/cases/{case_id}/attachments/1/copy"' in page
    assert doctor.get(f"/cases/{case_id}/attachments/1/copy").mimetype == "image/png"


def test_the_copy_holds_nothing_that_acts(doctor, base):
    answer = doctor.get(f"{base}/copy")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert b"JavaScript" not in answer.data
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"] == 'inline; filename="1-1.pdf"'


def test_the_original_is_as_sent_under_a_neutral_name(doctor, base, sent):
    answer = doctor.get(f"{base}/original")
    assert answer.data == sent
    assert answer.headers["Content-Disposition"] == 'attachment; filename="MDT2026-900001-1.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("guest", ["radiologist", "coordinator", "chair"])
def test_guests_see_the_copy_and_not_the_original(person, doctor, base, guest):
    doctor.post(f"{base}/release")
    browser = person(guest)
    ends = ("", "/copy", "/original")
    assert [browser.get(base + end).status_code for end in ends] == [200, 200, 403]


def test_guests_do_not_learn_the_name(person, doctor, base):
    doctor.post(f"{base}/release")
    assert "张三丰" not in person("radiologist").get(base).text


@pytest.mark.parametrize(
    ("who", "status"), [("clinician2", 404), ("observer", 404), ("quality", 403), ("auditor", 403)]
)
def test_who_does_not_see_the_case_sees_nothing(person, base, who, status):
    browser = person(who)
    for end in ("", "/copy", "/original"):
        assert browser.get(base + end).status_code == status


def test_a_document_is_not_found_under_another_case(person, board, base):
    browser = person("clinician2")
    for end in ("", "/copy", "/original"):
        url = f"/cases/{board.cases['B']}/attachments/1{end}"
        assert browser.get(url).status_code == 404


def test_looking_is_recorded(app, doctor, board, base):
    doctor.get(f"{base}/copy")
    doctor.get(f"{base}/original")
    found = case_kit.rows(app, AuditRow, action="attachment:view")
    assert [(row.object_id, row.case_id, row.data) for row in found] == [
        ("1", board.cases["A"], {}),
        ("1", board.cases["A"], {"original": True}),
    ]
