"""Why the figures of a period changed: row by row, between what was closed and what came after.

Every row that stands behind other figures than before has one reason, so that the old figure and
the changes always add up to the new one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from mdt.rules.coverage.definition_fields import DefinitionFields, differing_fields
from mdt.rules.coverage.exclusion import Exclusion
from mdt.rules.coverage.judgement import in_time


class RowState(StrEnum):
    """What a row is, if it is not excluded (then its state is ``excluded:`` and the reason)."""

    DUPLICATE = "duplicate"
    NUMERATOR = "numerator"
    LATE = "late"
    BELOW = "below"
    UNSTAGED = "unstaged"
    UNSTAGED_WITH_BOARD = "unstaged_with_board"


class Reason(StrEnum):
    """Why a row stands behind other figures than before, in the order of a page."""

    NEW = "new"
    CORRECTED = "corrected"
    MATCHED = "matched"
    MOVED = "moved"
    DUPLICATE = "duplicate"
    DEFINITION = "definition"
    ELAPSED = "elapsed"


_FIGURES: Mapping[str, tuple[str, ...]] = {
    RowState.DUPLICATE: (),
    RowState.NUMERATOR: ("denominator", "numerator"),
    RowState.LATE: ("denominator",),
    RowState.BELOW: ("below",),
    RowState.UNSTAGED: ("unstaged",),
    RowState.UNSTAGED_WITH_BOARD: ("unstaged", "unstaged_with_board"),
}


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row of the register as one definition counted it on one day.

    ``counted_stage`` (``yes``, ``no``, ``unknown``), ``exclusion`` and ``board_on`` (the first day
    of a board with disciplines enough) are as the definition sees them; the other facts are the
    register's. ``entered_at`` is when the register first had the row. ``stage_facts`` is what the
    register itself says of the stage, its basis and its system: it tells a correction by hand from
    another definition, as ``row_hash`` (of the file's row) does not. Empty where it was not kept.
    """

    tumour_id: int
    hospital_id: int
    state: str
    pending: bool
    opinion_alone: bool
    icd10: str
    diagnosis_date: date
    counted_stage: str
    exclusion: str
    first_treatment_date: date | None
    external_mdt_date: date | None
    death_date: date | None
    board_on: date | None
    opinion_on: date | None
    duplicate_of_id: int | None
    row_hash: str
    entered_at: datetime
    stage_facts: str = ""

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures behind which it stands."""
        beside = [
            *(["pending"] if self.pending else []),
            *(["signed_without_meeting"] if self.opinion_alone else []),
        ]
        return (*_FIGURES.get(self.state, (self.state,)), *beside)


@dataclass(frozen=True, slots=True)
class Judged:
    """By what and on which day rows were counted; ``at`` is the moment of it."""

    definition: DefinitionFields
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that decides over a row, before and after."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that stands behind other figures than before; ``None`` where it was not there."""

    tumour_id: int
    before: CountedRow | None
    after: CountedRow | None
    reason: Reason
    facts: tuple[FactChange, ...] = ()

    @property
    def delta(self) -> dict[str, int]:
        """What the row adds to each figure that it changes."""
        found = Counter(self.after.figures if self.after else ())
        found.subtract(self.before.figures if self.before else ())
        return {figure: number for figure, number in found.items() if number}


_REGISTER = (
    "icd10", "diagnosis_date", "first_treatment_date", "external_mdt_date", "death_date",
)  # fmt: skip
_JUDGED = ("exclusion", "counted_stage")
_BOARDS = ("board_on", "opinion_on")
_FACTS = (*_REGISTER, *_JUDGED, *_BOARDS, "duplicate_of_id", "hospital_id")


def states_behind(figure: str) -> tuple[str, ...]:
    """The states of the rows behind a figure; none for those that stand beside a state."""
    states = tuple(state for state, figures in _FIGURES.items() if figure in figures)
    return states or ((figure,) if figure.startswith("excluded:") else ())


def count_rows(rows: Iterable[CountedRow]) -> dict[str, int]:
    """How many rows stand behind each figure that has any."""
    return dict(Counter(figure for row in rows for figure in row.figures))


def sum_changes(changes: Iterable[RowChange]) -> dict[Reason, dict[str, int]]:
    """What the rows of each reason add to each figure together."""
    found: dict[Reason, Counter[str]] = {}
    for change in changes:
        of_reason = found.setdefault(change.reason, Counter())
        for figure, number in change.delta.items():
            of_reason[figure] += number
    return {reason: dict(found[reason]) for reason in Reason if reason in found}


def find_changes(
    before: Iterable[CountedRow],
    after: Iterable[CountedRow],
    closed: Judged,
    now: Judged,
) -> list[RowChange]:
    """Every row that stands behind other figures than when the period was closed, by number."""
    old = {row.tumour_id: row for row in before}
    new = {row.tumour_id: row for row in after}
    found = (
        _change(number, old.get(number), new.get(number), closed, now)
        for number in sorted({*old, *new})
    )
    return [change for change in found if change.delta]


