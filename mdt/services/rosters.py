"""Who sits in a team: the system administrator's rosters."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mdt.adapters import broadcast
from mdt.models.people import User
from mdt.models.regions import Team, TeamSeat
from mdt.queries.people import find_user, get_user, living_sessions
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.content import disciplines
from mdt.rules.errors import Invalid, NotFound
from mdt.rules.people import TEAM_ROLES, role_conflicts
from mdt.services.unit_of_work import unit_of_work


def add_seat(
    viewer: Viewer | None,
    team_id: int,
    user_id: int,
    role: str,
    discipline: str | None,
    *,
    now: datetime,
) -> None:
    """Give a person a seat in a team's roster. Side effects: a seat, one audit row.

    Raises `Invalid` for a role that is no seat, an expert without discipline, a seat held already,
    and for an administrator: those hold nothing clinical.
    """
    _check_seat(role, discipline)
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        team = work.session.scalar(
            select(Team).where(Team.id == team_id).options(selectinload(Team.seats))
        )
        user = get_user(user_id)
        if team is None:
            raise NotFound
        _check_person(user, role)
        if any(s.user_id == user_id and s.role == role for s in team.seats):
            raise Invalid({"username": "seat_taken"})
        team.seats.append(TeamSeat(user_id=user_id, role=role, discipline=discipline or None))
        work.about(team, seat=role, user=user_id)


def add_seat_by_name(
    viewer: Viewer, team_id: int, username: str, role: str, discipline: str, *, now: datetime
) -> str:
    """Give a seat to the account of this name, in its own discipline where none is named.

    Returns the person's name. Raises and does as `add_seat`.
    """
    user = find_user(username)
    if user is None:
        raise Invalid({"username": "person_unknown"})
    name = user.name
    add_seat(viewer, team_id, user.id, role, discipline or user.discipline, now=now)
    return name


def _check_seat(role: str, discipline: str | None) -> None:
    if role not in TEAM_ROLES:
        raise Invalid({"role": "unknown_code"})
    if role in {"chair", "expert"} and not discipline:
        raise Invalid({"discipline": "required"})
    if discipline and discipline not in {one.code for one in disciplines()}:
        raise Invalid({"discipline": "unknown_code"})


def _check_person(user: User | None, role: str) -> None:
    if user is None or not user.active:
        raise Invalid({"username": "person_unknown"})
    if role_conflicts({m.role for m in user.memberships} | {role}):
        raise Invalid({"username": "administrator_seat"})


def remove_seat(viewer: Viewer, team_id: int, seat_id: int, *, now: datetime) -> None:
    """Take a seat away; it acts at once.

    Side effects: the seat's row goes, the person's open sockets are cut so that they are judged
    anew, one audit row.
    """
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        seat = work.session.get(TeamSeat, seat_id)
        if seat is None or seat.team_id != team_id:
            raise NotFound
        work.about(seat, seat=seat.role, user=seat.user_id, removed=True)
        sessions = living_sessions(seat.user_id)
        work.session.delete(seat)
        work.after_commit(lambda: broadcast.cut_sessions(sessions))
