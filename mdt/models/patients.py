"""Patients: a random number and a sealed identity."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mdt.models.base import Model, UTCDateTime


class Patient(Model):
    """A patient of one hospital.

    ``sealed_identity`` is JSON (name, id_type, id_number, birth_date, phone, mrn, residence_code),
    sealed with AAD ``patient:<id>`` and opened in ``mdt.queries.patients`` alone. The indexes are
    keyed hashes, by which an exact value is found and not read.
    """

    __tablename__ = "patient"
    __hospital_owned__ = True

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid.uuid4()))
    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospital.id"))
    sealed_identity: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[str | None] = mapped_column(String(64))
    name_index: Mapped[str | None] = mapped_column(String(64))
    mrn_index: Mapped[str | None] = mapped_column(String(64))
    sex: Mapped[str] = mapped_column(String(1), default="0")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index("ix_patient_id_number", "id_number_index"),
        Index("ix_patient_name", "name_index", "hospital_id", "id_number_index"),
        Index("ix_patient_mrn", "hospital_id", "mrn_index"),
    )
