"""Each series of a case with its light, for the page of the case and the team's desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.attachments import Series
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.queries import scope
from mdt.queries.case_drafts import StudyWords, document_evidence, series_evidence
from mdt.queries.case_standing import CaseStanding
from mdt.queries.cases import sees_identity
from mdt.queries.held import is_withheld
from mdt.rules.access import Viewer
from mdt.rules.calendar import local_date
from mdt.rules.case_facts import case_facts
from mdt.rules.image_words import known_code, known_words
from mdt.rules.series_check import Days, SeriesCheck, check_series
from mdt.rules.series_labels import label_of_series


@dataclass(frozen=True)
class SeriesLine:
    """A series that counts, and what there is to say of it."""

    id: int
    title: str
    modality: str
    body_part: str
    enhanced: bool | None
    images: int
    missing: int
    doubled: int
    on: date | None
    check: SeriesCheck


@dataclass(frozen=True)
class SeriesChecks:
    """Every series of a case; ``conference_on`` is empty where none is planned."""

    lines: tuple[SeriesLine, ...]
    conference_on: date | None


def list_series_checks(viewer: Viewer, standing: CaseStanding, *, today: date) -> SeriesChecks:
    """Judge the series of a case that was loaded for its viewer, the newest study first.

    Who may not know the patient reads of headers known words alone, and nothing of a series that
    waits for release.
    """
    case, files = standing.case, standing.files
    if not files.series:
        return SeriesChecks((), None)
    meets_on = _conference_day(case)
    submitted_on = local_date(case.submitted_at) if case.submitted_at else today
    rows = sorted(files.series, key=lambda row: files.studies[row.id].on or date.min, reverse=True)
    checks = check_series(
        case.tumour_type,
        case_facts(standing.draft, standing.papers, submitted_on),
        [series_evidence(row, files.studies[row.id]) for row in rows],
        [document_evidence(row) for row in files.documents],
        Days(submitted_on, meets_on or today, case.diagnosis_date),
    )
    named = sees_identity(viewer, case)
    said = (str, str) if named else (known_words, known_code)
    lines = [
        _line(row, files.studies[row.id], check, *said)
        for row, check in zip(rows, checks, strict=True)
        if named or not is_withheld(row)
    ]
    return SeriesChecks(tuple(lines), meets_on)


def _line(
    row: Series,
    study: StudyWords,
    check: SeriesCheck,
    said: Callable[[str], str],
    code: Callable[[str], str],
) -> SeriesLine:
    label = label_of_series(row.body_part, row.contrast, row.header)
    return SeriesLine(
        id=row.id,
        title=said(row.description) or said(study.description),
        modality=code(row.modality),
        body_part=said(label.body_part),
        enhanced=label.contrast,
        images=row.image_count,
        missing=row.slices_missing or 0,
        doubled=row.slices_doubled or 0,
        on=study.on,
        check=check,
    )


def _conference_day(case: Case) -> date | None:
    """The day of the conference that the case waits for."""
    starts_at = db.session.scalar(
        scope.scoped_children(
            select(Conference.starts_at)
            .join(AgendaItem, AgendaItem.conference_id == Conference.id)
            .where(
                AgendaItem.case_id == case.id,
                AgendaItem.position > 0,
                Conference.state.in_(["scheduled", "live"]),
            )
            .order_by(Conference.starts_at)
            .limit(1),
            of="case",
        )
    )
    return local_date(starts_at) if starts_at else None
