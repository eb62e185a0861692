"""Rows of a register file made ready: all that can be done before a transaction begins."""

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from mdt.extensions import sealing
from mdt.models.tumours import Tumour
from mdt.queries.patients import Identity, SealedPerson, seal_person
from mdt.rules.registry import RegisterRow
from mdt.rules.registry.ages import staged_age
from mdt.rules.registry.assignment import Primary
from mdt.rules.registry.persons import Known, Person, person_of
from mdt.rules.staging import judge_row_stage

#: Columns of the row that the tumour holds under the same name.
COPIED = (
    "icd10", "morphology", "case_type", "diagnosis_date", "diagnosis_basis", "staging_system",
    "staging_edition", "stage_basis", "t", "n", "m", "stage_group", "stage_date",
    "first_treatment_date", "first_treatment_type", "emergency", "pathology_date", "gene_test",
    "gene_lab", "referral", "external_mdt_date", "death_date",
)  # fmt: skip
_LENGTHS = {
    name: length
    for name in COPIED
    if (length := getattr(Tumour.__table__.c[name].type, "length", None))
}
_bounded = attrgetter(*_LENGTHS)


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row that may be written: judged, hashed and cut to what the columns hold.

    ``identity`` is who the row says its patient is, ``sealed`` the same as a new patient would hold
    it. ``key`` is equal for rows of one person of one hospital, as far as the file can tell.
    """

    number: int
    hospital_id: int
    person: Person
    row: RegisterRow
    primary: Primary
    iii_plus: str
    too_long: tuple[str, ...]
    identity: Identity
    sealed: SealedPerson

    @property
    def key(self) -> tuple[object, ...]:
        """Rows with the same key must be written together.

        Of rows that say nothing of the person those that say the same altogether.
        """
        nobody = self.person.known is Known.NOTHING
        what = (self.primary.digest,) if nobody else ()
        return (self.hospital_id, *self.person.key, *what)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The costly part of a row: its keyed hash, its side of III, its person, the same sealed.

    ``too_long`` are the columns that hold more than is kept of it.
    """

    digest: str
    iii_plus: str
    sealed: SealedPerson
    person: Person
    too_long: tuple[str, ...]


def work_out(row: RegisterRow) -> WorkedOut:
    """Do the costly part of a row, which needs nothing but the row itself."""
    kept, too_long = _fitted(row)
    judged = judge_row_stage(row, age=staged_age(row.birth_date, row.diagnosis_date))
    person = person_of(row)
    return WorkedOut(
        sealing.keyring.blind_index("register_row", repr(row)),
        judged.iii_plus.value,
        seal_person(_identity(kept, person)),
        person,
        too_long,
    )


def prepare_row(
    row: RegisterRow, number: int, hospital_id: int, worked: WorkedOut | None = None
) -> PreparedRow:
    """Make a row ready outside any transaction; ``worked`` is what `work_out` gave before."""
    found = worked or work_out(row)
    kept = _fitted(row)[0] if found.too_long else row
    primary = Primary(
        found.digest, row.icd10, kept.morphology, row.laterality, row.case_type, row.diagnosis_date
    )
    return PreparedRow(
        number,
        hospital_id,
        found.person,
        kept,
        primary,
        found.iii_plus,
        found.too_long,
        _identity(kept, found.person),
        found.sealed,
    )


def _identity(kept: RegisterRow, person: Person) -> Identity:
    return Identity(
        name=kept.name,
        id_type=kept.id_type,
        id_number=person.number,
        birth_date=person.birth_date,
        mrn=kept.mrn,
        residence_code=kept.residence_code,
    )


def _fitted(row: RegisterRow) -> tuple[RegisterRow, tuple[str, ...]]:
    cut: dict[str, Any] = {
        name: text.replace("\x00", "")[:length]
        for (name, length), text in zip(_LENGTHS.items(), _bounded(row), strict=True)
        if len(text) > length or "\x00" in text
    }
    return (replace(row, **cut) if cut else row), tuple(cut)
