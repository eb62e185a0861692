"""Studies that a hospital's PACS sent: what is sealed of them, lists, and the rows to take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import contains_eager

from mdt.extensions import db, sealing
from mdt.models.cases import Case
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.cases import PatientFacts, patient_facts
from mdt.queries.identity_checks import known_patient
from mdt.queries.patients import id_number_index, mrn_index, name_index, open_identity
from mdt.queries.sealed_files import NamedPerson, open_named, seal_named
from mdt.rules.access import Viewer
from mdt.rules.calendar import local_date
from mdt.rules.case_changes import clean_name
from mdt.rules.case_state import LOCKED
from mdt.rules.errors import NotFound
from mdt.rules.header_identity import KnownPatient, compare_identity, differs, to_confirm
from mdt.rules.identity import mask_name
from mdt.rules.imaging import DicomHeader, DicomPatient
from mdt.rules.paging import Paged

#: Storage keys and sizes (bytes).
StoredObjects = Sequence[tuple[str, int]]
_MATCHES = ("same", "unclear", "differs")
_MOST_CASES = 100
_RECEIVING = "an object that the hospital's own PACS sends"


@dataclass(frozen=True)
class InboxLine:
    """A study in the inbox. The name is masked.

    ``match`` is ``same``, ``differs`` or ``unclear`` against the patient of a case, empty where it
    stands beside none. ``days_left`` until it is deleted.
    """

    id: int
    masked_name: str
    number: str
    sex: str
    birth_date: date | None
    modalities: str
    study_date: date | None
    description: str
    objects: int
    ae_title: str
    received_at: datetime
    match: str
    taken_at: datetime | None
    taken_case_id: int | None
    taken_number: str
    days_left: int

    @property
    def received_on(self) -> date:
        """The day of its last object."""
        return local_date(self.received_at)


@dataclass(frozen=True)
class ReceivedCount:
    """What a sender's studies amount to that wait, taken ones included."""

    hospital_id: int
    ae_title: str
    studies: int
    objects: int
    taken: int
    last_at: datetime

    @property
    def free(self) -> int:
        """Studies that no case has taken."""
        return self.studies - self.taken


@dataclass(frozen=True)
class InboxPage(Paged):
    """One page of a list; ``total`` counts every page."""

    lines: tuple[InboxLine, ...]
    total: int
    page: int = 1


def list_inbox(viewer: Viewer, case: Case, *, text: str = "", page: int = 1) -> InboxPage:
    """Studies in the inbox of a case's hospital, those of its patient first, then the newest.

    The case was found for the viewer. ``text`` is a whole name or number.
    """
    statement = _kept(viewer).where(InboxStudy.hospital_id == case.hospital_id)
    if text:
        statement = statement.where(_is_of(text, text))
    who = open_identity(case.patient)
    first = sql_case((or_(_is_of(who.name, who.mrn), _is_of("", who.id_number)), 0), else_=1)
    return _page(viewer, statement.order_by(first), known_patient(case), page)


def list_received(viewer: Viewer, *, free: bool = False, page: int = 1) -> InboxPage:
    """Studies in the inboxes of the viewer's hospitals, the newest first; ``free``: not taken."""
    statement = _kept(viewer)
    if free:
        statement = statement.where(InboxStudy.taken_at.is_(None))
    return _page(viewer, statement, None, page)


def get_received(viewer: Viewer, inbox_id: int) -> InboxStudy:
    """A study in an inbox of the viewer's hospitals; raise `NotFound`."""
    found: InboxStudy | None = db.session.scalar(_kept(viewer).where(InboxStudy.id == inbox_id))
    if found is None:
        raise NotFound
    return found


def received_line(viewer: Viewer, study: InboxStudy) -> InboxLine:
    """A study that was found for the viewer, as a list shows it."""
    statement = scope.cases(viewer).where(Case.id == study.taken_case_id)
    taken = db.session.scalar(statement.with_only_columns(Case.number))
    return _line(viewer, study, taken or "", None)


