"""Everything attached to a case, as its pages list it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series, Study
from mdt.models.cases import Case
from mdt.models.people import User
from mdt.queries import scope
from mdt.queries.attachments import FileRights, SeriesFacts, file_rights, is_own_case, series_facts
from mdt.queries.cases import get_case, sees_identity
from mdt.queries.earlier_studies import numbers_by_name
from mdt.queries.held import Held, count_held, is_held, not_withheld
from mdt.queries.identity_checks import IdentityJudge, Mismatch, identity_judge
from mdt.queries.sealed_files import file_name
from mdt.queries.slides import SlideLine, list_slides
from mdt.rules.access import Viewer
from mdt.rules.case_state import LISTED
from mdt.rules.content.vocabulary import DocumentType, document_type, document_types
from mdt.rules.header_identity import years_before
from mdt.rules.image_words import known_words
from mdt.rules.slides import SlideState


@dataclass(frozen=True)
class StudyFiles:
    """A study with its series; ``mismatches`` where a header names somebody else.

    ``years_early`` is how many whole years it is older than the diagnosis; ``taken_from`` the
    number of the earlier case that it comes from, for who may open that one.
    """

    id: int
    study_date: date | None
    description: str
    added_by: str
    added_at: datetime
    series: tuple[SeriesFacts, ...]
    mismatches: tuple[Mismatch, ...] = ()
    years_early: int = 0
    taken_from: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """A document in a list; ``name`` is the sender's, given to those who may know the patient."""

    id: int
    case_id: int
    kind: str
    media_type: str
    name: str
    pages: int
    size: int
    dated_on: date | None
    added_by: str
    added_at: datetime
    struck_at: datetime | None = None
    struck_by: str = ""
    struck_reason: str = ""
    held: bool = False
    by_phone: bool = False

    @property
    def type(self) -> DocumentType:
        """Its type with the labels."""
        return document_type(self.kind)

    @property
    def is_picture(self) -> bool:
        """It is shown as a picture and not in a frame."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True)
class CaseFileList:
    """Everything attached to a case, and what the viewer may do with it."""

    case: Case
    studies: tuple[StudyFiles, ...]
    documents: tuple[DocumentLine, ...]
    rights: FileRights
    held: Held
    slides: tuple[SlideLine, ...] = ()

    @property
    def sorted_documents(self) -> tuple[DocumentLine, ...]:
        """Documents in the order of the list of types, the struck ones last."""
        order = {one.code: place for place, one in enumerate(document_types())}

        def key(one: DocumentLine) -> tuple[bool, int, date]:
            return one.struck_at is not None, order[one.kind], one.dated_on or date.min

        return tuple(sorted(self.documents, key=key))

    @property
    def current_documents(self) -> tuple[DocumentLine, ...]:
        """Documents that are not struck out, in the order of the list of types."""
        return tuple(one for one in self.sorted_documents if one.struck_at is None)

    @property
    def current_studies(self) -> tuple[StudyFiles, ...]:
        """Studies of which not every series is struck out."""
        return tuple(
            study
            for study in self.studies
            if any(series.struck_at is None for series in study.series)
        )

    @property
    def current_slides(self) -> tuple[SlideLine, ...]:
        """Slides that are not struck out and can be read, or will be."""
        return tuple(
            one
            for one in self.slides
            if one.struck_at is None and one.state is not SlideState.FAILED
        )

    @property
    def empty(self) -> bool:
        """Nothing is attached."""
        return not self.studies and not self.documents and not self.slides

    @property
    def mismatches(self) -> tuple[tuple[Mismatch, tuple[StudyFiles, ...]], ...]:
        """Each person that headers name instead of the patient, with the studies that do so."""
        groups: dict[str, tuple[Mismatch, list[StudyFiles]]] = {}
        for study in self.studies:
            for one in study.mismatches:
                groups.setdefault(one.key, (one, []))[1].append(study)
        return tuple((one, tuple(studies)) for one, studies in groups.values())

    @property
    def listed(self) -> bool:
        """The case stands on an agenda, or did: what is found now cannot keep it off."""
        return self.case.state in LISTED

    @property
    def waiting(self) -> int:
        """How many of these people nobody has confirmed."""
        return sum(one.waits for one, _ in self.mismatches)


def case_files(viewer: Viewer, case_id: int) -> CaseFileList:
    """What is attached to a case that the viewer may open; `NotFound` for any other.

    Struck files are shown to the own hospital alone: they may be another patient's. What waits for
    release is only counted for who may not know the patient.
    """
    case = get_case(viewer, case_id)
    own, named = is_own_case(viewer, case), sees_identity(viewer, case)
    studies = _series_rows(case, struck=own, held=named)
    documents = _documents(case, struck=own, held=named)
    names = _names(
        [series.study.by_user_id for series in studies]
        + [series.by_user_id for series in studies]
        + [series.struck_by_id for series in studies]
        + [one.by_user_id for one in documents]
        + [one.struck_by_id for one in documents]
    )
    judge = identity_judge(case) if named and studies else None
    listed = _by_study(studies, names, judge, case.diagnosis_date, named=named)
    return CaseFileList(
        case=case,
        studies=_with_sources(viewer, listed, studies),
        documents=tuple(_document_line(one, names, named=named) for one in documents),
        rights=file_rights(viewer, case),
        held=count_held(case),
        slides=list_slides(viewer, case.id),
    )


def document_line(viewer: Viewer, case: Case, document: Attachment) -> DocumentLine:
    """One document as a list shows it."""
    names = _names([document.by_user_id, document.struck_by_id])
    return _document_line(document, names, named=sees_identity(viewer, case))


def _series_rows(case: Case, *, struck: bool, held: bool) -> Sequence[Series]:
    statement = (
        select(Series)
        .join(Study, Study.id == Series.study_id)
        .options(contains_eager(Series.study))
        .where(Series.case_id == case.id)
        .order_by(Study.study_date.desc().nulls_last(), Study.id.desc(), Series.number, Series.id)
    )
    if not struck:
        statement = statement.where(Series.struck_at.is_(None))
    if not held:
        statement = statement.where(not_withheld(Series))
    return db.session.scalars(scope.scoped_children(statement, of="case")).all()


def _documents(case: Case, *, struck: bool, held: bool) -> Sequence[Attachment]:
    statement = select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id)
    if not struck:
        statement = statement.where(Attachment.struck_at.is_(None))
    if not held:
        statement = statement.where(not_withheld(Attachment))
    return db.session.scalars(scope.scoped_children(statement, of="case")).all()


def _names(user_ids: Sequence[int | None]) -> dict[int, str]:
    wanted = {one for one in user_ids if one is not None}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _by_study(
    rows: Sequence[Series],
    names: dict[int, str],
    judge: IdentityJudge | None,
    diagnosed_on: date | None,
    *,
    named: bool,
) -> tuple[StudyFiles, ...]:
    groups: dict[int, list[Series]] = {}
    for row in rows:
        groups.setdefault(row.study_id, []).append(row)
    return tuple(
        _study(group, names, judge, diagnosed_on, named=named) for group in groups.values()
    )


def _with_sources(
    viewer: Viewer, studies: tuple[StudyFiles, ...], rows: Sequence[Series]
) -> tuple[StudyFiles, ...]:
    """Name the cases that studies were taken over from."""
    taken = {row.study_id: row.study.taken_from_id for row in rows if row.study.taken_from_id}
    if not taken:
        return studies
    numbers = numbers_by_name(viewer, taken.values())
    return tuple(replace(one, taken_from=numbers.get(taken.get(one.id, 0), "")) for one in studies)


def _study(
    rows: Sequence[Series],
    names: dict[int, str],
    judge: IdentityJudge | None,
    diagnosed_on: date | None,
    *,
    named: bool,
) -> StudyFiles:
    study = rows[0].study
    counted = [row.series_uid for row in rows if row.struck_at is None]
    return StudyFiles(
        id=study.id,
        study_date=study.study_date,
        description=study.description if named else known_words(study.description),
        added_by=names.get(study.by_user_id, ""),
        added_at=study.at,
        series=tuple(series_facts(row, names, named=named) for row in rows),
        mismatches=judge.mismatches(study, counted) if judge and counted else (),
        years_early=years_before(study.study_date, diagnosed_on),
    )


def _document_line(row: Attachment, names: dict[int, str], *, named: bool) -> DocumentLine:
    return DocumentLine(
        id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        media_type=row.media_type,
        name=file_name(row) if named else "",
        pages=row.pages,
        size=row.size,
        dated_on=row.dated_on,
        added_by=names.get(row.by_user_id, ""),
        added_at=row.at,
        struck_at=row.struck_at,
        struck_by=names.get(row.struck_by_id or 0, ""),
        struck_reason=row.struck_reason,
        held=is_held(row),
        by_phone=row.phone_link_id is not None,
    )
