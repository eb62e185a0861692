"""The audit trail: rows for what only looks, batches that chain hashes, and the check of both."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.audit import AuditBatch, AuditRow
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import audit_row, subject_of, unit_of_work, write_audit_row

FIRST_HASH = "0" * 64


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
    before = db.session.scalar(
        select(AuditRow.id)
        .where(
            AuditRow.actor_id == viewer.user_id,
            AuditRow.at > now - within,
            AuditRow.action == action.value,
            AuditRow.object_type == object_type,
            AuditRow.object_id == object_id,
            AuditRow.result == "ok",
        )
        .limit(1)
    )
    if before is None:
        with unit_of_work(viewer, action, now=now) as work:
            work.row.update(object_type=object_type, object_id=object_id, case_id=case_id)


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


def close_batch(*, now: datetime) -> AuditBatch | None:
    """Chain the rows written since the last batch. Side effects: one batch, or none."""
    last = db.session.scalar(select(AuditBatch).order_by(AuditBatch.id.desc()).limit(1))
    after = last.last_row_id if last else 0
    if not db.session.scalar(select(func.count(AuditRow.id)).where(AuditRow.id > after)):
        return None
    with unit_of_work(None, AuditAction.AUDIT_BATCH, now=now) as work:
        rows = work.session.scalars(
            select(AuditRow).where(AuditRow.id > after).order_by(AuditRow.id)
        ).all()
        digest = previous = last.hash if last else FIRST_HASH
        for row in rows:
            digest = row_hash(digest, row)
        batch = AuditBatch(
            first_row_id=rows[0].id,
            last_row_id=rows[-1].id,
            row_count=len(rows),
            previous_hash=previous,
            hash=digest,
            at=now,
        )
        work.session.add(batch)
        work.about(batch, rows=len(rows))
        return batch


@dataclass(frozen=True)
class Verdict:
    """Outcome of a check of the trail; ``broken_batch`` is the first batch that doesn't fit."""

    batches: int
    rows: int
    broken_batch: int | None

    @property
    def sound(self) -> bool:
        """Whether nothing was changed or removed inside closed batches."""
        return self.broken_batch is None


def verify() -> Verdict:
    """Recompute every closed batch from its rows."""
    digest, rows_seen = FIRST_HASH, 0
    batches = db.session.scalars(select(AuditBatch).order_by(AuditBatch.id)).all()
    for batch in batches:
        rows = db.session.scalars(
            select(AuditRow)
            .where(AuditRow.id.between(batch.first_row_id, batch.last_row_id))
            .order_by(AuditRow.id)
        ).all()
        previous = digest
        for row in rows:
            digest = row_hash(digest, row)
        rows_seen += len(rows)
        if batch.previous_hash != previous or batch.hash != digest or len(rows) != batch.row_count:
            return Verdict(len(batches), rows_seen, batch.id)
    return Verdict(len(batches), rows_seen, None)
