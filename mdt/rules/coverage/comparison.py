"""A rate beside those of earlier periods: the one just before, the same one a year ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from mdt.rules.calendar import first_of_month, month_number
from mdt.rules.coverage.groups import By, Placed, group_code
from mdt.rules.coverage.report import Line, Period

_MONTHS = {By.MONTH: 1, By.QUARTER: 3, By.YEAR: 12}
_JANUARY_OF_YEAR_1 = month_number(date.min)


def previous(period: Period) -> Period | None:
    """The period of the same length just before: whole months for whole months, else days.

    ``None`` where the calendar does not reach that far back.
    """
    if _whole_months(period):
        first, last = month_number(period.first), month_number(period.last)
        return _months(first - (last - first + 1), first - 1)
    days = period.last - period.first
    if period.first - date.min <= days:
        return None
    last_day = period.first - timedelta(days=1)
    return Period(last_day - days, last_day)


def year_before(period: Period) -> Period | None:
    """The same days or months of the year before; 29 February stands on the 28th.

    ``None`` where the calendar does not reach that far back.
    """
    if _whole_months(period):
        return _months(month_number(period.first) - 12, month_number(period.last) - 12)
    if period.first.year == date.min.year:
        return None
    return Period(_a_year_ago(period.first), _a_year_ago(period.last))


def _whole_months(period: Period) -> bool:
    return period.first.day == 1 and _ends_month(period.last)


def _ends_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1


def _months(first: int, last: int) -> Period | None:
    if first < _JANUARY_OF_YEAR_1:
        return None
    return Period(first_of_month(first), first_of_month(last + 1) - timedelta(days=1))


def _a_year_ago(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


@dataclass(frozen=True, slots=True)
class Compared:
    """The total of an earlier period beside that of the report, by the same definition."""

    period: Period
    before: Line
    now: Line

    @property
    def change(self) -> float | None:
        """Percentage points, one decimal; ``None`` where either has no denominator."""
        if not (self.before.denominator and self.now.denominator):
            return None
        difference = _share(self.now) - _share(self.before)
        return float(round(100 * difference, 1))

    def as_json(self) -> dict[str, object]:
        """Return period, figures and change."""
        return {
            "period": {
                "from": self.period.first.isoformat(),
                "to": self.period.last.isoformat(),
            },
            "numerator": self.before.numerator,
            "denominator": self.before.denominator,
            "rate": self.before.rate,
            "change_points": self.change,
        }


def earlier_periods(period: Period) -> Mapping[str, Period]:
    """What a period is held against, by name: ``previous``, ``year_before``; those that exist."""
    found = {"previous": previous(period), "year_before": year_before(period)}
    return {name: one for name, one in found.items() if one is not None}


def split_known(
    period: Period, earlier: Period, by: By | None
) -> tuple[frozenset[str], tuple[Period, ...]]:
    """What a report's rows tell of an earlier period that it overlaps, and what is left to count.

    The codes of the months, quarters or years that stand whole in both; the rest of ``earlier``.
    """
    months = None if by is None else _MONTHS.get(by)
    if by is None or months is None:
        return frozenset(), (earlier,)
    begin, end = max(period.first, earlier.first), min(period.last, earlier.last)
    # Rounded up, and the end, which is the first month after it, down.
    first = -(-(month_number(begin) + (begin.day > 1)) // months) * months
    after = (month_number(end) + _ends_month(end)) // months * months
    if first >= after:
        return frozenset(), (earlier,)
    codes = frozenset(_stretch(number, by) for number in range(first, after, months))
    day = timedelta(days=1)
    rest = []
    if earlier.first < first_of_month(first):
        rest.append(Period(earlier.first, first_of_month(first) - day))
    if first_of_month(after) <= earlier.last:
        rest.append(Period(first_of_month(after), earlier.last))
    return codes, tuple(rest)


def _stretch(month: int, by: By) -> str:
    return group_code(Placed("", "", "", "", first_of_month(month), ""), by)


def _share(line: Line) -> Fraction:
    return Fraction(line.numerator, line.denominator)
