"""The live room's reads: a seat, what it may see, its events, its snapshot's parts."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from mdt.extensions import db
from mdt.models.conferences import AgendaItem, Attendance, Conference, Invitation
from mdt.models.discussion import LiveEvent
from mdt.models.people import User
from mdt.queries import scope
from mdt.rules.access import TEAM_DESK_ROLES, Viewer
from mdt.rules.conference import ConferenceState
from mdt.rules.errors import NotFound
from mdt.rules.events import NEW_CASE_KINDS, Actor, Event, LiveEventKind, raised_hands

#: Seats by strength: a person invited twice sits in the stronger one.
_STRENGTH = ("chair", "coordinator", "expert", "recorder", "presenter", "observer")
#: Between the key of an action and the number of a further event of it; never in a client's key.
KEY_MARK = "\x1f"
#: Hands, votes and pictures that a state is added up from, the newest.
REPLAYED = 20_000
#: What raised hands are added up from.
HAND_KINDS = (LiveEventKind.HAND, *sorted(NEW_CASE_KINDS))


@dataclass(frozen=True)
class RoomSeat:
    """A person's seat in a conference: role, discipline, and the items that it sees."""

    conference_id: int
    user_id: int
    role: str
    discipline: str | None
    panel: bool
    items: frozenset[int]

    def sees(self, item_id: int | None) -> bool:
        """Whether something about this item may reach the seat."""
        return item_id is None or item_id in self.items


def get_seat(viewer: Viewer, conference_id: int) -> RoomSeat:
    """The viewer's seat, or `NotFound` for a conference that is not the viewer's."""
    conference = get_conference(viewer, conference_id)
    invitations = db.session.scalars(
        scope.scoped_children(
            select(Invitation).where(
                Invitation.conference_id == conference_id,
                Invitation.user_id == viewer.user_id,
                Invitation.withdrawn_at.is_(None),
                Invitation.answer != "declined",
            ),
            of="conference",
        )
    ).all()
    desk = [s.role.value for s in viewer.seats if s.team_id == conference.team_id]
    roles = [i.role for i in invitations] + [r for r in desk if r in TEAM_DESK_ROLES]
    if not roles:
        raise NotFound
    panel = any(i.item_id is None for i in invitations) or len(roles) > len(invitations)
    disciplines = [i.discipline for i in invitations if i.discipline]
    return RoomSeat(
        conference_id,
        viewer.user_id,
        min(roles, key=_STRENGTH.index),
        disciplines[0] if disciplines else viewer.discipline,
        panel,
        visible_items(viewer, conference_id),
    )


def get_conference(viewer: Viewer, conference_id: int) -> Conference:
    """The conference of a room, or `NotFound` for one that is not the viewer's."""
    found: Conference | None = db.session.scalar(
        scope.conferences(viewer).where(Conference.id == conference_id)
    )
    if found is None:
        raise NotFound
    return found


def visible_items(viewer: Viewer, conference_id: int) -> frozenset[int]:
    """Agenda items of a conference that the viewer may see."""
    return frozenset(
        db.session.scalars(
            scope.agenda_items(viewer)
            .where(AgendaItem.conference_id == conference_id)
            .with_only_columns(AgendaItem.id)
        )
    )


@dataclass(frozen=True)
class Stage:
    """What is on in a room: its state, the item and who presents it."""

    state: str
    item: int | None
    presenter: int | None


def get_stage(conference_id: int) -> Stage:
    """What is on now; for deciding who hears a signal."""
    row = db.session.execute(
        scope.unscoped(
            select(Conference.state, Conference.current_item_id, Conference.presenter_id).where(
                Conference.id == conference_id
            ),
            because="decides who hears a signal; the seat is checked first",
        )
    ).one()
    return Stage(*row)


