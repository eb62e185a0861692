"""A phone that takes photographs into one case for ten minutes, by a code on a doctor's screen."""

from datetime import datetime, timedelta
from enum import StrEnum

from mdt.rules.attachments import Kind
from mdt.rules.errors import MdtError

#: How long a link lives, from the moment when its code is shown.
LIFE = timedelta(minutes=10)
#: Longest that a photograph that never became whole is kept.
UPLOAD_LIFE = timedelta(hours=1)
#: Photographs of one link, those on their way included.
MOST_PHOTOGRAPHS = 40
#: What a phone may send; everything else comes in by the page of the files.
PICTURES = frozenset({Kind.JPEG, Kind.PNG})


class LinkState(StrEnum):
    """Where a link stands, as the person who made it sees it."""

    OPEN = "open"
    OVER = "over"
    WAITING = "waiting"


class PhoneLinkOver(MdtError):
    """The phone's link has ended, or there never was one: one answer for all of these."""

    status = 401

    def __init__(self) -> None:
        super().__init__("phone_link_over")


def seconds_left(expires_at: datetime, now: datetime) -> int:
    """Whole seconds until a link ends, at least 0."""
    return max(0, int((expires_at - now).total_seconds()))


def link_state(
    expires_at: datetime, opened_at: datetime | None, ended_at: datetime | None, now: datetime
) -> LinkState:
    """Where a link stands by its own times alone."""
    if ended_at is not None or expires_at <= now:
        return LinkState.OVER
    return LinkState.OPEN if opened_at is not None else LinkState.WAITING
