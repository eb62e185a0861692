"""What belongs to the import of a register file: its batches, and columns that were confirmed."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class RegisterFindings(Model):
    """What one batch of an import left behind, committed with the batch itself.

    ``sealed`` is JSON, packed (refused rows as they stood in the file, problems), AAD
    ``register_import_part:<import>:<number>``; ``refused`` counts its rows. ``tumour_ids`` are the
    rows of the register that the batch met, packed as 8-byte numbers: no later row of the file may
    be one of them. Those of a dry run go when the import begins.
    """

    # Called so since the table was made; what is sealed in it names it, too.
    __tablename__ = "register_import_part"

    import_id: Mapped[int] = mapped_column(ForeignKey("register_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    refused: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    tumour_ids: Mapped[bytes | None] = mapped_column(LargeBinary)


class RegisterColumns(Model):
    """Columns that a hospital once confirmed for files with these headings.

    ``headings_index`` is a keyed hash of the headings in their order. ``sealed_columns`` is JSON
    (heading to column), AAD ``register_columns:<hospital>:<headings_index>``.
    """

    __tablename__ = "register_columns"
    __hospital_owned__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    headings_index: Mapped[str] = mapped_column(String(64))
    sealed_columns: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("hospital_id", "headings_index", name="uq_register_columns_headings"),
    )