def find_item_on(case_id: int) -> AgendaItem | None:
    """The agenda item of a case that is on in a live room now."""
    statement = (
        select(AgendaItem)
        .join(Conference, Conference.current_item_id == AgendaItem.id)
        .where(AgendaItem.case_id == case_id, Conference.state == ConferenceState.LIVE)
        .order_by(AgendaItem.id.desc())
        .limit(1)
    )
    found: AgendaItem | None = db.session.scalar(
        scope.unscoped(statement, because="says which room hears of it; nothing of it is shown")
    )
    return found


def list_events(conference_id: int, *, since: int, limit: int) -> list[Event]:
    """Events after ``since``, oldest first. The caller hides what the seat may not see."""
    statement = _events(conference_id).where(LiveEvent.seq > since)
    rows = db.session.execute(statement.order_by(LiveEvent.seq).limit(limit)).all()
    return [plain_event(event, user) for event, user in rows]


def list_latest(
    conference_id: int, kinds: Collection[str], items: Collection[int], *, until: int, limit: int
) -> list[Event]:
    """The newest events of these kinds about these items (or none), oldest first."""
    statement = _events(conference_id).where(
        LiveEvent.kind.in_(kinds),
        or_(LiveEvent.item_id.is_(None), LiveEvent.item_id.in_(items)),
        LiveEvent.seq <= until,
    )
    rows = db.session.execute(statement.order_by(LiveEvent.seq.desc()).limit(limit)).all()
    return [plain_event(event, user) for event, user in reversed(rows)]


def hands_up(seat: RoomSeat) -> list[int]:
    """Users whose raised hands this seat sees now."""
    newest = last_seq(seat.conference_id)
    return raised_hands(
        list_latest(seat.conference_id, HAND_KINDS, seat.items, until=newest, limit=REPLAYED)
    )


def _events(conference_id: int) -> Select[LiveEvent, User]:
    return scope.scoped_children(
        select(LiveEvent, User)
        .join(User, User.id == LiveEvent.actor_id)
        .where(LiveEvent.conference_id == conference_id),
        of="conference",
    )


def plain_event(event: LiveEvent, user: User) -> Event:
    """The stored event as plain data, with who did it."""
    return Event(
        event.conference_id,
        event.seq,
        event.kind,
        event.item_id,
        actor_of(user),
        event.at,
        event.data,
    )


def actor_of(user: User) -> Actor:
    """A person as the room may know them."""
    return Actor(
        user.id,
        user.name,
        user.hospital.name_zh if user.hospital else "",
        user.hospital.name_en if user.hospital else "",
        user.discipline or "",
    )


def find_events(conference_id: int, actor_id: int, key: str) -> list[LiveEvent]:
    """What this person stored under this key, oldest first: an action may store several events."""
    statement = select(LiveEvent).where(
        LiveEvent.conference_id == conference_id,
        LiveEvent.actor_id == actor_id,
        or_(LiveEvent.key == key, LiveEvent.key.startswith(f"{key}{KEY_MARK}", autoescape=True)),
    )
    return list(
        db.session.scalars(
            scope.scoped_children(statement.order_by(LiveEvent.seq), of="conference")
        )
    )


def last_seq(conference_id: int) -> int:
    """Number of the newest event."""
    statement = select(Conference.last_seq).where(Conference.id == conference_id)
    return db.session.scalar(scope.scoped_children(statement, of="conference")) or 0


def list_attendance(item_ids: Collection[int]) -> list[Attendance]:
    """Who was here for these items; the caller has checked that they may be seen."""
    return list(
        db.session.scalars(
            scope.scoped_children(
                select(Attendance).where(Attendance.item_id.in_(item_ids)).order_by(Attendance.id),
                of="item",
            )
        )
    )


def case_events(viewer: Viewer, case_id: int, kinds: Collection[str]) -> list[Event]:
    """Events about a case in all its conferences (the discussion kept with the case)."""
    rows = db.session.execute(
        scope.of_visible_case(viewer, LiveEvent)
        .add_columns(User)
        .join(User, User.id == LiveEvent.actor_id)
        .where(LiveEvent.case_id == case_id, LiveEvent.kind.in_(kinds))
        .order_by(LiveEvent.id)
    ).all()
    return [plain_event(event, user) for event, user in rows]
