"""The register of the demo and its coverage."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from mdt.cli.demo.register import first_day
from mdt.extensions import db
from mdt.models.tumours import RegisterImport, Tumour
from mdt.queries import scope
from mdt.queries.coverage import coverage_rows
from mdt.queries.register_problems import open_problems
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import DEFINITIONS, Period, judge


def read(statement):
    return scope.unscoped(statement, because="looks at all that was loaded")


def quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def rates(rows, key, definition="strict"):
    """Share of the denominator that was discussed in time, by group."""
    today = local_date(utc_now())
    found = {}
    for row in rows:
        judged = judge(row, definition=DEFINITIONS[definition], on=today)
        counted, met = found.setdefault(key(row), [0, 0])
        found[key(row)] = [counted + judged.in_denominator, met + judged.in_numerator]
    return {group: met / counted for group, (counted, met) in found.items() if counted}


@pytest.fixture
def rows(demo_app, viewer):
    """Every tumour of both provinces, as coverage counts it."""
    today = local_date(utc_now())
    period = Period(first_day(today), today)
    with demo_app.app_context():
        both = [coverage_rows(viewer(who), period) for who in ("quality", "jl-quality")]
    return [row for rows in both for row in rows]


def test_about_six_hundred_tumours_of_six_quarters(loaded):
    days = db.session.scalars(read(select(Tumour.diagnosis_date))).all()
    assert 570 <= len(days) <= 660
    today = local_date(utc_now())
    assert min(days) >= first_day(today)
    # On its first days this quarter has no tumours yet.
    assert len({quarter(day) for day in days} | {quarter(today)}) == 6


def test_one_file_has_rows_that_were_refused(loaded):
    imports = db.session.scalars(read(select(RegisterImport))).all()
    refused = sorted(one.code for record in imports for one in open_problems(record).refused)
    assert len(imports) == 8
    assert refused == [
        "case_type_unknown",
        "date_unreadable",
        "icd10_metastasis",
        "icd10_not_neoplasm",
        "id_number_check_digit",
    ]


def test_two_tumours_may_be_counted_twice(loaded):
    imports = db.session.scalars(read(select(RegisterImport))).all()
    assert sum(record.possible_duplicates for record in imports) == 2


def test_hospitals_differ(rows):
    by_hospital = rates(rows, lambda row: row.hospital_code)
    assert len(by_hospital) == 8
    assert min(by_hospital.values()) < 0.4
    assert max(by_hospital.values()) > 0.5
    assert all(0.1 < rate < 0.8 for rate in by_hospital.values())


def test_the_province_misses_the_target_in_one_quarter_and_meets_it_in_another(rows):
    jiangxi = [row for row in rows if row.province_code == "360000"]
    by_quarter = rates(jiangxi, lambda row: quarter(row.diagnosis_date))
    assert min(by_quarter.values()) < 0.5 < max(by_quarter.values())


def test_the_lenient_definition_finds_more(rows):
    strict = rates(rows, lambda row: "all")["all"]
    lenient = rates(rows, lambda row: "all", "lenient")["all"]
    assert strict < lenient


def test_most_rows_came_in_soon_after_the_diagnosis(visitor):
    manager = visitor("quality")
    pages = (manager.get(path).text for path in ("/registry?check=late", "/registry"))
    late, every = (int(re.search(r"共 (\d+) 条", page)[1]) for page in pages)
    assert 0 < late < every / 5


def test_something_waits_for_a_board(rows, visitor):
    today, strict = local_date(utc_now()), DEFINITIONS["strict"]
    assert any(judge(row, definition=strict, on=today).pending for row in rows)
    page = visitor("clinician").get("/registry/not-discussed")
    assert page.status_code == 200


def test_the_report_shows_the_four_hospitals_of_the_province(visitor):
    answer = visitor("quality").get(
        f"/reports/coverage.json?from={first_day(local_date(utc_now()))}&to={local_date(utc_now())}"
    )
    assert answer.status_code == 200
    assert [row["code"] for row in answer.json["rows"]] == [
        "DEMO-JX-C1",
        "DEMO-JX-C2",
        "DEMO-JX-C3",
        "DEMO-JX-P1",
    ]
