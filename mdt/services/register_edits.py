"""A row of the register that a person corrects by hand: the very row, whoever its patient is."""

from dataclasses import replace

from sqlalchemy import exists, or_, select

from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.patients import Identity, new_patient, open_identity
from mdt.queries.register_history import cells_of
from mdt.queries.register_people import PeopleOnFile
from mdt.services.register_prepared import PreparedRow
from mdt.services.register_rows import RowBatch, fill_tumour
from mdt.services.unit_of_work import Work

_BECAUSE = "the patient of a scoped row"


def rewrite_row(work: Work, tumour: Tumour, row: PreparedRow) -> bool:
    """Let a tumour say what a person entered; whether that is anything new.

    A row of the file is known again by its hash, which stays: the same file once more does not undo
    what a person corrected. Side effects: the tumour, perhaps its patient, its former state, its
    links to cases, in the running unit of work.
    """
    people = PeopleOnFile(work.session, [(row.hospital_id, row.identity)])
    batch = RowBatch(work, people, set(), None)
    before = cells_of(tumour, open_identity(tumour.patient))
    _take_person(work, batch, tumour, row)
    fill_tumour(tumour, row)
    changed = batch.keep_former(tumour, before)
    batch.finish()
    return changed


def _take_person(work: Work, batch: RowBatch, tumour: Tumour, row: PreparedRow) -> None:
    """Give the tumour the patient whom the row names.

    Another patient of the hospital who is that person; else the same one, newly described. Who has
    a case, or further rows, and another identity number than the row says, is somebody else.
    """
    said, present = row.identity, tumour.patient
    on_file = open_identity(present)
    known = batch.people.find(row.hospital_id, said, row.person.sex)
    other = known[0] if said.id_number and known and known[0].id != present.id else None
    if other is not None:
        tumour.patient = other
    elif _is_shared(work, tumour):
        if said.id_number and said.id_number != on_file.id_number and on_file.id_number:
            tumour.patient = new_patient(row.hospital_id, said, row.person.sex, now=work.now)
            work.session.add(tumour.patient)
        elif not has_case(work, present):
            _describe(batch, present, said, row.person.sex)
    else:
        _describe(batch, present, said, row.person.sex)
    work.session.flush()


def _describe(batch: RowBatch, patient: Patient, said: Identity, sex: str) -> None:
    batch.describe(patient, replace(said, phone=open_identity(patient).phone))
    patient.sex = sex


def has_case(work: Work, patient: Patient) -> bool:
    """Whether a case has the patient: what it calls a person goes before what a row says."""
    statement = select(exists().where(Case.patient_id == patient.id))
    return bool(work.session.scalar(scope.unscoped(statement, because=_BECAUSE)))


def _is_shared(work: Work, tumour: Tumour) -> bool:
    statement = select(
        or_(
            exists().where(Case.patient_id == tumour.patient_id),
            exists().where(Tumour.patient_id == tumour.patient_id, Tumour.id != tumour.id),
        )
    )
    return bool(work.session.scalar(scope.unscoped(statement, because=_BECAUSE)))
