"""What is asked of a coverage report: period, grouping, definition; read from plain texts."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mdt.rules.codes import Label
from mdt.rules.coverage.definitions import DEFINITIONS, SHIPPED, Definition, Definitions
from mdt.rules.coverage.groups import By
from mdt.rules.coverage.ranking import Sort
from mdt.rules.coverage.report import Period
from mdt.rules.errors import Invalid


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """A report that can be asked for again by the same address.

    ``definition_code`` is what the definition is asked for by: ``strict`` for the version in force,
    ``strict@2`` for one; ``beside_code`` names a second one to be laid beside it, empty where none
    is named. ``made_by`` and ``beside`` are what a province has under them, ``None`` what ships.
    """

    period: Period
    by: By = By.HOSPITAL
    definition_code: str = "strict"
    sort: Sort = Sort.CODE
    by2: By | None = None
    made_by: Definition | None = None
    beside_code: str = ""
    beside: Definition | None = None

    @property
    def groupings(self) -> tuple[By, ...]:
        """The grouping of the rows, or the two."""
        return (self.by, self.by2) if self.by2 else (self.by,)

    @property
    def definition(self) -> Definition:
        """The definition that is found under this code."""
        return self.made_by or DEFINITIONS[self.definition_code.partition("@")[0]]

    @property
    def other(self) -> "CoverageRequest":
        """The same by the definition that is laid beside: as named, else of the other kind."""
        named = self.beside_code or "@" in self.definition_code
        return replace(
            self,
            definition_code=self.beside_code or _OTHER[self.definition.code],
            made_by=self.beside,
            beside_code=self.definition_code if named else "",
            beside=self.made_by,
        )

    def as_arguments(self) -> dict[str, str]:
        """The arguments of an address that asks for this."""
        order = {} if self.sort is Sort.CODE else {"sort": self.sort.value}
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "by": self.by.value,
            **({"by2": self.by2.value} if self.by2 else {}),
            "definition": self.definition_code,
            **({"beside": self.beside_code} if self.beside_code else {}),
            **order,
        }


_OTHER = {"strict": "lenient", "lenient": "strict"}


def read_request(
    arguments: Mapping[str, str], *, today: date, definitions: Definitions = SHIPPED
) -> CoverageRequest:
    """Read ``from``, ``to``, ``by``, ``by2``, ``definition``, ``beside``, ``sort``.

    By default this quarter, by hospital alone, strict, sorted by code. A definition that is named
    by its kind alone is the version in force where the period begins.

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
    named = arguments.get("definition") or "strict"
    definition = definitions.find(named, first)
    if definition is None:
        problems["definition"] = "unknown_code"
    beside_code = arguments.get("beside") or ""
    beside = definitions.find(beside_code or _other_kind(named), first)
    if beside_code and beside is None:
        problems["beside"] = "unknown_code"
    sort = arguments.get("sort") or Sort.CODE.value
    if sort not in set(Sort):
        problems["sort"] = "unknown_code"
    if first > last and not problems:
        problems["to"] = "period_reversed"
    if problems:
        raise Invalid(problems, code=next(iter(problems.values())))
    return CoverageRequest(
        Period(first, last), By(by), named, Sort(sort), By(by2) if by2 else None,
        made_by=_unless_shipped(definition), beside_code=beside_code,
        beside=_unless_shipped(beside),
    )  # fmt: skip


def _other_kind(named: str) -> str:
    return _OTHER.get(named.partition("@")[0], "")


def _unless_shipped(definition: Definition | None) -> Definition | None:
    return None if definition in DEFINITIONS.values() else definition


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
