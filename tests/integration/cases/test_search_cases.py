"""Searching: by the exact number, name, identity number or record number, never by a part."""

import re
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from tests.board import build_board, make_case
from tests.case_kit import rows


@pytest.fixture(autouse=True)
def _board(app, world):
    with app.app_context():
        build_board(world)


def found(browser, text):
    page = browser.post("/cases/search", text=text).text
    return [n for n in ("MDT2026-900001", "MDT2026-900002") if f">{n}<" in page]


@pytest.mark.parametrize(
    "text",
    [
        "MDT2026-900001",
        " mdt2026-900001 ",
        "张三丰",
        "369921196203050015",
        "３６９９２１１９６２０３０５００１５",
        "MRN-MDT2026-900001",
    ],
)
def test_found_by_the_whole(person, text):
    assert found(person("clinician"), text) == ["MDT2026-900001"]


@pytest.mark.parametrize("text", ["900001", " ９００００１ "])
def test_found_by_the_number_at_its_end(person, text):
    assert found(person("clinician"), text) == ["MDT2026-900001"]
    assert found(person("clinician2"), text) == []


def test_zeros_before_the_number_may_be_left_out_and_this_year_comes_first(app, world, person):
    with app.app_context():
        last_year = make_case(world, "A", "clinician", state="scheduled", number="MDT2025-000167")
        make_case(world, "A", "clinician", state="scheduled", number="MDT2026-000167")
        make_case(world, "A", "clinician", state="scheduled", number="MDT2026-001670")
        last_year.state_since += timedelta(days=1)
        db.session.commit()
    for text in ("167", "000167"):
        page = person("clinician").post("/cases/search", text=text).text
        assert re.findall(r">(MDT\d{4}-\d{6})<", page) == ["MDT2026-000167", "MDT2025-000167"]


def test_the_word_stays_in_the_box_and_out_of_the_address(person):
    doctor = person("clinician")
    page = doctor.post("/cases/search", text="张三丰").text
    assert re.search(r'name="text"[^>]*value="张三丰"', page)
    assert "/language/en?back=/cases/search" in page


def test_the_address_of_the_search_shows_an_empty_one(app, person):
    page = person("clinician").get("/cases/search?text=张三丰")
    assert page.status_code == 200
    assert re.search(r'name="text"[^>]*value=""', page.text)
    assert "MDT2026-900001" not in page.text
    assert rows(app, AuditRow, action="case:search") == []


@pytest.mark.parametrize("text", ["张三", "张", "36992119620305", "MDT2026-9000", "", "%"])
def test_not_found_by_a_part(person, text):
    assert found(person("clinician"), text) == []


def test_only_what_one_may_see(person):
    assert found(person("clinician2"), "张三丰") == ["MDT2026-900002"]
    assert found(person("coordinator"), "张三丰") == ["MDT2026-900001", "MDT2026-900002"]


def test_who_sees_cases_without_names_does_not_find_by_name(person):
    expert = person("radiologist")
    assert found(expert, "张三丰") == []
    assert found(expert, "369921196203050015") == []
    assert found(expert, "MDT2026-900001") == ["MDT2026-900001"]


def test_a_search_is_recorded_without_its_words(app, person):
    found(person("clinician"), "张三丰")
    [row] = rows(app, AuditRow, action="case:search")
    assert row.data == {"found": 1}


def test_wrong_role(person):
    assert person("quality").post("/cases/search", text="张三丰").status_code == 403
