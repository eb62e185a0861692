"""What a doctor decided about files that seem to name somebody else."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class IdentityCheck(Model):
    """A doctor's word that a person in headers is the patient of the case.

    ``key`` is a keyed hash of what stood side by side (`mdt.queries.identity_checks`): another
    header, or another name in the case, is another key.
    """

    __tablename__ = "identity_check"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (Index("ix_identity_check_case", "case_id", "key"),)
