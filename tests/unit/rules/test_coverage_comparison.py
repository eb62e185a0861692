"""The periods that a report is held against, and the change between them."""

from datetime import date

import pytest

from mdt.rules.coverage import (
    STRICT,
    By,
    Compared,
    Line,
    Period,
    previous,
    split_known,
    year_before,
)


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


@pytest.mark.parametrize(
    ("asked", "earlier", "by", "known", "rest"),
    [
        (
            ("2024-01-01", "2026-12-31"), ("2023-01-01", "2025-12-31"), By.YEAR,
            {"2024", "2025"}, [("2023-01-01", "2023-12-31")],
        ),
        (
            ("2024-11-15", "2026-05-10"), ("2023-11-15", "2025-05-10"), By.QUARTER,
            {"2025-Q1"}, [("2023-11-15", "2024-12-31"), ("2025-04-01", "2025-05-10")],
        ),
        (
            ("2024-11-15", "2026-05-31"), ("2023-11-15", "2025-01-31"), By.MONTH,
            {"2024-12", "2025-01"}, [("2023-11-15", "2024-11-30")],
        ),
        (
            ("2024-11-15", "2026-01-14"), ("2023-11-15", "2025-01-14"), By.YEAR,
            set(), [("2023-11-15", "2025-01-14")],
        ),
        (
            ("2024-01-01", "2026-12-31"), ("2023-01-01", "2025-12-31"), By.SITE,
            set(), [("2023-01-01", "2025-12-31")],
        ),
        (
            ("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31"), By.MONTH,
            set(), [("2025-01-01", "2025-12-31")],
        ),
        (
            ("9998-01-01", "9999-12-31"), ("9997-01-01", "9998-12-31"), By.YEAR,
            {"9998"}, [("9997-01-01", "9997-12-31")],
        ),
    ],
)  # fmt: skip
def test_what_rows_tell_of_an_earlier_period(asked, earlier, by, known, rest):
    codes, left = split_known(period(*asked), period(*earlier), by)
    assert (codes, list(left)) == (known, [period(*one) for one in rest])


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
