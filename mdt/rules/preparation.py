"""Pictures that a seat has fetched ahead of a conference: what counts as all of them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mdt.rules.conference import ConferenceState

#: A conference's pictures are fetched by themselves this long before it begins.
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SeriesPictures:
    """A series as far as fetching asks; ``pictures`` names the pictures as their addresses do."""

    id: int
    count: int
    pictures: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """How far a seat is with a case: of ``total`` pictures ``ready`` are there.

    ``outdated``: others were added or changed since.
    """

    ready: int
    total: int
    outdated: bool = False

    @property
    def done(self) -> bool:
        """Everything is there."""
        return not self.outdated and self.ready >= self.total


def pictures_of(series: Iterable[SeriesPictures]) -> str:
    """Which pictures these are: another text once one was added, changed or taken away."""
    text = ";".join(f"{one.id}:{one.pictures}" for one in sorted(series, key=lambda s: s.id))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def begins_by_itself(state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether a page of the conference fetches without being asked."""
    if state == ConferenceState.LIVE:
        return True
    return state == ConferenceState.SCHEDULED and starts_at - AHEAD <= now
