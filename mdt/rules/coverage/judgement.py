"""What one tumour is in the coverage rate: excluded, counted, discussed in time or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from mdt.rules.coverage.definition_fields import DefinitionFields, StageRule
from mdt.rules.coverage.definitions import STRICT, Definition
from mdt.rules.coverage.exclusion import ExcludingFacts, Exclusion, first_reason
from mdt.rules.staging import judge_row_stage


class TimedFacts(Protocol):
    """What decides whether a board was in time."""

    @property
    def diagnosis_date(self) -> date:
        """The day of the diagnosis."""

    @property
    def first_treatment_date(self) -> date | None:
        """The day on which treatment began."""


class RegisterFacts(ExcludingFacts, Protocol):
    """What a row of the register says that decides whether it counts, and with which stage."""

    @property
    def staging_system(self) -> str:
        """The code of the system, or empty."""

    @property
    def stage_basis(self) -> str:
        """As written; empty for clinical."""

    @property
    def stage_date(self) -> date | None:
        """The day of the staging."""

    @property
    def first_treatment_date(self) -> date | None:
        """The day on which treatment began."""

    @property
    def first_treatment_type(self) -> str:
        """Its kind."""


class JudgedFacts(RegisterFacts, Protocol):
    """The same with what the staging tables make of its stage."""

    @property
    def iii_plus(self) -> str:
        """``yes``, ``no`` or ``unknown``."""


@dataclass(frozen=True, slots=True)
class Board:
    """One discussion of the tumour's case in this system, by the local date of the discussion.

    ``meeting`` is false for an opinion that was signed with no meeting; ``quorum`` is that of the
    conference, an override does not make one. ``disciplines`` counts those that took part.
    """

    date_of_discussion: date
    quorum: bool
    signed: bool
    deferred: bool = False
    meeting: bool = True
    disciplines: int = 0


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Everything that a definition needs of one tumour of the register.

    Region codes are those of the hospital, ``""`` where it has none. ``duplicate_of`` is the id
    of the row that a person decided to keep, ``None`` while nobody has. ``iii_plus`` is the
    answer of the staging tables to the stage as it stands in the row, whether that stage counts
    or not; ``None`` asks the tables.
    """

    id: str
    hospital_code: str
    county_code: str
    city_code: str
    province_code: str
    case_type: str
    icd10: str
    diagnosis_date: date
    morphology: str = ""
    diagnosis_basis: str = ""
    staging_system: str = ""
    staging_edition: str = ""
    stage_basis: str = ""
    t: str = ""
    n: str = ""
    m: str = ""
    stage_group: str = ""
    stage_date: date | None = None
    age: int | None = None
    first_treatment_date: date | None = None
    first_treatment_type: str = ""
    external_mdt_date: date | None = None
    emergency: bool | None = None
    death_date: date | None = None
    duplicate_of: str | None = None
    boards: tuple[Board, ...] = ()
    iii_plus: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one tumour is in the rate.

    ``duplicate``: a person has kept another row for this tumour, it counts nowhere. ``iii_plus``
    is ``yes``, ``no`` or ``unknown``, and ``None`` for a tumour that is excluded or a duplicate.
    ``signed_without_meeting``: there is an opinion that was signed with no meeting.
    """

    duplicate: bool = False
    excluded: Exclusion | None = None
    iii_plus: str | None = None
    board_in_time: bool = False
    pending: bool = False
    signed_without_meeting: bool = False

    @property
    def in_denominator(self) -> bool:
        """Stage III or above."""
        return self.iii_plus == "yes"

    @property
    def in_numerator(self) -> bool:
        """Stage III or above, and discussed in time."""
        return self.in_denominator and self.board_in_time

    @property
    def unstaged(self) -> bool:
        """Nobody can say whether stage III or above."""
        return self.iii_plus == "unknown"


def judge(row: CoverageRow, *, definition: Definition, on: date) -> Judgement:
    """Judge one tumour by a definition; ``on`` is the day of the report."""
    if row.duplicate_of is not None and row.duplicate_of != row.id:
        return Judgement(duplicate=True)
    excluded = first_reason(row, definition.exclusions, definition.early_death_days)
    if excluded:
        return Judgement(excluded=excluded)
    iii_plus = table_iii_plus(row) if stage_counts(row, definition) else "unknown"
    in_time = has_board_in_time(row, definition)
    return Judgement(
        iii_plus=iii_plus,
        board_in_time=in_time,
        pending=iii_plus == "yes"
        and not in_time
        and row.first_treatment_date is None
        and on - row.diagnosis_date <= timedelta(days=definition.pending_days),
        signed_without_meeting=has_opinion_alone(row.boards),
    )


def stage_counts(row: RegisterFacts, definition: DefinitionFields = STRICT) -> bool:
    """Whether the stage of the row is one that a definition takes, by system, basis and dates.

    A y, r or a before a category or group is left to the staging tables, which read the text.
    """
    if not definition.takes_system(row.staging_system):
        return False
    if row.stage_basis == "p":
        pathological = definition.stage_rule is StageRule.CLINICAL_FIRST
        return pathological and row.first_treatment_type == "surgery"
    if row.stage_basis not in {"", "c"}:
        return False
    if row.stage_date is None or row.first_treatment_date is None:
        return True
    return row.stage_date <= row.first_treatment_date


def table_iii_plus(row: CoverageRow) -> str:
    """Say what the staging tables make of the stage in the row: ``yes``, ``no`` or ``unknown``."""
    if row.iii_plus is not None:
        return row.iii_plus
    return judge_row_stage(row, age=row.age).iii_plus.value


def counted_stage(row: JudgedFacts) -> str:
    """Stage III or above by the stage that counts in what ships: ``yes``, ``no``, ``unknown``."""
    return row.iii_plus if stage_counts(row) else "unknown"


def counts(board: Board, min_disciplines: int = 0) -> bool:
    """Whether a board is one that counts, if it was held in time."""
    valid = board.meeting and board.quorum and board.signed and not board.deferred
    return valid and board.disciplines >= min_disciplines


def first_board_day(boards: Iterable[Board], min_disciplines: int = 0) -> date | None:
    """The first day of a board that counts: if none was in time, no later one was."""
    days = (one.date_of_discussion for one in boards if counts(one, min_disciplines))
    return min(days, default=None)


def first_opinion_day(boards: Iterable[Board]) -> date | None:
    """The first day on which an opinion was signed with no meeting."""
    days = (
        board.date_of_discussion
        for board in boards
        if board.signed and not board.meeting and not board.deferred
    )
    return min(days, default=None)


def has_opinion_alone(boards: Iterable[Board]) -> bool:
    """Whether an opinion was signed with no meeting."""
    return first_opinion_day(boards) is not None


def has_board_in_time(row: CoverageRow, definition: Definition) -> bool:
    """Whether a board that counts was held within the definition's conditions of time."""
    days = [first_board_day(row.boards, definition.min_disciplines)]
    if definition.outside_boards:
        days.append(row.external_mdt_date)
    if definition.opinions_alone:
        days.append(first_opinion_day(row.boards))
    return any(day is not None and in_time(day, row, definition) for day in days)


def in_time(day: date, row: TimedFacts, definition: DefinitionFields) -> bool:
    """Whether a board on a day was held within the definition's conditions of time."""
    if row.first_treatment_date is None or day <= row.first_treatment_date:
        return True
    if definition.grace_days is None:
        return False
    return day <= row.diagnosis_date + timedelta(days=definition.grace_days)
