"""Uploads: what nobody went on with is cleared away, what waited for the scanner is taken."""

from mdt.rules.calendar import utc_now
from mdt.services.uploads import clear_expired, take_waiting


def clear() -> None:
    """Give up uploads whose time is over."""
    clear_expired(now=utc_now())


def take() -> None:
    """Take into their cases what waited for the virus scanner, where that answers again."""
    take_waiting(now=utc_now())
