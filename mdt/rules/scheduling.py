"""Planning a conference: what a plan must hold, whether it moves, who may be expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from mdt.rules.conference import InvitationAnswer
from mdt.rules.errors import Invalid
from mdt.rules.quorum import Attendance, Quorum, QuorumRule, quorum

SHORTEST_CONFERENCE = 10
LONGEST_CONFERENCE = 8 * 60
DEFAULT_ITEM_MINUTES = 15
#: Longest texts that the tables take.
LONGEST: Mapping[str, int] = {"title": 120, "place": 120, "media_link": 300}

_SURE = frozenset({InvitationAnswer.ACCEPTED})
_HOPED = _SURE | {InvitationAnswer.TENTATIVE, InvitationAnswer.PENDING}


@dataclass(frozen=True, slots=True)
class ConferencePlan:
    """A conference as it is typed: ``starts_at`` aware, ``minutes`` its planned length."""

    team_id: int
    starts_at: datetime
    minutes: int
    chair_id: int
    title: str = ""
    place: str = ""
    media_link: str = ""


class Change(StrEnum):
    """What an edit means to those who are invited, from nothing to being asked again."""

    NONE = "none"
    DETAILS = "details"
    MOVED = "moved"


class Outlook(StrEnum):
    """Whether a quorum is to be expected for a case."""

    MET = "met"
    POSSIBLE = "possible"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Expected:
    """An invited person and the answer so far."""

    person: Attendance
    answer: InvitationAnswer


@dataclass(frozen=True, slots=True)
class Forecast:
    """The quorum if all who accepted come, and if nobody but who declined stays away."""

    sure: Quorum
    hoped: Quorum

    @property
    def outlook(self) -> Outlook:
        """The forecast in one word."""
        if self.sure.met:
            return Outlook.MET
        return Outlook.POSSIBLE if self.hoped.met else Outlook.SHORT


def check_plan(plan: ConferencePlan, *, now: datetime | None) -> ConferencePlan:
    """Return it unchanged, or raise `Invalid`; ``now`` where the time was newly chosen."""
    wrong: dict[str, str] = {}
    if now is not None and plan.starts_at <= now:
        wrong["starts_on"] = "starts_in_past"
    if not SHORTEST_CONFERENCE <= plan.minutes <= LONGEST_CONFERENCE:
        wrong["minutes"] = "conference_minutes"
    if plan.media_link and not _is_web_address(plan.media_link):
        wrong["media_link"] = "link_not_web"
    wrong |= {name: "too_long" for name, most in LONGEST.items() if len(getattr(plan, name)) > most}
    if wrong:
        raise Invalid(wrong)
    return plan


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.netloc)


def change_of(before: ConferencePlan, after: ConferencePlan) -> Change:
    """What people must be told: a new time asks them again, a new place is told."""
    if (before.starts_at, before.minutes) != (after.starts_at, after.minutes):
        return Change.MOVED
    if (before.place, before.media_link) != (after.place, after.media_link):
        return Change.DETAILS
    return Change.NONE


def forecast(expected: Iterable[Expected], rule: QuorumRule) -> Forecast:
    """Who may be expected, held against what the team asks for."""
    people = tuple(expected)
    return Forecast(
        quorum((one.person for one in people if one.answer in _SURE), rule),
        quorum((one.person for one in people if one.answer in _HOPED), rule),
    )
