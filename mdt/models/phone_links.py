"""Phones that take photographs into a case for a few minutes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class PhoneLink(Model):
    """One code on a doctor's screen, and the one phone that opened it.

    ``code_hash`` is of the token in the code, ``opener_hash`` of what the phone that opened it made
    up (so that it may ask again when the answer was lost), ``secret_hash`` of what its cookie holds
    since. It ends with ``session_id``, the sign-in of the person who made it.
    """

    __tablename__ = "phone_link"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sign_in_session.id"))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    opener_hash: Mapped[str | None] = mapped_column(String(64))
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_phone_link_person", "by_user_id", "case_id"),)
