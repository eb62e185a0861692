"""One transaction for one action. Nothing else in the program commits.

The read transaction ends before the first load of the action and a writing one begins: on SQLite a
session that has read and then writes fails at once when somebody else has written meanwhile. A
queue of all processes keeps SQLite's writers in turn (its own busy wait starves single ones).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from mdt.adapters.write_turns import write_turn
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Stale

log = logging.getLogger(__name__)
_KEY = "mdt_work"

#: Execution option by which the engine begins for writing (``mdt.app`` listens for it).
WRITE_OPTION = "mdt_write"


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
def unit_of_work(viewer: Viewer | None, action: AuditAction, *, now: datetime) -> Iterator[Work]:
    """Do one action: begin, load, decide, write, audit, commit; then tell the others.

    Raises `Stale` when somebody else changed a versioned row meanwhile. Any error rolls back and
    nothing that was to follow the commit happens.
    """
    session = db.session()
    if _KEY in session.info:
        raise RuntimeError("units of work do not nest")
    session.rollback()
    # What an earlier read left in memory may be out of date: the action decides on fresh rows.
    session.expire_all()
    with _writers_queue(session):
        work = Work(session, viewer, action, now)
        session.info[_KEY] = work
        try:
            session.connection(execution_options={WRITE_OPTION: True})
            yield work
            if not work.silent:
                session.add(audit_row(viewer, action, now, **work.row))
            session.commit()
        except StaleDataError as error:
            session.rollback()
            raise Stale from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_KEY, None)
    _run(work.after)


def begin_reading() -> None:
    """End the running read transaction, so that what is read next is as of now.

    SQLite's and PostgreSQL's snapshots alike stay at the first SELECT otherwise.
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


def _writers_queue(session: Session) -> AbstractContextManager[object]:
    engine = session.get_bind().engine
    return write_turn(engine.url.database) if engine.dialect.name == "sqlite" else nullcontext()


def _run(steps: list[Callable[[], object]]) -> None:
    for step in steps:
        try:
            step()
        except Exception:
            # The data is safe; who missed the news catches up by sequence number.
            log.exception("a step after the commit failed")
