"""Whole-slide images of a case, and the sealed packs of tiles that are shown of them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class Slide(Model):
    """A slide; no name of a file, label or description is kept of it.

    ``format`` is a `mdt.rules.slides.SlideFormat`. ``storage_key`` is the file as it was sent (a
    ZIP of an MRXS as a whole); empty for the objects of a DICOM series, ``series_id``, of which
    ``objects`` were read. ``width`` and ``height`` (pixels, 0 until they are known), ``mpp``
    (micrometres of a pixel) and ``objective`` are all that is read out of it. ``made`` tiles of its
    pyramid are stored; ``failure`` is the refusal where it cannot be read, ``tries`` how often that
    broke off. ``revision`` counts how often the pyramid was begun anew: tiles are addressed by it.
    ``stain`` and ``block`` are what the hospital typed.
    """

    __tablename__ = "slide"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), unique=True
    )
    format: Mapped[str] = mapped_column(String(10))
    #: Of a vendor's file: which converter gets it.
    extension: Mapped[str] = mapped_column(String(10), default="")
    storage_key: Mapped[str | None] = mapped_column(String(80))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    objects: Mapped[int] = mapped_column(default=0)
    stain: Mapped[str] = mapped_column(String(40), default="")
    block: Mapped[str] = mapped_column(String(40), default="")
    vendor: Mapped[str] = mapped_column(String(40), default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    mpp: Mapped[float | None]
    objective: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    failure: Mapped[str] = mapped_column(String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    made_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(default=0)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    struck_reason: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        UniqueConstraint("case_id", "sha256", name="uq_slide_content"),
        Index(
            "ix_slide_waiting",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class SlidePack(Model):
    """A run of tiles of a slide, ``first_tile`` to before ``first_tile + tiles``, as one blob."""

    __tablename__ = "slide_pack"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    slide_id: Mapped[int] = mapped_column(ForeignKey("slide.id", ondelete="CASCADE"))
    first_tile: Mapped[int]
    tiles: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(80))

    __table_args__ = (UniqueConstraint("slide_id", "first_tile", name="uq_slide_pack_first"),)
