"""What people decided about two rows of the register, and which row counts in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.errors import Invalid
from mdt.rules.registry.assignment import SAME_TUMOUR_DAYS

Pair = tuple[int, int]
"""Two rows by number."""


class DuplicateVerdict(StrEnum):
    """Two rows are one tumour, or two."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Merger:
    """A decision that stands: ``dropped`` is the same tumour as ``kept``, which counts for it."""

    dropped: int
    kept: int


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What is decided about two rows: ``kept`` is the one that counts, ``None`` for both."""

    lower: int
    higher: int
    kept: int | None

    @property
    def verdict(self) -> DuplicateVerdict:
        """One tumour, or two."""
        return DuplicateVerdict.DIFFERENT if self.kept is None else DuplicateVerdict.SAME


def group_pairs(pairs: Iterable[Pair]) -> list[tuple[int, ...]]:
    """Rows that hang together by pairs, in order: what is decided at once."""
    partners = _partners(pairs)
    groups: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for row in sorted(partners):
        if row not in seen:
            group = _reached(row, partners)
            seen |= set(group)
            groups.append(tuple(sorted(group)))
    return groups


def decide_pairs(counting: Mapping[int, int], alike: Iterable[Pair]) -> list[PairVerdict]:
    """Turn "this row counts for that one" into decisions on pairs of rows that are ``alike``.

    ``counting`` names for each row of a group the one that counts for it, itself where it stays.
    Rows of one tumour are dropped one for another along the pairs, so that each has one decision;
    every alike pair of two tumours is decided to be different. Raises `Invalid` where a row is to
    count for one that is dropped, or for one that no pair leads to.
    """
    if any(counting.get(kept) != kept for kept in counting.values()):
        raise Invalid({"keep": "duplicate_not_kept"})
    pairs = [pair for pair in alike if set(pair) <= set(counting)]
    within = _partners(pair for pair in pairs if counting[pair[0]] == counting[pair[1]])
    parents: dict[int, int] = {}
    for kept in sorted(set(counting.values())):
        parents |= _reached(kept, within)
    if len(parents) != len(counting):
        raise Invalid({"keep": "duplicate_apart"})
    same = [_same(row, parent) for row, parent in parents.items() if row != parent]
    apart = {
        PairVerdict(min(pair), max(pair), None)
        for pair in pairs
        if counting[pair[0]] != counting[pair[1]]
    }
    return sorted([*same, *apart], key=lambda one: (one.lower, one.higher))


def _same(dropped: int, kept: int) -> PairVerdict:
    return PairVerdict(min(dropped, kept), max(dropped, kept), kept)


def _partners(pairs: Iterable[Pair]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _reached(start: int, partners: Mapping[int, set[int]]) -> dict[int, int]:
    """The rows that pairs lead to, nearest first, each with the row before it."""
    before = {start: start}
    rows = [start]
    for row in rows:
        for other in sorted(partners.get(row, ())):
            if other not in before:
                before[other] = row
                rows.append(other)
    return before


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