def _change(
    number: int,
    before: CountedRow | None,
    after: CountedRow | None,
    closed: Judged,
    now: Judged,
) -> RowChange:
    if before is None or after is None:
        is_new = after is not None and after.entered_at > closed.at
        return RowChange(number, before, after, Reason.NEW if is_new else Reason.MOVED)
    facts = tuple(
        FactChange(name, getattr(before, name), getattr(after, name))
        for name in _FACTS
        if getattr(before, name) != getattr(after, name)
    )
    return RowChange(number, before, after, _reason(before, after, closed, now), facts)


def _reason(before: CountedRow, after: CountedRow, closed: Judged, now: Judged) -> Reason:
    """The one thing that explains the change alone; of several together, the first."""
    if before.hospital_id != after.hospital_id:
        return Reason.MOVED
    possible = list(_possible(before, after, closed, now))
    if len(possible) > 1:
        for reason, names in possible:
            by = now.definition if reason is Reason.DEFINITION else closed.definition
            row = judge_again(_taken_over(before, after, names), by, closed.on)
            if row.figures == after.figures:
                return reason
    return possible[0][0] if possible else Reason.ELAPSED


def _possible(
    before: CountedRow, after: CountedRow, closed: Judged, now: Judged
) -> Iterator[tuple[Reason, tuple[str, ...]]]:
    """Each thing that changed, with the names of its facts."""
    differing = differing_fields(closed.definition, now.definition)
    defined = _defined_otherwise(before, after, closed.definition, now.definition)
    for reason, names in (
        (Reason.DUPLICATE, ("duplicate_of_id",)),
        (Reason.CORRECTED, tuple(name for name in (*_REGISTER, *_JUDGED) if name not in defined)),
        (Reason.MATCHED, _BOARDS),
    ):
        if any(getattr(before, name) != getattr(after, name) for name in names):
            yield reason, names
    if differing:
        yield Reason.DEFINITION, defined


def _defined_otherwise(
    before: CountedRow, after: CountedRow, old: DefinitionFields, new: DefinitionFields
) -> tuple[str, ...]:
    """Which judged facts another definition sees otherwise, rather than the register."""
    differing = differing_fields(old, new)
    if not differing:
        return ()
    lived = (before.diagnosis_date, before.death_date) == (after.diagnosis_date, after.death_date)
    days = lived and "early_death_days" in differing and Exclusion.EARLY_DEATH in {
        before.exclusion, after.exclusion,
    }  # fmt: skip
    gone = before.exclusion and before.exclusion not in new.exclusions
    come = after.exclusion and after.exclusion not in old.exclusions
    stage = {"stage_rule", "systems"} & set(differing) and _same_stage(before, after)
    return (
        *(("exclusion",) if days or gone or come else ()),
        *(("counted_stage",) if stage else ()),
    )


def _same_stage(before: CountedRow, after: CountedRow) -> bool:
    """Whether the register says the same of the stage, however a definition sees it."""
    if before.stage_facts and after.stage_facts:
        return before.stage_facts == after.stage_facts
    # What was closed before these facts were kept has the hash of the file's row alone.
    return before.row_hash == after.row_hash


def _taken_over(before: CountedRow, after: CountedRow, names: Sequence[str]) -> CountedRow:
    facts = {name: getattr(after, name) for name in names}
    return replace(before, **facts)


def judge_again(row: CountedRow, definition: DefinitionFields, on: date) -> CountedRow:
    """Count a row anew by the facts that it holds."""
    if row.duplicate_of_id not in {None, row.tumour_id}:
        return replace(row, state=RowState.DUPLICATE, pending=False, opinion_alone=False)
    if row.exclusion:
        state = f"excluded:{row.exclusion}"
        return replace(row, state=state, pending=False, opinion_alone=False)
    state = _state(row.counted_stage, _has_board_in_time(row, definition))
    late = state == RowState.LATE
    waits = on - row.diagnosis_date <= timedelta(days=definition.pending_days)
    return replace(
        row,
        state=state,
        pending=late and row.first_treatment_date is None and waits,
        opinion_alone=late and row.opinion_on is not None,
    )


def _state(counted_stage: str, in_time: bool) -> str:
    if counted_stage == "yes":
        return RowState.NUMERATOR if in_time else RowState.LATE
    if counted_stage == "no":
        return RowState.BELOW
    return RowState.UNSTAGED_WITH_BOARD if in_time else RowState.UNSTAGED


def _has_board_in_time(row: CountedRow, definition: DefinitionFields) -> bool:
    days = [row.board_on]
    if definition.outside_boards:
        days.append(row.external_mdt_date)
    if definition.opinions_alone:
        days.append(row.opinion_on)
    return any(day is not None and in_time(day, row, definition) for day in days)
