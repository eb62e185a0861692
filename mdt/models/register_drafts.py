"""A tumour that somebody is typing and has not entered yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class RegisterDraft(Model):
    """What a person has typed into the form of a new row; nobody else ever sees it.

    The id is random and comes with the form. ``sealed_cells`` is JSON (column to what was typed),
    AAD ``register_draft:<id>``; empty from the moment when the row is entered, so that a save that
    arrives late brings nothing back.
    """

    __tablename__ = "register_draft"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    sealed_cells: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
