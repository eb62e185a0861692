"""How a case stands: sections, blocks, debts, readiness. All of it derived, none of it stored."""

from dataclasses import dataclass
from datetime import date

from mdt.models.cases import Case
from mdt.queries.addressing import may_ask
from mdt.queries.case_drafts import (
    CaseFiles,
    draft_of,
    files_of,
    papers_of,
    readiness_of,
)
from mdt.queries.patients import open_identity
from mdt.queries.sealed_files import file_name
from mdt.rules.calendar import local_date
from mdt.rules.case_draft import CaseDraft, SectionCode
from mdt.rules.case_stage import CaseStage, judge_case_stage
from mdt.rules.case_state import EDITABLE, CaseState
from mdt.rules.intake import (
    Block,
    ConsentPaper,
    Debt,
    SectionState,
    UrgentException,
    section_state,
    submission_blocks,
    submission_debts,
)
from mdt.rules.intake_warnings import DraftWarning, draft_warnings
from mdt.rules.readiness import ItemState, Readiness, override_in_force

_UNSENT = frozenset({CaseState.DRAFT, CaseState.WITHDRAWN})


@dataclass(frozen=True)
class CaseStanding:
    """Everything that follows from a case and its files on a day.

    ``draft`` holds the patient's whole identity: it is for judging and for the editor, not for
    pages that show a patient masked.
    """

    case: Case
    draft: CaseDraft
    files: CaseFiles
    papers: tuple[ConsentPaper, ...]
    stage: CaseStage
    sections: tuple[SectionState, ...]
    blocks: tuple[Block, ...]
    debts: tuple[Debt, ...]
    warnings: tuple[DraftWarning, ...]
    readiness: Readiness | None

    def section(self, code: str) -> SectionState:
        """The state of one section of the form."""
        return next(one for one in self.sections if one.code == code)

    def blocks_of(self, code: str) -> tuple[Block, ...]:
        """What in a section keeps the case from being submitted."""
        return tuple(block for block in self.blocks if block.section == code)

    def warnings_of(self, code: str) -> tuple[DraftWarning, ...]:
        """What in a section does not go together."""
        return tuple(warning for warning in self.warnings if warning.section == code)


def standing_of(
    case: Case, *, today: date, exception: UrgentException | None = None
) -> CaseStanding:
    """Judge a case that was loaded for its viewer by ``mdt.queries.cases``."""
    draft = draft_of(case, open_identity(case.patient))
    files = files_of(case)
    papers = papers_of(case, files)
    titles = [file_name(one) for one in files.documents]
    return CaseStanding(
        case=case,
        draft=draft,
        files=files,
        papers=papers,
        stage=judge_case_stage(draft),
        sections=tuple(
            section_state(draft, code, day=today, files=files.count, consents=papers)
            for code in SectionCode
        ),
        blocks=_blocks(case, draft, papers, today, exception),
        debts=() if case.state in _UNSENT else submission_debts(draft, papers, day=today),
        warnings=draft_warnings(draft, today, report_texts=titles),
        readiness=readiness_of(case, draft, files, papers, _day(case, today)),
    )


def _blocks(
    case: Case,
    draft: CaseDraft,
    papers: tuple[ConsentPaper, ...],
    today: date,
    exception: UrgentException | None,
) -> tuple[Block, ...]:
    if case.state not in EDITABLE | {CaseState.REVIEWING}:
        return ()
    return submission_blocks(
        draft,
        papers,
        agreement_valid=may_ask(case.hospital_id, case.team_id, today),
        day=today,
        urgent_exception=exception,
    )


def _day(case: Case, today: date) -> date:
    """The day up to which ages of examinations count: that of the first submission."""
    return local_date(case.submitted_at) if case.submitted_at else today


def listing_blocks(case: Case, *, today: date) -> tuple[ItemState, ...]:
    """Checklist items that keep a case off an agenda; none once that was overridden.

    The case must have been loaded with its patient and consents (`mdt.queries.cases.get_case`).
    """
    if override_in_force(case.listing_override):
        return ()
    found = standing_of(case, today=today).readiness
    return found.blocking if found else ()


def exception_of(case: Case) -> UrgentException | None:
    """The urgent exception under which the case was submitted, if any."""
    kept = case.urgent_exception
    return UrgentException(kept["reason"], kept.get("text", "")) if kept else None
