"""What a series shows is said by hand where its header does not."""

import pytest

from mdt.models.attachments import Series
from mdt.models.audit import AuditRow
from mdt.queries.case_standing import standing_of
from mdt.queries.cases import get_case
from mdt.rules.calendar import local_date
from tests import case_kit
from tests.attachment_kit import ct, rows, send
from tests.world import NOW


@pytest.fixture
def case(doctor, board):
    bare = {"BodyPartExamined": "", "SeriesDescription": "e+1", "StudyDescription": ""}
    send(doctor, board.cases["A"], *ct(1, **bare))
    return board.cases["A"]


@pytest.fixture
def url(case):
    return f"/cases/{case}/series/1/describe"


def light(app, world, case):
    """The checklist's light of the enhanced CT of the chest."""
    with app.app_context():
        row = get_case(world.viewer("clinician"), case)
        items = standing_of(row, today=local_date(NOW)).readiness.items
        return next(one.light.value for one in items if one.item.base == "ct_chest")


def test_the_checklist_takes_the_doctors_word(app, world, doctor, case, url):
    assert light(app, world, case) == "red"
    assert doctor.post(url, body_part="CHEST", contrast="yes").status_code == 302
    # What was taken is known; its report is not there.
    assert light(app, world, case) == "amber"
    page = doctor.get(f"/cases/{case}/attachments").text
    assert "CT · 胸部 · 增强" in page
    assert "人工注明" in page


def test_what_the_header_said_stays(app, doctor, case, url):
    doctor.post(url, body_part="CHEST", contrast="yes")
    (row,) = rows(app, Series)
    assert (row.body_part, row.contrast) == ("", "")
    doctor.post(url, body_part="", contrast="")
    assert "人工注明" not in doctor.get(f"/cases/{case}/attachments").text
    changes = case_kit.rows(app, AuditRow, action="attachment:edit")
    assert [one.data for one in changes] == [
        {"before": "", "after": "CHEST yes"},
        {"before": "CHEST yes", "after": ""},
    ]


def test_the_form_shows_what_was_said(doctor, url):
    doctor.post(url, body_part="CHEST", contrast="no")
    page = doctor.get(url).text
    assert '<option selected value="CHEST">' in page
    assert "检查类型" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body_part": "MOON", "contrast": ""}, "没有这个部位"),
        ({"body_part": "CHEST", "contrast": "perhaps"}, "请选择平扫或增强"),
    ],
)
def test_what_cannot_be(app, doctor, url, fields, words):
    answer = doctor.post(url, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert [row.header.get("described") for row in rows(app, Series)] == [None]


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 302), ("coordinator", 403), ("radiologist", 403), ("clinician2", 404)],
)
def test_who_may(app, person, url, who, status):
    answer = person(who).post(url, body_part="CHEST", contrast="yes")
    assert answer.status_code == status
    said = [bool(row.header.get("described")) for row in rows(app, Series)]
    assert said == [status == 302]
