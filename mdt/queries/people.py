"""People: sign-in sessions, tokens, viewers, and lists for those who manage accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import selectinload

from mdt.extensions import db
from mdt.models.people import ApiToken, Notice, SignInFailure, SignInSession, User, UserRole
from mdt.models.regions import Hospital, Team, TeamSeat
from mdt.queries.prepared import Prepared
from mdt.rules.access import Membership, Role, Seat, Viewer
from mdt.rules.errors import NotFound
from mdt.rules.sign_in import Failures


@dataclass(frozen=True)
class SignedIn:
    """A living sign-in session and the person behind it."""

    viewer: Viewer
    session_id: int
    created_at: datetime
    last_seen_at: datetime
    must_change_password: bool
    password_changed_at: datetime | None


def find_session(token_hash: str, *, now: datetime) -> SignedIn | None:
    """The session of this token, or nothing: ended, unknown, or its account blocked."""
    rows = _BY_SESSION({"token": token_hash}).all()
    if not rows:
        return None
    row = rows[0]
    return SignedIn(
        _viewer(rows, now, session_id=row.session_id, address=row.address),
        row.session_id,
        row.created_at,
        row.last_seen_at,
        row.must_change_password,
        row.password_changed_at,
    )


def find_token_viewer(token_hash: str, *, now: datetime) -> Viewer | None:
    """The owner of a living token, with its scopes."""
    rows = _BY_TOKEN({"token": token_hash, "now": now}).all()
    return _viewer(rows, now, scopes=frozenset(rows[0].scopes)) if rows else None


def _person(*more: Any, start: Any) -> Select[*tuple[Any, ...]]:
    """A person, found from ``start``, with all that they are: a row for each role and seat."""
    statement = select(
        User.id.label("user_id"),
        User.username,
        User.name,
        User.hospital_id,
        User.discipline,
        Hospital.name_zh,
        Hospital.name_en,
        UserRole.id.label("membership_id"),
        UserRole.role.label("member_as"),
        UserRole.hospital_id.label("member_at"),
        UserRole.region_code,
        TeamSeat.id.label("seat_id"),
        TeamSeat.role.label("seated_as"),
        TeamSeat.discipline.label("seated_for"),
        # Nothing for a team that has ended.
        Team.id.label("team_id"),
        *more,
    ).select_from(start)
    if start is not User:
        statement = statement.join(User, User.id == start.user_id)
    return (
        statement.outerjoin(Hospital, Hospital.id == User.hospital_id)
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .outerjoin(TeamSeat, TeamSeat.user_id == User.id)
        .outerjoin(Team, and_(Team.id == TeamSeat.team_id, Team.active))
        .order_by(UserRole.id, TeamSeat.id)
    )


_BY_SESSION = Prepared(
    _person(
        User.must_change_password,
        User.password_changed_at,
        SignInSession.id.label("session_id"),
        SignInSession.address,
        SignInSession.created_at,
        SignInSession.last_seen_at,
        start=SignInSession,
    ).where(
        SignInSession.token_hash == bindparam("token"),
        SignInSession.ended_at.is_(None),
        User.active,
    )
)
_BY_TOKEN = Prepared(
    _person(ApiToken.scopes, start=ApiToken).where(
        ApiToken.token_hash == bindparam("token"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        User.active,
    )
)
_BY_NUMBER = Prepared(_person(start=User).where(User.id == bindparam("user")))


def _viewer(
    rows: Sequence[Any],
    now: datetime,
    *,
    session_id: int | None = None,
    address: str | None = None,
    scopes: frozenset[str] | None = None,
) -> Viewer:
    first = rows[0]
    # Each role stands beside each seat.
    memberships = {
        row.membership_id: Membership(Role(row.member_as), row.member_at, row.region_code)
        for row in rows
        if row.membership_id is not None
    }
    seats = {
        row.seat_id: Seat(Role(row.seated_as), row.team_id, row.seated_for)
        for row in rows
        if row.team_id is not None
    }
    return Viewer(
        user_id=first.user_id,
        username=first.username,
        name=first.name,
        hospital_id=first.hospital_id,
        as_of=now,
        memberships=tuple(memberships.values()),
        seats=tuple(seats.values()),
        discipline=first.discipline,
        hospital_name_zh=first.name_zh or "",
        hospital_name_en=first.name_en or "",
        session_id=session_id,
        address=address,
        scopes=scopes,
    )


def viewer_of(
    user: User,
    *,
    now: datetime,
    session_id: int | None = None,
    address: str | None = None,
) -> Viewer:
    """Plain data of who a person is now: roles at hospitals and regions, seats in teams."""
    # A statement of this kind sees nothing that still waits in the session.
    db.session.flush()
    rows = _BY_NUMBER({"user": user.id}).all()
    return _viewer(rows, now, session_id=session_id, address=address)


def get_person(user_id: int) -> User:
    """A person by number, with roles, or `NotFound`."""
    user = get_user(user_id)
    if user is None:
        raise NotFound
    return user


def get_user(user_id: int) -> User | None:
    """A person by number, with roles."""
    return db.session.scalar(
        select(User).where(User.id == user_id).options(selectinload(User.memberships))
    )


def find_user(username: str) -> User | None:
    """A person by exact account name, with roles."""
    return db.session.scalar(
        select(User).where(User.username == username).options(selectinload(User.memberships))
    )


def count_failures(
    username_key: str, address: str, user_id: int | None, *, since: datetime
) -> Failures:
    """Refused sign-ins since a moment: of this account and address, of each by itself."""
    of_account = SignInFailure.username_key == username_key
    from_address = SignInFailure.address == address
    pair, account, everywhere = db.session.execute(
        select(
            func.count(case((of_account & from_address, 1))),
            func.count(case((of_account, 1))),
            func.count(case((from_address, 1))),
        ).where(SignInFailure.at > since, of_account | from_address)
    ).one()
    return Failures(pair, account, everywhere, _used_from(user_id, address))


def _used_from(user_id: int | None, address: str) -> bool:
    """Whether the account has signed in from this address before."""
    statement = select(SignInSession.id).where(
        SignInSession.user_id == user_id, SignInSession.address == address
    )
    return user_id is not None and db.session.scalar(statement.limit(1)) is not None


def living_sessions(user_id: int) -> list[int]:
    """Numbers of a person's sessions that have not ended."""
    return list(
        db.session.scalars(
            select(SignInSession.id).where(
                SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)
            )
        )
    )


