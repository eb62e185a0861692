"""The audit trail: append-only by trigger, hash-chained in batches."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Json, Model, UTCDateTime


class AuditRow(Model):
    """Who did what to which object, when, from where. No clinical text, no identity."""

    __tablename__ = "audit_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(60), default="")
    hospital_id: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(30), default="")
    object_id: Mapped[str] = mapped_column(String(40), default="")
    case_id: Mapped[int | None]
    result: Mapped[str] = mapped_column(String(10), default="ok")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (Index("ix_audit_row_case", "case_id", "at"),)


class AuditBatch(Model):
    """A closed run of audit rows: the hash over them and over the batch before."""

    __tablename__ = "audit_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_row_id: Mapped[int]
    last_row_id: Mapped[int] = mapped_column(unique=True)
    row_count: Mapped[int]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
