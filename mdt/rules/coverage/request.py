"""What is asked of a coverage report: period, grouping, definition; read from plain texts."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mdt.rules.codes import Label
from mdt.rules.coverage.definitions import DEFINITIONS, Definition
from mdt.rules.coverage.groups import By
from mdt.rules.coverage.ranking import Sort
from mdt.rules.coverage.report import Period
from mdt.rules.errors import Invalid


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """A report that can be asked for again by the same address."""

    period: Period
    by: By = By.HOSPITAL
    definition_code: str = "strict"
    sort: Sort = Sort.CODE
    by2: By | None = None

    @property
    def groupings(self) -> tuple[By, ...]:
        """The grouping of the rows, or the two."""
        return (self.by, self.by2) if self.by2 else (self.by,)

    @property
    def definition(self) -> Definition:
        """The definition in force under this code."""
        return DEFINITIONS[self.definition_code]

    @property
    def other(self) -> "CoverageRequest":
        """The same by the other definition."""
        code = "lenient" if self.definition_code == "strict" else "strict"
        return replace(self, definition_code=code)

    def as_arguments(self) -> dict[str, str]:
        """The arguments of an address that asks for this."""
        order = {} if self.sort is Sort.CODE else {"sort": self.sort.value}
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "by": self.by.value,
            **({"by2": self.by2.value} if self.by2 else {}),
            "definition": self.definition_code,
            **order,
        }


def read_request(arguments: Mapping[str, str], *, today: date) -> CoverageRequest:
    """Read ``from``, ``to``, ``by``, ``by2``, ``definition``, ``sort``.

    By default this quarter, by hospital alone, strict, sorted by code.

    Raises `Invalid` with a code for each argument that cannot be read.
    """
    problems: dict[str, str] = {}
    default = quarter_of(today)
    first = _day(arguments, "from", default.first, problems)
    last = _day(arguments, "to", default.last, problems)
    by = arguments.get("by") or By.HOSPITAL.value
    if by not in set(By):
        problems["by"] = "unknown_code"
    by2 = arguments.get("by2") or None
    if by2 is not None and by2 not in set(By):
        problems["by2"] = "unknown_code"
    elif by2 == by:
        problems["by2"] = "grouping_twice"
    definition = arguments.get("definition") or "strict"
    if definition not in DEFINITIONS:
        problems["definition"] = "unknown_code"
    sort = arguments.get("sort") or Sort.CODE.value
    if sort not in set(Sort):
        problems["sort"] = "unknown_code"
    if first > last and not problems:
        problems["to"] = "period_reversed"
    if problems:
        raise Invalid(problems, code=next(iter(problems.values())))
    return CoverageRequest(
        Period(first, last), By(by), definition, Sort(sort), By(by2) if by2 else None
    )


def read_period(arguments: Mapping[str, str]) -> Period | None:
    """Read ``from`` and ``to`` where either is given; an open end reaches as far as time does."""
    if not (arguments.get("from") or arguments.get("to")):
        return None
    problems: dict[str, str] = {}
    first = _day(arguments, "from", date.min, problems)
    last = _day(arguments, "to", date.max, problems)
    if first > last and not problems:
        problems["to"] = "period_reversed"
    if problems:
        raise Invalid(problems, code=next(iter(problems.values())))
    return Period(first, last)


def _day(arguments: Mapping[str, str], name: str, default: date, problems: dict[str, str]) -> date:
    text = (arguments.get(name) or "").strip()
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = "date_iso"
        return default


def quarter_of(day: date) -> Period:
    """The quarter in which a day lies."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return Period(first, _month_end(first, 3))


def _month_end(first: date, months: int) -> date:
    # By the last month itself: after the last one of the calendar there is no next.
    year, month = divmod(first.year * 12 + first.month - 1 + months - 1, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def quick_periods(today: date) -> dict[str, Period]:
    """Periods that are asked for most: this and the last quarter, this and the last year."""
    this = quarter_of(today)
    return {
        "this_quarter": this,
        "last_quarter": quarter_of(this.first - timedelta(days=1)),
        "this_year": Period(date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }


def period_name(period: Period) -> Label:
    """The words of a period: a year, a quarter or a month where it is one, else its days."""
    first, last = period.first, period.last
    if first.day == 1:
        if first.month == 1 and last == _month_end(first, 12):
            return Label(f"{first.year}年", f"{first.year}")
        if first.month % 3 == 1 and last == _month_end(first, 3):
            number = first.month // 3 + 1
            words = "一二三四"[number - 1]
            return Label(f"{first.year}年第{words}季度", f"Q{number} {first.year}")
        if last == _month_end(first, 1):
            return Label(f"{first.year}年{first.month}月", f"{first:%B %Y}")
    return Label(f"{first} 至 {last}", f"{first} to {last}")
