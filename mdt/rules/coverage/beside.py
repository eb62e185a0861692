"""Two definitions beside each other: the fields in which they differ, both rates of each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from mdt.rules.coverage.report import Line, Report


@dataclass(frozen=True, slots=True)
class LinePair:
    """A row of a report by two definitions."""

    left: Line
    right: Line

    @property
    def change(self) -> float | None:
        """Percentage points from left to right, one decimal; ``None`` where either has no rate."""
        if not (self.left.denominator and self.right.denominator):
            return None
        return float(round(100 * (_share(self.right) - _share(self.left)), 1))


def beside_each_other(left: Report, right: Report) -> Iterator[LinePair]:
    """Both reports row by row, in the order of the left one, those of the right alone after them.

    The total comes last.
    """
    ours = {line.codes: line for line in left.rows}
    theirs = {line.codes: line for line in right.rows}
    for codes in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(codes), theirs.get(codes)
        yield LinePair(one or _empty(other, left), other or _empty(one, right))
    yield LinePair(left.total, right.total)


def _empty(line: Line | None, report: Report) -> Line:
    if line is None:
        raise ValueError("a row of neither report")
    return Line(line.code, line.name, report.definition.target, {}, line.code2, line.name2)


def _share(line: Line) -> Fraction:
    return Fraction(line.numerator, line.denominator)
