"""The register: one row for each primary tumour at first diagnosis."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, Model, UTCDateTime
from mdt.models.patients import Patient
from mdt.models.regions import Hospital
from mdt.rules.calendar import month_number
from mdt.rules.coverage.exclusion import shipped_reasons
from mdt.rules.coverage.judgement import counted_stage

#: All that a coverage report reads, those first by which it is cut out and grouped: an index that
#: lacks one column is slower than none.
_FIGURE_COLUMNS = (
    "hospital_id", "diagnosis_month", "diagnosis_date", "site3", "exclusion", "counted_stage",
    "treated_after", "board_after", "outside_after", "opinion_alone", "duplicate_of_id",
    "excluding", "stage_basis", "staging_system", "opinion_after", "died_after",
)  # fmt: skip


class Tumour(Model):
    """One primary tumour in a hospital's register (columns of contract.md, "Register file").

    ``row_hash`` is a keyed hash of the whole row of the file: the same row again changes nothing.
    ``row_key`` finds the row of a tumour whose person is not known; it is random for all others,
    which are found by their patient, site, side and date (``mdt.rules.registry.assignment``).
    ``iii_plus`` is what the staging tables say of the stage in the row, whether it counts or not.
    ``board_on`` is the first day on which a board that counts discussed it, ``opinion_alone`` says
    that an opinion on it was signed with no meeting, ``opinion_on`` on which day first: they are
    noted by ``mdt.services.board_facts`` whenever a board, an opinion or a link to a case changes.

    ``import_id`` is the file whose row it says now (none: a person's), ``entered_import_id`` the
    one that it came with first, ``entered_by_id`` the person who entered it by hand.

    ``duplicate_of_id`` is the row that counts for it, by people's decisions (`DuplicateDecision`),
    never the row itself (``mdt.rules.registry.duplicates.counting_rows``);
    ``maybe_duplicate`` is noted whenever a row is written that meets one like it: of two that may
    be one tumour at least one has it, so that the queue is found without reading the register.

    The columns from ``diagnosis_month`` on follow from the others and are filled by
    `follow_from_row`: a report over a million rows counts them out of an index alone.
    ``diagnosis_month`` is year * 12 + month - 1; ``..._after`` are days after the diagnosis.
    ``exclusion`` is the first reason of definition version 1 that leaves it out, ``excluding`` has
    a bit for each reason that any definition may name (``mdt.rules.coverage.exclusion``).
    """

    __tablename__ = "tumour"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    row_key: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))
    icd10: Mapped[str] = mapped_column(String(20))
    site3: Mapped[str] = mapped_column(String(3))
    morphology: Mapped[str] = mapped_column(String(10), default="")
    laterality: Mapped[str] = mapped_column(String(1), default="9")
    case_type: Mapped[str] = mapped_column(String(12))
    diagnosis_date: Mapped[date]
    diagnosis_basis: Mapped[str] = mapped_column(String(2), default="")
    staging_system: Mapped[str] = mapped_column(String(40), default="")
    staging_edition: Mapped[str] = mapped_column(String(20), default="")
    stage_basis: Mapped[str] = mapped_column(String(20), default="")
    t: Mapped[str] = mapped_column(String(20), default="")
    n: Mapped[str] = mapped_column(String(20), default="")
    m: Mapped[str] = mapped_column(String(20), default="")
    stage_group: Mapped[str] = mapped_column(String(60), default="")
    stage_date: Mapped[date | None]
    iii_plus: Mapped[str] = mapped_column(String(7))
    first_treatment_date: Mapped[date | None]
    first_treatment_type: Mapped[str] = mapped_column(String(20), default="")
    emergency: Mapped[bool | None]
    pathology_date: Mapped[date | None]
    gene_test: Mapped[bool | None]
    gene_lab: Mapped[str] = mapped_column(String(20), default="")
    referral: Mapped[str] = mapped_column(String(20), default="")
    external_mdt_date: Mapped[date | None]
    death_date: Mapped[date | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("tumour.id"))
    maybe_duplicate: Mapped[bool] = mapped_column(default=False, server_default=false())
    board_on: Mapped[date | None]
    opinion_alone: Mapped[bool] = mapped_column(default=False)
    opinion_on: Mapped[date | None]
    diagnosis_month: Mapped[int]
    exclusion: Mapped[str] = mapped_column(String(20))
    counted_stage: Mapped[str] = mapped_column(String(7))
    treated_after: Mapped[int | None]
    board_after: Mapped[int | None]
    outside_after: Mapped[int | None]
    excluding: Mapped[int] = mapped_column(server_default="0")
    opinion_after: Mapped[int | None]
    died_after: Mapped[int | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_import.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # No foreign key: it would be looked up for each row of an import, and imports stay.
    entered_import_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    patient: Mapped[Patient] = relationship()
    hospital: Mapped[Hospital] = relationship()

    __table_args__ = (
        UniqueConstraint("hospital_id", "row_key", name="uq_tumour_row"),
        CheckConstraint("iii_plus IN ('yes','no','unknown')", name="iii_plus"),
        CheckConstraint("case_type IN ('new','recurrence','retreatment')", name="case_type"),
        Index("ix_tumour_period", "diagnosis_date", "hospital_id"),
        Index("ix_tumour_figures", *_FIGURE_COLUMNS),
        Index("ix_tumour_row_hash", "hospital_id", "row_hash"),
        Index(
            "ix_tumour_dropped",
            "duplicate_of_id",
            sqlite_where=text("duplicate_of_id IS NOT NULL"),
            postgresql_where=text("duplicate_of_id IS NOT NULL"),
        ),
        Index(
            "ix_tumour_maybe_duplicate",
            "hospital_id",
            sqlite_where=text("maybe_duplicate"),
            postgresql_where=text("maybe_duplicate"),
        ),
    )

    def follow_from_row(self) -> None:
        """Fill the columns that follow from the others."""
        day = self.diagnosis_date
        self.diagnosis_month = month_number(day)
        self.exclusion, self.excluding = shipped_reasons(self)
        self.counted_stage = counted_stage(self)
        self.treated_after = _days_after(day, self.first_treatment_date)
        self.board_after = _days_after(day, self.board_on)
        self.outside_after = _days_after(day, self.external_mdt_date)
        self.opinion_after = _days_after(day, self.opinion_on)
        self.died_after = _days_after(day, self.death_date)


def _days_after(diagnosed: date, day: date | None) -> int | None:
    return None if day is None else (day - diagnosed).days


@event.listens_for(Tumour, "before_insert")
@event.listens_for(Tumour, "before_update")
def _follow(_mapper: object, _connection: object, tumour: Tumour) -> None:
    tumour.follow_from_row()


class TumourCase(Model):
    """A register row and a case that are the same tumour of the same person."""

    __tablename__ = "tumour_case"

    tumour_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, index=True)
    matched_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DuplicateDecision(Model):
    """What a person decided about two rows that may be one tumour, and whether it was taken back.

    ``lower_id`` is the row with the lower number; ``decision`` is a
    ``mdt.rules.registry.duplicates.DuplicateVerdict``, ``kept_id`` the row that counts where they
    are the same. A decision is never changed: it is taken back, and the next one is another row.
    """

    __tablename__ = "duplicate_decision"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    lower_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"))
    higher_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"), index=True)
    decision: Mapped[str] = mapped_column(String(9))
    kept_id: Mapped[int | None] = mapped_column(ForeignKey("tumour.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    lower: Mapped[Tumour] = relationship(foreign_keys=[lower_id])
    higher: Mapped[Tumour] = relationship(foreign_keys=[higher_id])

    __table_args__ = (
        CheckConstraint("lower_id < higher_id", name="in_order"),
        CheckConstraint(
            "(decision = 'same' AND kept_id IN (lower_id, higher_id))"
            " OR (decision = 'different' AND kept_id IS NULL)",
            name="verdict",
        ),
        Index(
            "uq_duplicate_decision_standing",
            "lower_id",
            "higher_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )


class TumourVersion(Model):
    """What a register row said before it was replaced; append-only in the database itself.

    ``sealed_content`` is JSON, the former cells by column of the register file, sealed with AAD
    ``tumour_version:<id>`` and read through ``mdt.queries.register_history``. The id is random, as
    it must be known before the row is written. ``import_id`` is the file whose row came in its
    place; without one a person changed it by hand.
    """

    __tablename__ = "tumour_version"
    __hospital_owned__ = True

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tumour_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"), index=True)
    replaced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_import.id"))
    sealed_content: Mapped[bytes] = mapped_column(LargeBinary)


class MatchDecision(Model):
    """What a person decided about a row and a case: that they belong together, or do not.

    It goes before what is matched automatically, until it is taken back. ``verdict`` and ``reason``
    are codes of ``mdt.rules.registry.matches``; ``sealed_text`` holds the person's words, with AAD
    ``match_decision:<id>``.
    """

    __tablename__ = "match_decision"
    __hospital_owned__ = True

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tumour_id: Mapped[int] = mapped_column(ForeignKey("tumour.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(20))
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    tumour: Mapped[Tumour] = relationship()

    __table_args__ = (
        CheckConstraint("verdict IN ('linked', 'unlinked')", name="verdict"),
        Index(
            "uq_match_decision_standing",
            "tumour_id",
            "case_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )


class RegisterImport(Model):
    """One register file: read, to be read, or being read; what was taken, what was refused and why.

    ``hospital_id`` is empty where the sender manages several hospitals and the file holds rows of
    several or of none. ``state`` is a ``mdt.rules.registry.importing.ImportState``; ``handled`` is
    how many of ``total`` rows its present phase has behind it, committed with each batch.
    ``holder`` is the worker that has it in hand, ``beat_at`` when that one was last heard of;
    ``queued_at`` since when it waits for one. ``file_keys`` are the pieces of the sealed file in
    the storage, ``order_keys`` those of the order in which its rows are written, followed by the
    rows as the dry run judged them, until it ends; ``file_format`` how the file is read, and by
    what its rows were judged, ``file_index`` a keyed hash of its bytes.
    ``sealed_columns`` is JSON (headings, samples, chosen columns; a file without a header has a
    person there), AAD ``register_import_columns:<id>``. ``sealed_problems`` is JSON (refused,
    warnings), AAD ``register_import:<id>``; it is read through ``mdt.queries.register_problems``.
    """

    __tablename__ = "register_import"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospital.id"), index=True)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(12), default="done", server_default="done")
    total: Mapped[int] = mapped_column(default=0)
    handled: Mapped[int] = mapped_column(default=0, server_default="0")
    accepted: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    warned: Mapped[int] = mapped_column(default=0, server_default="0")
    sealed_problems: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    matched: Mapped[int] = mapped_column(default=0)
    possible_duplicates: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(40), default="", server_default="")
    error_details: Mapped[dict[str, Any] | None] = mapped_column(Json)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    beat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    holder: Mapped[str | None] = mapped_column(String(32))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file_keys: Mapped[list[str] | None] = mapped_column(Json)
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_index: Mapped[str | None] = mapped_column(String(64))
    file_format: Mapped[dict[str, Any] | None] = mapped_column(Json)
    order_keys: Mapped[list[str] | None] = mapped_column(Json)
    sealed_columns: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    __table_args__ = (
        Index(
            "ix_register_import_at_work",
            "state",
            sqlite_where=text("state IN ('checking','importing')"),
            postgresql_where=text("state IN ('checking','importing')"),
        ),
    )
