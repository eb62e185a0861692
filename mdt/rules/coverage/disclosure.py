"""Small numbers of a report that leaves the quality organisations.

Of each line numerator, denominator and the difference of the two are protected where they are 1 to
4. What a reader could compute is protected too: the hidden rows of a column are together what the
total has more than the rows shown, so that they must be two at least and no small number again.
One report at a time: a second one, by other groups or another period, is protected by itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mdt.rules.coverage.report import Line, Report

#: Fewer tumours than these could be known to somebody by name.
LEAST_SHOWN = 5


class Audience(StrEnum):
    """Whom a report is for: the quality organisations, or anybody."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """The figures of one group that may be shown; those of ``hides`` are not.

    ``hides_rate``: numerator, rate, interval and whether the target is met; ``hides_all``: the
    denominator as well.
    """

    line: Line
    hides_rate: bool
    hides_all: bool

    @property
    def denominator(self) -> int | None:
        """Stage III or above; ``None`` where it is hidden."""
        return None if self.hides_all else self.line.denominator

    @property
    def numerator(self) -> int | None:
        """Discussed in time; ``None`` where it is hidden."""
        return None if self.hides_rate else self.line.numerator

    @property
    def rate(self) -> float | None:
        """The rate; ``None`` where it is hidden or nothing counts."""
        return None if self.hides_rate else self.line.rate

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The interval of the rate, from which numerator and denominator could be computed."""
        return (None, None) if self.hides_rate else self.line.interval

    @property
    def meets_target(self) -> bool | None:
        """Whether the target is met; ``None`` where it is hidden or nothing counts."""
        return self.line.meets_target if not self.hides_rate and self.line.denominator else None

    def as_json(self) -> dict[str, object]:
        """Return what is shown, and whether anything is not."""
        low, high = self.interval
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": self.rate,
            "ci_low": low,
            "ci_high": high,
            "meets_target": self.meets_target,
            "hidden": self.hides_rate,
        }


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """A report without what identifies; rows stand by code, as an order by rate tells of rates."""

    report: Report
    rows: tuple[PublishedLine, ...]
    total: PublishedLine

    @property
    def hidden(self) -> tuple[PublishedLine, ...]:
        """The rows of which something is not shown."""
        return tuple(row for row in self.rows if row.hides_rate)

    def as_json(self, language: str = "zh") -> dict[str, object]:
        """Return the shape of `Report.as_json` with the figures that may be shown."""
        shape = self.report.as_json(language)
        rows = [{**self.report.names_of(row.line), **row.as_json()} for row in self.rows]
        return {**shape, "for": Audience.OUTSIDE.value, "rows": rows, "total": self.total.as_json()}


def publish(report: Report) -> PublishedReport:
    """Hide what is small in a report, and what it could be computed from."""
    rows = sorted(report.rows, key=lambda line: line.codes)
    sizes = [line.denominator for line in rows]
    all_, hides_total = _hide(
        {at for at, line in enumerate(rows) if _is_small(line.denominator)},
        sizes,
        _is_small(report.total.denominator),
        # Each has one at least: as many tumours as rows would give all of them away.
        lambda hidden: _denominators_are_safe([rows[at] for at in hidden]),
    )
    rates, hides_rate = _hide(
        all_ | {at for at, line in enumerate(rows) if _rate_is_small([line])},
        sizes,
        hides_total or _rate_is_small([report.total]),
        lambda hidden: not _rate_is_small([rows[at] for at in hidden]),
    )
    lines = (PublishedLine(line, at in rates, at in all_) for at, line in enumerate(rows))
    total = PublishedLine(report.total, hides_rate, hides_total)
    return PublishedReport(report, tuple(lines), total)


def _hide(
    small: set[int], sizes: Sequence[int], small_total: bool, safe: Callable[[Iterable[int]], bool]
) -> tuple[set[int], bool]:
    """Which rows of a column to hide, and whether the total: the smallest rows are added first."""
    hidden = set(small)
    if small_total or not hidden:
        return hidden, small_total
    others = sorted((size, at) for at, size in enumerate(sizes) if size and at not in hidden)
    while len(hidden) < 2 or not safe(hidden):
        if not others:
            return hidden, True
        hidden.add(others.pop(0)[1])
    return hidden, False


def _is_small(number: int) -> bool:
    return 0 < number < LEAST_SHOWN


def _rate_is_small(lines: Sequence[Line]) -> bool:
    discussed = sum(line.numerator for line in lines)
    return _is_small(discussed) or _is_small(sum(line.denominator for line in lines) - discussed)


def _denominators_are_safe(lines: Sequence[Line]) -> bool:
    together = sum(line.denominator for line in lines)
    return not _is_small(together) and together > len(lines)
