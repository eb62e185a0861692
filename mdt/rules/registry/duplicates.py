"""What people decided about two rows of the register, and which row counts in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.errors import Invalid
from mdt.rules.registry.assignment import SAME_TUMOUR_DAYS


class DuplicateVerdict(StrEnum):
    """Two rows are one tumour, or two."""

    SAME = "same"
    DIFFERENT = "different"


class Keep(StrEnum):
    """The answers of the page: which of two rows stays, or both."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Merger:
    """A decision that stands: ``dropped`` is the same tumour as ``kept``, which counts for it."""

    dropped: int
    kept: int


def kept_row(lower: int, higher: int, kept: int | None) -> DuplicateVerdict:
    """The verdict on a pair; ``Invalid`` for a row to keep that is none of the two."""
    if kept is None:
        return DuplicateVerdict.DIFFERENT
    if kept not in {lower, higher}:
        raise Invalid({"keep": "unknown_code"})
    return DuplicateVerdict.SAME


def counting_rows(mergers: Iterable[Merger]) -> dict[int, int]:
    """For each dropped row the one that counts for it, which is itself no duplicate.

    Where a kept row was dropped for a third one later, all lead to that one. A row is dropped once
    at most, and never, through others, for itself: `ValueError` else.
    """
    following: dict[int, int] = {}
    for merger in mergers:
        if merger.dropped in following:
            raise ValueError(f"row {merger.dropped} is dropped twice")
        following[merger.dropped] = merger.kept
    return {row: _last(row, following) for row in following}


def _last(row: int, following: Mapping[int, int]) -> int:
    seen = {row}
    while row in following:
        row = following[row]
        if row in seen:
            raise ValueError(f"row {row} is dropped for itself")
        seen.add(row)
    return row


@dataclass(frozen=True, slots=True)
class Place:
    """What makes two rows of a person possible duplicates."""

    site3: str
    laterality: str
    diagnosis_date: date


def fit(one: Place, other: Place) -> bool:
    """Same site, same side as written, at most 60 days apart."""
    return (
        (one.site3, one.laterality) == (other.site3, other.laterality)
        and abs(one.diagnosis_date - other.diagnosis_date) <= SAME_TUMOUR_DAYS
    )  # fmt: skip
