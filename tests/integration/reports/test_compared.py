"""A coverage report beside earlier periods, and its order."""

from datetime import date

import pytest

from tests.counting import count_queries
from tests.integration.reports.conftest import PERIOD
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN

JSON = f"/reports/coverage.json?{PERIOD}"


def compared(page):
    """The words beside each earlier period."""
    found = {}
    for part in page.split('data-compared="')[1:]:
        name, _, rest = part.partition('">')
        words = rest.partition("</p>")[0].partition("</span></span>")[0]
        found[name] = "".join(words.split())
    return found


@pytest.fixture
def years(read_in, discuss):
    """This quarter 1 of 1, the last 1 of 2, the same of last year 0 of 1; one of B in the last."""
    unstaged = {"t": "", "n": "", "m": ""}
    read_in(
        {},
        {**WOMAN, "diagnosis_date": "2026-08-01"},
        {**OTHER_WOMAN, "diagnosis_date": "2026-09-30", "hospital_code": "T-JX-B"},
        {**NOBODY, "mrn": "OLD", "diagnosis_date": "2025-10-01"},
        {**NOBODY, "mrn": "UNSTAGED", "diagnosis_date": "2025-10-02", **unstaged},
        {**NOBODY, "mrn": "BETWEEN", "diagnosis_date": "2026-06-30"},
    )
    discuss(ROW["id_number"])
    discuss(WOMAN["id_number"], day=date(2026, 8, 5), number="MDT-2")


def test_json_has_the_totals_of_earlier_periods_beside_the_contract(person, years):
    body = person("quality").get(JSON).json
    assert body["compared"] == {
        "previous": {
            "period": {"from": "2026-07-01", "to": "2026-09-30"},
            "numerator": 1, "denominator": 2, "rate": 0.5, "change_points": 50.0,
        },
        "year_before": {
            "period": {"from": "2025-10-01", "to": "2025-12-31"},
            "numerator": 0, "denominator": 1, "rate": 0.0, "change_points": 100.0,
        },
    }  # fmt: skip
    assert "compared" not in body["total"]


def test_earlier_periods_are_of_what_the_viewer_sees(person, years):
    body = person("quality-hospital").get(JSON).json
    assert body["compared"]["previous"]["denominator"] == 1
    assert person("clinician").get(JSON).status_code == 403


def test_the_page_says_them_in_a_line(person, years):
    manager = person("quality")
    page = manager.get(f"/reports/coverage?{PERIOD}").text
    words = compared(page)
    assert set(words) == {"previous", "year_before"}
    assert "2026年第三季度" in words["previous"]
    assert "50.0%" in words["previous"]
    assert "（1/2）" in words["previous"]
    assert "本期+50.0个百分点" in words["previous"]
    assert 'is-small" data-compared="previous"' in page
    nothing = compared(manager.get("/reports/coverage?from=2020-01-01&to=2020-03-31").text)
    assert {name: text[-8:].endswith("—") or "—" in text for name, text in nothing.items()} == {
        "previous": True, "year_before": True,
    }  # fmt: skip


def test_of_a_year_the_year_before_is_said_once(person, years):
    page = person("quality").get("/reports/coverage?from=2026-01-01&to=2026-12-31").text
    assert set(compared(page)) == {"previous"}
    assert "2025年" in compared(page)["previous"]


def test_before_all_time_there_is_nothing_to_compare(person, years):
    manager = person("quality")
    query = "from=0001-01-01&to=9999-12-31"
    assert manager.get(f"/reports/coverage.json?{query}").json["compared"] == {}
    assert compared(manager.get(f"/reports/coverage?{query}").text) == {}


@pytest.mark.parametrize("days", ["from=2025-01-01&to=2026-12-31", "from=2025-09-11&to=2026-11-20"])
def test_what_stands_in_both_periods_is_the_same_however_rows_are_cut(person, years, days):
    manager = person("quality")
    ways = [
        manager.get(f"/reports/coverage.json?{days}&by={by}").json["compared"]
        for by in ("site", "year", "quarter", "month", "month&by2=hospital")
    ]
    assert ways[0]["year_before"]["denominator"] > 0
    assert ways[1:] == ways[:1] * 4


def test_comparing_asks_the_same_number_of_questions_however_long(app, person, read_in, discuss):
    read_in({})
    manager = person("quality")
    manager.get(f"/reports/coverage?{PERIOD}")
    with count_queries(app) as one:
        manager.get(f"/reports/coverage?{PERIOD}")
    read_in({**WOMAN, "hospital_code": "T-JX-B"}, {**OTHER_WOMAN, "diagnosis_date": "2026-08-01"})
    with count_queries(app) as three:
        manager.get(f"/reports/coverage?{PERIOD}")
    assert len(three) == len(one)


@pytest.fixture
def ranked(read_in):
    """Ten of A, of which six outside boards; ten of B with one; one of the team's with one."""
    board = {**NOBODY, "external_mdt_date": "2026-11-03"}
    rows = [
        {**(board if n < discussed else NOBODY), "mrn": f"{code}{n}", "hospital_code": code}
        for code, discussed, number in (("T-JX-A", 6, 10), ("T-JX-B", 1, 10), ("T-JX-T", 1, 1))
        for n in range(number)
    ]
    read_in(*rows)


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("", "ABT"),
        ("code", "ABT"),
        ("-code", "TBA"),
        ("rate", "BAT"),
        ("-rate", "ABT"),
    ],
)
def test_lines_are_sorted_by_links_and_small_ones_stand_last(person, ranked, sort, codes):
    manager = person("quality")
    query = f"{PERIOD}&definition=lenient&sort={sort}"
    rows = manager.get(f"/reports/coverage.json?{query}").json["rows"]
    assert "".join(row["code"][-1] for row in rows) == codes
    page = manager.get(f"/reports/coverage?{query}").text
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    places = {code: body.index(f"row=T-JX-{code}") for code in "ABT"}
    assert "".join(sorted(places, key=places.__getitem__)) == codes
    assert ("列在最后" in page) == ("rate" in sort)
    assert ('name="sort" value="' in page) == (sort in {"-code", "rate", "-rate"})
    assert "definition=lenient&amp;sort=" in page


def test_an_order_that_is_not_offered_is_refused(person, ranked):
    manager = person("quality")
    answer = manager.get(f"{JSON}&sort=size")
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"sort"})
    assert manager.get(f"/reports/coverage?{PERIOD}&sort=size").status_code == 422
