"""People: accounts, their roles, their sessions and tokens, and what they are told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Json, Model, UTCDateTime
from mdt.models.regions import Hospital

#: In the place of a hash: no password fits, the account waits for its one-time password.
NO_PASSWORD = "!"  # noqa: S105 -- not a hash, so nothing verifies against it


class User(Model):
    """A person with an account, bound to one hospital; never shared."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospital.id"), index=True)
    title: Mapped[str | None] = mapped_column(String(10))
    discipline: Mapped[str | None] = mapped_column(String(40))
    licence_number: Mapped[str] = mapped_column(String(40), default="")
    practice_since: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    hospital: Mapped[Hospital | None] = relationship(lazy="joined")
    memberships: Mapped[list["UserRole"]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def opened(self) -> bool:
        """Whether the account was ever given a password."""
        return self.password_hash != NO_PASSWORD


class UserRole(Model):
    """One role at a hospital, or over a region for quality managers."""

    __tablename__ = "user_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("hospital.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))

    user: Mapped[User] = relationship(back_populates="memberships")

    __table_args__ = (
        CheckConstraint(
            "role IN ('approver','audit','chair','clinician','coordinator','expert','observer',"
            "'quality','recorder','security','system')",
            name="role",
        ),
    )


class SignInSession(Model):
    """One signed-in browser. The cookie holds a random token, the table only its hash."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reauthenticated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str | None] = mapped_column(String(60))
    browser: Mapped[str] = mapped_column(String(200), default="")


class SignInFailure(Model):
    """A refused sign-in, for throttling by account and by address."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    username_key: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index("ix_sign_in_failure_username", "username_key", "at"),
        Index("ix_sign_in_failure_address", "address", "at"),
    )


class ApiToken(Model):
    """A token for a machine: sees what its owner sees, within its scopes, until it expires."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Notice(Model):
    """Something a person must be told on the worklist; nothing clinical in it."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    conference_id: Mapped[int | None] = mapped_column(ForeignKey("conference.id"))
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_notice_user", "user_id", "read_at"),)
