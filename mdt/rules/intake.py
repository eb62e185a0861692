"""Taking in a case: how far each section of the form is, and what gates submission.

Consent with its scan and a valid agreement gate submission, beside the few fields without which
nobody can be asked anything; the checklist (``mdt.rules.readiness``) gates listing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mdt.rules.case_draft import (
    CaseDraft,
    Section,
    SectionCode,
    age_of,
    is_filled,
    is_stageable,
    sections,
)
from mdt.rules.content import reasons, urgency

MINOR_BELOW = 18
_DEFAULTS = CaseDraft()


class SectionStatus(StrEnum):
    """How far a section is."""

    COMPLETE = "complete"
    EMPTY = "empty"
    STARTED = "started"


class ConsentKind(StrEnum):
    """Consents on paper; the scan's document type is ``consent_<kind>``."""

    GUARDIAN = "guardian"
    PRIVACY = "privacy"
    REMOTE = "remote"


class Signer(StrEnum):
    """Who signed."""

    GUARDIAN = "guardian"
    PATIENT = "patient"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class ConsentPaper:
    """A signed paper: without its scan it does not count, nor when it was withdrawn."""

    kind: str
    signer: str
    signed_on: date
    scanned: bool
    relation: str = ""
    withdrawn: bool = False

    @property
    def valid(self) -> bool:
        """It can be shown, and still stands."""
        return self.scanned and not self.withdrawn


@dataclass(frozen=True, slots=True)
class UrgentException:
    """Submission before the papers are there: a reason of ``override_reasons``, and words."""

    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Something that keeps a case from being submitted, and where to put it right."""

    code: str
    field: str
    section: SectionCode


@dataclass(frozen=True, slots=True)
class SectionState:
    """How far a section is, and which required fields or papers are missing."""

    code: SectionCode
    status: SectionStatus
    missing: tuple[str, ...] = ()


def needed_consents(
    draft: CaseDraft, consents: Collection[ConsentPaper], day: date
) -> tuple[ConsentKind, ...]:
    """The papers that the case needs.

    A guardian's, with proof of the relation, for a minor and where somebody else has signed for
    the patient.
    """
    age = age_of(draft, day)
    minor = age is not None and age < MINOR_BELOW
    signed_by_other = any(
        paper.kind == ConsentKind.REMOTE and paper.valid and paper.signer != Signer.PATIENT
        for paper in consents
    )
    needed = (ConsentKind.REMOTE, ConsentKind.PRIVACY)
    return (*needed, ConsentKind.GUARDIAN) if minor or signed_by_other else needed


def missing_consents(
    draft: CaseDraft, consents: Collection[ConsentPaper], day: date
) -> tuple[ConsentKind, ...]:
    """The papers that the case needs and does not have, or not scanned, or withdrawn."""
    held = {paper.kind for paper in consents if paper.valid}
    return tuple(kind for kind in needed_consents(draft, consents, day) if kind not in held)


def _field_state(draft: CaseDraft, section: Section) -> SectionState:
    missing = tuple(
        one.code for one in section.fields if one.required(draft) and not is_filled(draft, one.code)
    )
    changed = any(
        is_filled(draft, one.code) and getattr(draft, one.code) != getattr(_DEFAULTS, one.code)
        for one in section.fields
    )
    # Of a tumour without a stage nothing is asked, and nothing need be typed.
    if not missing and (changed or not _asks(section, draft)):
        return SectionState(section.code, SectionStatus.COMPLETE)
    return SectionState(
        section.code, SectionStatus.STARTED if changed else SectionStatus.EMPTY, missing
    )


def _asks(section: Section, draft: CaseDraft) -> bool:
    if section.code == SectionCode.STAGE:
        return is_stageable(draft) or not draft.tumour_type
    return any(one.required(draft) for one in section.fields)


def section_state(
    draft: CaseDraft,
    section: str,
    *,
    day: date,
    files: int = 0,
    consents: Collection[ConsentPaper] = (),
) -> SectionState:
    """How far a section is; ``files`` counts the attached documents and series."""
    code = SectionCode(section)
    if code == SectionCode.FILES:
        status = SectionStatus.COMPLETE if files else SectionStatus.EMPTY
        return SectionState(code, status, () if files else ("files",))
    if code == SectionCode.CONSENT:
        missing = missing_consents(draft, consents, day)
        started = SectionStatus.STARTED if consents else SectionStatus.EMPTY
        status = started if missing else SectionStatus.COMPLETE
        return SectionState(code, status, tuple(kind.value for kind in missing))
    return _field_state(draft, next(one for one in sections() if one.code == code))


def _core_blocks(draft: CaseDraft) -> tuple[Block, ...]:
    return tuple(
        Block("field_required", one.code, section.code)
        for section in sections()
        for one in section.fields
        if one.core and one.required(draft) and not is_filled(draft, one.code)
    )


def _exception_blocks(draft: CaseDraft, exception: UrgentException) -> tuple[Block, ...]:
    known = {one.code: one for one in reasons("override_reasons")}
    found = known.get(exception.reason)
    section = SectionCode.CONSENT
    if found is None:
        return (Block("exception_reason_required", "urgent_exception", section),)
    if found.needs_text and not exception.text.strip():
        return (Block("exception_text_required", "urgent_exception", section),)
    if draft.urgency not in {"urgent", "critical"}:
        return (Block("exception_not_urgent", "urgency", SectionCode.QUESTION),)
    return ()


def submission_blocks(
    draft: CaseDraft,
    consents: Collection[ConsentPaper],
    *,
    agreement_valid: bool,
    day: date,
    urgent_exception: UrgentException | None = None,
) -> tuple[Block, ...]:
    """Everything that keeps the case from being submitted; empty when it may go.

    The urgent exception stands in for papers only, never for the agreement; what it let pass is
    then in ``submission_debts``.
    """
    blocks = list(_core_blocks(draft))
    if draft.team_id is not None and not agreement_valid:
        blocks.append(Block("agreement_missing", "team_id", SectionCode.QUESTION))
    if urgent_exception is not None:
        return (*blocks, *_exception_blocks(draft, urgent_exception))
    missing = missing_consents(draft, consents, day)
    return (
        *blocks,
        *(Block("consent_missing", kind.value, SectionCode.CONSENT) for kind in missing),
    )


@dataclass(frozen=True, slots=True)
class Debt:
    """What was let pass and has to be made good; ``detail`` is the kind of consent."""

    code: str
    detail: str


def submission_debts(
    draft: CaseDraft, consents: Collection[ConsentPaper], *, day: date
) -> tuple[Debt, ...]:
    """What a submitted case still owes: gone as soon as the papers are there."""
    return tuple(
        Debt("consent_owed", kind.value) for kind in missing_consents(draft, consents, day)
    )


def due_at(submitted_at: datetime, urgency_code: str) -> datetime:
    """Until when the board should have discussed it."""
    return submitted_at + timedelta(hours=urgency(urgency_code).target_hours)


def days_left(submitted_at: datetime, urgency_code: str, now: datetime) -> int:
    """Whole days until the target, rounded down: 0 on the last day, negative when overdue."""
    return (due_at(submitted_at, urgency_code) - now) // timedelta(days=1)
