"""Storing and sending the live room's events: stored first, sent after the commit, gapless.

`room_work` is the unit of work of everything done in a room. It takes the conference's row first,
so that numbers have no holes and the same key is never stored twice. One process does one thing in
a room at a time until it is sent, so that its events leave in the order of their numbers; between
several processes the browsers put them in order.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from mdt.adapters import broadcast
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.discussion import LiveEvent
from mdt.models.people import User
from mdt.queries import live, scope
from mdt.queries.live_audience import audience
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, Invalid, NotFound
from mdt.rules.events import LONGEST_KEY, Event, LiveEventKind, event_json, hidden_json
from mdt.services.unit_of_work import Work, unit_of_work

#: A room's lock is one of these; two rooms that share one only wait for each other.
_LOCKS = tuple(threading.Lock() for _ in range(64))


@dataclass
class RoomWork:
    """One thing done in a room: the work, the seat it is done from, the locked conference.

    ``events`` is not empty at the start where the key was stored before: nothing is done again.
    """

    work: Work
    seat: live.RoomSeat
    conference: Conference
    key: str
    events: list[LiveEvent]

    @property
    def seq(self) -> int:
        """Number to acknowledge: the last event that this action stored."""
        return self.events[-1].seq if self.events else 0

    def add(self, kind: LiveEventKind, item: AgendaItem | None, data: dict[str, Any]) -> LiveEvent:
        """Store an event and send it after the commit. Later ones of an action extend the key."""
        key = self.key if not self.events else f"{self.key}{live.KEY_MARK}{len(self.events)}"
        event = append_event(self.work, self.conference.id, kind, item, data, key=key)
        self.events.append(event)
        return event


@contextmanager
def room_work(
    viewer: Viewer,
    conference_id: int,
    key: str,
    *,
    now: datetime,
    action: AuditAction | None = None,
) -> Iterator[RoomWork]:
    """Begin something in a room: lock the conference, find the seat, notice a repeated key.

    Without ``action`` the event is its own record and no audit row is written.
    """
    if not key or len(key) > LONGEST_KEY - 4 or not key.isprintable():
        raise Invalid({"key": "key_required"})
    with (
        _LOCKS[conference_id % len(_LOCKS)],
        unit_of_work(viewer, action or AuditAction.CONFERENCE_EVENT, now=now) as work,
    ):
        work.silent = action is None
        conference = lock_conference(work, conference_id)
        seat = live.get_seat(viewer, conference_id)
        stored = live.find_events(conference_id, viewer.user_id, key)
        if stored:
            work.silent = True
        if action is not None:
            work.about(conference)
        yield RoomWork(work, seat, conference, key, stored)


@dataclass
class CaseWork:
    """One thing done to a case: the work, and its agenda item while that is on in a live room."""

    work: Work
    item: AgendaItem | None

    def tell(self, kind: LiveEventKind, data: dict[str, Any]) -> None:
        """Let the room know, where there is one; the event is sent after the commit."""
        if self.item is not None:
            key = f"{kind.value}-{uuid.uuid4().hex}"
            append_event(self.work, self.item.conference_id, kind, self.item, data, key=key)


@contextmanager
def case_work(
    viewer: Viewer, case_id: int, action: AuditAction, *, now: datetime
) -> Iterator[CaseWork]:
    """Begin something done to a case of which a live room hears, if the case is on in one.

    Whoever does it needs no seat there; that the case may be changed is for the caller to ask.
    """
    found = live.find_item_on(case_id)
    with ExitStack() as stack:
        if found is not None:
            stack.enter_context(_LOCKS[found.conference_id % len(_LOCKS)])
        work = stack.enter_context(unit_of_work(viewer, action, now=now))
        if found is not None:
            lock_conference(work, found.conference_id)
            found = live.find_item_on(case_id)
        yield CaseWork(work, found)


def lock_conference(work: Work, conference_id: int) -> Conference:
    """Take the conference's row; whoever else writes to this room waits for the commit."""
    statement = (
        select(Conference).where(Conference.id == conference_id).with_for_update(of=Conference)
    )
    found: Conference | None = work.session.scalar(
        scope.unscoped(statement, because="the seat is checked right after the lock")
    )
    if found is None:
        raise NotFound
    return found


def append_event(
    work: Work,
    conference_id: int,
    kind: LiveEventKind,
    item: AgendaItem | None,
    data: dict[str, Any],
    *,
    key: str,
) -> LiveEvent:
    """Store one event with the next number, inside the running unit of work.

    Side effects: after the commit it is sent to every seat, whole or hidden.
    """
    if work.viewer is None:
        raise Forbidden
    seq = work.session.execute(
        update(Conference)
        .where(Conference.id == conference_id)
        .values(last_seq=Conference.last_seq + 1)
        .returning(Conference.last_seq)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    event = LiveEvent(
        conference_id=conference_id,
        seq=seq,
        kind=kind.value,
        item_id=item.id if item else None,
        case_id=item.case_id if item else None,
        actor_id=work.viewer.user_id,
        key=key,
        at=work.now,
        data=data,
    )
    work.session.add(event)
    work.session.flush()
    actor = work.session.get_one(User, work.viewer.user_id)
    plain = live.plain_event(event, actor)
    work.after_commit(lambda: publish(plain))
    return event


def publish(event: Event) -> None:
    """Send a stored event: whole to seats that may see its item, hidden to the others."""
    hearers = audience(event.conference, event.item, as_of=event.at)
    room = event.conference
    broadcast.send_to_people("event", event_json(event), room, hearers.hear)
    broadcast.send_to_people("event", hidden_json(event), room, hearers.hidden)
