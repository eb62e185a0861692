"""Whether the target of a quarter can still be met."""

import pytest

from mdt.rules.coverage import STRICT, Distance, Line, Reach


def distance(numerator, denominator, waiting=0, overdue=0, code="A"):
    counts = {"numerator": numerator, "denominator": denominator}
    return Distance(Line(code, code, STRICT.target, counts), waiting, overdue)


@pytest.mark.parametrize(
    ("figures", "short_by", "reach"),
    [
        ((0, 0), 0, Reach.NOTHING),
        ((3, 5), 0, Reach.MET),
        ((5, 10, 1), 1, Reach.IN_TIME),
        ((5, 10, 0, 1), 1, Reach.LATE),
        ((3, 10, 2, 1), 3, Reach.LATE),
        ((3, 10, 3, 0), 3, Reach.IN_TIME),
        ((3, 10, 1, 1), 3, Reach.OUT_OF_REACH),
        ((0, 1), 1, Reach.OUT_OF_REACH),
    ],
)
def test_the_target_is_met_within_reach_or_out_of_it(figures, short_by, reach):
    one = distance(*figures)
    assert (one.line.short_by, one.reach) == (short_by, reach)


def test_those_stand_first_where_something_can_be_done():
    given = (
        distance(3, 5, code="A"), distance(0, 0, code="B"), distance(0, 9, code="C"),
        distance(5, 10, 0, 1, code="D"), distance(5, 10, 1, code="E"),
        distance(5, 10, 1, code="0"),
    )  # fmt: skip
    assert [one.line.code for one in sorted(given, key=lambda one: one.rank)] == list("0EDCAB")
