"""Why a tumour counts as it does, in codes: its stage, and each board that discussed it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mdt.rules.coverage.definition_fields import StageRule
from mdt.rules.coverage.definitions import STRICT, Definition
from mdt.rules.coverage.judgement import Board, CoverageRow, has_board_in_time, stage_counts
from mdt.rules.staging import RegisterStage, StageSource


class StageUse(StrEnum):
    """What was made of the stage in a row of the register."""

    ABSENT = "absent"
    AFTER_TREATMENT = "after_treatment"
    DERIVED = "derived"
    ENTERED = "entered"
    NOT_INITIAL = "not_initial"
    PATHOLOGICAL_NOT_TAKEN = "pathological_not_taken"
    PATHOLOGICAL_WITHOUT_SURGERY = "pathological_without_surgery"
    SYSTEM_NOT_TAKEN = "system_not_taken"
    UNDETERMINED = "undetermined"


class BoardUse(StrEnum):
    """Whether a board counts, or why it does not."""

    COUNTS = "counts"
    DEFERRED = "deferred"
    NO_MEETING = "no_meeting"
    NO_QUORUM = "no_quorum"
    OUTSIDE = "outside"
    PAST_GRACE = "past_grace"
    TOO_FEW_DISCIPLINES = "too_few_disciplines"
    TOO_LATE = "too_late"
    UNSIGNED = "unsigned"


def stage_use(row: CoverageRow, stage: RegisterStage, definition: Definition = STRICT) -> StageUse:
    """Say why the stage of a row counts or not; ``stage`` is what the tables made of it."""
    if not definition.takes_system(row.staging_system):
        return StageUse.SYSTEM_NOT_TAKEN
    if not stage_counts(row, definition):
        if row.stage_basis == "p" and definition.stage_rule is StageRule.CLINICAL_ONLY:
            return StageUse.PATHOLOGICAL_NOT_TAKEN
        if row.stage_basis == "p":
            return StageUse.PATHOLOGICAL_WITHOUT_SURGERY
        return StageUse.AFTER_TREATMENT if row.stage_basis in {"", "c"} else StageUse.NOT_INITIAL
    if not any((row.t, row.n, row.m, row.stage_group)):
        return StageUse.ABSENT
    if stage.source is StageSource.DERIVED:
        return StageUse.DERIVED
    if stage.source is StageSource.ENTERED and stage.iii_plus.value != "unknown":
        return StageUse.ENTERED
    return StageUse.UNDETERMINED


def board_use(board: Board, row: CoverageRow, definition: Definition) -> BoardUse:
    """Say whether one board puts the tumour into the numerator, or the first reason why not."""
    if not board.meeting and not definition.opinions_alone:
        return BoardUse.NO_MEETING
    if board.deferred:
        return BoardUse.DEFERRED
    if board.meeting and not board.quorum:
        return BoardUse.NO_QUORUM
    if not board.signed:
        return BoardUse.UNSIGNED
    if board.meeting and board.disciplines < definition.min_disciplines:
        return BoardUse.TOO_FEW_DISCIPLINES
    alone = replace(row, boards=(board,), external_mdt_date=None)
    return BoardUse.COUNTS if has_board_in_time(alone, definition) else _late(definition)


def _late(definition: Definition) -> BoardUse:
    return BoardUse.TOO_LATE if definition.grace_days is None else BoardUse.PAST_GRACE


def _outside_use(row: CoverageRow, definition: Definition) -> BoardUse:
    """Say the same of the board that the register says was held outside this system."""
    if not definition.outside_boards:
        return BoardUse.OUTSIDE
    alone = replace(row, boards=())
    return BoardUse.COUNTS if has_board_in_time(alone, definition) else _late(definition)


@dataclass(frozen=True, slots=True)
class UncountedBoard:
    """A discussion that does not put its tumour into the numerator, and the first reason why."""

    day: date
    use: BoardUse


def uncounted_boards(row: CoverageRow, definition: Definition) -> tuple[UncountedBoard, ...]:
    """List the discussions of a tumour that do not count, in this system and outside, by day."""
    uses = [(one.date_of_discussion, board_use(one, row, definition)) for one in row.boards]
    if row.external_mdt_date:
        uses.append((row.external_mdt_date, _outside_use(row, definition)))
    found = (UncountedBoard(day, use) for day, use in uses if use is not BoardUse.COUNTS)
    return tuple(sorted(found, key=lambda one: one.day))
