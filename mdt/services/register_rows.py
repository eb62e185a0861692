"""Rows of a register file on their way into the tables: persons found, tumours met again."""

from collections import defaultdict
from collections.abc import Iterable, MutableSet, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from mdt.extensions import sealing
from mdt.models.patients import Patient
from mdt.models.regions import Hospital
from mdt.models.tumours import Tumour
from mdt.queries.bulk import on_postgresql
from mdt.queries.patients import Identity, open_identity, ordered_number, seal_identity
from mdt.queries.register_history import cells_of, former_version
from mdt.queries.register_people import PeopleOnFile
from mdt.queries.register_tumours import TumoursOnFile, known_as
from mdt.rules.registry.assignment import Primary, assign, may_be_same
from mdt.rules.registry.persons import Known
from mdt.services.identity_marks import mark_cases_of
from mdt.services.matching import match_new_tumours, match_people, match_tumours
from mdt.services.register_new import NewRows, NewTumour
from mdt.services.register_prepared import COPIED, PreparedRow
from mdt.services.unit_of_work import Work

_copied = attrgetter(*COPIED)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a row: the tumour, whether anything changed, and codes to tell the sender."""

    number: int
    tumour_id: int
    changed: bool
    remarks: tuple[tuple[str, str], ...] = ()


def write_rows(
    work: Work, rows: Sequence[PreparedRow], taken: MutableSet[int], import_id: int | None
) -> list[Written]:
    """Write a batch of rows, inside the running unit of work.

    ``taken`` holds the tumours that earlier rows of the file are, and grows. Without an
    ``import_id`` a person entered them by hand. Side effects: patients and tumours are made or
    changed, what the changed ones said before is kept, their cases are matched.
    """
    batch = decide_rows(work, rows, taken, import_id)
    batch.finish()
    return batch.written


def decide_rows(
    work: Work, rows: Sequence[PreparedRow], taken: MutableSet[int], import_id: int | None
) -> "RowBatch":
    """Look up what a batch of rows meets and decide what becomes of each; nothing is written yet.

    Arguments as of `write_rows`.
    """
    queue_behind_other_imports(work.session, {row.hospital_id for row in rows})
    people = PeopleOnFile(
        work.session,
        [(row.hospital_id, row.identity) for row in rows],
        indexes={row.identity: row.sealed.indexes for row in rows},
    )
    batch = RowBatch(work, people, taken, import_id)
    groups = list(_by_key(rows))
    if import_id is not None:
        named = [row for row in rows if row.person.known is not Known.NOTHING]
        batch.on_file.load_met_again({(row.hospital_id, row.primary.digest) for row in named})
    batch.on_file.load_nameless(_keys_of_nameless(groups))
    for group in groups:
        batch.write_person(group)
    batch.settle()
    return batch


def queue_behind_other_imports(session: Session, hospital_ids: Iterable[int]) -> None:
    """Wait, inside a unit of work, until nobody else writes these hospitals' rows.

    Two files of one hospital at one moment would both find a tumour missing and add it.
    """
    if not on_postgresql(session):
        # One writes at a time, and fails where another has written since it has looked.
        return
    # Without the key: whoever only refers to the hospital, as all others do, need not wait.
    own = select(Hospital.id).where(Hospital.id.in_(sorted(hospital_ids))).order_by(Hospital.id)
    session.execute(own.with_for_update(key_share=True)).all()


def _by_key(rows: Sequence[PreparedRow]) -> Iterable[list[PreparedRow]]:
    groups: dict[tuple[object, ...], list[PreparedRow]] = defaultdict(list)
    for row in rows:
        groups[row.key].append(row)
    return groups.values()


class RowBatch:
    """The rows of one transaction."""

    def __init__(
        self, work: Work, people: PeopleOnFile, taken: MutableSet[int], import_id: int | None
    ) -> None:
        self.work = work
        self.people = people
        self.taken = taken
        #: Of these more, as soon as they are written.
        self.met_now: set[int] = set()
        self.import_id = import_id
        self.on_file = TumoursOnFile(work.session, [one.id for one in people.patients])
        self.new = NewRows()
        self.changed: list[Tumour] = []
        self.renumbered: set[str] = set()
        self.described: set[str] = set()
        self.written: list[Written] = []
        self.results: list[
            tuple[PreparedRow, Tumour | NewTumour, bool, tuple[tuple[str, str], ...]]
        ] = []

    def write_person(self, rows: Sequence[PreparedRow]) -> None:
        """Write the rows of one person, those of each site together."""
        if rows[0].person.known is Known.NOTHING:
            self._write_nameless(rows)
            return
        by_site: dict[str, list[PreparedRow]] = defaultdict(list)
        for row in rows:
            by_site[row.row.icd10[:3]].append(row)
        for site, group in by_site.items():
            self._write_site(site, group)

    def _write_site(self, site: str, rows: list[PreparedRow]) -> None:
        first = rows[0]
        by_name = first.person.known is Known.NAME
        candidates = self.people.find(first.hospital_id, first.identity, first.person.sex)
        if len(rows) == 1 and not candidates and not self.on_file.met:
            # As nearly all of a register are when it is read in for the first time.
            self._write(first, None, None)
            return
        known = [
            tumour
            for patient in candidates
            for tumour in self.on_file.of_site[patient.id, site]
            if not self._is_taken(tumour)
        ]
        single, repeated = _without_repeats(rows)
        known += self._met_elsewhere(single, known)
        own = {row.primary.digest for row in single}
        met = self.on_file.met
        known = [one for one in known if one.row_hash in own or known_as(one) not in met]
        found = assign(
            [row.primary for row in single],
            [_primary(tumour) for tumour in known],
            person_known=not by_name,
        )
        tumours: dict[str, Tumour | NewTumour] = {}
        for row, index in zip(single, found, strict=True):
            # A name alone does not make two tumours those of one person.
            patient = None if by_name or not candidates else candidates[0]
            tumour = known[index] if index is not None else None
            tumours[row.primary.digest] = self._write(row, tumour, patient)
        for row in repeated:
            self._note(row, tumours[row.primary.digest], False, (("icd10", "row_repeated"),))

    def _met_elsewhere(self, rows: Iterable[PreparedRow], known: Iterable[Tumour]) -> list[Tumour]:
        """What these rows last changed, where it is not among the rows of person and site."""
        present = {tumour.row_hash for tumour in known}
        met = (
            self.on_file.met.get((row.hospital_id, row.primary.digest))
            for row in rows
            if row.primary.digest not in present
        )
        return [tumour for tumour in met if tumour is not None and not self._is_taken(tumour)]

    def _is_taken(self, tumour: Tumour) -> bool:
        return tumour.id in self.taken or tumour.id in self.met_now

    def _write_nameless(self, rows: Sequence[PreparedRow]) -> None:
        """Rows that say the same, and nothing of the person: the n-th is the n-th of its kind."""
        for key, row in zip(_nameless_keys(rows), rows, strict=True):
            self._write(row, self.on_file.nameless.get((row.hospital_id, key)), None, key=key)

    def _write(
        self, row: PreparedRow, tumour: Tumour | None, patient: Patient | None, key: str = ""
    ) -> Tumour | NewTumour:
        remarks = _remarks(row, tumour)
        if tumour is None:
            new = self._new_tumour(row, patient, key)
            self._note(row, new, True, remarks)
            return new
        self.met_now.add(tumour.id)
        changed = tumour.row_hash != row.primary.digest and self._replace(tumour, row)
        self._note(row, tumour, changed, remarks)
        return tumour

    def _replace(self, tumour: Tumour, row: PreparedRow) -> bool:
        """Let the tumour say what the row says; whether that is anything new.

        It stays known by the row that last changed it, lest that undo a correction by hand.
        """
        before = cells_of(tumour, open_identity(tumour.patient))
        self._refresh_patient(tumour.patient_id, row)
        fill_tumour(tumour, row)
        changed = self.keep_former(tumour, before)
        if changed:
            tumour.row_hash = row.primary.digest
        return changed

    def keep_former(self, tumour: Tumour, before: dict[str, str]) -> bool:
        """Keep what the tumour said ``before``, where it says something else now; whether so."""
        if cells_of(tumour, open_identity(tumour.patient)) == before:
            return False
        viewer = self.work.viewer
        self.work.session.add(
            former_version(
                tumour.id,
                before,
                by_user_id=viewer.user_id if viewer else None,
                import_id=self.import_id,
                now=self.work.now,
            )
        )
        self._stamp(tumour)
        return True

    def _stamp(self, tumour: Tumour) -> None:
        tumour.import_id, tumour.updated_at = self.import_id, self.work.now
        self.changed.append(tumour)

    def _new_tumour(self, row: PreparedRow, patient: Patient | None, key: str) -> NewTumour:
        identity, now = row.identity, self.work.now
        if patient is None:
            patient = self.new.add_patient(row.hospital_id, row.sealed, row.person.sex, now)
            if row.person.known not in {Known.NAME, Known.NOTHING}:
                self.people.add(patient, identity)
        else:
            self._refresh_patient(patient.id, row)
        tumour = NewTumour(
            hospital_id=row.hospital_id,
            patient_id=patient.id,
            row_key=key or ordered_number(),
            row_hash=row.primary.digest,
            import_id=self.import_id,
            entered_import_id=self.import_id,
            entered_by_id=self._enters_by_hand(),
            created_at=now,
            updated_at=now,
        )
        fill_tumour(tumour, row)
        self.new.tumours.append(tumour)
        return tumour

    def _enters_by_hand(self) -> int | None:
        viewer = self.work.viewer
        return viewer.user_id if viewer and self.import_id is None else None

    def _refresh_patient(self, patient_id: str, row: PreparedRow) -> None:
        """Take over what the row says of the person; what is known by a case is only completed."""
        patient = self.people.by_id.get(patient_id)
        if patient is None:
            return
        before, said = open_identity(patient), row.identity
        has_case = patient_id in self.on_file.with_cases
        first, second = (before, said) if has_case else (said, before)
        merged = replace(
            before,
            name=first.name or second.name,
            id_type=first.id_type or second.id_type,
            id_number=first.id_number or second.id_number,
            birth_date=first.birth_date or second.birth_date,
            mrn=first.mrn or second.mrn,
            residence_code=first.residence_code or second.residence_code,
        )
        if merged != before:
            self.describe(patient, merged)
        if not has_case or patient.sex not in {"1", "2"}:
            self.described.add(patient.id)
            patient.sex = row.person.sex or patient.sex

    def describe(self, patient: Patient, identity: Identity) -> None:
        """Write who a patient is; another number is another match for all that the person has."""
        before = patient.id_number_index
        seal_identity(patient, identity)
        self.described.add(patient.id)
        if patient.id_number_index != before:
            self.renumbered.add(patient.id)

    def _note(
        self,
        row: PreparedRow,
        tumour: Tumour | NewTumour,
        changed: bool,
        remarks: tuple[tuple[str, str], ...],
    ) -> None:
        self.results.append((row, tumour, changed, remarks))

    def settle(self) -> None:
        """Give the new tumours their numbers: what became of each row is known."""
        self.new.number(self.work.session)
        self.written = [
            Written(row.number, tumour.id, changed, remarks)
            for row, tumour, changed, remarks in self.results
        ]

    def finish(self) -> None:
        """Write all of it and match what is new or has changed with its cases."""
        session = self.work.session
        session.flush()
        self.new.write(session)
        if self.changed:
            match_tumours(self.work, self.changed)
        if new := self.new.with_company(self.people):
            match_new_tumours(self.work, new)
        match_people(self.work, self.renumbered)
        if named := self.described & self.on_file.with_cases:
            mark_cases_of(self.work, named)
        for one in self.written:
            self.taken.add(one.tumour_id)


def _without_repeats(
    rows: Iterable[PreparedRow],
) -> tuple[list[PreparedRow], list[PreparedRow]]:
    seen: dict[str, PreparedRow] = {}
    repeated = []
    for row in rows:
        if row.primary.digest in seen:
            repeated.append(row)
        else:
            seen[row.primary.digest] = row
    return list(seen.values()), repeated


def _primary(tumour: Tumour) -> Primary:
    return Primary(
        tumour.row_hash,
        tumour.icd10,
        tumour.morphology,
        tumour.laterality,
        tumour.case_type,
        tumour.diagnosis_date,
    )


def _keys_of_nameless(groups: Iterable[Sequence[PreparedRow]]) -> dict[int, list[str]]:
    """Of rows that say nothing of the person, their keys by hospital."""
    keys: dict[int, list[str]] = defaultdict(list)
    for rows in groups:
        if rows[0].person.known is Known.NOTHING:
            keys[rows[0].hospital_id] += _nameless_keys(rows)
    return keys


def _nameless_keys(rows: Sequence[PreparedRow]) -> list[str]:
    ring = sealing.keyring
    return [
        ring.blind_index("register_key", f"{row.primary.digest}\0{ordinal}")
        for ordinal, row in enumerate(rows)
    ]


def _remarks(row: PreparedRow, tumour: Tumour | None) -> tuple[tuple[str, str], ...]:
    found = [(column, "cell_too_long") for column in row.too_long]
    if row.person.known in {Known.NAME, Known.NOTHING}:
        found.append(("id_number", "identity_missing"))
    said_before = tumour is not None and tumour.row_hash == row.primary.digest
    if tumour is not None and not said_before and _moved(_primary(tumour), row.primary):
        found.append(("diagnosis_date", "row_replaces_date"))
    return tuple(found)


def _moved(before: Primary, after: Primary) -> bool:
    return before.diagnosis_date != after.diagnosis_date and may_be_same(before, after)


def fill_tumour(tumour: Tumour | NewTumour, row: PreparedRow) -> None:
    """Let the tumour say what the row says of it; its patient is another matter."""
    if isinstance(tumour, NewTumour):
        vars(tumour).update(zip(COPIED, _copied(row.row), strict=True))
    else:
        for name, value in zip(COPIED, _copied(row.row), strict=True):
            setattr(tumour, name, value)
    tumour.site3 = row.row.icd10[:3]
    tumour.laterality = row.row.laterality or "9"
    tumour.iii_plus = row.iii_plus
