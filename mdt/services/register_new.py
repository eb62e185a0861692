"""New rows of the register, many at a time: gathered as plain values, written by two statements."""

from collections import Counter
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from mdt.models.patients import Patient
from mdt.models.tumours import Tumour
from mdt.queries.bulk import ReadyRows, next_numbers, ready_rows, write_ready
from mdt.queries.patients import SealedPerson, take_person
from mdt.queries.register_people import PeopleOnFile
from mdt.services.matching import Lesion

_PATIENTS, _TUMOURS = (cast("Table", table.__table__) for table in (Patient, Tumour))
_PATIENT_COLUMNS = tuple(_PATIENTS.columns.keys())
_TUMOUR_COLUMNS = tuple(_TUMOURS.columns.keys())
_patient_values, _tumour_values = attrgetter(*_PATIENT_COLUMNS), attrgetter(*_TUMOUR_COLUMNS)
#: What a row that is new holds beside what the file says: the columns' own defaults.
_DEFAULTS = {
    column.name: column.default.arg
    for column in _TUMOURS.columns
    if isinstance(column.default, ScalarElementColumnDefault)
}
_BLANK = {column.name: None for column in _TUMOURS.columns if column.nullable} | _DEFAULTS


class NewPatient:
    """A patient on the way in: what a `Patient` holds, without what watches over a loaded one."""

    __slots__ = _PATIENT_COLUMNS

    def __init__(self, id_: str, hospital_id: int, sex: str, created_at: datetime) -> None:
        self.id, self.hospital_id, self.sex, self.created_at = id_, hospital_id, sex, created_at


class NewTumour:
    """A row on its way in: what a `Tumour` holds, without what watches over a loaded one."""

    if TYPE_CHECKING:
        # Whatever is read of it here; the columns are those of the table.
        id: int
        patient_id: str
        site3: str
        laterality: str
        row_hash: str
        iii_plus: str
        diagnosis_date: date

    def __init__(self, **columns: Any) -> None:
        vars(self).update(_BLANK)
        vars(self).update(columns)


class NewRows:
    """Patients and tumours that a batch adds."""

    def __init__(self) -> None:
        self.patients: list[Patient] = []
        self.tumours: list[NewTumour] = []
        self._ready: tuple[ReadyRows, ...] = ()

    def add_patient(
        self, hospital_id: int, person: SealedPerson, sex: str, now: datetime
    ) -> Patient:
        """Make a patient of somebody, to be written with the others."""
        patient = cast("Patient", NewPatient(person.patient_id, hospital_id, sex, now))
        take_person(patient, person)
        self.patients.append(patient)
        return patient

    def number(self, session: Session) -> None:
        """Give the tumours their numbers, and make all rows ready to be written."""
        numbers = next_numbers(session, _TUMOURS, len(self.tumours)) if self.tumours else []
        for tumour, number in zip(self.tumours, numbers, strict=True):
            tumour.id = number
            Tumour.follow_from_row(cast("Tumour", tumour))
        self._ready = (
            ready_rows(session, _PATIENTS, _PATIENT_COLUMNS, map(_patient_values, self.patients)),
            ready_rows(session, _TUMOURS, _TUMOUR_COLUMNS, map(_tumour_values, self.tumours)),
        )

    def write(self, session: Session) -> None:
        """Write the rows that have their numbers."""
        for ready in self._ready:
            write_ready(session, ready)

    def with_company(self, people: PeopleOnFile) -> list[Lesion]:
        """The new tumours that may have a case or a row like them; the rest need not be matched.

        A person who is new, whom no other hospital knows, with one tumour, has neither.
        """
        new = {patient.id: patient for patient in self.patients}
        counts = Counter(tumour.patient_id for tumour in self.tumours)
        return [
            _lesion(tumour, new.get(tumour.patient_id) or people.by_id[tumour.patient_id])
            for tumour in self.tumours
            if tumour.patient_id not in new
            or counts[tumour.patient_id] > 1
            or not people.alone(new[tumour.patient_id])
        ]


def _lesion(tumour: NewTumour, patient: Patient) -> Lesion:
    return Lesion(
        tumour.id,
        patient.id,
        patient.id_number_index,
        tumour.site3,
        tumour.laterality,
        tumour.diagnosis_date,
    )
