"""Shares of a register's quality and the table of them."""

from datetime import UTC, date, datetime

import pytest

from mdt.rules.coverage import Period
from mdt.rules.coverage.quality import (
    QualityLine,
    days_since,
    group_quality,
    quality_definitions,
    quality_table,
    sum_quality,
)

PERIOD = Period(date(2026, 10, 1), date(2026, 12, 31))
COUNTS = {
    "rows": 12, "counted": 9, "staged": 6, "treated": 3, "denominator": 4, "matched": 1,
    "late": 6, "treated_first": 2, "died_first": 4, "future": 1, "wrong_sex": 3, "early_edition": 5,
}  # fmt: skip


def test_shares_are_of_what_they_can_be_of():
    line = QualityLine("A", "甲", COUNTS, 3)
    assert line.share("staged", "counted") == 6 / 9
    assert line.share("treated") == 0.25
    assert line.share("matched", "denominator") == 0.25
    assert QualityLine("A", "甲", {}).share("late") is None


@pytest.mark.parametrize(("rows", "small"), [(0, True), (9, True), (10, False)])
def test_fewer_than_ten_rows_are_few(rows, small):
    assert QualityLine("A", "甲", {"rows": rows}).is_small is small


@pytest.mark.parametrize(
    ("day", "days"),
    [(None, None), (date(2026, 11, 20), 0), (date(2026, 11, 1), 19), (date(2026, 11, 21), 0)],
)
def test_days_since_an_import(day, days):
    assert days_since(day, date(2026, 11, 20)) == days


def test_hospitals_stand_by_code_and_add_up():
    found = sum_quality(PERIOD, [QualityLine("B", "乙", COUNTS), QualityLine("A", "甲", COUNTS)])
    assert [line.code for line in found.lines] == ["A", "B"]
    assert found.total.counts == {name: 2 * count for name, count in COUNTS.items()}


def test_groups_add_up_and_have_the_days_of_who_was_silent_longest():
    lines = [
        ("JX", QualityLine("A", "甲", COUNTS, 3)),
        ("JX", QualityLine("B", "乙", COUNTS, 9)),
        ("JL", QualityLine("C", "丙", {}, None)),
    ]
    found = group_quality(lines)
    assert {code: line.days_since_import for code, line in found.items()} == {
        "": None, "JX": 9, "JL": None,
    }  # fmt: skip
    assert (found["JX"].count("rows"), found[""].count("rows")) == (24, 24)
    assert group_quality([])[""].share("staged") is None


def test_the_table_ends_with_who_took_it_out_and_the_definitions():
    found = sum_quality(PERIOD, [QualityLine("A", "甲", COUNTS, 3)])
    header, rows = quality_table(found, "郭质控", datetime(2026, 11, 20, 2, tzinfo=UTC), "zh")
    assert len(header) == len(rows[0])
    assert rows[0] == ["A", "甲", 12, 0.6667, 0.25, 4, 0.25, 0.5, 3, 2, 4, 1, 3, 5]
    assert rows[1][:3] == ["", "合计", 12]
    assert rows[1][8] is None
    assert rows[3] == ["导出人：郭质控；导出时间：2026-11-20 10:00；期间：2026年第四季度"]
    assert [row[0] for row in rows[4:]] == quality_definitions("zh")
    english = quality_table(found, "Guo", datetime(2026, 11, 20, 2, tzinfo=UTC), "en")
    assert english[0][2] == "Rows"
