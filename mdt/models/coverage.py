"""Coverage: a province's definitions, and the periods that were closed with their rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, Model, UTCDateTime
from mdt.models.people import User


class TumourBoard(Model):
    """A day on which a board that counts discussed a tumour, with how many disciplines.

    Noted by ``mdt.services.board_facts`` like ``tumour.board_on``, for definitions that ask for
    more disciplines than the quorum.
    """

    __tablename__ = "tumour_board"

    tumour_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"), primary_key=True)
    held_on: Mapped[date] = mapped_column(primary_key=True)
    disciplines: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CoverageDefinition(Model):
    """A province's version of a definition: a draft until it is published, then final, by trigger.

    ``fields`` is ``mdt.rules.coverage.definition_fields`` as JSON. ``based_on`` names the version
    that it was drawn up from. A draft has no ``version`` yet.
    """

    __tablename__ = "coverage_definition"

    id: Mapped[int] = mapped_column(primary_key=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    code: Mapped[str] = mapped_column(String(10))
    version: Mapped[int | None]
    valid_from: Mapped[date]
    fields: Mapped[dict[str, Any]] = mapped_column(Json)
    based_on: Mapped[str] = mapped_column(String(20))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    published_by: Mapped[User | None] = relationship(foreign_keys=[published_by_id])

    __table_args__ = (
        UniqueConstraint("province_code", "code", "version", name="uq_coverage_definition_version"),
        CheckConstraint("code IN ('strict','lenient')", name="code"),
        CheckConstraint("(version IS NULL) = (published_at IS NULL)", name="published"),
    )


class CoverageFreeze(Model):
    """A period of a hospital or a region, closed and signed off. Never changed, by trigger.

    Closing it again makes the next ``revision``, with a reason; ``supersedes_id`` is the one
    before. ``definition`` holds the fields by which it was judged, ``definition_name`` the version
    (``strict@2``). ``figures`` is JSON: ``total`` and ``hospitals`` (code to name and counts).
    """

    __tablename__ = "coverage_freeze"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospital.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    period_first: Mapped[date]
    period_last: Mapped[date]
    definition_code: Mapped[str] = mapped_column(String(10))
    definition_name: Mapped[str] = mapped_column(String(20))
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    revision: Mapped[int]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("coverage_freeze.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        CheckConstraint("(hospital_id IS NULL) <> (region_code IS NULL)", name="scope"),
        CheckConstraint("(revision = 1) = (supersedes_id IS NULL)", name="revision"),
        Index(
            "uq_coverage_freeze_hospital",
            "hospital_id", "period_first", "period_last", "definition_code", "revision",
            unique=True,
            sqlite_where=text("hospital_id IS NOT NULL"),
            postgresql_where=text("hospital_id IS NOT NULL"),
        ),
        Index(
            "uq_coverage_freeze_region",
            "region_code", "period_first", "period_last", "definition_code", "revision",
            unique=True,
            sqlite_where=text("region_code IS NOT NULL"),
            postgresql_where=text("region_code IS NOT NULL"),
        ),
    )  # fmt: skip


class CoverageFreezeRow(Model):
    """What a register row counted for when its period was closed, and the facts that decided.

    ``state`` is a ``mdt.rules.coverage.changes.RowState``; ``counted_stage``, ``exclusion`` and
    ``board_on`` are as the definition of the freeze saw them. ``tumour_id`` is a plain number: a
    row may go, what was closed stays. ``entered_at`` is when the register first had the row.

    Rows are written before their freeze, a few thousand in a transaction: ``freeze_id`` is a number
    kept free for it. Rows of a closing that was cut stay behind, and no freeze has their number.
    """

    __tablename__ = "coverage_freeze_row"
    __hospital_owned__ = True

    freeze_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tumour_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    state: Mapped[str] = mapped_column(String(30))
    pending: Mapped[bool]
    opinion_alone: Mapped[bool]
    icd10: Mapped[str] = mapped_column(String(20))
    diagnosis_date: Mapped[date]
    counted_stage: Mapped[str] = mapped_column(String(7))
    exclusion: Mapped[str] = mapped_column(String(20))
    first_treatment_date: Mapped[date | None]
    external_mdt_date: Mapped[date | None]
    death_date: Mapped[date | None]
    board_on: Mapped[date | None]
    opinion_on: Mapped[date | None]
    duplicate_of_id: Mapped[int | None]
    row_hash: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    stage_facts: Mapped[str] = mapped_column(String(64), default="", server_default="")
