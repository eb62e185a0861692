"""Slides: tiles that are missing are drawn."""

from mdt.rules.calendar import utc_now
from mdt.services.slide_preparing import prepare_slides


def prepare() -> None:
    """Draw some tiles."""
    prepare_slides(clock=utc_now)
