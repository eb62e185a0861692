"""Accounts as the administrators keep them.

The system administrator enters people and what they are by profession; the security administrator
gives roles, one-time passwords, and blocks. Nobody changes their own roles.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mdt.adapters import broadcast
from mdt.models.people import NO_PASSWORD, User, UserRole
from mdt.models.regions import Hospital, Region, TeamSeat
from mdt.queries.people import living_sessions
from mdt.rules.access import ADMINISTRATORS, Membership, Role, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.people import UserDraft, check_memberships, check_user, role_conflicts
from mdt.services.accounts import end_sessions_of
from mdt.services.passwords import hash_password
from mdt.services.unit_of_work import Work, unit_of_work


def save_person(
    viewer: Viewer | None,
    user_id: int | None,
    draft: UserDraft,
    hospital_id: int | None,
    *,
    now: datetime,
) -> User:
    """Add or change a person. A new one cannot sign in until the security administrator opens it.

    Raises `Invalid`. Side effects: the account's row, one audit row.
    """
    action = AuditAction.ACCOUNT_EDIT if user_id else AuditAction.ACCOUNT_CREATE
    with unit_of_work(viewer, action, now=now) as work:
        user = _user(work, user_id) if user_id else _new_user(now)
        seats = work.session.scalars(select(TeamSeat.role).where(TeamSeat.user_id == user_id))
        roles = tuple({m.role for m in user.memberships} | set(seats))
        check_user(replace(draft, roles=roles), local_date(now))
        _refuse_taken_name(work, draft.username, user_id)
        if hospital_id is not None and work.session.get(Hospital, hospital_id) is None:
            raise Invalid({"hospital_id": "hospital_unknown"})
        user.username, user.name = draft.username, draft.name
        user.title, user.discipline = draft.title or None, draft.discipline or None
        user.licence_number, user.practice_since = draft.licence_number, draft.practice_since
        user.hospital_id = hospital_id
        work.session.add(user)
        work.about(user)
    return user


def _refuse_taken_name(work: Work, username: str, own_id: int | None) -> None:
    other = select(User.id).where(User.username == username, User.id != (own_id or 0))
    if work.session.scalar(other) is not None:
        raise Invalid({"username": "already_taken"})


def _new_user(now: datetime) -> User:
    return User(
        password_hash=NO_PASSWORD, active=True, must_change_password=True, created_at=now,
        memberships=[],
    )  # fmt: skip


def set_roles(
    viewer: Viewer | None, user_id: int, memberships: tuple[Membership, ...], *, now: datetime
) -> None:
    """Give a person exactly these roles; it acts at once.

    Raises `Refused("own_roles")` for oneself and `Invalid` for roles that exclude one another or
    lack their place. Side effects: role rows, open sockets are cut so that the seat is judged
    anew, one audit row.
    """
    _not_oneself(viewer, user_id)
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        _apply_roles(work, _user(work, user_id), memberships)


def give_role(viewer: Viewer, user_id: int, membership: Membership, *, now: datetime) -> None:
    """Add one role. Raises and does as `set_roles`."""
    _not_oneself(viewer, user_id)
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        user = _user(work, user_id)
        held = tuple(_membership(row) for row in user.memberships)
        _apply_roles(work, user, (*held, membership))


def remove_role(viewer: Viewer, user_id: int, role_id: int, *, now: datetime) -> None:
    """Take one role away; it acts at once. Raises and does as `set_roles`."""
    _not_oneself(viewer, user_id)
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        user = _user(work, user_id)
        if role_id not in {row.id for row in user.memberships}:
            raise NotFound
        kept = tuple(_membership(row) for row in user.memberships if row.id != role_id)
        _apply_roles(work, user, kept)


def _not_oneself(viewer: Viewer | None, user_id: int) -> None:
    if viewer is not None and viewer.user_id == user_id:
        raise Refused("own_roles")


def _membership(row: UserRole) -> Membership:
    return Membership(Role(row.role), row.hospital_id, row.region_code)


def _apply_roles(work: Work, user: User, memberships: tuple[Membership, ...]) -> None:
    check_memberships(memberships)
    _check_places(work, memberships)
    seats = work.session.scalars(select(TeamSeat.role).where(TeamSeat.user_id == user.id))
    if role_conflicts({m.role.value for m in memberships} | set(seats)):
        raise Invalid({"role": "role_conflict"})
    kept = {_membership(row): row for row in user.memberships}
    user.memberships = [
        kept.get(m)
        or UserRole(role=m.role.value, hospital_id=m.hospital_id, region_code=m.region_code)
        for m in memberships
    ]
    work.about(user, roles=[m.role.value for m in memberships])
    sessions = living_sessions(user.id)
    work.after_commit(lambda: broadcast.cut_sessions(sessions))


def _check_places(work: Work, memberships: tuple[Membership, ...]) -> None:
    for one in memberships:
        if one.hospital_id is not None and work.session.get(Hospital, one.hospital_id) is None:
            raise Invalid({"hospital_id": "hospital_unknown"})
        if one.region_code is not None and work.session.get(Region, one.region_code) is None:
            raise Invalid({"region_code": "region_unknown"})


def open_account(viewer: Viewer | None, user_id: int, *, now: datetime) -> str:
    """Give a one-time password, shown once and changed at the first sign-in.

    Side effects: the password's hash, all sessions end, one audit row.
    """
    _not_oneself(viewer, user_id)
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    with unit_of_work(viewer, AuditAction.ACCOUNT_PASSWORD, now=now) as work:
        user = _user(work, user_id)
        user.password_hash, user.must_change_password, user.active = hashed, True, True
        ended = end_sessions_of(user_id, now=now)
        work.about(user, one_time=True)
        work.after_commit(lambda: broadcast.cut_sessions(ended))
    return password


def create_administrator(username: str, name: str, role: Role, *, now: datetime) -> str:
    """Make one of the three administrators from the shell; gives the one-time password.

    Raises `Invalid`. Side effects: the account with its role, one audit row.
    """
    if role not in ADMINISTRATORS:
        raise Invalid({"role": "unknown_code"})
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    with unit_of_work(None, AuditAction.ACCOUNT_CREATE, now=now) as work:
        check_user(UserDraft(username, name), local_date(now))
        _refuse_taken_name(work, username, None)
        user = _new_user(now)
        user.username, user.name, user.password_hash = username, name, hashed
        user.memberships = [UserRole(role=role.value)]
        work.session.add(user)
        work.about(user, roles=[role.value], one_time=True)
    return password


def block_account(viewer: Viewer, user_id: int, blocked: bool, *, now: datetime) -> None:
    """Block or unblock. Side effects: sessions end and sockets are cut at once, one audit row."""
    _not_oneself(viewer, user_id)
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        user = _user(work, user_id)
        user.active = not blocked
        ended = end_sessions_of(user_id, now=now) if blocked else []
        work.about(user, blocked=blocked)
        work.after_commit(lambda: broadcast.cut_sessions(ended))


def end_sessions(viewer: Viewer, user_id: int, *, now: datetime) -> int:
    """End all of a person's sessions; gives how many.

    Side effects: session rows end, their sockets are cut, one audit row.
    """
    with unit_of_work(viewer, AuditAction.ACCOUNT_SESSION_END, now=now) as work:
        user = _user(work, user_id)
        ended = end_sessions_of(user_id, now=now)
        work.about(user, ended=len(ended))
        work.after_commit(lambda: broadcast.cut_sessions(ended))
    return len(ended)


def _user(work: Work, user_id: int) -> User:
    user = work.session.scalar(
        select(User).where(User.id == user_id).options(selectinload(User.memberships))
    )
    if user is None:
        raise NotFound
    return user
