"""The live room's reads: a seat, what it may see, its events, its snapshot's parts."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference, Invitation
from mdt.models.discussion import LiveEvent
from mdt.models.people import User, UserRole
from mdt.models.regions import TeamSeat
from mdt.queries import scope
from mdt.rules.access import CLINICAL_ROLES, TEAM_DESK_ROLES, Viewer
from mdt.rules.errors import NotFound
from mdt.rules.events import Actor, Event

#: Seats by strength: a person invited twice sits in the stronger one.
_STRENGTH = ("chair", "coordinator", "expert", "recorder", "presenter", "observer")


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
    conference = db.session.scalar(scope.conferences(viewer).where(Conference.id == conference_id))
    if conference is None:
        raise NotFound
    invitations = db.session.scalars(
        scope.scoped_children(
            select(Invitation).where(
                Invitation.conference_id == conference_id,
                Invitation.user_id == viewer.user_id,
                Invitation.withdrawn_at.is_(None),
                Invitation.answer != "declined",
            )
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
class Audience:
    """Who hears an event about one item: the panel, and of the others these and not those."""

    conference_id: int
    hear: frozenset[int]
    hidden: frozenset[int]


def audience(conference_id: int, item_id: int | None) -> Audience:
    """Split the people who see some items only by whether they may see this one."""
    rows = db.session.execute(
        scope.unscoped(
            select(Invitation.user_id, Invitation.item_id, Conference.team_id)
            .join(Conference, Conference.id == Invitation.conference_id)
            .where(Invitation.conference_id == conference_id, Invitation.withdrawn_at.is_(None)),
            because="decides who hears an event; nothing of it is shown",
        )
    ).all()
    panel = {user for user, item, _ in rows if item is None} | _desk(rows[0][2] if rows else None)
    limited = frozenset(user for user, _, _ in rows) - panel
    if item_id is None:
        return Audience(conference_id, limited, frozenset())
    invited = {user for user, item, _ in rows if item == item_id}
    hear = limited & (invited | _own_doctors(item_id, limited))
    return Audience(conference_id, frozenset(hear), limited - hear)


def _desk(team_id: int | None) -> set[int]:
    roles = [role.value for role in TEAM_DESK_ROLES]
    return set(
        db.session.scalars(
            select(TeamSeat.user_id).where(TeamSeat.team_id == team_id, TeamSeat.role.in_(roles))
        )
    )


def _own_doctors(item_id: int, users: Collection[int]) -> set[int]:
    """People of the case's own hospital with a clinical role see it without being invited."""
    if not users:
        return set()
    return set(
        db.session.scalars(
            scope.unscoped(
                select(UserRole.user_id)
                .join(Case, Case.hospital_id == UserRole.hospital_id)
                .join(AgendaItem, AgendaItem.case_id == Case.id)
                .where(
                    AgendaItem.id == item_id,
                    UserRole.user_id.in_(users),
                    UserRole.role.in_([role.value for role in CLINICAL_ROLES]),
                ),
                because="decides who hears an event; nothing of it is shown",
            )
        )
    )


@dataclass(frozen=True)
class Stage:
    """What is on in a room: the item and who presents it."""

    item: int | None
    presenter: int | None


def get_stage(conference_id: int) -> Stage:
    """What is on now; for deciding who hears a signal."""
    row = db.session.execute(
        scope.unscoped(
            select(Conference.current_item_id, Conference.presenter_id).where(
                Conference.id == conference_id
            ),
            because="decides who hears a signal; the seat is checked first",
        )
    ).one()
    return Stage(row[0], row[1])


def list_events(conference_id: int, *, since: int, limit: int) -> list[Event]:
    """Events after ``since``, oldest first. The caller hides what the seat may not see."""
    rows = db.session.execute(
        scope.scoped_children(
            select(LiveEvent, User)
            .join(User, User.id == LiveEvent.actor_id)
            .where(LiveEvent.conference_id == conference_id, LiveEvent.seq > since)
            .order_by(LiveEvent.seq)
            .limit(limit)
        )
    ).all()
    return [plain_event(event, user) for event, user in rows]


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
        user.discipline or "",
    )


def find_event(conference_id: int, actor_id: int, key: str) -> LiveEvent | None:
    """The event that this person stored under this key."""
    statement = select(LiveEvent).where(
        LiveEvent.conference_id == conference_id,
        LiveEvent.actor_id == actor_id,
        LiveEvent.key == key,
    )
    found: LiveEvent | None = db.session.scalar(scope.scoped_children(statement))
    return found


def last_seq(conference_id: int) -> int:
    """Number of the newest event."""
    statement = select(Conference.last_seq).where(Conference.id == conference_id)
    return db.session.scalar(scope.scoped_children(statement)) or 0


def list_attendance(item_ids: Collection[int]) -> list[Attendance]:
    """Who was here for these items; the caller has checked that they may be seen."""
    return list(
        db.session.scalars(
            scope.scoped_children(
                select(Attendance).where(Attendance.item_id.in_(item_ids)).order_by(Attendance.id)
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
