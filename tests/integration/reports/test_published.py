"""Coverage for outside: what its page, files and JSON hide, and for whom they are made."""

import io

import pytest
from openpyxl import load_workbook

from mdt.adapters.spreadsheets import read_table
from mdt.extensions import db
from mdt.models.audit import AuditRow
from tests.integration.reports.conftest import PERIOD
from tests.register_files import NOBODY
from tests.unit.adapters.pdf_text import page_texts

OUTSIDE = f"{PERIOD}&by=hospital&for=outside"


@pytest.fixture
def hospitals(read_in, discuss):
    """A: 1 of 6 discussed; B: 0 of 7; the team's hospital: 0 of 3."""
    sizes = {"T-JX-A": 6, "T-JX-B": 7, "T-JX-T": 3}
    others = [
        {**NOBODY, "mrn": f"{code}-{number}", "hospital_code": code}
        for code, size in sizes.items()
        for number in range(size - (code == "T-JX-A"))
    ]
    read_in({}, *others)
    discuss("369921196203050015")


def test_the_json_hides_what_is_small_and_what_gives_it_away(person, hospitals):
    manager = person("quality")
    body = manager.get(f"/reports/coverage.json?{OUTSIDE}").json
    assert body["for"] == "outside"
    assert [
        (row["code"], row["numerator"], row["denominator"], row["rate"]) for row in body["rows"]
    ] == [
        ("T-JX-A", None, None, None),
        ("T-JX-B", 0, 7, 0.0),
        ("T-JX-T", None, None, None),
    ]
    assert (body["total"]["numerator"], body["total"]["denominator"]) == (None, 16)
    hidden = {"unstaged", "pending", "excluded", "low", "high", "unmatched_cases"}
    assert hidden & set(body["rows"][1]) == set()
    assert {"unmatched", "compared"} & set(body) == set()


def test_inside_nothing_is_hidden_unless_it_is_asked_for(person, hospitals):
    rows = person("quality").get(f"/reports/coverage.json?{PERIOD}&by=hospital").json["rows"]
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(1, 6), (0, 7), (0, 3)]


def test_the_page_says_what_is_hidden_and_why(person, hospitals):
    manager = person("quality")
    page = manager.get(f"/reports/coverage?{OUTSIDE}").text
    words = " ".join(page.split())
    assert "2 行中有数据不公布" in words
    assert "为不公布的数据：分子、分母或两者之差为 1 至 4 例的" in words
    assert ("/reports/coverage/list" in page, "1/6" in page) == (False, False)
    assert ("for=outside" in manager.get(f"/reports/coverage?{PERIOD}").text) is True
    assert manager.get("/reports/coverage?for=outside&by=ward").status_code == 422


def test_the_files_hide_the_same(person, hospitals):
    manager = person("quality")
    answer = manager.get(f"/reports/coverage.csv?{OUTSIDE}")
    assert "strict-outside.csv" in answer.headers["Content-Disposition"]
    rows = list(read_table(answer.data).rows)
    assert [(row.cells["已讨论（分子）"], row.cells["讨论率"]) for row in rows[:4]] == [
        ("*", "*"), ("0", "0.0"), ("*", "*"), ("*", "*"),
    ]  # fmt: skip
    assert any("推算" in cell for row in rows[4:] for cell in row.cells.values())
    book = load_workbook(io.BytesIO(manager.get(f"/reports/coverage.xlsx?{OUTSIDE}").data)).active
    assert [cell.value for cell in book[2]][2:5] == ["*", "*", "*"]
    printed = "".join(page_texts(manager.get(f"/reports/coverage.pdf?{OUTSIDE}").data))
    text = "".join(printed.split())
    assert ("III期及以上16例，讨论率不公布" in text, "1/6" in text) == (True, False)


def test_taking_it_out_is_audited_with_for_whom(app, person, hospitals):
    manager = person("quality")
    for path in (f"?{OUTSIDE}", f".json?{OUTSIDE}", f".csv?{OUTSIDE}", f".csv?{PERIOD}"):
        manager.get(f"/reports/coverage{path}")
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action.startswith("report:"))
        rows = db.session.scalars(statement.order_by(AuditRow.id)).all()
    assert [(row.action, row.data.get("for")) for row in rows] == [
        ("report:view", "outside"),
        ("report:view", "outside"),
        ("report:export", "outside"),
        ("report:export", None),
    ]


def test_others_have_no_report_at_all(person, hospitals):
    for username in ("clinician", "observer", "coordinator", "auditor"):
        assert person(username).get(f"/reports/coverage.csv?{OUTSIDE}").status_code == 403
