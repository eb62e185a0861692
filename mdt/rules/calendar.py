"""Time: aware UTC everywhere, Asia/Shanghai where people and periods are concerned."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The clock. Only doors read it; from the service down ``now`` is a parameter."""
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day in China of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def local_time(moment: datetime) -> datetime:
    """The same moment on a Chinese clock."""
    return moment.astimezone(SHANGHAI)


def from_local(naive: datetime) -> datetime:
    """What somebody in China typed, as aware UTC."""
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


def month_number(day: date) -> int:
    """Months since the year 0, so that stretches of time are numbers in a row."""
    return day.year * 12 + day.month - 1


def first_of_month(number: int) -> date:
    """The first day of the month with this number (`month_number`)."""
    year, month = divmod(number, 12)
    return date(year, month + 1, 1)
