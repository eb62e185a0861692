"""What is said and done in the live room: one gapless row of events for each conference."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Json, Model, UTCDateTime


class LiveEvent(Model):
    """An event of a conference (kinds: ``mdt.rules.events``). ``key`` makes a repeat harmless."""

    __tablename__ = "live_event"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    key: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (
        UniqueConstraint("conference_id", "seq", name="uq_live_event_seq"),
        UniqueConstraint("conference_id", "actor_id", "key", name="uq_live_event_key"),
        Index("ix_live_event_case", "case_id", "kind"),
    )
