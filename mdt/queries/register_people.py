"""Patients of hospitals, found by what rows of a register file say of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.bulk import one_of, wanted_pairs
from mdt.queries.patients import (
    Identity,
    IdentityIndexes,
    indexes_of,
    open_identity,
)

Pair = tuple[int, str]
"""A hospital and a blind index."""


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
        found: dict[str, Patient] = {}
        for statement in self._candidates(session, list(wanted)):
            found |= {patient.id: patient for patient in session.scalars(statement)}
        for patient in sorted(found.values(), key=lambda one: (one.created_at, one.id)):
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
        self, session: Session, wanted: list[tuple[int, Identity]]
    ) -> Iterator[Select[Patient]]:
        """Who may be meant. A namesake is loaded only where no number could tell the two apart."""
        numbers: set[str] = set()
        records: set[Pair] = set()
        names: dict[str, set[Pair]] = {"number": set(), "record": set(), "neither": set()}
        for hospital_id, who in wanted:
            own = self.indexes(who)
            if own.id_number:
                numbers.add(own.id_number)
            if own.mrn:
                records.add((hospital_id, own.mrn))
            if own.name:
                kind = "number" if own.id_number else "record" if own.mrn else "neither"
                names[kind].add((hospital_id, own.name))
        if numbers:
            number = one_of(session, Patient.id_number_index, numbers)
            yield _people(select(Patient).where(number))
        unnumbered, unrecorded = Patient.id_number_index.is_(None), Patient.mrn_index.is_(None)
        for pairs, column, conditions in (
            (records, Patient.mrn_index, ()),
            (names["number"], Patient.name_index, (unnumbered,)),
            (names["record"], Patient.name_index, (unrecorded,)),
            (names["neither"], Patient.name_index, ()),
        ):
            if pairs:
                met = wanted_pairs(session, pairs)
                same = and_(Patient.hospital_id == met.number, column == met.text)
                statement = select(Patient).select_from(met.table).join(Patient, same)
                yield _people(statement.where(*conditions))


def _contradict(*pairs: tuple[str | None, str | None]) -> bool:
    return any(one and other and one != other for one, other in pairs)


def _sexes_contradict(one: str, other: str) -> bool:
    return {one, other} == {"1", "2"}


def _people(statement: Select[Patient]) -> Select[Patient]:
    return scope.unscoped(statement, because="bounded by the hospitals and persons of the import")
