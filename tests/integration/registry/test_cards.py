"""The report card of a tumour: by name inside the own hospital, never above it."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from tests.register_files import ROW
from tests.unit.adapters.pdf_text import page_texts

CARD = "/registry/1/card"


def audited(app):
    with app.app_context():
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "registry:export"))
        return [(row.object_type, row.object_id, row.data) for row in rows]


@pytest.fixture
def row(read_in):
    """A row with what a card asks for."""
    read_in({"stage_basis": "c", "diagnosis_basis": "7"})


def test_the_card_of_the_own_hospital_is_by_name(app, person, row):
    page = person("clinician").get(CARD).text
    words_of_card = (
        "居民恶性肿瘤病例报告卡", "张三丰", ROW["id_number"], "MRN-1", "1962-03-05", "腺癌",
        "M8140/3", "T2a N2b M0", "IIIB", "安远示范", "导出人：林县医",
    )  # fmt: skip
    for words in words_of_card:
        assert words in page
    assert audited(app) == [("tumour", "1", {"file": "card", "kind": "page"})]


def test_the_same_stands_in_the_file(app, person, row):
    answer = person("clinician").get(f"{CARD}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    [text] = page_texts(answer.data)
    for words in ("居民恶性肿瘤病例报告卡", "张三丰", ROW["id_number"], "C34.1", "M8140/3",
                  "T2a N2b M0", "2026-11-01", "导出人：林县医"):  # fmt: skip
        assert words in text
    # As a watermark, as the doctor who reports, and at the foot.
    assert text.count("林县医") == 3
    assert audited(app) == [("tumour", "1", {"file": "card", "kind": "pdf"})]


def test_who_may_not_see_names_in_full_gets_them_masked(person, row):
    page = person("quality-hospital").get(CARD).text
    assert ("张**" in page, "3699**********0015" in page) == (True, True)
    assert ("张三丰" in page, ROW["id_number"] in page) == (False, False)


def test_above_the_own_hospital_nobody_is_named(person, row):
    manager = person("quality")
    for text in (manager.get(CARD).text, page_texts(manager.get(f"{CARD}.pdf").data)[0]):
        for hidden in ("张", ROW["id_number"][:6], "MRN-1", "1962-03-05"):
            assert hidden not in text
        assert ("1962 年" in text, "C34.1" in text, "已去标识" in text) == (True, True, True)


@pytest.mark.parametrize(
    ("username", "status"),
    [("clinician2", 404), ("quality-jilin", 404), ("coordinator", 403), ("auditor", 403)],
)
def test_whose_it_is_not_gets_none(app, person, row, username, status):
    browser = person(username)
    assert browser.get(CARD).status_code == status
    assert browser.get(f"{CARD}.pdf").status_code == status
    assert audited(app) == []
