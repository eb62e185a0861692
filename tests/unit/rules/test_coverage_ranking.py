"""The order of a report's lines: small numbers are never ranked."""

import pytest

from mdt.rules.coverage import STRICT, Line, Sort, rank


def line(code, numerator, denominator):
    return Line(code, code, STRICT.target, {"numerator": numerator, "denominator": denominator})


LINES = (
    line("A", 6, 10),
    line("B", 9, 9),
    line("C", 0, 0),
    line("D", 2, 20),
    line("E", 0, 9),
    line("F", 60, 100),
    line("G", 10, 10),
)


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        (Sort.CODE, "ABCDEFG"),
        (Sort.CODE_DOWN, "GFEDCBA"),
        (Sort.RATE, "DAFGBCE"),
        (Sort.RATE_DOWN, "GAFDBCE"),
    ],
)
def test_lines_of_fewer_than_ten_stand_behind_those_ranked(sort, codes):
    assert "".join(one.code for one in rank(LINES, sort)) == codes


def test_nothing_has_an_order():
    assert [rank((), sort) for sort in Sort] == [(), (), (), ()]
