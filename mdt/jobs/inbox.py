"""The inboxes: what nobody took is cleared away."""

from mdt.rules.calendar import utc_now
from mdt.services.inbox import clear_inbox


def clear() -> None:
    """Delete studies whose time is over."""
    clear_inbox(now=utc_now())
