"""Plans: revisions that never change once signed, and the signatures under them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, JsonOrNull, Model, UTCDateTime
from mdt.models.people import User


class Plan(Model):
    """The board's opinion on a case, out of one discussion (or, later, without a meeting)."""

    __tablename__ = "plan"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    revisions: Mapped[list["PlanRevision"]] = relationship(
        back_populates="plan", order_by="PlanRevision.number"
    )


class PlanRevision(Model):
    """One text of the plan. ``content`` is ``mdt.rules.plan.PlanDraft`` as JSON.

    ``field_versions`` maps a field (``answer``, ``stage.t``, ``steps.k1.what``) to the version of
    this row in which it was last changed and to who changed it; ``edit_keys`` holds ``user:key`` of
    the newest edits, so that one sent twice counts once. Once signed a revision is locked,
    by a trigger too; an addendum is a new revision that names this one. A revision taken back from
    signing stays as ``withdrawn`` with its signatures; the next number goes on from its text.
    """

    __tablename__ = "plan_revision"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    content: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    field_versions: Mapped[dict[str, list[int]]] = mapped_column(Json, default=dict)
    edit_keys: Mapped[list[str]] = mapped_column(Json, default=list)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("plan_revision.id"))
    amend_reason: Mapped[str] = mapped_column(Text, default="")
    verify_code: Mapped[str | None] = mapped_column(String(24), unique=True)
    #: Key images and lesions that are printed with it (`mdt.services.plan_pictures`), since it was
    #: sent out for signing.
    pictures: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)
    opened_for_signing_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pdf_key: Mapped[str | None] = mapped_column(String(80))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column()

    plan: Mapped[Plan] = relationship(back_populates="revisions")
    signatures: Mapped[list["Signature"]] = relationship(order_by="Signature.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("plan_id", "number", name="uq_plan_revision_number"),
        CheckConstraint("state IN ('draft','signing','signed','withdrawn')", name="state"),
        CheckConstraint("state <> 'signed' OR signed_at IS NOT NULL", name="signed_at"),
    )


class Signature(Model):
    """A person's signature under one revision, given after re-authentication."""

    __tablename__ = "signature"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("plan_revision.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str] = mapped_column(String(12))
    discipline: Mapped[str | None] = mapped_column(String(40))
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("revision_id", "user_id", name="uq_signature_person"),)


class Adoption(Model):
    """What the requesting doctor makes of a signed opinion: in full, in part, not, and why."""

    __tablename__ = "adoption"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("plan_revision.id"), unique=True)
    decision: Mapped[str] = mapped_column(String(10))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    by: Mapped[User] = relationship()

    __table_args__ = (CheckConstraint("decision IN ('full','partial','none')", name="decision"),)


class FollowUp(Model):
    """A report back: what was carried out, how the patient is (``mdt.rules.followup.FollowUp``).

    ``steps`` holds ``{key, result, reason}`` for steps of the revision that was signed last.
    """

    __tablename__ = "follow_up"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("plan_revision.id"))
    seen_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(30))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    vital: Mapped[str] = mapped_column(String(10))
    response: Mapped[str] = mapped_column(String(20))
    ecog: Mapped[int | None]
    died_on: Mapped[date | None]
    first_treatment_date: Mapped[date | None]
    first_treatment_type: Mapped[str] = mapped_column(String(20), default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    text: Mapped[str] = mapped_column(Text, default="")
    next_on: Mapped[date | None]
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    by: Mapped[User] = relationship()
