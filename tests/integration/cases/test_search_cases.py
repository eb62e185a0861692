"""Searching: by the exact number, name, identity number or record number, never by a part."""

import pytest

from mdt.models.audit import AuditRow
from tests.board import build_board
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
