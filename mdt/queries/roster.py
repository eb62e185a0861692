"""Whom a coordinator may ask to a conference: the team's roster, doctors, observers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, or_, select

from mdt.extensions import db
from mdt.models.people import User, UserRole
from mdt.models.regions import Agreement, Team, TeamSeat
from mdt.rules.access import TEAM_DESK_ROLES, Role, Viewer


@dataclass(frozen=True)
class RosterSeat:
    """A person in a team's roster; ``discipline`` is the seat's, else the person's own."""

    user: User
    role: Role
    discipline: str | None


def list_desk_teams(viewer: Viewer) -> Sequence[Team]:
    """Teams for which the viewer plans conferences, by name."""
    return db.session.scalars(
        select(Team)
        .where(Team.id.in_(viewer.teams_as(*TEAM_DESK_ROLES)), Team.active)
        .order_by(Team.hospital_id, Team.name_zh)
    ).all()


def list_roster(team_id: int, *roles: Role) -> list[RosterSeat]:
    """Seats of a team with these roles, by seat; people whose account is blocked are left out."""
    rows = db.session.execute(
        select(TeamSeat, User)
        .join(User, User.id == TeamSeat.user_id)
        .where(
            TeamSeat.team_id == team_id,
            TeamSeat.role.in_([role.value for role in roles]),
            User.active,
        )
        .order_by(TeamSeat.id)
    ).all()
    return [
        RosterSeat(user, Role(seat.role), seat.discipline or user.discipline) for seat, user in rows
    ]


def list_doctors(hospital_ids: Collection[int]) -> dict[int, list[User]]:
    """Doctors of hospitals who may present a case of theirs: hospital to people."""
    rows = db.session.execute(
        select(UserRole.hospital_id, User)
        .join(User, User.id == UserRole.user_id)
        .where(
            UserRole.role == Role.CLINICIAN.value,
            UserRole.hospital_id.in_(hospital_ids),
            User.active,
        )
        .order_by(User.id)
    ).all()
    found: dict[int, list[User]] = {number: [] for number in hospital_ids}
    for hospital_id, user in rows:
        if hospital_id is not None:
            found[hospital_id].append(user)
    return found


def list_observers(team: Team, day: date) -> Sequence[User]:
    """Who may be asked to listen.

    Observers of the roster, of the team's hospital, and of hospitals with an agreement in force.
    """
    seat = exists(
        select(TeamSeat.id)
        .where(
            TeamSeat.team_id == team.id,
            TeamSeat.user_id == User.id,
            TeamSeat.role == Role.OBSERVER.value,
        )
        .correlate(User)
    )
    partners = select(Agreement.requesting_hospital_id).where(
        Agreement.consulting_hospital_id == team.hospital_id,
        Agreement.valid_from <= day,
        Agreement.valid_to >= day,
    )
    role = exists(
        select(UserRole.id)
        .where(
            UserRole.user_id == User.id,
            UserRole.role == Role.OBSERVER.value,
            or_(UserRole.hospital_id == team.hospital_id, UserRole.hospital_id.in_(partners)),
        )
        .correlate(User)
    )
    return db.session.scalars(
        select(User).where(User.active, or_(seat, role)).order_by(User.hospital_id, User.id)
    ).all()
