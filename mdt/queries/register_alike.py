"""Rows of a hospital's register that may be the tumour that a person is about to enter."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.patients import Identity
from mdt.queries.register_people import PeopleOnFile
from mdt.rules.registry import RegisterRow
from mdt.rules.registry.assignment import sides_agree


def rows_alike(session: Session, hospital_id: int, who: Identity, row: RegisterRow) -> list[int]:
    """Numbers of the hospital's rows of this person at this site, no opposite sides."""
    people = PeopleOnFile(session, [(hospital_id, who)]).find(hospital_id, who, row.sex)
    statement = (
        select(Tumour.id, Tumour.laterality)
        .where(
            Tumour.hospital_id == hospital_id,
            Tumour.patient_id.in_([patient.id for patient in people]),
            Tumour.site3 == row.icd10[:3],
        )
        .order_by(Tumour.diagnosis_date, Tumour.id)
    )
    found = session.execute(scope.unscoped(statement, because="bounded by the hospital"))
    return [id_ for id_, side in found if sides_agree(side, row.laterality or "9")]
