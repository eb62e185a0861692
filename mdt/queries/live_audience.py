"""Who hears what in a live room, decided for everybody at once when an event is sent.

`mdt.queries.scope` says the same for one viewer: what goes by invitation and by signature is said
there for both, roles and seats are looked up here; a test holds that both agree. Because it is
asked anew for each event, an invitation that was taken back, a lost role or a closed window act
from the next event on, whatever sockets are still open.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.people import User, UserRole
from mdt.models.regions import Team, TeamSeat
from mdt.queries import scope
from mdt.rules.access import CLINICAL_ROLES, ROLE_PERMISSIONS, TEAM_DESK_ROLES, Permission

_BECAUSE = "decides who hears an event; nothing of it is shown"
_DESK = [role.value for role in TEAM_DESK_ROLES]
_CLINICAL = [role.value for role in CLINICAL_ROLES]
_JOINING = [r.value for r, p in ROLE_PERMISSIONS.items() if Permission.CONFERENCE_JOIN in p]


@dataclass(frozen=True)
class Audience:
    """Users with a seat who hear an event whole, and those who hear only that something was."""

    hear: frozenset[int]
    hidden: frozenset[int]


def audience(conference_id: int, item_id: int | None, *, as_of: datetime) -> Audience:
    """Split the people who have a seat in a conference now by whether they may see an item."""
    everybody = seated(conference_id)
    if item_id is None or not everybody:
        return Audience(everybody, frozenset())
    oldest = scope.oldest_open(as_of)
    values = {"item": item_id, "users": sorted(everybody), "oldest": oldest}
    hear = frozenset(db.session.scalars(_hearing(), values))
    return Audience(hear, everybody - hear)


def seated(conference_id: int) -> frozenset[int]:
    """Users who may sit in a conference's room now."""
    return frozenset(db.session.scalars(_seated(), {"conference": conference_id}))


# Both are asked for every event, and to put them together takes longer than to run them.
@cache
def _hearing() -> Select[int]:
    statement = (
        select(User.id)
        .select_from(User)
        .join(AgendaItem, AgendaItem.id == bindparam("item"))
        .join(Case, Case.id == AgendaItem.case_id)
        .where(User.id.in_(bindparam("users", expanding=True)), _case_visible())
    )
    return scope.unscoped(statement, because=_BECAUSE)


@cache
def _seated() -> Select[int]:
    invited = exists(
        select(Invitation.id)
        .where(
            Invitation.conference_id == bindparam("conference"),
            Invitation.user_id == User.id,
            Invitation.withdrawn_at.is_(None),
            Invitation.answer != "declined",
        )
        .correlate(User)
    )
    team = select(Conference.team_id).where(Conference.id == bindparam("conference"))
    desk = _has_seat(TeamSeat.role.in_(_DESK), TeamSeat.team_id == team.scalar_subquery())
    statement = select(User.id).where(User.active, _may_join(), or_(invited, desk))
    return scope.unscoped(statement, because=_BECAUSE)


def _may_join() -> ColumnElement[bool]:
    """Some role that lets a person into live rooms at all."""
    return or_(_has_role(UserRole.role.in_(_JOINING)), _has_seat(TeamSeat.role.in_(_JOINING)))


def _case_visible() -> ColumnElement[bool]:
    """`scope.case_visible`, for every `User` beside every `Case`."""
    own = _has_role(UserRole.role.in_(_CLINICAL), UserRole.hospital_id == Case.hospital_id)
    desk = _has_seat(TeamSeat.role.in_(_DESK), TeamSeat.team_id == Case.team_id)
    oldest = bindparam("oldest", type_=Case.signed_at.type)
    return or_(
        own,
        and_(desk, Case.submitted_at.is_not(None)),
        scope.case_shared_with(User.id, oldest),
    )


def _has_role(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(UserRole.id).where(UserRole.user_id == User.id, *conditions).correlate(User, Case)
    )


def _has_seat(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(TeamSeat.id)
        .join(Team, Team.id == TeamSeat.team_id)
        .where(TeamSeat.user_id == User.id, Team.active, *conditions)
        .correlate(User, Case)
    )