@dataclass(frozen=True)
class CaseForStudy:
    """A case that may take a study; ``match`` as in `InboxLine`."""

    case: Case
    patient: PatientFacts
    match: str


def list_cases_for(viewer: Viewer, study: InboxStudy) -> tuple[CaseForStudy, ...]:
    """Cases of the study's hospital that take files still, those of its person first."""
    who = open_inbox_patient(study)
    statement = (
        scope.cases(viewer)
        .join(Patient, Patient.id == Case.patient_id)
        .where(Case.hospital_id == study.hospital_id, Case.state.not_in(LOCKED))
        .options(contains_eager(Case.patient))
        .order_by(sql_case((_is_person(who), 0), else_=1), Case.updated_at.desc(), Case.id.desc())
        .limit(_MOST_CASES)
    )
    found = [
        CaseForStudy(case, patient_facts(viewer, case), _match(who, known_patient(case)))
        for case in db.session.scalars(statement)
    ]
    return tuple(sorted(found, key=lambda one: _MATCHES.index(one.match)))


def _is_person(who: DicomPatient) -> ColumnElement[bool]:
    """Condition on `Patient`: of the name, or with a number, that the headers have."""
    wanted = (
        (Patient.name_index, name_index(clean_name(who.name))),
        (Patient.mrn_index, mrn_index(who.id)),
        (Patient.id_number_index, id_number_index(who.id)),
    )
    return or_(false(), *(column == index for column, index in wanted if index))


def count_received(*, now: datetime) -> Sequence[ReceivedCount]:
    """What waits of each sender, for who looks after the machines: no names."""
    statement = (
        select(
            InboxStudy.hospital_id,
            InboxStudy.ae_title,
            func.count(InboxStudy.id),
            func.sum(InboxStudy.object_count),
            func.count(InboxStudy.taken_at),
            func.max(InboxStudy.received_at),
        )
        .where(InboxStudy.expires_at > now)
        .group_by(InboxStudy.hospital_id, InboxStudy.ae_title)
        .order_by(InboxStudy.hospital_id, InboxStudy.ae_title)
    )
    because = "counts of what machines sent, without a word of the patients"
    rows = db.session.execute(scope.unscoped(statement, because=because))
    return [ReceivedCount(*row) for row in rows]


def _kept(viewer: Viewer) -> Select[InboxStudy]:
    return scope.inbox_studies(viewer).where(InboxStudy.expires_at > viewer.as_of)


def _page(
    viewer: Viewer, statement: Select[InboxStudy], known: KnownPatient | None, page: int
) -> InboxPage:
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    total = db.session.scalar(scope.unscoped(counted, because="a count of the same"))
    shown = (
        statement.outerjoin(Case, Case.id == InboxStudy.taken_case_id)
        .add_columns(Case.number)
        .order_by(InboxStudy.received_at.desc(), InboxStudy.id.desc())
        .limit(InboxPage.page_size)
        .offset((max(page, 1) - 1) * InboxPage.page_size)
    )
    rows = db.session.execute(shown).all()
    lines = tuple(_line(viewer, study, number or "", known) for study, number in rows)
    return InboxPage(lines, total or 0, max(page, 1))


def _is_of(name: str, number: str) -> ColumnElement[bool]:
    found = []
    if name:
        found.append(InboxStudy.name_index == name_index(clean_name(name)))
    if number:
        found.append(InboxStudy.number_index == mrn_index(number.upper()))
    return or_(*found) if found else false()


def _line(
    viewer: Viewer, study: InboxStudy, taken_number: str, known: KnownPatient | None
) -> InboxLine:
    who = open_inbox_patient(study)
    return InboxLine(
        study.id,
        mask_name(who.name),
        who.id,
        who.sex,
        who.birth_date,
        study.modalities,
        study.study_date,
        study.description,
        study.object_count,
        study.ae_title,
        study.received_at,
        _match(who, known) if known else "",
        study.taken_at,
        study.taken_case_id,
        taken_number,
        (local_date(study.expires_at) - local_date(viewer.as_of)).days,
    )


