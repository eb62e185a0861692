"""A conference and its agenda: states, planned times, order, answers to invitations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mdt.rules.access import Role
from mdt.rules.errors import IllegalTransition, Invalid, Refused


class ConferenceState(StrEnum):
    """States of the contract."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """States of an agenda item; an undiscussed one's case goes back to the queue."""

    WAITING = "waiting"
    DISCUSSING = "discussing"
    CONCLUDED = "concluded"
    DEFERRED = "deferred"
    UNDISCUSSED = "undiscussed"


class InvitationAnswer(StrEnum):
    """What an invited person has said."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Step(StrEnum):
    """One step up or down the agenda."""

    UP = "up"
    DOWN = "down"


CONFERENCE_TRANSITIONS: Mapping[ConferenceState, frozenset[ConferenceState]] = {
    ConferenceState.SCHEDULED: frozenset({ConferenceState.LIVE, ConferenceState.CANCELLED}),
    ConferenceState.LIVE: frozenset({ConferenceState.CLOSED}),
    ConferenceState.CLOSED: frozenset(),
    ConferenceState.CANCELLED: frozenset(),
}

#: A chair may set a case aside and take it up again while the conference lasts.
ITEM_TRANSITIONS: Mapping[ItemState, frozenset[ItemState]] = {
    ItemState.WAITING: frozenset({ItemState.DISCUSSING, ItemState.DEFERRED, ItemState.UNDISCUSSED}),
    ItemState.DISCUSSING: frozenset(
        {ItemState.WAITING, ItemState.CONCLUDED, ItemState.DEFERRED, ItemState.UNDISCUSSED}
    ),
    # Deferred afterwards: the signed opinion says that the case has to come again.
    ItemState.CONCLUDED: frozenset({ItemState.DISCUSSING, ItemState.DEFERRED}),
    ItemState.DEFERRED: frozenset({ItemState.DISCUSSING}),
    ItemState.UNDISCUSSED: frozenset(),
}

#: An answer may be changed until the conference begins.
ANSWER_TRANSITIONS: Mapping[InvitationAnswer, frozenset[InvitationAnswer]] = {
    answer: frozenset(InvitationAnswer) - {answer, InvitationAnswer.PENDING}
    for answer in InvitationAnswer
}

#: Seats that see every item of a conference; presenters and observers see the named ones.
PANEL_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR, Role.EXPERT, Role.RECORDER})
#: Seats that run the room.
LEADING_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR})
#: Seats that may write opinions, those that send them out for signing, and those whose task it is
#: to see that a discussed case gets one.
PLAN_WRITING_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR, Role.EXPERT, Role.RECORDER})
PLAN_SENDING_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR, Role.RECORDER})
PLAN_OWING_ROLES = frozenset({Role.CHAIR, Role.RECORDER})

SHORTEST_ITEM = timedelta(minutes=1)
LONGEST_ITEM = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Slot:
    """The planned time of one agenda item."""

    item_id: int
    starts_at: datetime
    ends_at: datetime


def move_conference(current: ConferenceState, target: ConferenceState) -> ConferenceState:
    """Return the new state, or raise `IllegalTransition`."""
    if target not in CONFERENCE_TRANSITIONS[current]:
        raise IllegalTransition("conference_transition", current=current, target=target)
    return target


def move_item(current: ItemState, target: ItemState, *, conference: ConferenceState) -> ItemState:
    """Return the new state, or raise `IllegalTransition`; a case is discussed in a live one only.

    Before a conference begins an item can only be taken off, as deferred or undiscussed.
    """
    running = conference is ConferenceState.LIVE
    taken_off = target in {ItemState.DEFERRED, ItemState.UNDISCUSSED}
    if target not in ITEM_TRANSITIONS[current] or not (running or taken_off):
        raise IllegalTransition("item_transition", current=current, target=target)
    return target


def left_over(items: Mapping[int, ItemState]) -> dict[int, ItemState]:
    """States that change when a conference closes or is cancelled: what waits is undiscussed."""
    open_states = {ItemState.WAITING, ItemState.DISCUSSING}
    return {i: ItemState.UNDISCUSSED for i, state in items.items() if state in open_states}


def planned_times(starts_at: datetime, items: Iterable[tuple[int, int]]) -> tuple[Slot, ...]:
    """Lay out ``(item id, minutes)`` one after another from ``starts_at``."""
    slots: list[Slot] = []
    begin = starts_at
    for item_id, minutes in items:
        end = begin + checked_minutes(minutes)
        slots.append(Slot(item_id, begin, end))
        begin = end
    return tuple(slots)


def checked_minutes(minutes: int) -> timedelta:
    """Minutes of an item as a duration, or `Invalid`."""
    duration = timedelta(minutes=minutes)
    if not SHORTEST_ITEM <= duration <= LONGEST_ITEM:
        raise Invalid({"minutes": "out_of_range"})
    return duration


def spare_minutes(duration_minutes: int, items: Iterable[int]) -> int:
    """Minutes left over; negative where the agenda is longer than the conference."""
    return duration_minutes - sum(items)


def reordered(order: Sequence[int], item_id: int, step: Step) -> tuple[int, ...]:
    """Move an item one place up or down; at the end of the list it stays where it is.

    Raises `Invalid` for an item that is not on the agenda.
    """
    if item_id not in order:
        raise Invalid({"item": "not_on_agenda"})
    old = order.index(item_id)
    new = old - 1 if step is Step.UP else old + 1
    if not 0 <= new < len(order):
        return tuple(order)
    moved = list(order)
    moved[old], moved[new] = moved[new], moved[old]
    return tuple(moved)


def answer_invitation(
    current: InvitationAnswer, answer: InvitationAnswer, *, conference: ConferenceState
) -> InvitationAnswer:
    """Return the new answer; the same again is no error.

    Raises `Refused` once the conference has begun or is over, `IllegalTransition` for taking an
    answer back to pending.
    """
    if conference is not ConferenceState.SCHEDULED:
        raise Refused("conference_not_open_to_answers", state=conference)
    if answer is current:
        return current
    if answer not in ANSWER_TRANSITIONS[current]:
        raise IllegalTransition("answer_transition", current=current, target=answer)
    return answer


def answers_after_move(invited: Iterable[int]) -> dict[int, InvitationAnswer]:
    """Ask everybody again when date or time change: who declined may be able to come now."""
    return dict.fromkeys(invited, InvitationAnswer.PENDING)


def sees_every_item(role: Role) -> bool:
    """Whether a seat sees all items of a conference, and not only those it was named to."""
    return role in PANEL_ROLES
