"""The coverage report: counts of tumours summed up by hospital, region, time or site."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor, sqrt
from operator import add
from statistics import NormalDist

from mdt.rules.coverage.definitions import Definition
from mdt.rules.coverage.exclusion import Exclusion
from mdt.rules.coverage.groups import By, group_name, group_rank

_Z = NormalDist().inv_cdf(0.975)
#: A rate of fewer is shown, but compared with no other.
SMALL = 10


@dataclass(frozen=True, slots=True)
class Period:
    """Local calendar days, the first and the last included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


#: What a report counts. Each figure has a list of tumours behind it.
FIGURES = (
    "numerator", "denominator", "below", "unstaged", "unstaged_with_board", "pending",
    "signed_without_meeting", *(f"excluded:{reason}" for reason in Exclusion),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a line, unrounded; ``None`` where nothing counts."""

    rate: float | None
    interval: tuple[float | None, float | None]
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one group.

    ``counts`` has numbers of tumours by the names of `FIGURES`, a missing one is 0. Rates are
    rounded half-even to four decimals and ``None`` where the denominator is 0. ``code2`` and
    ``name2`` are those of the second grouping, empty where there is none.
    """

    code: str
    name: str
    target: Fraction
    counts: Mapping[str, int]
    code2: str = ""
    name2: str = ""

    @property
    def codes(self) -> tuple[str, str]:
        """The codes by both groupings, the second empty where there is one alone."""
        return self.code, self.code2

    @property
    def full_name(self) -> str:
        """The name by both groupings."""
        return f"{self.name} · {self.name2}" if self.name2 else self.name

    def count(self, key: str) -> int:
        """How many tumours stand behind a figure."""
        return self.counts.get(key, 0)

    @property
    def numerator(self) -> int:
        """Stage III or above, discussed in time."""
        return self.count("numerator")

    @property
    def denominator(self) -> int:
        """Stage III or above."""
        return self.count("denominator")

    @property
    def rate(self) -> float | None:
        """Numerator over denominator."""
        return _ratio(self.numerator, self.denominator) if self.denominator else None

    @property
    def is_small(self) -> bool:
        """Too few tumours for a rate that says something, or none at all."""
        return self.denominator < SMALL

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The 95 % interval of the rate after Wilson."""
        return wilson(self.numerator, self.denominator) if self.denominator else (None, None)

    @property
    def low(self) -> float | None:
        """The rate if each unstaged tumour without a board were III or above, no other."""
        without = self.count("unstaged") - self.count("unstaged_with_board")
        return _ratio(self.numerator, self.denominator + without) if self.denominator else None

    @property
    def high(self) -> float | None:
        """The rate if each unstaged tumour with a board were III or above, no other."""
        boards = self.count("unstaged_with_board")
        if not self.denominator:
            return None
        return _ratio(self.numerator + boards, self.denominator + boards)

    @property
    def exact(self) -> Shares:
        """The same shares before any rounding, for those who round them once more."""
        if not self.denominator:
            return Shares(None, (None, None), None, None)
        boards = self.count("unstaged_with_board")
        without = self.count("unstaged") - boards
        return Shares(
            self.numerator / self.denominator,
            _wilson(self.numerator, self.denominator),
            self.numerator / (self.denominator + without),
            (self.numerator + boards) / (self.denominator + boards),
        )

    @property
    def excluded(self) -> dict[str, int]:
        """How many were excluded for each reason that occurs, in the order of the reasons."""
        counts = {str(reason): self.count(f"excluded:{reason}") for reason in Exclusion}
        return {reason: count for reason, count in counts.items() if count}

    @property
    def meets_target(self) -> bool:
        """More than the target; exactly half is not more than half."""
        return self.numerator > self.target * self.denominator

    @property
    def short_by(self) -> int:
        """How many more must be discussed for the target; 0 where it is met or nothing counts."""
        if self.meets_target or not self.denominator:
            return 0
        return floor(self.target * self.denominator) + 1 - self.numerator

    def as_json(self) -> dict[str, object]:
        """Return the figures in the shape of the contract."""
        ci_low, ci_high = self.interval
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": self.rate,
            "ci_low": ci_low,
            "ci_high": ci_high,
            "unstaged": self.count("unstaged"),
            "low": self.low,
            "high": self.high,
            "pending": self.count("pending"),
            "excluded": self.excluded,
            "signed_without_meeting": self.count("signed_without_meeting"),
            "meets_target": self.meets_target,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Coverage of a period by one definition; the lines add up to the total.

    With ``by2`` there is a line for each pair of groups in which anything counts.
    """

    definition: Definition
    period: Period
    by: By
    on: date
    rows: tuple[Line, ...]
    total: Line
    by2: By | None = None

    def as_json(self, language: str = "zh") -> dict[str, object]:
        """Return the report in the shape of the contract."""
        return {
            "definition": {
                "code": self.definition.code,
                "version": self.definition.version,
                "text": self.definition.text.in_language(language),
            },
            "period": {
                "from": self.period.first.isoformat(),
                "to": self.period.last.isoformat(),
            },
            "by": self.by.value,
            **({"by2": self.by2.value} if self.by2 else {}),
            "target": float(self.definition.target),
            "rows": [{**self.names_of(line), **line.as_json()} for line in self.rows],
            "total": self.total.as_json(),
        }

    def names_of(self, line: Line) -> dict[str, str]:
        """Code and name of a line, by both groupings where there are two."""
        second = {"code2": line.code2, "name2": line.name2} if self.by2 else {}
        return {"code": line.code, "name": line.name, **second}


def summarise(
    counted: Iterable[tuple[tuple[str, ...], Sequence[int]]],
    *,
    by: By,
    period: Period,
    definition: Definition,
    on: date,
    by2: By | None = None,
    names: Mapping[str, str] | None = None,
    language: str = "zh",
) -> Report:
    """Sum up what was counted group by group: the codes of each, and its figures as in `FIGURES`.

    ``names`` gives the words of hospitals and of regions that do not ship, by code; ``on`` is
    the day of the report, on which it depends who is pending.
    """
    # Lists that are added up at once: a province's five years come in seven thousand parts.
    nothing = [0] * len(FIGURES)
    groups: dict[tuple[str, ...], list[int]] = {}
    for codes, counts in counted:
        groups[codes] = list(map(add, groups.get(codes, nothing), counts))
    total = [sum(column) for column in zip(*groups.values(), strict=True)] or nothing
    groupings = (by,) if by2 is None else (by, by2)
    words = names or {}

    def line(codes: tuple[str, ...]) -> Line:
        named = [
            words.get(code) or group_name(code, one, language)
            for code, one in zip(codes, groupings, strict=True)
        ]
        first, second = (codes[0], named[0]), (codes[-1], named[-1]) if by2 else ("", "")
        return Line(*first, definition.target, _figures(groups[codes]), *second)

    def place(codes: tuple[str, ...]) -> list[tuple[int, str]]:
        return [group_rank(code, one) for code, one in zip(codes, groupings, strict=True)]

    lines = tuple(line(codes) for codes in sorted(groups, key=place) if any(groups[codes]))
    whole = Line("", "", definition.target, _figures(total))
    return Report(definition, period, by, on, lines, whole, by2)


def _figures(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(FIGURES, counts, strict=True))


def _ratio(part: int, whole: int) -> float:
    # Fractions round half to even exactly; a float has lost the tie before it is rounded.
    return float(round(Fraction(part, whole), 4))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion after Wilson, without continuity correction.

    Rounded to four decimals.
    """
    low, high = _wilson(successes, trials)
    return round(low, 4), round(high, 4)


def _wilson(successes: int, trials: int) -> tuple[float, float]:
    share = successes / trials
    spread = _Z * sqrt(share * (1 - share) / trials + (_Z / (2 * trials)) ** 2)
    centre = share + _Z**2 / (2 * trials)
    scale = 1 + _Z**2 / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return max(low, 0.0), min(high, 1.0)
