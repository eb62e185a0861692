"""What radiologists and pathologists of a panel say after reading a case again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mdt.models.base import Model, UTCDateTime
from mdt.models.people import User

_NOT_GIVEN = text("given_at IS NULL")


class ReadingOpinion(Model):
    """A re-read opinion on a case.

    Without ``given_at`` it is what its writer is typing, and nobody else's: one for each person and
    case. Once given it never changes. Who says otherwise later gives another; the newest of a
    person counts and the others stay.
    """

    __tablename__ = "reading_opinion"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(10))
    discipline: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    by: Mapped[User] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("kind IN ('imaging','pathology')", name="kind"),
        Index(
            "uq_reading_opinion_draft",
            "case_id",
            "by_user_id",
            unique=True,
            sqlite_where=_NOT_GIVEN,
            postgresql_where=_NOT_GIVEN,
        ),
    )
