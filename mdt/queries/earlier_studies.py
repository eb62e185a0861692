"""Studies of the same patient in earlier cases, with their reports: what need not be done again.

Offered only out of cases that the viewer may open by the patient's name; of what others hold
nothing shows, not even that there is something.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series, Study
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.attachments import file_rights
from mdt.queries.case_drafts import StudyWords, document_evidence, series_evidence
from mdt.queries.cases import sees_identity
from mdt.queries.held import asks_who_it_is
from mdt.rules.access import CLINICAL_ROLES, TEAM_DESK_ROLES, Role, Viewer
from mdt.rules.case_state import CaseState
from mdt.rules.content.vocabulary import DocumentType, document_type
from mdt.rules.errors import NotFound
from mdt.rules.pictures import is_report_of


@dataclass(frozen=True)
class EarlierReport:
    """A report that goes with a study."""

    id: int
    type: DocumentType
    dated_on: date | None


@dataclass(frozen=True)
class EarlierStudy:
    """A study in an earlier case.

    ``here``: this case has it already. ``takeable``: this viewer may make it part of this case;
    of a case that is only seen at a team's desk it may be looked at there.
    """

    id: int
    case_id: int
    case_number: str
    on: date | None
    description: str
    modalities: tuple[str, ...]
    images: int
    reports: tuple[EarlierReport, ...]
    here: bool
    takeable: bool


def list_earlier_studies(viewer: Viewer, case: Case) -> tuple[EarlierStudy, ...]:
    """What to offer with a case that was loaded for its viewer, the newest study first.

    A study that several cases hold is offered once, out of the one that has most to take.
    """
    if not sees_identity(viewer, case):
        return ()
    cases = {one.id: one for one in _earlier_cases(viewer, case)}
    if not cases:
        return ()
    series = _series(cases)
    documents = _documents(cases)
    here = _here(case)
    own = viewer.hospitals_as(Role.CLINICIAN)
    may_add = file_rights(viewer, case).add
    found: dict[str, EarlierStudy] = {}
    for rows in series.values():
        uid = rows[0].study.study_uid
        offer = _offer(
            cases[rows[0].case_id],
            rows,
            documents[rows[0].case_id],
            here=uid in here,
            takeable=may_add and cases[rows[0].case_id].hospital_id in own,
        )
        found[uid] = max(found.get(uid, offer), offer, key=_worth)
    return tuple(sorted(found.values(), key=lambda one: (one.on or date.min, one.id), reverse=True))


def _worth(offer: EarlierStudy) -> tuple[bool, int, int]:
    return offer.takeable, offer.images, len(offer.reports)


def get_earlier_study(viewer: Viewer, case: Case, study_id: int) -> EarlierStudy:
    """One of these; `NotFound` for any other."""
    for one in list_earlier_studies(viewer, case):
        if one.id == study_id:
            return one
    raise NotFound


def _earlier_cases(viewer: Viewer, case: Case) -> Sequence[Case]:
    """Cases of the same person that were begun before, known by name to the viewer.

    A withdrawn case may have been another person's, or its patient may have said no.
    """
    number = case.patient.id_number_index
    same = Patient.id_number_index == number if number else Patient.id == case.patient_id
    statement = (
        scope.cases(viewer)
        .join(Patient, Patient.id == Case.patient_id)
        .where(
            Case.id < case.id,
            Case.state != CaseState.WITHDRAWN.value,
            or_(Patient.id == case.patient_id, same),
            _by_name(viewer),
        )
    )
    return db.session.scalars(statement).all()


def numbers_by_name(viewer: Viewer, case_ids: Collection[int]) -> dict[int, str]:
    """Numbers of those of these cases that the viewer may open by the patient's name."""
    rows = db.session.execute(
        scope.cases(viewer)
        .where(Case.id.in_(case_ids), _by_name(viewer))
        .with_only_columns(Case.id, Case.number)
    )
    return {row.id: row.number for row in rows}


def _by_name(viewer: Viewer) -> ColumnElement[bool]:
    """Condition on `Case`: not through an invitation alone, or the answer would say who it is."""
    return or_(
        Case.hospital_id.in_(viewer.hospitals_as(*CLINICAL_ROLES)),
        Case.team_id.in_(viewer.teams_as(*TEAM_DESK_ROLES)),
    )


def _series(case_ids: Collection[int]) -> dict[int, list[Series]]:
    """Series that are not struck out, by study; of a study that may be another person's, none."""
    found: dict[int, list[Series]] = defaultdict(list)
    statement = (
        select(Series)
        .join(Study, Study.id == Series.study_id)
        .options(contains_eager(Series.study))
        .where(Series.case_id.in_(case_ids), Series.struck_at.is_(None))
        .where(Series.study_id.not_in(_of_another(case_ids)))
        .order_by(Series.study_id, Series.number, Series.id)
    )
    for row in db.session.scalars(scope.scoped_children(statement, of="case")):
        found[row.study_id].append(row)
    return found


def _of_another(case_ids: Collection[int]) -> Select[int]:
    """Studies with a header that names somebody of whom no doctor has said: this is the patient."""
    return select(Series.study_id).where(Series.case_id.in_(case_ids), asks_who_it_is())


def _documents(case_ids: Collection[int]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    statement = (
        select(Attachment)
        .where(Attachment.case_id.in_(case_ids), Attachment.struck_at.is_(None))
        .order_by(Attachment.id)
    )
    for row in db.session.scalars(scope.scoped_children(statement, of="case")):
        found[row.case_id].append(row)
    return found


def _here(case: Case) -> frozenset[str]:
    statement = select(Study.study_uid).where(Study.case_id == case.id)
    return frozenset(db.session.scalars(scope.scoped_children(statement, of="case")))


def _offer(
    case: Case,
    rows: Sequence[Series],
    documents: Sequence[Attachment],
    *,
    here: bool,
    takeable: bool,
) -> EarlierStudy:
    study = rows[0].study
    words = StudyWords(study.study_date, study.description)
    shown = [series_evidence(row, words) for row in rows]
    return EarlierStudy(
        id=study.id,
        case_id=case.id,
        case_number=case.number,
        on=study.study_date,
        description=study.description,
        modalities=tuple(sorted({row.modality for row in rows if row.modality})),
        images=sum(row.image_count for row in rows),
        reports=tuple(
            EarlierReport(one.id, document_type(one.kind), one.dated_on)
            for one in documents
            if is_report_of(document_evidence(one), shown)
        ),
        here=here,
        takeable=takeable and not here,
    )
