"""Places: regions, hospitals, alliances, agreements, teams."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, Model


class Region(Model):
    """An administrative division (GB/T 2260); codes change, so each has its validity."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    __table_args__ = (CheckConstraint("level IN ('province','city','county')", name="level"),)


class Hospital(Model):
    """A hospital of the system, requesting or consulting or both."""

    __tablename__ = "hospital"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    tier: Mapped[str] = mapped_column(String(10), default="county")
    level: Mapped[str] = mapped_column(String(20), default="level_2")
    grade: Mapped[str] = mapped_column(String(20), default="grade_a")
    kind: Mapped[str] = mapped_column(String(30), default="general")
    social_credit_code: Mapped[str] = mapped_column(String(18), default="")
    disciplines: Mapped[list[str]] = mapped_column(Json, default=list)
    own_approval: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    region: Mapped[Region] = relationship(lazy="joined")

    __table_args__ = (CheckConstraint("tier IN ('county','tertiary')", name="tier"),)


class Alliance(Model):
    """A medical or specialty alliance around a lead hospital."""

    __tablename__ = "alliance"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(120), unique=True)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    lead_hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))

    lead: Mapped[Hospital] = relationship()
    members: Mapped[list["AllianceMember"]] = relationship(
        back_populates="alliance", cascade="all, delete-orphan"
    )


class AllianceMember(Model):
    """One hospital in an alliance."""

    __tablename__ = "alliance_member"

    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"), primary_key=True)
    hospital_id: Mapped[int] = mapped_column(
        ForeignKey("hospital.id"), primary_key=True, index=True
    )

    alliance: Mapped[Alliance] = relationship(back_populates="members")
    hospital: Mapped[Hospital] = relationship()


class Agreement(Model):
    """A dated cooperation agreement between a requesting and a consulting hospital."""

    __tablename__ = "agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(60))
    alliance_id: Mapped[int | None] = mapped_column(ForeignKey("alliance.id"))
    requesting_hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    consulting_hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    signed_on: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]

    requesting: Mapped[Hospital] = relationship(foreign_keys=[requesting_hospital_id])
    consulting: Mapped[Hospital] = relationship(foreign_keys=[consulting_hospital_id])

    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="dates"),
        UniqueConstraint("number", name="uq_agreement_number"),
        Index("ix_agreement_pair", "requesting_hospital_id", "consulting_hospital_id"),
    )


class Team(Model):
    """An MDT team of a hospital: its tumour types, core disciplines and quorum."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"), index=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    tumour_types: Mapped[list[str]] = mapped_column(Json, default=list)
    core_disciplines: Mapped[list[str]] = mapped_column(Json, default=list)
    min_disciplines: Mapped[int] = mapped_column(default=3)
    active: Mapped[bool] = mapped_column(default=True)

    hospital: Mapped[Hospital] = relationship(lazy="joined")
    seats: Mapped[list["TeamSeat"]] = relationship(
        back_populates="team", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("min_disciplines >= 2", name="min_disciplines"),
        UniqueConstraint("hospital_id", "name_zh", name="uq_team_hospital_name"),
    )


class TeamSeat(Model):
    """A person in a team's roster, with a role and, for experts, a discipline."""

    __tablename__ = "team_seat"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    discipline: Mapped[str | None] = mapped_column(String(40))

    team: Mapped[Team] = relationship(back_populates="seats")

    __table_args__ = (
        CheckConstraint(
            "role IN ('chair','coordinator','expert','observer','recorder')", name="role"
        ),
        UniqueConstraint("team_id", "user_id", "role", name="uq_team_seat_person_role"),
    )
