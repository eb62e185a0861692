"""What browsers have fetched ahead of a conference."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class Preparation(Model):
    """How many pictures of a case a person's browser has fetched, as it said last.

    ``pictures`` names which there were (`mdt.rules.preparation.pictures_of`).
    """

    __tablename__ = "preparation"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ready: Mapped[int]
    pictures: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("case_id", "user_id", name="uq_preparation_seat"),)
