"""A person's rows are found by the whole name or number, in the own register alone."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from tests.register_files import ROW, WOMAN

SEARCH = "/registry/search"


def found(browser, text):
    page = browser.post(SEARCH, text=text).text
    return [number for number in (1, 2, 3) if f'"/registry/{number}"' in page]


@pytest.fixture
def full(read_in):
    """Two tumours of one person and another person in hospital A, the same name in hospital B."""
    read_in({}, {"icd10": "C18.0", "t": "", "n": "", "m": ""}, by="quality")
    read_in({"hospital_code": "T-JX-B", **WOMAN, "name": "张三丰"}, by="quality")


def test_rows_are_found_by_the_whole_name_and_by_either_number(person, full):
    doctor = person("clinician")
    for text in (" 张三丰 ", "369921196203050015", "３６９９２１１９６２０３０５００１５", "MRN-1"):
        assert (text, found(doctor, text)) == (text, [1, 2])
    for part in ("张三", "36992119620305001", "MRN-2", "李四娘"):
        page = doctor.post(SEARCH, text=part).text
        assert (part, "没有找到" in page, "data-row-link" in page) == (part, True, False)
    assert found(person("clinician2"), "张三丰") == [3]
    assert found(person("quality-hospital"), ROW["id_number"]) == [1, 2]


def test_who_is_shown_no_names_searches_nobody(person, full):
    manager = person("quality")
    assert SEARCH not in manager.get("/registry").text
    assert manager.get(SEARCH).status_code == 404
    assert manager.post(SEARCH, text="张三丰").status_code == 404
    assert SEARCH in person("clinician").get("/registry").text


def test_what_was_looked_for_stays_in_the_box_alone(app, person, full):
    doctor = person("clinician")
    answer = doctor.post(SEARCH, text="张三丰")
    assert ('value="张三丰"' in answer.text, answer.request.query_string) == (True, b"")
    assert "data-row-link" not in doctor.get(SEARCH).text
    nothing = doctor.post(SEARCH, text=" ")
    assert (nothing.status_code, "请填写此项。" in nothing.text) == (422, True)
    with app.app_context():
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "registry:search"))
        assert [(row.actor_name, row.data) for row in rows] == [("clinician", {"found": 2})]
