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
from mdt.models.people import SignInSession, User, UserRole
from mdt.models.regions import TeamSeat
from mdt.rules.access import Membership, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.people import UserDraft, check_user
from mdt.services.accounts import end_sessions_of
from mdt.services.passwords import hash_password
from mdt.services.unit_of_work import Work, unit_of_work

#: No password fits this: the account waits for its one-time password.
_NO_PASSWORD = "!"  # noqa: S105 -- not a hash, so nothing verifies against it


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
        roles = tuple(m.role for m in user.memberships)
        check_user(replace(draft, roles=roles), local_date(now))
        taken = work.session.scalar(
            select(User.id).where(User.username == draft.username, User.id != (user_id or 0))
        )
        if taken is not None:
            raise Invalid({"username": "already_taken"})
        user.username, user.name = draft.username, draft.name
        user.title, user.discipline = draft.title or None, draft.discipline or None
        user.licence_number, user.practice_since = draft.licence_number, draft.practice_since
        user.hospital_id = hospital_id
        work.session.add(user)
        work.about(user)
    return user


def _new_user(now: datetime) -> User:
    return User(
        password_hash=_NO_PASSWORD, active=True, must_change_password=True, created_at=now,
        memberships=[],
    )  # fmt: skip


def set_roles(
    viewer: Viewer | None, user_id: int, memberships: tuple[Membership, ...], *, now: datetime
) -> None:
    """Give a person exactly these roles; it acts at once.

    Raises `Refused("own_roles")` for oneself and `Invalid` for roles that exclude one another.
    Side effects: role rows, open sockets are cut so that the seat is judged anew, one audit row.
    """
    if viewer is not None and viewer.user_id == user_id:
        raise Refused("own_roles")
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        user = _user(work, user_id)
        seats = work.session.scalars(select(TeamSeat.role).where(TeamSeat.user_id == user_id))
        roles = tuple(sorted({m.role.value for m in memberships} | set(seats)))
        check_user(
            UserDraft(
                user.username, user.name, user.title or "", user.discipline or "",
                user.licence_number, user.practice_since, roles,
            ),
            local_date(now),
        )  # fmt: skip
        user.memberships = [
            UserRole(role=m.role.value, hospital_id=m.hospital_id, region_code=m.region_code)
            for m in memberships
        ]
        work.about(user, roles=[m.role.value for m in memberships])
        sessions = [row.id for row in _living_sessions(work, user_id)]
        work.after_commit(lambda: broadcast.cut_sessions(sessions))


def open_account(viewer: Viewer | None, user_id: int, *, now: datetime) -> str:
    """Give a one-time password, shown once and changed at the first sign-in.

    Side effects: the password's hash, all sessions end, one audit row.
    """
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    with unit_of_work(viewer, AuditAction.ACCOUNT_PASSWORD, now=now) as work:
        user = _user(work, user_id)
        user.password_hash, user.must_change_password, user.active = hashed, True, True
        ended = end_sessions_of(user_id, now=now)
        work.about(user, one_time=True)
        work.after_commit(lambda: broadcast.cut_sessions(ended))
    return password


def block_account(viewer: Viewer, user_id: int, blocked: bool, *, now: datetime) -> None:
    """Block or unblock. Side effects: sessions end and sockets are cut at once, one audit row."""
    if viewer.user_id == user_id:
        raise Refused("own_roles")
    with unit_of_work(viewer, AuditAction.ACCOUNT_EDIT, now=now) as work:
        user = _user(work, user_id)
        user.active = not blocked
        ended = end_sessions_of(user_id, now=now) if blocked else []
        work.about(user, blocked=blocked)
        work.after_commit(lambda: broadcast.cut_sessions(ended))


def _living_sessions(work: Work, user_id: int) -> list[SignInSession]:
    return list(
        work.session.scalars(
            select(SignInSession).where(
                SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)
            )
        )
    )


def _user(work: Work, user_id: int) -> User:
    user = work.session.scalar(
        select(User).where(User.id == user_id).options(selectinload(User.memberships))
    )
    if user is None:
        raise NotFound
    return user
