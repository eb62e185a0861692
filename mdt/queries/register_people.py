"""Patients of hospitals, found by what rows of a register file say of them."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.patients import (
    Identity,
    id_number_index,
    mrn_index,
    name_index,
    open_identity,
)


class PeopleOnFile:
    """The patients whom some rows may be about, loaded at once, and those made meanwhile."""

    def __init__(self, session: Session, wanted: Iterable[tuple[int, Identity]]) -> None:
        self.by_id: dict[str, Patient] = {}
        self._by_index: dict[tuple[int, str], list[Patient]] = defaultdict(list)
        self._identities: dict[str, Identity] = {}
        for patient in session.scalars(_candidates(list(wanted))):
            self._keep(patient)

    def _keep(self, patient: Patient) -> None:
        self.by_id[patient.id] = patient
        for index in (patient.id_number_index, patient.mrn_index, patient.name_index):
            if index:
                self._by_index[patient.hospital_id, index].append(patient)

    @property
    def patients(self) -> list[Patient]:
        """Everybody who is loaded."""
        return list(self.by_id.values())

    def add(self, patient: Patient, identity: Identity) -> None:
        """Let later rows of the batch find a patient who was just made."""
        self._identities[patient.id] = identity
        self._keep(patient)

    def find(self, hospital_id: int, who: Identity, sex: str) -> list[Patient]:
        """Patients of the hospital who are this person; several only for a name that stands alone.

        By identity number; else by record number where no name contradicts; else by name and
        birth date where no number contradicts. A name alone finds those known by name alone.
        """
        number, record = id_number_index(who.id_number), mrn_index(who.mrn)
        name = name_index(who.name)
        for patient in self._with(hospital_id, number):
            return [patient]
        for patient in self._with(hospital_id, record):
            if not _contradict((patient.id_number_index, number), (patient.name_index, name)):
                return [patient]
        namesakes = [
            patient
            for patient in self._with(hospital_id, name)
            if not _contradict((patient.id_number_index, number), (patient.mrn_index, record))
            and not _sexes_contradict(patient.sex, sex)
        ]
        if who.birth_date:
            born = [one for one in namesakes if self._open(one).birth_date == who.birth_date]
            return born[:1]
        if number or record:
            return []
        return [one for one in namesakes if self._name_alone(one)]

    def _with(self, hospital_id: int, index: str | None) -> list[Patient]:
        return self._by_index.get((hospital_id, index), []) if index else []

    def _name_alone(self, patient: Patient) -> bool:
        return not (patient.id_number_index or patient.mrn_index or self._open(patient).birth_date)

    def _open(self, patient: Patient) -> Identity:
        if patient.id not in self._identities:
            self._identities[patient.id] = open_identity(patient)
        return self._identities[patient.id]


def _contradict(*pairs: tuple[str | None, str | None]) -> bool:
    return any(one and other and one != other for one, other in pairs)


def _sexes_contradict(one: str, other: str) -> bool:
    return {one, other} == {"1", "2"}


def _candidates(wanted: list[tuple[int, Identity]]) -> Select[Patient]:
    """Who may be meant. A namesake is loaded only where no number could tell the two apart."""
    numbers: set[str | None] = set()
    records: set[str | None] = set()
    names: dict[str, set[str | None]] = {"number": set(), "record": set(), "neither": set()}
    for _, who in wanted:
        number, record = id_number_index(who.id_number), mrn_index(who.mrn)
        numbers.add(number)
        records.add(record)
        kind = "number" if number else "record" if record else "neither"
        names[kind].add(name_index(who.name))
    statement = (
        select(Patient)
        .where(
            Patient.hospital_id.in_({hospital for hospital, _ in wanted}),
            or_(
                Patient.id_number_index.in_(_known(numbers)),
                Patient.mrn_index.in_(_known(records)),
                and_(
                    Patient.name_index.in_(_known(names["number"])),
                    Patient.id_number_index.is_(None),
                ),
                and_(Patient.name_index.in_(_known(names["record"])), Patient.mrn_index.is_(None)),
                Patient.name_index.in_(_known(names["neither"])),
            ),
        )
        .order_by(Patient.created_at, Patient.id)
    )
    return scope.unscoped(statement, because="bounded by the hospitals of the import")


def _known(indexes: set[str | None]) -> list[str]:
    return sorted(index for index in indexes if index)
