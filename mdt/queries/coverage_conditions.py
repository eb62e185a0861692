"""A definition of coverage as conditions on the register's columns.

`mdt.rules.coverage.judge` says the same of one tumour at a time. A test holds both against a third,
plain reference, for definitions of every kind.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from mdt.models.coverage import TumourBoard
from mdt.models.tumours import Tumour
from mdt.queries.days import DaysBetween
from mdt.rules.coverage import Definition, Exclusion
from mdt.rules.coverage.definition_fields import NO_SYSTEM, StageRule
from mdt.rules.coverage.exclusion import SHIPPED_EXCLUSIONS, reason_bit

#: A case that no board has discussed in time: no figure of its own, but the list people act on.
NOT_DISCUSSED = "not_discussed"

Conditions = Mapping[str, ColumnElement[bool]]


def conditions_of(definition: Definition, on: date) -> Conditions:
    """Whether a tumour stands behind each figure, by name; ``on`` is the day of the report."""
    counts = counts_at_all()
    excluded = _excluded(definition)
    staged = and_(_not_excluded(definition), counts)
    in_time = _in_time(definition)
    taken = _stage_taken(definition)
    yes = and_(Tumour.counted_stage == "yes", taken, staged)
    unknown = and_(or_(Tumour.counted_stage == "unknown", not_(taken)), staged)
    late = and_(yes, not_(in_time))
    oldest = days_before(on, definition.pending_days)
    return {
        "denominator": yes,
        "numerator": and_(yes, in_time),
        NOT_DISCUSSED: late,
        "below": and_(Tumour.counted_stage == "no", taken, staged),
        "unstaged": unknown,
        "unstaged_with_board": and_(unknown, in_time),
        "pending": and_(late, Tumour.treated_after.is_(None), Tumour.diagnosis_date >= oldest),
        "signed_without_meeting": and_(late, Tumour.opinion_alone),
        **{
            f"excluded:{reason}": and_(excluded[reason], counts) if reason in excluded else false()
            for reason in Exclusion
        },
    }


def counts_at_all() -> ColumnElement[bool]:
    """Nobody has decided that another row counts for this tumour.

    A row never points to itself. To ask for its number as well would have PostgreSQL read every row
    beside the index, which has all the rest.
    """
    return Tumour.duplicate_of_id.is_(None)


def days_before(day: date, days: int) -> date:
    """The day that many days before; the first of the calendar where it does not reach so far."""
    return day - timedelta(days=days) if day.toordinal() > days else date.min


def stage_column(definition: Definition) -> ColumnElement[str]:
    """Stage III or above as the definition sees it: ``yes``, ``no`` or ``unknown``."""
    return case((_stage_taken(definition), Tumour.counted_stage), else_="unknown")


def exclusion_column(definition: Definition) -> ColumnElement[str]:
    """The first reason of the definition that leaves a tumour out, or an empty text."""
    found = [(condition, reason.value) for reason, condition in _excluded(definition).items()]
    return case(*found, else_="") if found else literal("")


def board_column(definition: Definition) -> SQLColumnExpression[date | None]:
    """The first day of a board of this system that has disciplines enough."""
    if not definition.min_disciplines:
        return Tumour.board_on
    first = select(func.min(TumourBoard.held_on)).where(*_large_boards(definition))
    day: SQLColumnExpression[date | None] = first.correlate(Tumour).scalar_subquery()
    return day


def _excluded(definition: Definition) -> Mapping[Exclusion, ColumnElement[bool]]:
    """For each reason of the definition: whether it is the first that holds."""
    if definition.reasons == SHIPPED_EXCLUSIONS:
        return {reason: Tumour.exclusion == reason.value for reason in definition.reasons}
    found: dict[Exclusion, ColumnElement[bool]] = {}
    before = 0
    for reason in definition.reasons:
        none_before = _no_bit(before)
        if reason is Exclusion.EARLY_DEATH:
            found[reason] = and_(_died_early(definition), none_before)
        else:
            bit = reason_bit(reason)
            found[reason] = and_(not_(_no_bit(bit)), none_before)
            before |= bit
    return found


def _not_excluded(definition: Definition) -> ColumnElement[bool]:
    if definition.reasons == SHIPPED_EXCLUSIONS:
        return Tumour.exclusion == ""
    by_bit = [one for one in definition.reasons if one is not Exclusion.EARLY_DEATH]
    none = _no_bit(sum(reason_bit(reason) for reason in by_bit))
    if Exclusion.EARLY_DEATH not in definition.exclusions:
        return none
    return and_(none, not_(_died_early(definition)))


def _no_bit(bits: int) -> ColumnElement[bool]:
    return Tumour.excluding.bitwise_and(bits) == 0 if bits else true()


def _died_early(definition: Definition) -> ColumnElement[bool]:
    days = definition.early_death_days
    return and_(Tumour.died_after.is_not(None), Tumour.died_after <= days)


def _stage_taken(definition: Definition) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if definition.stage_rule is StageRule.CLINICAL_ONLY:
        wanted.append(Tumour.stage_basis != "p")
    if definition.systems is not None:
        codes = ["" if one == NO_SYSTEM else one for one in sorted(definition.systems)]
        wanted.append(Tumour.staging_system.in_(codes))
    return and_(true(), *wanted)


def _in_time(definition: Definition) -> ColumnElement[bool]:
    """Never NULL: what is compared with a missing day is asked for first."""
    ways = [_board_in_time(definition)]
    if definition.outside_boards:
        ways.append(_known_and_soon(Tumour.outside_after, definition))
    if definition.opinions_alone:
        ways.append(_known_and_soon(Tumour.opinion_after, definition))
    return or_(*ways)


def _board_in_time(definition: Definition) -> ColumnElement[bool]:
    if not definition.min_disciplines:
        return _known_and_soon(Tumour.board_after, definition)
    after = DaysBetween(TumourBoard.held_on, Tumour.diagnosis_date)
    boards = select(TumourBoard.tumour_id).where(
        *_large_boards(definition), _soon_enough(after, definition)
    )
    return and_(Tumour.board_after.is_not(None), exists(boards.correlate(Tumour)))


def _large_boards(definition: Definition) -> tuple[ColumnElement[bool], ...]:
    return (
        TumourBoard.tumour_id == Tumour.id,
        TumourBoard.disciplines >= definition.min_disciplines,
    )


def _known_and_soon(after: Any, definition: Definition) -> ColumnElement[bool]:
    return and_(after.is_not(None), _soon_enough(after, definition))


def _soon_enough(after: Any, definition: Definition) -> ColumnElement[bool]:
    conditions = [Tumour.treated_after.is_(None), after <= Tumour.treated_after]
    if definition.grace_days is not None:
        conditions.append(after <= definition.grace_days)
    return or_(*conditions)
