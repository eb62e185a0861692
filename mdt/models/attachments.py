"""Files of a case: documents, and DICOM studies with their series and instances."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, JsonOrNull, Model, UTCDateTime


class Attachment(Model):
    """A document (PDF or picture).

    ``sealed_name`` is the sender's file name, AAD ``attachment:<storage_key>``. ``viewing_key``
    is the copy that is shown (active content stripped, picture re-encoded). Until somebody of the
    hospital released it (``released_at``) only who may know the patient sees it.
    """

    __tablename__ = "attachment"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    media_type: Mapped[str] = mapped_column(String(40))
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    storage_key: Mapped[str] = mapped_column(String(80))
    viewing_key: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)
    dated_on: Mapped[date | None]
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: By which it was photographed, if it was.
    phone_link_id: Mapped[int | None] = mapped_column(ForeignKey("phone_link.id"))
    #: The earlier case that it was taken over from; its rows name the same blobs.
    taken_from_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    struck_reason: Mapped[str] = mapped_column(String(200), default="")
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: What is blacked out in the copy of a picture, in its pixels: [left, top, width, height].
    black_boxes: Mapped[list[list[int]] | None] = mapped_column(JsonOrNull)

    __table_args__ = (UniqueConstraint("case_id", "sha256", name="uq_attachment_content"),)


class Study(Model):
    """A DICOM study in a case.

    ``sealed_patient`` is what the headers say of the person: a JSON list, longer than one where the
    files of a study name different people; AAD ``study:<case id>:<study uid>``. ``served_uid`` is
    the UID by which it goes out, here and at series and instances: the original names a person to
    who has the hospital's archive. Empty until its objects have a served form.
    """

    __tablename__ = "study"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    study_uid: Mapped[str] = mapped_column(String(64))
    served_uid: Mapped[str | None] = mapped_column(String(64))
    study_date: Mapped[date | None]
    description: Mapped[str] = mapped_column(String(120), default="")
    sealed_patient: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: The earlier case that it was taken over from; its objects name the same original blobs.
    taken_from_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))

    series: Mapped[list["Series"]] = relationship(
        back_populates="study", order_by="Series.number, Series.id"
    )

    __table_args__ = (UniqueConstraint("case_id", "study_uid", name="uq_study_case_uid"),)


class Series(Model):
    """A DICOM series: header facts for display (no identity), its objects and its pictures.

    ``image_count`` counts pictures: a clip has many in one object, a report has none.
    ``slices_missing`` and ``slices_doubled`` go by the places of parallel slices; empty where
    these say nothing. ``risk`` says why a name may stand in the pictures themselves
    (`mdt.rules.deidentification.Risk`), empty where it does not; with one, only who may know the
    patient sees the series until ``released_at``. ``revision`` counts the changes to its pictures:
    rectangles that were blacked out, and taken back. ``unconfirmed``: a header of it names somebody
    of whom nobody has said that this is the patient, and the same people alone see it; empty where
    an earlier version took it and nobody has looked yet. ``by_user_id`` sent its first object;
    empty where an earlier version took it, and then it is the study's.
    """

    __tablename__ = "series"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    series_uid: Mapped[str] = mapped_column(String(64))
    served_uid: Mapped[str | None] = mapped_column(String(64))
    number: Mapped[int | None]
    modality: Mapped[str] = mapped_column(String(16), default="")
    body_part: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str] = mapped_column(String(120), default="")
    contrast: Mapped[str] = mapped_column(String(120), default="")
    header: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    risk: Mapped[str] = mapped_column(String(16), default="")
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    unconfirmed: Mapped[bool | None] = mapped_column(default=False)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    instance_count: Mapped[int] = mapped_column(default=0)
    image_count: Mapped[int] = mapped_column(default=0)
    slices_missing: Mapped[int | None]
    slices_doubled: Mapped[int | None]
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    struck_reason: Mapped[str] = mapped_column(String(200), default="")

    study: Mapped[Study] = relationship(back_populates="series")

    __table_args__ = (
        UniqueConstraint("study_id", "series_uid", name="uq_series_study_uid"),
        Index(
            "ix_series_unjudged",
            "case_id",
            sqlite_where=text("unconfirmed IS NULL"),
            postgresql_where=text("unconfirmed IS NULL"),
        ),
    )


class Instance(Model):
    """A DICOM object.

    ``position`` is the distance in mm along the normal of its series, empty for a slice in another
    plane; ``first_image`` the place (0-based) of its first picture in the series, empty without.
    ``storage_key`` is the file as it was sent, ``served_key`` its de-identified form, of which
    ``frame_spans`` lists offset and length: of all before the pixels, then of each frame (see
    `mdt.adapters.dicom_ingest.ServedForm`). What came before there was a served form has none
    until it is prepared; ``served_syntax_uid`` is empty text where it cannot have one.
    ``served_stale``: the served form does not say what is true any more (its series was released),
    and is to be made anew. ``black_boxes`` are blacked out in it: [frame from 0 or -1 for all,
    left, top, width, height]; such a picture is another object, with a UID of its own.
    """

    __tablename__ = "instance"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    sop_uid: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str] = mapped_column(String(64))
    number: Mapped[int | None]
    position: Mapped[float | None]
    first_image: Mapped[int | None]
    rows: Mapped[int] = mapped_column(default=0)
    columns: Mapped[int] = mapped_column(default=0)
    frames: Mapped[int] = mapped_column(default=1)
    storage_key: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    served_uid: Mapped[str | None] = mapped_column(String(64))
    served_key: Mapped[str | None] = mapped_column(String(80))
    served_syntax_uid: Mapped[str | None] = mapped_column(String(64))
    served_size: Mapped[int | None]
    frame_spans: Mapped[list[list[int]] | None] = mapped_column(Json)
    served_stale: Mapped[bool] = mapped_column(default=False, server_default=false())
    black_boxes: Mapped[list[list[int]] | None] = mapped_column(JsonOrNull)

    __table_args__ = (
        UniqueConstraint("case_id", "sop_uid", name="uq_instance_case_sop"),
        Index("ix_instance_series", "series_id", "first_image"),
        Index("ix_instance_served", "case_id", "served_uid"),
        Index(
            "ix_instance_unserved",
            "id",
            sqlite_where=text("served_syntax_uid IS NULL"),
            postgresql_where=text("served_syntax_uid IS NULL"),
        ),
        Index(
            "ix_instance_stale",
            "id",
            sqlite_where=text("served_stale = 1"),
            postgresql_where=text("served_stale"),
        ),
        Index(
            "ix_instance_blacked_out",
            "case_id",
            sqlite_where=text("black_boxes IS NOT NULL"),
            postgresql_where=text("black_boxes IS NOT NULL"),
        ),
    )


class InstanceMetadata(Model):
    """The served form's header as DICOM JSON, UTF-8, sent as it stands.

    Addresses of bulk data are relative to the instance.
    """

    __tablename__ = "instance_metadata"
    __hospital_owned__ = True

    instance_id: Mapped[int] = mapped_column(
        ForeignKey("instance.id", ondelete="CASCADE"), primary_key=True
    )
    json: Mapped[bytes] = mapped_column(LargeBinary)


class ImageSecret(Model):
    """By what the UIDs of a case are mapped, sealed; AAD ``image-secret:<case id>``.

    Random and not derived of a key: the mapping outlives a change of keys.
    """

    __tablename__ = "image_secret"
    __hospital_owned__ = True

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Upload(Model):
    """Bytes on their way into a case, kept until they are whole and taken.

    ``id`` names the file in which they arrive (``mdt.adapters.upload_parts``); ``sealed`` is JSON
    (``key`` of that file as hex, ``name`` as sent, ``bundle``, how to file it), ``sealed_results``
    what became of each file once they were taken; AAD ``upload:<id>`` both. ``waiting_since``: it
    is whole and waits, or waited, for the virus scanner.
    """

    __tablename__ = "upload"
    __hospital_owned__ = True

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    length: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_results: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    waiting_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: By which it comes, if a phone sends it: nobody else goes on with it.
    phone_link_id: Mapped[int | None] = mapped_column(ForeignKey("phone_link.id"))

    __table_args__ = (Index("ix_upload_person", "by_user_id", "case_id"),)
