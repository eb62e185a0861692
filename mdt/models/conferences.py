"""Conferences: agenda, invitations, and who was here for which case."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Model, UTCDateTime
from mdt.models.cases import Case
from mdt.models.people import User
from mdt.models.regions import Hospital, Team


class Conference(Model):
    """A meeting of a team. ``last_seq`` is the number of its newest live event."""

    __tablename__ = "conference"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(120), default="")
    media_link: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(10), default="scheduled")
    chair_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    current_item_id: Mapped[int | None]
    presenter_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    last_seq: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    team: Mapped[Team] = relationship(lazy="joined")
    chair: Mapped[User] = relationship(foreign_keys=[chair_id], lazy="joined")
    # Crosses hospitals: read through queries.conferences, which shows a seat only its items.
    items: Mapped[list["AgendaItem"]] = relationship(
        back_populates="conference", order_by="AgendaItem.position", lazy="raise"
    )
    invitations: Mapped[list["Invitation"]] = relationship(
        back_populates="conference", order_by="Invitation.id", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("state IN ('scheduled','live','closed','cancelled')", name="state"),
        CheckConstraint("minutes > 0", name="minutes"),
    )


class AgendaItem(Model):
    """A case on the agenda of a conference. ``position`` counts from 1, without gaps."""

    __tablename__ = "agenda_item"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=15)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    presenter_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    discussed_on: Mapped[date | None]
    quorum_met: Mapped[bool | None]
    #: Code of ``override_reasons`` by which the chair let the opinion be signed, and the words.
    quorum_override: Mapped[str] = mapped_column(Text, default="")
    quorum_override_text: Mapped[str] = mapped_column(Text, default="")

    conference: Mapped[Conference] = relationship(back_populates="items")
    case: Mapped[Case] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting','discussing','concluded','deferred','undiscussed')", name="state"
        ),
        CheckConstraint("minutes > 0", name="minutes"),
    )


class Invitation(Model):
    """A person asked to a conference: to all of it (``item_id`` empty) or to one agenda item."""

    __tablename__ = "invitation"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    discipline: Mapped[str | None] = mapped_column(String(40))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    answer: Mapped[str] = mapped_column(String(12), default="pending")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    conference: Mapped[Conference] = relationship(back_populates="invitations")
    user: Mapped[User] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint(
            "role IN ('chair','expert','recorder','presenter','observer','coordinator')",
            name="role",
        ),
        CheckConstraint("answer IN ('pending','accepted','tentative','declined')", name="answer"),
        Index("ix_invitation_person", "conference_id", "user_id", "item_id", "role", unique=False),
    )


class Attendance(Model):
    """Who was here for this case: one row for each person and agenda item."""

    __tablename__ = "attendance"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospital.id"))
    discipline: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(lazy="joined")
    hospital: Mapped[Hospital | None] = relationship()

    __table_args__ = (UniqueConstraint("item_id", "user_id", name="uq_attendance_person"),)
