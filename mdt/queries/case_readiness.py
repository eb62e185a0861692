"""Readiness of many cases at once, in as many queries as for one: for lists."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.case_drafts import CaseFiles, StudyWords, draft_of, papers_of, readiness_of
from mdt.queries.identity_checks import waiting_by_case
from mdt.rules.calendar import local_date
from mdt.rules.intake import submission_debts
from mdt.rules.readiness import Readiness, override_in_force


@dataclass(frozen=True)
class CaseReadiness:
    """What keeps a case off an agenda, and the papers that it still owes.

    ``waiting`` counts people in headers whom nobody has confirmed to be the patient; no override
    of the checklist gets past them.
    """

    readiness: Readiness | None
    overridden: bool
    owes: int
    waiting: int = 0

    @property
    def listable(self) -> bool:
        """It can be put on an agenda."""
        return not self.waiting and self.checked

    @property
    def checked(self) -> bool:
        """The checklist lets it be put on an agenda."""
        return self.overridden or self.readiness is None or self.readiness.ready


def readiness_by_case(cases: Collection[Case], *, today: date) -> dict[int, CaseReadiness]:
    """Readiness of cases that were loaded for their viewer with patient and consents."""
    files = _files_by_case([case.id for case in cases])
    waiting = waiting_by_case(cases)
    return {case.id: _judge(case, files[case.id], waiting[case.id], today) for case in cases}


def _judge(case: Case, files: CaseFiles, waiting: int, today: date) -> CaseReadiness:
    draft = draft_of(case)
    papers = papers_of(case, files)
    day = local_date(case.submitted_at) if case.submitted_at else today
    owes = submission_debts(draft, papers, day=today) if case.submitted_at else ()
    return CaseReadiness(
        readiness_of(case, draft, files, papers, day),
        override_in_force(case.listing_override),
        len(owes),
        waiting,
    )


def _files_by_case(case_ids: Sequence[int]) -> Mapping[int, CaseFiles]:
    documents: dict[int, list[Attachment]] = defaultdict(list)
    series: dict[int, list[tuple[Series, StudyWords]]] = defaultdict(list)
    if not case_ids:
        return {}
    for row in db.session.scalars(
        scope.scoped_children(
            select(Attachment)
            .where(Attachment.case_id.in_(case_ids), Attachment.struck_at.is_(None))
            .order_by(Attachment.id),
            of="case",
        )
    ):
        documents[row.case_id].append(row)
    for one, studied_on, description in db.session.execute(
        scope.scoped_children(
            select(Series, Study.study_date, Study.description)
            .join(Study, Study.id == Series.study_id)
            .where(Series.case_id.in_(case_ids), Series.struck_at.is_(None))
            .order_by(Study.study_date, Series.number, Series.id),
            of="case",
        )
    ):
        series[one.case_id].append((one, StudyWords(studied_on, description)))
    return {number: _files(documents[number], series[number]) for number in case_ids}


def _files(documents: list[Attachment], series: list[tuple[Series, StudyWords]]) -> CaseFiles:
    return CaseFiles(
        tuple(documents),
        tuple(one for one, _ in series),
        {one.id: study for one, study in series},
    )
