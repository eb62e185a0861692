"""What people mark on the pictures of a case: marks, key images, lesions followed over time."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from mdt.models.base import Json, Model, UTCDateTime


class Made:
    """Who made it and when, under which key; and who struck it out, when and why."""

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    #: The client's own, so that what is sent twice is there once.
    key: Mapped[str] = mapped_column(String(60))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    struck_reason: Mapped[str] = mapped_column(String(200), default="")


class OnPicture(Made):
    """A frame (from 1) of an object of a series, or a slide.

    The object is named by its row: where its picture is blacked out it gets another UID, and what
    is marked on it goes along.
    """

    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id", ondelete="CASCADE"))
    slide_id: Mapped[int | None]
    frame: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """One row for each key of a person in a case; on a series or on a slide."""
        name = cls.__tablename__  # type: ignore[attr-defined]
        return (
            UniqueConstraint("case_id", "by_user_id", "key", name=f"uq_{name}_key"),
            CheckConstraint(
                "(instance_id IS NULL) = (series_id IS NULL)"
                " AND (series_id IS NULL) <> (slide_id IS NULL)",
                name="picture",
            ),
            Index(f"ix_{name}_case", "case_id"),
            Index(f"ix_{name}_instance", "instance_id"),
            Index(f"ix_{name}_series", "series_id"),
        )


class Mark(OnPicture, Model):
    """A measurement or an arrow; ``points`` and ``value`` as in `mdt.rules.measuring`."""

    __tablename__ = "mark"
    __hospital_owned__ = True

    kind: Mapped[str] = mapped_column(String(12))
    points: Mapped[list[list[float]]] = mapped_column(Json)
    text: Mapped[str] = mapped_column(String(200), default="")
    value: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class KeyImage(OnPicture, Model):
    """A picture chosen for the discussion and the opinion, in the order of ``place`` (from 1).

    ``state`` is how the viewer stood (`mdt.rules.viewer_state`), without what the columns say.
    """

    __tablename__ = "key_image"
    __hospital_owned__ = True

    place: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    caption: Mapped[str] = mapped_column(String(200), default="")


class Lesion(Made, Model):
    """One lesion by its name: its length now, and before where it was measured then."""

    __tablename__ = "lesion"
    __hospital_owned__ = True

    name: Mapped[str] = mapped_column(String(60))
    current_mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"))
    prior_mark_id: Mapped[int | None] = mapped_column(ForeignKey("mark.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("case_id", "by_user_id", "key", name="uq_lesion_key"),
        Index("ix_lesion_case", "case_id"),
    )
