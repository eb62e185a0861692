"""Uploads: what nobody went on with is cleared away."""

from mdt.rules.calendar import utc_now
from mdt.services.uploads import clear_expired


def clear() -> None:
    """Give up uploads whose time is over."""
    clear_expired(now=utc_now())
