"""Type and day of a document are corrected."""

from datetime import date

import pytest

from mdt.models.attachments import Attachment
from tests.attachment_kit import pdf, rows, send


@pytest.fixture
def url(doctor, board):
    send(doctor, board.cases["A"], ("a.pdf", pdf()))
    return f"/cases/{board.cases['A']}/attachments/1"


def test_correcting(app, doctor, url):
    answer = doctor.post(url, kind="ct_report", dated_on="2026-11-01")
    assert answer.status_code == 302
    (row,) = rows(app, Attachment)
    assert (row.kind, row.dated_on) == ("ct_report", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("kind", "day", "words"),
    [
        ("ct_report", "2999-01-01", "日期晚于今天"),
        ("slide_image", "", "该资料类别不接收这种文件"),
        ("nonsense", "", ""),
    ],
)
def test_what_cannot_be(app, doctor, url, kind, day, words):
    answer = doctor.post(url, kind=kind, dated_on=day)
    assert answer.status_code == 422
    assert words in answer.text
    assert [row.kind for row in rows(app, Attachment)] == ["other"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 302), ("coordinator", 403), ("radiologist", 403), ("clinician2", 404)],
)
def test_who_may(app, person, url, who, status):
    answer = person(who).post(url, kind="ct_report", dated_on="")
    assert answer.status_code == status
    changed = [row.kind for row in rows(app, Attachment)] == ["ct_report"]
    assert changed == (status == 302)
