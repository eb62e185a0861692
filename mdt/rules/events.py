"""The live room's contract with the browser: kinds of events and signals, and what stays hidden.

Per conference a gapless ``seq``. A seat that may not see an event's item is told that something
happened (so that the numbers stay gapless) and nothing more.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

#: How many events one ``join`` with ``since`` gives at most.
PAGE = 500
LONGEST_MESSAGE = 4000
LONGEST_KEY = 60
#: Bytes of a signal's data as JSON: a long field of a plan while it is typed.
LARGEST_SIGNAL = 16 * 1024
#: Bytes of what a pane shows: it goes out many times a second, over lines of 256 kbit/s.
LARGEST_VIEWPORT = 400


class LiveEventKind(StrEnum):
    """Stored events, alphabetical. A test holds that each has a handler in the room's state.js."""

    ADVANCE = "advance"
    HAND = "hand"
    ITEM = "item"
    KEY_IMAGE = "key_image"
    MARK = "mark"
    MESSAGE = "message"
    PLAN = "plan"
    PRESENT = "present"
    SHOW = "show"
    STATE = "state"
    VOTE = "vote"


class SignalKind(StrEnum):
    """Relayed and never stored, alphabetical."""

    POINTER = "pointer"
    PRESENCE = "presence"
    TYPING = "typing"
    VIEWPORT = "viewport"


class Vote(StrEnum):
    """Hands for and against the plan."""

    ABSTAIN = "abstain"
    AGAINST = "against"
    FOR = "for"


HIDDEN = "hidden"
#: With another case, or none, the raised hands come down.
NEW_CASE_KINDS = frozenset({LiveEventKind.ADVANCE, LiveEventKind.ITEM, LiveEventKind.STATE})


@dataclass(frozen=True)
class Actor:
    """Who did it, as everybody in the room may know."""

    id: int
    name: str
    hospital: str = ""
    hospital_en: str = ""
    discipline: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the browser gets it."""
        return {
            "id": self.id,
            "name": self.name,
            "hospital": self.hospital,
            "hospital_en": self.hospital_en,
            "discipline": self.discipline,
        }


@dataclass(frozen=True)
class Event:
    """One stored event, as plain data."""

    conference: int
    seq: int
    kind: str
    item: int | None
    actor: Actor
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def event_json(event: Event) -> dict[str, Any]:
    """The whole event, for seats that may see its item."""
    return {
        "conference": event.conference,
        "seq": event.seq,
        "kind": event.kind,
        "actor": event.actor.as_json(),
        "at": event.at.astimezone(UTC).isoformat(),
        "item": event.item,
        "data": event.data,
    }


def raised_hands(events: Iterable[Event]) -> list[int]:
    """Users whose hands are up after these events (oldest first), who raised it first foremost.

    Whoever is asked to present has been given the word: that lowering names them as ``user``.
    """
    hands: list[int] = []
    for event in events:
        if event.kind in NEW_CASE_KINDS:
            hands = []
        elif event.kind == LiveEventKind.HAND:
            whose = event.data.get("user", event.actor.id)
            hands = [one for one in hands if one != whose]
            hands += [whose] if event.data["up"] else []
    return hands


def viewports_with(
    before: Iterable[dict[str, Any]], viewport: dict[str, Any]
) -> list[dict[str, Any]]:
    """What is shown pane by pane once ``viewport`` is told: it last, and the other panes' states.

    A state says of which pane (``pane``, from 0) of how many (``panes``) it is; without, of one.
    """
    pane, panes = viewport.get("pane", 0), viewport.get("panes", 1)
    others = (one for one in before if one.get("item") == viewport.get("item"))
    return [*(one for one in others if pane != one.get("pane", 0) < panes), viewport]


def hidden_json(event: Event) -> dict[str, Any]:
    """What a seat gets that may not see the item: that something happened."""
    return {"conference": event.conference, "seq": event.seq, "kind": HIDDEN}


def json_for(event: Event, visible_items: Collection[int]) -> dict[str, Any]:
    """The event as one seat may have it, live and in replay alike."""
    if event.item is None or event.item in visible_items:
        return event_json(event)
    return hidden_json(event)


@dataclass
class Bucket:
    """A token bucket: at least 20 events a second, bursts of 60 (contract, "Live room")."""

    rate: float = 25.0
    size: float = 80.0
    tokens: float = 80.0
    at: float = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at ``now`` (seconds of any steady clock)."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
