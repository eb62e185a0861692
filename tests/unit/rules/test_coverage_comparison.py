"""The periods that a report is held against, and the change between them."""

from datetime import date

import pytest

from mdt.rules.coverage import STRICT, Compared, Line, Period, previous, year_before


def period(first, last):
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (("2026-10-01", "2026-12-31"), ("2026-07-01", "2026-09-30")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2024-03-01", "2024-03-31"), ("2024-02-01", "2024-02-29")),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        (("2026-07-01", "2026-12-31"), ("2026-01-01", "2026-06-30")),
        (("2026-11-05", "2026-11-14"), ("2026-10-26", "2026-11-04")),
        (("2026-11-05", "2026-11-05"), ("2026-11-04", "2026-11-04")),
        (("2024-02-29", "2024-02-29"), ("2024-02-28", "2024-02-28")),
        (("9999-10-01", "9999-12-31"), ("9999-07-01", "9999-09-30")),
        (("0001-04-01", "0001-06-30"), ("0001-01-01", "0001-03-31")),
        (("0001-01-03", "0001-01-04"), ("0001-01-01", "0001-01-02")),
    ],
)
def test_the_period_before(asked, before):
    assert previous(period(*asked)) == period(*before)


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (("2026-10-01", "2026-12-31"), ("2025-10-01", "2025-12-31")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        (("2026-11-05", "2026-11-14"), ("2025-11-05", "2025-11-14")),
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2024-02-10", "2024-02-29"), ("2023-02-10", "2023-02-28")),
        (("9999-01-01", "9999-12-31"), ("9998-01-01", "9998-12-31")),
        (("0002-01-02", "0002-02-03"), ("0001-01-02", "0001-02-03")),
    ],
)
def test_the_same_a_year_before(asked, before):
    assert year_before(period(*asked)) == period(*before)


def test_before_the_first_day_there_is_nothing():
    for asked in (
        ("0001-01-01", "9999-12-31"), ("0001-01-01", "0001-03-31"), ("0001-02-01", "0001-03-31"),
        ("0001-01-02", "0001-01-03"),
    ):  # fmt: skip
        assert previous(period(*asked)) is None
        assert year_before(period(*asked)) is None


def line(numerator, denominator):
    return Line("", "", STRICT.target, {"numerator": numerator, "denominator": denominator})


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((1, 4), (1, 2), 25.0),
        ((2, 3), (1, 3), -33.3),
        ((1, 2), (1, 2), 0.0),
        ((0, 0), (1, 2), None),
        ((1, 2), (0, 0), None),
    ],
)
def test_a_change_is_in_percentage_points(before, now, change):
    of = period("2026-01-01", "2026-03-31")
    assert Compared(of, line(*before), line(*now)).change == change


def test_fewer_than_ten_are_few():
    assert [line(0, number).is_small for number in (0, 9, 10)] == [True, True, False]
