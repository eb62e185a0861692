"""Which periods can be closed: whole months, quarters and years that are over."""

from datetime import date, timedelta

from mdt.rules.calendar import first_of_month, month_number
from mdt.rules.coverage.report import Period
from mdt.rules.errors import Invalid

#: Months of what can be closed: a month, a quarter, a year.
_LENGTHS = (1, 3, 12)
_MONTHS_SHOWN, _QUARTERS_SHOWN, _YEARS_SHOWN = 6, 6, 3


def check_closable(period: Period, *, today: date) -> None:
    """Raise `Invalid` for what is no month, quarter or year, or is not over yet."""
    if period not in {_of_months(period.first, months) for months in _LENGTHS}:
        raise Invalid({"period": "freeze_period"})
    if period.last >= today:
        raise Invalid({"period": "freeze_not_over"})


def _of_months(first: date, months: int) -> Period | None:
    """The month, quarter or year that begins on a day, if one does."""
    number = month_number(first)
    if first.day != 1 or (number % 12) % months or number + months > month_number(date.max):
        return None
    return Period(first, first_of_month(number + months) - timedelta(days=1))


def closable_periods(today: date) -> list[Period]:
    """The last quarters, years and months that are over, in the order of a list to choose from."""
    found: list[Period] = []
    for months, count in ((3, _QUARTERS_SHOWN), (12, _YEARS_SHOWN), (1, _MONTHS_SHOWN)):
        current = month_number(today) // months * months
        found += [
            Period(
                first_of_month(current - months * back),
                first_of_month(current - months * (back - 1)) - timedelta(days=1),
            )
            for back in range(1, count + 1)
        ]
    return found
