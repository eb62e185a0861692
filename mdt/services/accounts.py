"""Accounts: signing in and out, passwords, and the administrators' changes to people."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from mdt.adapters import broadcast, devices
from mdt.extensions import db
from mdt.models.people import ApiToken, SignInFailure, SignInSession, User
from mdt.queries import people
from mdt.rules import sign_in as rules
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.services.audit_log import close_due_batch
from mdt.services.passwords import hash_password, needs_rehash, verify_password
from mdt.services.unit_of_work import Work, unit_of_work

_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Attempt:
    """Who tries to sign in, and from where.

    ``replaces`` is the session that this browser held until now: it ends.
    """

    username: str
    password: str
    address: str
    browser: str = ""
    replaces: int | None = None


def token_hash(token: str) -> str:
    """What the table keeps of a session's or machine's random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def username_key(username: str) -> str:
    """What the table of failures keeps of a typed name: it may hold anything."""
    return hashlib.sha256(username.casefold().encode()).hexdigest()


def login_policy() -> rules.LoginPolicy:
    """The policy that this installation asks for."""
    settings = devices.settings()
    return rules.policy_named(settings.login_policy, demo=settings.demo)


def sign_in(attempt: Attempt, *, now: datetime) -> str:
    """Check name and password, open a session, and give its token for the cookie.

    Raises `Refused("sign_in_wrong")` with the same words and in the same time for an unknown name,
    and `Refused("sign_in_throttled")` after too many failures. Side effects: a session row, an
    audit row; on failure a failure row; the hash is renewed where its parameters are old.
    """
    policy = login_policy()
    key = username_key(attempt.username)
    user = people.find_user(attempt.username)
    failures = people.count_failures(
        key, attempt.address, user.id if user else None, since=now - policy.window
    )
    throttled = rules.throttled(failures, policy)
    fits = verify_password(user.password_hash if user else None, attempt.password)
    if throttled or user is None or not fits or not user.active:
        _note_failure(attempt, None if throttled else key, now=now, window=policy.window)
        raise Refused(
            "sign_in_throttled" if throttled else "sign_in_wrong",
            minutes=int(policy.window.total_seconds() // 60),
        )
    token = _open_session(user.id, attempt, policy, now=now)
    # People sign in all day long, so the trail is chained without a clock of its own.
    close_due_batch(now=now)
    return token


def _note_failure(attempt: Attempt, key: str | None, *, now: datetime, window: timedelta) -> None:
    """Count the failure. An attempt during a lock does not: it would lengthen it."""
    with unit_of_work(None, AuditAction.ACCOUNT_SIGN_IN, now=now) as work:
        _count_failure(work, attempt, key, window=window)


def _count_failure(work: Work, attempt: Attempt, key: str | None, *, window: timedelta) -> None:
    if key:
        work.session.add(SignInFailure(username_key=key, address=attempt.address, at=work.now))
    work.session.execute(delete(SignInFailure).where(SignInFailure.at < work.now - 4 * window))
    work.row.update(result="refused", address=attempt.address)


def _open_session(
    user_id: int, attempt: Attempt, policy: rules.LoginPolicy, *, now: datetime
) -> str:
    token = secrets.token_urlsafe(32)
    with unit_of_work(None, AuditAction.ACCOUNT_SIGN_IN, now=now) as work:
        user = people.get_user(user_id)
        if user is None:
            raise Refused("sign_in_wrong")
        if needs_rehash(user.password_hash):
            user.password_hash = hash_password(attempt.password)
        ended = _end_replaced(work, user, attempt, policy, now=now)
        session = SignInSession(
            token_hash=token_hash(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            reauthenticated_at=now,
            address=attempt.address,
            browser=attempt.browser[:200],
        )
        work.session.add(session)
        work.about(session, **({"ended": len(ended)} if ended else {}))
        work.row.update(
            actor_id=user.id,
            actor_name=user.username,
            hospital_id=user.hospital_id,
            address=attempt.address,
        )
        work.after_commit(lambda: broadcast.cut_sessions(ended))
    return token


def _end_replaced(
    work: Work, user: User, attempt: Attempt, policy: rules.LoginPolicy, *, now: datetime
) -> list[int]:
    """End the session that this browser held, and the person's others where one is allowed."""
    work.session.execute(
        delete(SignInFailure).where(
            SignInFailure.username_key == username_key(attempt.username),
            SignInFailure.address == attempt.address,
        )
    )
    ended = end_sessions_of(user.id, now=now) if policy.one_session else []
    old = work.session.get(SignInSession, attempt.replaces) if attempt.replaces else None
    if old is not None and old.ended_at is None:
        old.ended_at = now
        ended.append(old.id)
    return ended


def touch_session(session_id: int, last_seen_at: datetime, *, now: datetime) -> None:
    """Note that a session is in use, at most once a minute. No audit row: nobody did anything."""
    if now - last_seen_at < _TOUCH_EVERY:
        return
    with unit_of_work(None, AuditAction.ACCOUNT_SIGN_IN, now=now) as work:
        work.silent = True
        work.session.execute(
            update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=now)
        )


def living_among(session_ids: Collection[int], *, now: datetime) -> set[int]:
    """Which of these sessions may still be used: not ended, within the limits, account open."""
    policy = login_policy()
    return {
        row.id
        for row in people.open_sessions(session_ids)
        if rules.session_alive(
            created_at=row.created_at, last_seen_at=row.last_seen_at, now=now, policy=policy
        )
    }


def sign_out(viewer: Viewer, *, now: datetime) -> None:
    """End this session. Side effects: its row ends, its sockets are cut, one audit row."""
    end_session(viewer, viewer.session_id or 0, now=now, action=AuditAction.ACCOUNT_SIGN_OUT)


def end_session(
    viewer: Viewer,
    session_id: int,
    *,
    now: datetime,
    action: AuditAction = AuditAction.ACCOUNT_SESSION_END,
) -> None:
    """End one of the viewer's own sessions. Side effects as in `sign_out`."""
    with unit_of_work(viewer, action, now=now) as work:
        session = work.session.get(SignInSession, session_id)
        if session is None or session.user_id != viewer.user_id:
            raise NotFound
        session.ended_at = now
        work.about(session)
        work.after_commit(lambda: broadcast.cut_sessions([session_id]))


def reauthenticate(
    viewer: Viewer,
    password: str,
    *,
    action: AuditAction,
    now: datetime,
    case_id: int | None = None,
) -> None:
    """Check the password again before ``action``, such as a signature.

    Raises `Invalid` on the password field, `Refused("sign_in_throttled")` after too many failures.
    Side effects: a wrong one counts as a failed sign-in, and every refusal is in the trail as
    this person's, of this action.
    """
    policy = login_policy()
    attempt = Attempt(viewer.username, password, viewer.address or "")
    key = username_key(attempt.username)
    failures = people.count_failures(
        key, attempt.address, viewer.user_id, since=now - policy.window
    )
    throttled = rules.throttled(failures, policy)
    user = people.get_user(viewer.user_id)
    if not throttled and user is not None and verify_password(user.password_hash, password):
        return
    with unit_of_work(viewer, action, now=now) as work:
        _count_failure(work, attempt, None if throttled else key, window=policy.window)
        reason = "sign_in_throttled" if throttled else "password_wrong"
        work.row.update(case_id=case_id, data={"reason": reason})
    if throttled:
        raise Refused("sign_in_throttled", minutes=int(policy.window.total_seconds() // 60))
    raise Invalid({"password": "password_wrong"})


def change_password(viewer: Viewer, current: str, new: str, *, now: datetime) -> None:
    """Set one's own password. Side effects: all other sessions end and their sockets are cut."""
    reauthenticate(viewer, current, action=AuditAction.ACCOUNT_PASSWORD, now=now)
    problem = rules.password_problem(new, username=viewer.username, policy=login_policy())
    if new == current:
        problem = "password_same"
    if problem:
        raise Invalid({"new_password": problem})
    hashed = hash_password(new)
    with unit_of_work(viewer, AuditAction.ACCOUNT_PASSWORD, now=now) as work:
        user = work.session.get_one(User, viewer.user_id)
        user.password_hash = hashed
        user.must_change_password = False
        user.password_changed_at = now
        ended = end_sessions_of(user.id, now=now, except_id=viewer.session_id)
        work.about(user)
        work.after_commit(lambda: broadcast.cut_sessions(ended))


def set_first_password(user_id: int, password_hash: str, *, now: datetime) -> None:
    """Give a demo account its password, to be kept. Side effects: its hash, one audit row."""
    with unit_of_work(None, AuditAction.ACCOUNT_PASSWORD, now=now) as work:
        user = work.session.get_one(User, user_id)
        user.password_hash = password_hash
        user.must_change_password = False
        user.password_changed_at = now
        work.about(user)


def end_sessions_of(user_id: int, *, now: datetime, except_id: int | None = None) -> list[int]:
    """End a person's living sessions inside the running unit of work; gives their numbers."""
    living = db.session.scalars(
        select(SignInSession).where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != (except_id or 0),
        )
    ).all()
    for row in living:
        row.ended_at = now
    return [row.id for row in living]


def create_token(
    user: User, scopes: tuple[str, ...], *, days: int, now: datetime, viewer: Viewer | None = None
) -> str:
    """Make a machine's token; it is shown once. Side effects: a token row, an audit row."""
    token = "mdt_" + secrets.token_urlsafe(32)
    with unit_of_work(viewer, AuditAction.TOKEN_CREATE, now=now) as work:
        row = ApiToken(
            token_hash=token_hash(token),
            user_id=user.id,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        work.session.add(row)
        work.about(row, scopes=sorted(scopes))
    return token
