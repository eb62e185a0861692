"""The order of a report's lines: by code, or by rate where there are enough tumours to rank."""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from mdt.rules.coverage.report import Line


class Sort(StrEnum):
    """What lines are sorted by; with a minus, downwards."""

    CODE = "code"
    CODE_DOWN = "-code"
    RATE = "rate"
    RATE_DOWN = "-rate"


def rank(lines: Iterable[Line], sort: Sort) -> tuple[Line, ...]:
    """Put lines that stand by code into another order.

    By rate, lines of equal rate stay by code, and those of fewer than ten tumours stand behind
    all others, by code whichever way the others are sorted: a small number is never ranked.
    With two groupings lines are ranked within their first group.
    """
    given = tuple(lines)
    if any(line.code2 for line in given):
        groups = [tuple(group) for _, group in groupby(given, key=lambda line: line.code)]
        ordered = groups[::-1] if sort is Sort.CODE_DOWN else groups
        return tuple(line for group in ordered for line in _rank_group(group, sort))
    return _rank_group(given, sort)


def _rank_group(given: tuple[Line, ...], sort: Sort) -> tuple[Line, ...]:
    if sort is Sort.CODE:
        return given
    if sort is Sort.CODE_DOWN:
        return given[::-1]
    ranked = sorted(
        (line for line in given if not line.is_small), key=_share, reverse=sort is Sort.RATE_DOWN
    )
    return (*ranked, *(line for line in given if line.is_small))


def _share(line: Line) -> Fraction:
    return Fraction(line.numerator, line.denominator)