def open_sessions(session_ids: Collection[int]) -> list[SignInSession]:
    """Those of these sessions that have not ended and whose account is open."""
    statement = (
        select(SignInSession)
        .join(User, User.id == SignInSession.user_id)
        .where(SignInSession.id.in_(session_ids), SignInSession.ended_at.is_(None), User.active)
    )
    return list(db.session.scalars(statement))


def list_sessions(user_id: int) -> list[SignInSession]:
    """A person's living sessions, newest first: for that person and the security administrator."""
    return list(
        db.session.scalars(
            select(SignInSession)
            .where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None))
            .order_by(SignInSession.last_seen_at.desc())
        )
    )


@dataclass(frozen=True)
class PeopleFilter:
    """What an administrator looks for: part of a name or account, a hospital, a role."""

    text: str = ""
    hospital_id: int | None = None
    role: str = ""


PEOPLE_PER_PAGE = 50


def search_people(wanted: PeopleFilter, page: int) -> tuple[list[User], int]:
    """One page of people with their roles, by hospital and name, and how many there are."""
    found: list[ColumnElement[bool]] = [
        User.username.icontains(wanted.text, autoescape=True)
        | User.name.contains(wanted.text, autoescape=True)
    ]
    if wanted.hospital_id is not None:
        found.append(User.hospital_id == wanted.hospital_id)
    if wanted.role:
        held = select(UserRole.user_id).where(UserRole.role == wanted.role)
        seated = select(TeamSeat.user_id).where(TeamSeat.role == wanted.role)
        found.append(User.id.in_(held) | User.id.in_(seated))
    total = db.session.scalar(select(func.count(User.id)).where(*found)) or 0
    people = db.session.scalars(
        select(User)
        .where(*found)
        .options(selectinload(User.memberships))
        .order_by(User.hospital_id.is_(None), User.hospital_id, User.username)
        .limit(PEOPLE_PER_PAGE)
        .offset((page - 1) * PEOPLE_PER_PAGE)
    )
    return list(people), total


def seats_of(user_ids: Collection[int]) -> dict[int, list[tuple[TeamSeat, Team]]]:
    """Team seats by person."""
    rows = db.session.execute(
        select(TeamSeat, Team)
        .join(Team, Team.id == TeamSeat.team_id)
        .where(TeamSeat.user_id.in_(user_ids))
        .order_by(Team.name_zh, TeamSeat.role)
    )
    found: dict[int, list[tuple[TeamSeat, Team]]] = {}
    for seat, team in rows:
        found.setdefault(seat.user_id, []).append((seat, team))
    return found


def last_seen(user_ids: Collection[int]) -> dict[int, datetime]:
    """When each person was last here."""
    rows = db.session.execute(
        select(SignInSession.user_id, func.max(SignInSession.last_seen_at))
        .where(SignInSession.user_id.in_(user_ids))
        .group_by(SignInSession.user_id)
    )
    return {user_id: seen for user_id, seen in rows}  # noqa: C416 -- rows are not pairs to mypy


def list_unread_notices(viewer: Viewer) -> list[Notice]:
    """What the viewer has been told and not yet put away, newest first."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.user_id == viewer.user_id, Notice.read_at.is_(None))
            .order_by(Notice.at.desc(), Notice.id.desc())
            .limit(50)
        )
    )
