"""A case's rows as the plain data that the rules judge."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series, Study
from mdt.models.cases import Case, Consent
from mdt.queries import scope
from mdt.queries.patients import Identity, open_identity
from mdt.queries.sealed_files import file_name
from mdt.rules import evidence
from mdt.rules.case_changes import IDENTITY_FIELDS
from mdt.rules.case_draft import CaseDraft, draft_fields
from mdt.rules.case_facts import case_evidence, case_facts, planned_modalities
from mdt.rules.completeness import Completeness
from mdt.rules.intake import ConsentPaper
from mdt.rules.readiness import Readiness, readiness
from mdt.rules.series_labels import label_of_series

_LISTS = ("symptoms", "comorbidities")
_DERIVED = ("planned_modalities", "answers")
#: Fields of a draft that are columns of the case; the rest is the patient's.
CASE_FIELDS = tuple(
    name for name in draft_fields() if name not in (*IDENTITY_FIELDS, *_DERIVED, "sex")
)


@dataclass(frozen=True)
class StudyWords:
    """What a study says of each of its series."""

    on: date | None
    description: str


@dataclass(frozen=True)
class CaseFiles:
    """What is attached to a case and not struck out."""

    documents: tuple[Attachment, ...]
    series: tuple[Series, ...]
    studies: dict[int, StudyWords]

    @property
    def count(self) -> int:
        """Documents and series."""
        return len(self.documents) + len(self.series)

    @property
    def kinds(self) -> frozenset[str]:
        """Document types that are here."""
        return frozenset(one.kind for one in self.documents)


def draft_of(case: Case, identity: Identity | None = None) -> CaseDraft:
    """The case as it stands in its form. Opens the patient's identity unless it is given."""
    who = identity or open_identity(case.patient)
    own = {name: getattr(case, name) for name in CASE_FIELDS}
    own |= {name: tuple(own[name]) for name in _LISTS}
    person = {name: getattr(who, name) for name in IDENTITY_FIELDS}
    planned = planned_modalities(case.own_plan)
    return CaseDraft(**own, **person, sex=case.patient.sex, planned_modalities=planned)


def files_of(case: Case) -> CaseFiles:
    """Documents and series of a case that was loaded for its viewer."""
    documents = db.session.scalars(
        scope.scoped_children(
            select(Attachment)
            .where(Attachment.case_id == case.id, Attachment.struck_at.is_(None))
            .order_by(Attachment.id),
            of="case",
        )
    ).all()
    rows = db.session.execute(
        scope.scoped_children(
            select(Series, Study.study_date, Study.description)
            .join(Study, Study.id == Series.study_id)
            .where(Series.case_id == case.id, Series.struck_at.is_(None))
            .order_by(Study.study_date, Series.number, Series.id),
            of="case",
        )
    ).all()
    return CaseFiles(
        tuple(documents),
        tuple(series for series, _, _ in rows),
        {series.id: StudyWords(day, words) for series, day, words in rows},
    )


def papers_of(case: Case, files: CaseFiles) -> tuple[ConsentPaper, ...]:
    """The recorded consents; one counts as scanned when a scan of its kind is attached."""
    return tuple(_paper(consent, files) for consent in case.consents)


def _paper(consent: Consent, files: CaseFiles) -> ConsentPaper:
    return ConsentPaper(
        kind=consent.kind,
        signer=consent.signer,
        signed_on=consent.signed_on,
        scanned=f"consent_{consent.kind}" in files.kinds,
        relation=consent.relation,
        withdrawn=consent.withdrawn_at is not None,
    )


def readiness_of(
    case: Case, draft: CaseDraft, files: CaseFiles, papers: tuple[ConsentPaper, ...], day: date
) -> Readiness | None:
    """The checklist held against the case; nothing before a tumour type is chosen."""
    if not draft.tumour_type:
        return None
    found = case_evidence(
        draft,
        [document_evidence(one) for one in files.documents],
        # What may be another person's says nothing of this patient.
        [
            series_evidence(one, files.studies[one.id])
            for one in files.series
            if not one.unconfirmed
        ],
        day,
    )
    marks = {base: mark["mark"] for base, mark in case.checklist_marks.items() if mark.get("mark")}
    return readiness(draft.tumour_type, case_facts(draft, papers, day), found, marks, day)


def document_evidence(row: Attachment) -> evidence.Document:
    """A document as the rules judge it."""
    return evidence.Document(row.kind, row.dated_on, file_name(row))


def series_evidence(row: Series, study: StudyWords) -> evidence.Series:
    """A series as the rules judge it."""
    label = label_of_series(row.body_part, row.contrast, row.header)
    return evidence.Series(
        modality=row.modality,
        body_part=label.body_part,
        description=row.description,
        contrast=label.contrast,
        taken_on=study.on,
        protocol=str(row.header.get("protocol") or ""),
        study=study.description,
        whole=_whole(row),
        of_another=bool(row.unconfirmed),
        thickness=row.header.get("slice_thickness"),
    )


def _whole(row: Series) -> Completeness | None:
    if row.slices_missing is None or row.slices_doubled is None:
        return None
    return Completeness(row.instance_count, row.slices_missing, row.slices_doubled)
