"""Patients of hospitals, found by what rows of a register file say of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, select, union_all
from sqlalchemy.orm import Session

from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.bulk import on_postgresql, one_of, pair_values, values_of, wanted_pairs
from mdt.queries.patients import (
    Identity,
    IdentityIndexes,
    indexes_of,
    open_identity,
)

Pair = tuple[int, str]
"""A hospital and a blind index."""

#: What is compared with a pair, and of whom.
_BY_PAIR: Mapping[str, tuple[Any, ...]] = {
    "record": (Patient.mrn_index,),
    "name_with_number": (Patient.name_index, Patient.id_number_index.is_(None)),
    "name_with_record": (Patient.name_index, Patient.mrn_index.is_(None)),
    "name_with_neither": (Patient.name_index,),
}


class PeopleOnFile:
    """The patients whom some rows may be about, loaded at once, and those made meanwhile.

    Who has the same identity number is loaded from every hospital, and found in the own one alone.
    """

    def __init__(
        self,
        session: Session,
        wanted: Iterable[tuple[int, Identity]],
        *,
        indexes: Mapping[Identity, IdentityIndexes] | None = None,
    ) -> None:
        self.by_id: dict[str, Patient] = {}
        self._by_index: dict[tuple[int, str], list[Patient]] = defaultdict(list)
        self._numbers: dict[str, set[str]] = defaultdict(set)
        self._identities: dict[str, Identity] = {}
        self._indexes = dict(indexes or {})
        values = self._candidates(list(wanted), postgresql=on_postgresql(session))
        found = session.scalars(_candidates(postgresql=on_postgresql(session)), values)
        for patient in sorted(found, key=lambda one: (one.created_at, one.id)):
            self._keep(patient)

    def _keep(self, patient: Patient) -> None:
        self.by_id[patient.id] = patient
        for index in (patient.id_number_index, patient.mrn_index, patient.name_index):
            if index:
                self._by_index[patient.hospital_id, index].append(patient)
        if patient.id_number_index:
            self._numbers[patient.id_number_index].add(patient.id)

    @property
    def patients(self) -> list[Patient]:
        """Everybody who is loaded."""
        return list(self.by_id.values())

    def indexes(self, who: Identity) -> IdentityIndexes:
        """The blind indexes of somebody, worked out once."""
        found = self._indexes.get(who)
        if found is None:
            found = self._indexes[who] = indexes_of(who)
        return found

    def add(self, patient: Patient, identity: Identity) -> None:
        """Let later rows of the batch find a patient who was just made."""
        self._identities[patient.id] = identity
        self._keep(patient)

    def alone(self, patient: Patient) -> bool:
        """Whether no other patient, of whichever hospital, has this one's identity number."""
        number = patient.id_number_index
        return number is None or self._numbers.get(number, set()) <= {patient.id}

    def find(self, hospital_id: int, who: Identity, sex: str) -> list[Patient]:
        """Patients of the hospital who are this person; several only for a name that stands alone.

        By identity number; else by record number where no name contradicts; else by name and
        birth date where no number contradicts. A name alone finds those known by name alone.
        """
        own = self.indexes(who)
        number, record, name = own.id_number, own.mrn, own.name
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

    def _candidates(
        self, wanted: Iterable[tuple[int, Identity]], *, postgresql: bool
    ) -> dict[str, object]:
        """Who may be meant. A namesake is loaded only where no number could tell the two apart."""
        numbers: set[str] = set()
        pairs: dict[str, set[Pair]] = {name: set() for name in _BY_PAIR}
        for hospital_id, who in wanted:
            own = self.indexes(who)
            if own.id_number:
                numbers.add(own.id_number)
            if own.mrn:
                pairs["record"].add((hospital_id, own.mrn))
            if own.name:
                kind = "number" if own.id_number else "record" if own.mrn else "neither"
                pairs[f"name_with_{kind}"].add((hospital_id, own.name))
        values = values_of("number", numbers, postgresql=postgresql)
        for name, some in pairs.items():
            values |= pair_values(name, some, postgresql=postgresql)
        return values


@cache
def _candidates(*, postgresql: bool) -> Select[Patient]:
    """Patients by the parameters of `PeopleOnFile`: one question, as most rows are of nobody."""
    by_number = select(Patient.id).where(
        one_of(Patient.id_number_index, "number", postgresql=postgresql)
    )
    by_pair = []
    for name, (column, *conditions) in _BY_PAIR.items():
        met = wanted_pairs(name, postgresql=postgresql)
        same = and_(Patient.hospital_id == met.number, column == met.text)
        found = select(Patient.id).select_from(met.table).join(Patient, same)
        by_pair.append(found.where(*conditions))
    ids = union_all(by_number, *by_pair)
    statement = select(Patient).where(Patient.id.in_(ids))
    return scope.unscoped(statement, because="bounded by the hospitals and persons of the import")


def _contradict(*pairs: tuple[str | None, str | None]) -> bool:
    return any(one and other and one != other for one, other in pairs)


def _sexes_contradict(one: str, other: str) -> bool:
    return {one, other} == {"1", "2"}
