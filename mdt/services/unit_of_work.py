"""One transaction for one action. Nothing else in the program commits.

The read transaction ends before the first load of the action and a writing one begins: on SQLite a
session that has read and then writes fails at once when somebody else has written meanwhile. A
queue of all processes keeps SQLite's writers in turn (its own busy wait starves single ones).
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from mdt.adapters.write_turns import write_turn
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.queries.bulk import commit_without_waiting, on_postgresql
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Stale

log = logging.getLogger(__name__)
_KEY = "mdt_work"
#: As any other, SQLite refuses it at once to who has read before somebody else has written.
_WRITES_NOTHING = f"INSERT INTO {AuditRow.__tablename__} (id) SELECT 1 WHERE 0"

#: Execution option by which the engine begins for writing (``mdt.app`` listens for it).
WRITE_OPTION = "mdt_write"
#: The same for one whose commit need not be on the disk when it is answered.
UNHURRIED_OPTION = "mdt_unhurried"


class Overtaken(Exception):
    """Somebody else has written since the action looked."""


@dataclass
class Work:
    """What one action is doing: its session, its audit row to be, and what follows the commit."""

    session: Session
    viewer: Viewer | None
    action: AuditAction
    now: datetime
    row: dict[str, Any] = field(default_factory=dict)
    after: list[Callable[[], object]] = field(default_factory=list)
    #: Housekeeping that nobody did (a session's last sight, a live event that is its own record).
    silent: bool = False
    #: What `begin_writing` still has to do.
    upgrade: Callable[[], None] | None = None

    def begin_writing(self) -> None:
        """Say that what follows writes; only needed in `unit_of_late_work`, and once is enough."""
        if self.upgrade is not None:
            upgrade, self.upgrade = self.upgrade, None
            upgrade()

    def about(self, thing: object, *, case_id: int | None = None, **data: object) -> None:
        """Say which object the audit row is about. ``data`` holds codes and counts, no identity."""
        self.session.flush()
        self.row.update(subject_of(thing))
        if case_id is not None:
            self.row["case_id"] = case_id
        self.row.setdefault("data", {}).update(data)

    def after_commit(self, step: Callable[[], object]) -> None:
        """Run ``step`` once the data is safe: broadcasts, mail, jobs."""
        self.after.append(step)


@contextmanager
def unit_of_work(
    viewer: Viewer | None, action: AuditAction, *, now: datetime, behind: bool = False
) -> Iterator[Work]:
    """Do one action: begin, load, decide, write, audit, commit; then tell the others.

    With ``behind`` whoever else waits for a turn to write goes first. Raises `Stale` when somebody
    else changed a versioned row meanwhile. Any error rolls back and nothing that was to follow the
    commit happens.
    """
    session = _fresh_session()
    with _writers_queue(session, behind=behind), _work(session, viewer, action, now) as work:
        session.connection(execution_options={WRITE_OPTION: True})
        yield work
        _finish(work)
    _run(work.after)


@contextmanager
def unit_of_late_work(
    viewer: Viewer | None, action: AuditAction, *, now: datetime
) -> Iterator[Work]:
    """The same for what reads and works much and writes little, beside others who write.

    Nothing is written before `Work.begin_writing`, which waits for a turn behind all others. Where
    one of them has written since this action looked, that raises `Overtaken`, and all is to be done
    again. Its commit does not wait for the disk, as others would wait with it: a power cut may take
    back the last of these actions, each as a whole, so each must say by itself that it was done.
    """
    session = _fresh_session()
    with ExitStack() as stack, _work(session, viewer, action, now) as work:
        session.connection(execution_options={UNHURRIED_OPTION: True})
        commit_without_waiting(session)
        stack.callback(setattr, session, "autoflush", session.autoflush)
        session.autoflush = False
        work.upgrade = lambda: _upgrade(session, stack)
        yield work
        work.begin_writing()
        _finish(work)
    _run(work.after)


def _fresh_session() -> Session:
    session = db.session()
    if _KEY in session.info:
        raise RuntimeError("units of work do not nest")
    session.rollback()
    # What an earlier read left in memory may be out of date: the action decides on fresh rows.
    session.expire_all()
    return session


@contextmanager
def _work(
    session: Session, viewer: Viewer | None, action: AuditAction, now: datetime
) -> Iterator[Work]:
    """Keep the work with its session, and undo all of it where it fails."""
    work = Work(session, viewer, action, now)
    session.info[_KEY] = work
    try:
        yield work
    except StaleDataError as error:
        session.rollback()
        raise Stale from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_KEY, None)


def _finish(work: Work) -> None:
    if not work.silent:
        work.session.add(audit_row(work.viewer, work.action, work.now, **work.row))
    work.session.commit()


def _upgrade(session: Session, stack: ExitStack) -> None:
    """Let a transaction that has only read begin to write, if what it has read still stands."""
    session.autoflush = True
    if on_postgresql(session):
        return
    stack.enter_context(_writers_queue(session, behind=True))
    try:
        session.connection().exec_driver_sql(_WRITES_NOTHING)
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY_SNAPSHOT:
            raise Overtaken from error
        raise


def begin_reading() -> None:
    """End the running read transaction, so that what is read next is as of now.

    SQLite's snapshot stays at the first SELECT otherwise. PostgreSQL reads each statement as of now
    (READ COMMITTED): two SELECTs there may see a commit between them.
    """
    db.session.rollback()


def write_audit_row(row: AuditRow) -> None:
    """Store an audit row by itself, beside whatever the request is reading.

    A session of its own: what the page has loaded stays loaded.
    """
    with Session(db.engine) as session, _writers_queue(session):
        session.connection(execution_options={WRITE_OPTION: True})
        session.add(row)
        session.commit()


def audit_row(
    viewer: Viewer | None, action: AuditAction, now: datetime, **columns: Any
) -> AuditRow:
    """Build the audit row of an action; who and where come from the viewer."""
    who = (
        {
            "actor_id": viewer.user_id,
            "actor_name": viewer.username,
            "hospital_id": viewer.hospital_id,
            "address": viewer.address,
        }
        if viewer
        else {}
    )
    return AuditRow(at=now, action=action.value, **{**who, **columns})


def subject_of(thing: object) -> dict[str, str]:
    """Table and number of what an audit row is about."""
    return {
        "object_type": getattr(type(thing), "__tablename__", type(thing).__name__),
        "object_id": str(getattr(thing, "id", "")),
    }


def _writers_queue(session: Session, *, behind: bool = False) -> AbstractContextManager[object]:
    if on_postgresql(session):
        return nullcontext()
    return write_turn(session.get_bind().engine.url.database, behind=behind)


def _run(steps: list[Callable[[], object]]) -> None:
    for step in steps:
        try:
            step()
        except Exception:
            # The data is safe; who missed the news catches up by sequence number.
            log.exception("a step after the commit failed")
