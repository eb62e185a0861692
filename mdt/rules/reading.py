"""Who reads cases again before a conference, what has been opened, and what a reader says of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction

#: Characters of an opinion: two of them with their names fit into the field of a plan.
LONGEST_OPINION = 1800


class ReadingKind(StrEnum):
    """What is read again."""

    IMAGING = "imaging"
    PATHOLOGY = "pathology"


class Opened(StrEnum):
    """How far a reader has looked into a case."""

    NOT = "not"
    CASE = "case"
    READ = "read"


#: Code of a discipline to what it reads.
READERS = {
    "molecular_diagnostics": ReadingKind.PATHOLOGY,
    "nuclear_medicine": ReadingKind.IMAGING,
    "pathology": ReadingKind.PATHOLOGY,
    "radiology": ReadingKind.IMAGING,
    "ultrasound": ReadingKind.IMAGING,
}
#: Seats that give an opinion.
READING_ROLES = ("chair", "expert")
#: Field of an opinion of the board into which what was read goes.
PLAN_FIELDS = {
    ReadingKind.IMAGING: "imaging_review",
    ReadingKind.PATHOLOGY: "pathology_review",
}
#: What the trail calls having looked at what is to be read; opening the case's page is not enough.
READ_BY = {
    ReadingKind.IMAGING: frozenset({AuditAction.SERIES_VIEW}),
    ReadingKind.PATHOLOGY: frozenset({AuditAction.ATTACHMENT_VIEW, AuditAction.SLIDE_VIEW}),
}
#: What the trail calls having opened the case at all.
OPENED_BY = frozenset(
    {
        AuditAction.ATTACHMENT_VIEW,
        AuditAction.CASE_VIEW,
        AuditAction.SERIES_VIEW,
        AuditAction.SLIDE_VIEW,
    }
)


@dataclass(frozen=True, slots=True)
class Looked:
    """When a reader last did each of these with a case: action to moment."""

    at: dict[str, datetime]

    def last(self, kind: ReadingKind) -> datetime | None:
        """When what is to be read was looked at last."""
        return max((self.at[one] for one in READ_BY[kind] if one in self.at), default=None)

    def opened(self, kind: ReadingKind) -> Opened:
        """How far the reader has looked into the case."""
        if self.last(kind):
            return Opened.READ
        return Opened.CASE if any(one in self.at for one in OPENED_BY) else Opened.NOT


def reading_kind(discipline: str | None) -> ReadingKind | None:
    """What somebody of this discipline reads; nothing for a clinical one."""
    return READERS.get(discipline or "")


def is_reader(viewer: Viewer) -> bool:
    """Whether this person belongs to a discipline that reads, here or in a team."""
    own = {viewer.discipline, *(seat.discipline for seat in viewer.seats)}
    return any(reading_kind(one) for one in own)


def problem_with_opinion(text: str, *, giving: bool) -> str:
    """Code of what is wrong with what was typed, or nothing."""
    if len(text) > LONGEST_OPINION:
        return "reading_too_long"
    return "required" if giving and not text.strip() else ""
