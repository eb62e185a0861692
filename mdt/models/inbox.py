"""What a hospital's PACS sends: who may send, and studies that wait to be taken into a case."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Model, UTCDateTime
from mdt.models.regions import Hospital


class PacsPeer(Model):
    """A machine of a hospital that may send images; ``address`` empty: from anywhere."""

    __tablename__ = "pacs_peer"

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    ae_title: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(49), default="")
    active: Mapped[bool] = mapped_column(default=True)

    hospital: Mapped[Hospital] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("ae_title", "address", name="uq_pacs_peer"),)


class InboxStudy(Model):
    """A study of one person in the inbox of a hospital.

    ``sealed_patient`` is what its headers say of the person, AAD ``inbox:<study uid>``;
    ``person_index`` keeps apart two persons under one UID. ``taken_*`` is the case that took it
    last.
    """

    __tablename__ = "inbox_study"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    study_uid: Mapped[str] = mapped_column(String(64))
    person_index: Mapped[str] = mapped_column(String(64))
    name_index: Mapped[str | None] = mapped_column(String(64))
    number_index: Mapped[str | None] = mapped_column(String(64))
    sealed_patient: Mapped[bytes] = mapped_column(LargeBinary)
    modalities: Mapped[str] = mapped_column(String(60), default="")
    study_date: Mapped[date | None]
    description: Mapped[str] = mapped_column(String(120), default="")
    ae_title: Mapped[str] = mapped_column(String(16))
    object_count: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    taken_case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("hospital_id", "study_uid", "person_index", name="uq_inbox_study"),
        Index("ix_inbox_study_received", "hospital_id", "received_at"),
    )


class InboxObject(Model):
    """A DICOM object as it was sent, with a preamble of zeros.

    The same UID with other content is another row: both were acknowledged.
    """

    __tablename__ = "inbox_object"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("inbox_study.id", ondelete="CASCADE"))
    sop_uid: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("study_id", "sop_uid", "sha256", name="uq_inbox_object"),)
