"""Which row of a file is which tumour on file: the same, a correction, or another primary.

Rows of one file are as many tumours as there are rows. A tumour on file is met again by the row
that says the same, or else by the one that must be its correction; when in doubt a row is another
tumour, because a tumour that is counted twice can be found and one that was overwritten cannot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: Two tumours of a person at one site and side within these days may be one and the same.
SAME_TUMOUR_DAYS = timedelta(days=60)

_SIDES = frozenset({"1", "2", "3"})


@dataclass(frozen=True, slots=True)
class Primary:
    """What tells a person's tumours of one site apart; ``digest`` stands for the whole row."""

    digest: str
    icd10: str
    morphology: str
    laterality: str
    case_type: str
    diagnosis_date: date


Same = Callable[[Primary, Primary], bool]


def sides_agree(one: str, other: str) -> bool:
    """Not left here and right there; both sides, and an unknown one, agree with each."""
    return one == other or not {one, other} <= _SIDES or "3" in {one, other}


def may_be_same(one: Primary, other: Primary) -> bool:
    """Same side (unknown is a side here), at most 60 days apart."""
    return _side(one) == _side(other) and (
        abs(one.diagnosis_date - other.diagnosis_date) <= SAME_TUMOUR_DAYS
    )


def _side(primary: Primary) -> str:
    return primary.laterality if primary.laterality in _SIDES else "9"


def _same_row(row: Primary, known: Primary) -> bool:
    return row.digest == known.digest


def _same_diagnosis(row: Primary, known: Primary) -> bool:
    return (
        _same_day_and_side(row, known)
        and row.icd10 == known.icd10
        and row.morphology == known.morphology
    )


def _same_day_and_side(row: Primary, known: Primary) -> bool:
    return row.diagnosis_date == known.diagnosis_date and _side(row) == _side(known)


def _same_day(row: Primary, known: Primary) -> bool:
    return row.diagnosis_date == known.diagnosis_date and (
        sides_agree(row.laterality, known.laterality)
    )


def _near(row: Primary, known: Primary) -> bool:
    return row.case_type == known.case_type and may_be_same(row, known)


def assign(
    rows: Sequence[Primary], known: Sequence[Primary], *, person_known: bool = True
) -> list[int | None]:
    """Find for each row the tumour on file that it is, by index; ``None`` for a new one.

    All are of one person and one 3-character site. A correction of the date is recognised only
    where nothing else fits on either side, and never where the person is known by name alone.
    """
    found: list[int | None] = [None] * len(rows)
    if not known:
        return found
    _pair_in_order(rows, known, found, _same_row)
    _pair_in_order(rows, known, found, _same_diagnosis)
    _pair_unambiguous(rows, known, found, _same_day_and_side)
    _pair_unambiguous(rows, known, found, _same_day)
    if person_known:
        _pair_unambiguous(rows, known, found, _near)
    return found


def _open(
    rows: Sequence[Primary], known: Sequence[Primary], found: list[int | None]
) -> tuple[list[int], list[int]]:
    taken = set(found)
    return (
        [index for index in range(len(rows)) if found[index] is None],
        [index for index in range(len(known)) if index not in taken],
    )


def _pair_in_order(
    rows: Sequence[Primary], known: Sequence[Primary], found: list[int | None], same: Same
) -> None:
    open_rows, free = _open(rows, known, found)
    for index in open_rows:
        match = next((other for other in free if same(rows[index], known[other])), None)
        if match is not None:
            found[index] = match
            free.remove(match)


def _pair_unambiguous(
    rows: Sequence[Primary], known: Sequence[Primary], found: list[int | None], same: Same
) -> None:
    open_rows, free = _open(rows, known, found)
    pairs = [(row, other) for row in open_rows for other in free if same(rows[row], known[other])]
    for row, other in pairs:
        if sum(one == row for one, _ in pairs) == 1 == sum(one == other for _, one in pairs):
            found[row] = other