def _match(who: DicomPatient, known: KnownPatient) -> str:
    compared = compare_identity(who, known)
    if differs(compared):
        return "differs"
    return "unclear" if to_confirm(compared) or not who.name else "same"


def get_inbox_study(
    viewer: Viewer, case: Case, inbox_id: int, *, for_update: bool = False
) -> InboxStudy:
    """A study in the inbox of the hospital of a case; raise `NotFound`, also for one that is over.

    The case was found for the viewer.
    """
    statement = scope.inbox_studies(viewer).where(
        InboxStudy.id == inbox_id,
        InboxStudy.hospital_id == case.hospital_id,
        InboxStudy.expires_at > viewer.as_of,
    )
    if for_update:
        statement = statement.with_for_update()
    found: InboxStudy | None = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def stored_objects(study_id: int) -> StoredObjects:
    """Storage keys and sizes of the objects of a study that was just found, as they came."""
    statement = (
        select(InboxObject.storage_key, InboxObject.size)
        .where(InboxObject.study_id == study_id)
        .order_by(InboxObject.id)
    )
    rows = db.session.execute(scope.scoped_children(statement, of="study"))
    return [(row.storage_key, row.size) for row in rows]


def person_index(who: DicomPatient) -> str:
    """A keyed hash of whom the header names."""
    return sealing.keyring.blind_index("inbox_person", f"{who.name_dicom}\0{who.id}")


def find_receiving(
    hospital_id: int, header: DicomHeader, *, for_update: bool = False
) -> InboxStudy | None:
    """The study to which an object that arrives belongs."""
    statement = select(InboxStudy).where(
        InboxStudy.hospital_id == hospital_id,
        InboxStudy.study_uid == header.study_uid,
        InboxStudy.person_index == person_index(header.patient),
    )
    if for_update:
        statement = statement.with_for_update()
    found: InboxStudy | None = db.session.scalar(scope.unscoped(statement, because=_RECEIVING))
    return found


def holds_object(study: InboxStudy, sop_uid: str, sha256: str) -> bool:
    """Whether the very same object came before."""
    statement = select(InboxObject.id).where(
        InboxObject.study_id == study.id,
        InboxObject.sop_uid == sop_uid,
        InboxObject.sha256 == sha256,
    )
    return db.session.scalar(scope.unscoped(statement, because=_RECEIVING)) is not None


def list_over(*, now: datetime, most: int, for_update: bool = False) -> Sequence[InboxStudy]:
    """Studies whose time is over, of any hospital; ``for_update``: nothing comes to them now."""
    statement = select(InboxStudy).where(InboxStudy.expires_at <= now).limit(most)
    if for_update:
        statement = statement.with_for_update()
    return db.session.scalars(scope.unscoped(statement, because="housekeeping")).all()


def keys_of(study_ids: Sequence[int]) -> Sequence[str]:
    """Storage keys of the objects of these studies."""
    statement = select(InboxObject.storage_key).where(InboxObject.study_id.in_(study_ids))
    return db.session.scalars(scope.unscoped(statement, because="housekeeping")).all()


def name_person(study: InboxStudy, who: DicomPatient) -> None:
    """Write whom the headers name: sealed, and as keyed hashes to be found by."""
    study.sealed_patient = seal_named([NamedPerson(who)], aad=_aad(study.study_uid))
    study.person_index = person_index(who)
    study.name_index = name_index(clean_name(who.name))
    study.number_index = mrn_index(who.id.upper())


def open_inbox_patient(study: InboxStudy) -> DicomPatient:
    """Whom the headers name. Raises `mdt.crypto.SealBroken`."""
    return open_named(study.sealed_patient, aad=_aad(study.study_uid))[0].patient


def _aad(study_uid: str) -> bytes:
    return f"inbox:{study_uid}".encode()
