"""Places, which belong to no hospital alone: regions, hospitals, alliances, agreements, teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, selectinload

from mdt.extensions import db
from mdt.models.people import User
from mdt.models.regions import Agreement, Alliance, AllianceMember, Hospital, Region, Team, TeamSeat
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.regions import KnownRegion

Thing = TypeVar("Thing")

#: As many a browser's list bears; an account that is not among them can still be typed.
_PEOPLE_OFFERED = 2000


def list_regions(parent: str | None) -> list[Region]:
    """Provinces for ``None``, else the divisions right below one."""
    return list(
        db.session.scalars(select(Region).where(Region.parent_code == parent).order_by(Region.code))
    )


def region_path(code: str | None) -> list[Region]:
    """A region with those above it, the province first; empty for an unknown code."""
    path: list[Region] = []
    while code and (region := db.session.get(Region, code)) and region not in path:
        path.insert(0, region)
        code = region.parent_code
    return path


def count_below() -> dict[str, int]:
    """How many divisions lie right below each region."""
    rows = db.session.execute(select(Region.parent_code, func.count()).group_by(Region.parent_code))
    return {code: count for code, count in rows if code}


def count_regions() -> dict[str, int]:
    """How many regions of each level are here."""
    rows = db.session.execute(select(Region.level, func.count()).group_by(Region.level))
    return {level: count for level, count in rows}  # noqa: C416 -- rows are not pairs to mypy


def known_regions() -> dict[str, KnownRegion]:
    """What is known of every division, by code."""
    rows = db.session.execute(
        select(Region.code, Region.level, Region.name_zh, Region.name_en, Region.parent_code)
    )
    return {code: KnownRegion(level, zh, en, parent or "") for code, level, zh, en, parent in rows}


def find_region(code: str) -> Region | None:
    """A region by its six digits."""
    return db.session.get(Region, code)


def region_choices() -> list[Region]:
    """Every region, by code, for a choice."""
    return list(db.session.scalars(select(Region).order_by(Region.code)))


def list_hospitals(*, active_only: bool = False) -> list[Hospital]:
    """Hospitals by region and code."""
    statement = select(Hospital).order_by(Hospital.region_code, Hospital.code)
    if active_only:
        statement = statement.where(Hospital.active)
    return list(db.session.scalars(statement))


def search_hospitals(text: str) -> list[Hospital]:
    """Hospitals by part of name or code, by region and code."""
    return list(
        db.session.scalars(
            select(Hospital)
            .where(
                Hospital.name_zh.contains(text, autoescape=True)
                | Hospital.name_en.icontains(text, autoescape=True)
                | Hospital.code.icontains(text, autoescape=True)
            )
            .order_by(Hospital.region_code, Hospital.code)
        )
    )


def get_hospital(hospital_id: int) -> Hospital:
    """One hospital, or `NotFound`."""
    return _found(db.session.get(Hospital, hospital_id))


def find_hospital(code: str) -> Hospital | None:
    """A hospital by its code."""
    return db.session.scalar(select(Hospital).where(Hospital.code == code))


def list_alliances() -> list[Alliance]:
    """Alliances with their members."""
    return list(
        db.session.scalars(
            select(Alliance)
            .options(selectinload(Alliance.members).joinedload(AllianceMember.hospital))
            .options(selectinload(Alliance.lead))
            .order_by(Alliance.name_zh)
        )
    )


def get_alliance(alliance_id: int) -> Alliance:
    """One alliance with its members, or `NotFound`."""
    return _found(
        db.session.scalar(
            select(Alliance)
            .options(selectinload(Alliance.members))
            .where(Alliance.id == alliance_id)
        )
    )


def list_agreements() -> list[Agreement]:
    """Agreements, the newest end first."""
    return list(
        db.session.scalars(
            select(Agreement)
            .options(selectinload(Agreement.requesting), selectinload(Agreement.consulting))
            .order_by(Agreement.valid_to.desc(), Agreement.number)
        )
    )


def get_agreement(agreement_id: int) -> Agreement:
    """One agreement, or `NotFound`."""
    return _found(db.session.get(Agreement, agreement_id))


def find_valid_agreement(requesting: int, consulting: int, on: date) -> Agreement | None:
    """The agreement between two hospitals that holds on a day."""
    return db.session.scalar(
        select(Agreement)
        .where(
            Agreement.requesting_hospital_id == requesting,
            Agreement.consulting_hospital_id == consulting,
            Agreement.valid_from <= on,
            Agreement.valid_to >= on,
        )
        .order_by(Agreement.valid_to.desc())
        .limit(1)
    )


def list_teams() -> list[Team]:
    """Teams with their rosters, by hospital."""
    return list(
        db.session.scalars(
            select(Team).options(selectinload(Team.seats)).order_by(Team.hospital_id, Team.name_zh)
        )
    )


def get_team(team_id: int) -> Team:
    """One team with its roster, or `NotFound`."""
    return _found(
        db.session.scalar(select(Team).options(selectinload(Team.seats)).where(Team.id == team_id))
    )


def teams_open_to(viewer: Viewer, hospital_id: int, on: date) -> list[Team]:
    """Teams that a hospital may address on a day: its own, and those it has an agreement with."""
    held = select(Agreement.consulting_hospital_id).where(
        Agreement.requesting_hospital_id == hospital_id,
        Agreement.valid_from <= on,
        Agreement.valid_to >= on,
    )
    return list(
        db.session.scalars(
            select(Team)
            .where(Team.active, Team.hospital_id.in_(held) | (Team.hospital_id == hospital_id))
            .order_by(Team.hospital_id, Team.name_zh)
        )
    )


def roster(team_id: int) -> list[tuple[TeamSeat, User]]:
    """Seats of a team with their people, by role and discipline."""
    rows = db.session.execute(
        select(TeamSeat, User)
        .join(User, User.id == TeamSeat.user_id)
        .where(TeamSeat.team_id == team_id)
        .order_by(TeamSeat.role, TeamSeat.discipline, User.name)
    ).all()
    return [(seat, user) for seat, user in rows]


def people_for_seats(hospital_id: int) -> Sequence[User]:
    """Active people of all hospitals, to choose from for a roster; those of this one first."""
    return db.session.scalars(
        select(User)
        .join(Hospital, Hospital.id == User.hospital_id)
        .where(User.active, Hospital.active)
        .options(contains_eager(User.hospital))
        .order_by(User.hospital_id != hospital_id, Hospital.code, User.name)
        .limit(_PEOPLE_OFFERED)
    ).all()


@dataclass(frozen=True)
class PlaceCounts:
    """How much of each is here."""

    regions: int
    hospitals: int
    alliances: int
    agreements: int
    teams: int
    people: int


def count_places() -> PlaceCounts:
    """Everything that the system administrator keeps."""
    tables = (Region.code, Hospital.id, Alliance.id, Agreement.id, Team.id, User.id)
    counts = [select(func.count(column)).scalar_subquery() for column in tables]
    return PlaceCounts(*db.session.execute(select(*counts)).one())


def _found(thing: Thing | None) -> Thing:
    if thing is None:
        raise NotFound
    return thing
