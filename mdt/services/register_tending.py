"""Looking after register files: what was lost is asked for again, what is over is cleared away."""

import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from mdt.adapters.devices import scanner_answers
from mdt.adapters.queue import queue
from mdt.extensions import db
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.rules.audit import AuditAction
from mdt.rules.jobs import JobName
from mdt.rules.registry.importing import (
    ASKS,
    AT_WORK,
    ENDED,
    KEPT,
    KEPT_UNREAD,
    LEASE,
    UNREAD,
    ImportState,
)
from mdt.services.register_leftovers import discard_files, discard_findings, discard_refused_rows
from mdt.services.register_quarantine import take_from_quarantine
from mdt.services.register_run import Clock
from mdt.services.register_work import BECAUSE, LATER
from mdt.services.unit_of_work import unit_of_work

log = logging.getLogger(__name__)
#: No machine waits for an answer for so long.
_MACHINE_WAITS = timedelta(hours=1)


def tend_imports(*, clock: Clock) -> None:
    """Ask again for files that nobody works on, and clear away those that are over.

    Side effects: jobs; files that waited for the virus scanner go on; files that nobody decided on
    for days are cancelled; files are deleted.
    """
    now = clock()
    # Asked for just now: the first job is still on its way.
    patient = now - timedelta(seconds=LATER)
    for record in _imports(AT_WORK):
        alive = record.beat_at is not None and record.beat_at >= now - LEASE
        if not alive and (record.queued_at is None or record.queued_at < patient):
            checking = record.state == ImportState.CHECKING
            job = JobName.REGISTER_CHECK if checking else JobName.REGISTER_IMPORT
            queue().put(job, record.id)
    _take_unread(clock)
    for states, kept in ((ASKS, KEPT), (UNREAD, KEPT_UNREAD)):
        for record in _imports(states):
            if record.at < now - kept:
                _expire(record.id, clock)
    for record in _imports(ENDED):
        discard_files(record.id, now=now)
    _give_up_interrupted(clock)
    discard_refused_rows(now=now)


def _take_unread(clock: Clock) -> None:
    waiting = _imports(UNREAD)
    if not waiting or not scanner_answers():
        return
    for record in waiting:
        try:
            take_from_quarantine(record, clock=clock)
        except Exception:
            # The others do not wait for this one.
            log.exception("import %s was not looked at; it is tried again", record.id)
            db.session.rollback()


def _imports(states: frozenset[ImportState]) -> list[RegisterImport]:
    """Imports in these states whose file is still there: what a machine waits for has none."""
    statement = select(RegisterImport).where(
        RegisterImport.state.in_([one.value for one in states]),
        RegisterImport.file_size.is_not(None),
    )
    found = db.session.scalars(scope.unscoped(statement, because=BECAUSE))
    return [record for record in found if record.file_keys is not None]


def _give_up_interrupted(clock: Clock) -> None:
    """Imports that a machine waited for, and that ended with the process that made them."""
    statement = select(RegisterImport.id).where(*_interrupted(clock))
    for import_id in db.session.scalars(scope.unscoped(statement, because=BECAUSE)).all():
        _give_up(import_id, clock)


def _interrupted(clock: Clock) -> tuple[ColumnElement[bool], ...]:
    return (
        RegisterImport.state == ImportState.IMPORTING.value,
        RegisterImport.file_size.is_(None),
        RegisterImport.beat_at < clock() - _MACHINE_WAITS,
    )


def _give_up(import_id: int, clock: Clock) -> None:
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        own = select(RegisterImport).where(RegisterImport.id == import_id, *_interrupted(clock))
        record = work.session.scalar(scope.unscoped(own, because=BECAUSE))
        if record is None:
            work.silent = True
            return
        record.state, record.error = ImportState.FAILED.value, "register_cut_off"
        record.holder, record.ended_at = None, work.now
        work.about(record, step="failed")


def _expire(import_id: int, clock: Clock) -> None:
    with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=clock()) as work:
        own = select(RegisterImport).where(RegisterImport.id == import_id)
        record = work.session.scalars(scope.unscoped(own, because=BECAUSE)).one()
        if record.state not in ASKS | UNREAD:
            work.silent = True
            return
        discard_findings(work, record)
        record.state, record.ended_at = ImportState.CANCELLED.value, work.now
        work.about(record, step="expired")
