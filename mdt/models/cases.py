"""Cases: what a hospital asks a team, and each step on the way."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, Model, UTCDateTime
from mdt.models.patients import Patient
from mdt.models.people import User
from mdt.models.regions import Hospital, Team


class Case(Model):
    """One tumour of one patient, put to one team. Two people may edit it: version checked."""

    __tablename__ = "case_file"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    state_since: Mapped[datetime] = mapped_column(UTCDateTime)
    urgency: Mapped[str] = mapped_column(String(20), default="routine")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    tumour_type: Mapped[str] = mapped_column(String(30), default="")
    icd10: Mapped[str] = mapped_column(String(20), default="")
    diagnosis_text: Mapped[str] = mapped_column(Text, default="")
    morphology: Mapped[str] = mapped_column(String(10), default="")
    laterality: Mapped[str] = mapped_column(String(1), default="")
    case_type: Mapped[str] = mapped_column(String(12), default="new")
    diagnosis_date: Mapped[date | None]
    diagnosis_basis: Mapped[str] = mapped_column(String(2), default="")

    staging_table: Mapped[str] = mapped_column(String(40), default="")
    stage_basis: Mapped[str] = mapped_column(String(4), default="c")
    t: Mapped[str] = mapped_column(String(20), default="")
    n: Mapped[str] = mapped_column(String(20), default="")
    m: Mapped[str] = mapped_column(String(20), default="")
    stage_factors: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    stage_group: Mapped[str] = mapped_column(String(30), default="")
    stage_text: Mapped[str] = mapped_column(String(60), default="")
    stage_date: Mapped[date | None]
    stage_deviation_reason: Mapped[str] = mapped_column(String(40), default="")
    stage_deviation_text: Mapped[str] = mapped_column(String(200), default="")
    iii_plus: Mapped[str] = mapped_column(String(7), default="unknown")

    ecog: Mapped[int | None]
    kps: Mapped[int | None]
    height_cm: Mapped[float | None]
    weight_kg: Mapped[float | None]
    symptoms: Mapped[list[str]] = mapped_column(Json, default=list)
    comorbidities: Mapped[list[str]] = mapped_column(Json, default=list)
    comorbidity_text: Mapped[str] = mapped_column(Text, default="")
    chief_complaint: Mapped[str] = mapped_column(Text, default="")
    history: Mapped[str] = mapped_column(Text, default="")
    examination: Mapped[str] = mapped_column(Text, default="")
    labs: Mapped[str] = mapped_column(Text, default="")
    molecular: Mapped[str] = mapped_column(Text, default="")
    treatment_so_far: Mapped[str] = mapped_column(Text, default="")
    first_treatment_date: Mapped[date | None]
    planned_treatment_date: Mapped[date | None]
    patient_preference: Mapped[str] = mapped_column(Text, default="")
    own_plan: Mapped[str] = mapped_column(Text, default="")
    intent: Mapped[str] = mapped_column(String(20), default="")
    question: Mapped[str] = mapped_column(Text, default="")

    #: Base of a checklist item to ``{mark, reason}`` (``mdt.rules.readiness.Mark``).
    checklist_marks: Mapped[dict[str, dict[str, str]]] = mapped_column(Json, default=dict)
    #: ``{reason, text}`` of a submission before its papers were there; empty without one.
    urgent_exception: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: ``{reason, text, by, at}`` of a listing in spite of the checklist; empty without one, with
    #: ``ended`` once the case went back to the queue.
    listing_override: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: Field of the form to ``[version, user id]`` of its last change: who edits what meanwhile.
    field_edits: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    hospital: Mapped[Hospital] = relationship(lazy="joined")
    team: Mapped[Team | None] = relationship(lazy="joined")
    patient: Mapped[Patient] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])
    steps: Mapped[list["CaseStep"]] = relationship(order_by="CaseStep.id")
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft','submitted','reviewing','returned','declined','accepted','deferred',"
            "'scheduled','discussing','concluded','signed','adopted','following','closed',"
            "'withdrawn')",
            name="state",
        ),
        CheckConstraint("iii_plus IN ('yes','no','unknown')", name="iii_plus"),
        Index("ix_case_file_team_state", "team_id", "state"),
    )


class CaseStep(Model):
    """A step on a case's way: from where to where, who, when, and the coded reason."""

    __tablename__ = "case_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    action: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason_list: Mapped[str] = mapped_column(String(40), default="")
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date | None]
    conference_id: Mapped[int | None] = mapped_column(ForeignKey("conference.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    by: Mapped[User] = relationship()


class Consent(Model):
    """A consent that was given on paper, and its scan."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    signer: Mapped[str] = mapped_column(String(20))
    relation: Mapped[str] = mapped_column(String(40), default="")
    signed_on: Mapped[date]
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('remote','privacy','guardian')", name="kind"),
        CheckConstraint("signer IN ('patient','guardian','relative')", name="signer"),
    )
