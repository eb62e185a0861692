"""The audit trail: rows for what only looks, batches that chain hashes, and the check of both."""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mdt.extensions import db
from mdt.models.audit import AuditBatch, AuditRow
from mdt.queries.audit import hold_writers
from mdt.queries.prepared import Prepared
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import audit_row, subject_of, unit_of_work, write_audit_row

log = logging.getLogger(__name__)

FIRST_HASH = "0" * 64
#: Rows that one batch chains at most, so that closing one holds nobody up.
ROWS_PER_BATCH = 2000
BATCH_EVERY = timedelta(hours=1)
_BEFORE_ALL = -(2**31)


def record_view(
    viewer: Viewer,
    action: AuditAction,
    thing: object,
    *,
    now: datetime,
    case_id: int | None = None,
    **data: object,
) -> None:
    """Write that somebody opened something. Side effects: one audit row."""
    row = audit_row(viewer, action, now, case_id=case_id, data=data, **subject_of(thing))
    write_audit_row(row)


_SEEN = Prepared(
    select(AuditRow.id)
    .where(
        AuditRow.actor_id == bindparam("actor"),
        AuditRow.at > bindparam("since"),
        AuditRow.action == bindparam("action"),
        AuditRow.object_type == bindparam("type"),
        AuditRow.object_id == bindparam("id"),
        AuditRow.result == "ok",
    )
    .limit(1)
)


def record_view_once(
    viewer: Viewer,
    action: AuditAction,
    thing: tuple[str, int],
    *,
    now: datetime,
    within: timedelta,
    case_id: int | None = None,
) -> None:
    """Write that somebody opened something, unless that was written for them a short while ago.

    For what a page fetches again and again. ``thing`` is table and id. Side effects: at most one
    audit row.
    """
    object_type, object_id = thing[0], str(thing[1])
    asked = {
        "actor": viewer.user_id,
        "since": now - within,
        "action": action.value,
        "type": object_type,
        "id": object_id,
    }
    if _SEEN(asked).first() is None:
        with unit_of_work(viewer, action, now=now) as work:
            work.row.update(object_type=object_type, object_id=object_id, case_id=case_id)


def record_act(
    viewer: Viewer | None, action: AuditAction, *, now: datetime, **data: object
) -> None:
    """Write that somebody did a thing to no single object. Side effects: one audit row."""
    write_audit_row(audit_row(viewer, action, now, data=data))


def record_refusal(
    viewer: Viewer | None, action: AuditAction, *, now: datetime, **data: object
) -> None:
    """Write that somebody tried and was not allowed. Side effects: one audit row."""
    write_audit_row(audit_row(viewer, action, now, result="refused", data=data))


def row_hash(previous: str, row: AuditRow) -> str:
    """Hash of a row and of everything before it."""
    text = json.dumps(
        [
            previous,
            row.id,
            row.at.astimezone(UTC).isoformat(),
            row.actor_id,
            row.actor_name,
            row.hospital_id,
            row.address,
            row.action,
            row.object_type,
            row.object_id,
            row.case_id,
            row.result,
            row.data,
        ],
        ensure_ascii=False,
        sort_keys=True,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def close_batch(*, now: datetime, most: int = ROWS_PER_BATCH) -> AuditBatch | None:
    """Chain the rows written since the last batch, ``most`` at a time.

    Nothing is done where nobody has done anything since. Side effects: one batch or none; its hash
    goes to the log too, as an anchor outside the database.
    """
    with unit_of_work(None, AuditAction.AUDIT_BATCH, now=now) as work:
        hold_writers(work.session)
        last = work.session.scalar(select(AuditBatch).order_by(AuditBatch.id.desc()).limit(1))
        rows = _rows_after(work.session, last.last_row_id if last else _BEFORE_ALL, most)
        if all(row.action == AuditAction.AUDIT_BATCH for row in rows):
            work.silent = True
            return None
        previous = last.hash if last else FIRST_HASH
        batch = AuditBatch(
            first_row_id=rows[0].id,
            last_row_id=rows[-1].id,
            row_count=len(rows),
            previous_hash=previous,
            hash=_chain(previous, rows),
            at=now,
        )
        work.session.add(batch)
        work.about(batch, rows=len(rows))
    log.info("audit batch %s to row %s: %s", batch.id, batch.last_row_id, batch.hash)
    return batch


def close_due_batch(*, now: datetime) -> None:
    """Close a batch where the last one is an hour old. Side effects as in `close_batch`."""
    closed_at = db.session.scalar(select(func.max(AuditBatch.at)))
    if closed_at is None or now - closed_at >= BATCH_EVERY:
        close_batch(now=now)


def _rows_after(session: Session, row_id: int, most: int) -> Sequence[AuditRow]:
    statement = select(AuditRow).where(AuditRow.id > row_id).order_by(AuditRow.id).limit(most)
    return session.scalars(statement).all()


def _chain(digest: str, rows: Iterable[AuditRow]) -> str:
    for row in rows:
        digest = row_hash(digest, row)
    return digest


@dataclass(frozen=True)
class Verdict:
    """Outcome of a check of the trail.

    ``broken_batch`` is the first batch that does not fit, with the numbers of its first and last
    row; ``open_rows`` are those that no batch holds yet.
    """

    batches: int
    rows: int
    open_rows: int
    broken_batch: int | None = None
    broken_rows: tuple[int, int] | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing was changed, added or removed inside closed batches."""
        return self.broken_batch is None


def verify() -> Verdict:
    """Recompute every closed batch from its rows. Rows slipped in between batches break one too."""
    digest, seen, after = FIRST_HASH, 0, _BEFORE_ALL
    batches = db.session.scalars(select(AuditBatch).order_by(AuditBatch.id)).all()
    for batch in batches:
        rows = db.session.scalars(
            select(AuditRow)
            .where(AuditRow.id > after, AuditRow.id <= batch.last_row_id)
            .order_by(AuditRow.id)
            .execution_options(populate_existing=True)
        ).all()
        previous, digest = digest, _chain(digest, rows)
        seen, after = seen + len(rows), batch.last_row_id
        if batch.previous_hash != previous or batch.hash != digest or len(rows) != batch.row_count:
            broken = (batch.first_row_id, batch.last_row_id)
            return Verdict(len(batches), seen, 0, batch.id, broken)
        for row in rows:
            db.session.expunge(row)
    left = db.session.scalar(select(func.count(AuditRow.id)).where(AuditRow.id > after)) or 0
    return Verdict(len(batches), seen, left)


def verify_trail(viewer: Viewer | None, *, now: datetime) -> Verdict:
    """Close the open batches, check all of them and write down what was found.

    Side effects: batches, one audit row.
    """
    while close_batch(now=now):
        pass
    verdict = verify()
    with unit_of_work(viewer, AuditAction.AUDIT_VERIFY, now=now) as work:
        work.row["result"] = "ok" if verdict.sound else "broken"
        work.row["data"] = {
            "batches": verdict.batches,
            "rows": verdict.rows,
            "broken_rows": list(verdict.broken_rows or ()),
        }
    return verdict
