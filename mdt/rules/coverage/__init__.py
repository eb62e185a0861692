"""Coverage: the share of newly diagnosed stage III+ tumours that a board discussed in time."""

from mdt.rules.coverage.definitions import DEFINITIONS, LENIENT, STRICT, Definition
from mdt.rules.coverage.groups import By, group_code, group_name
from mdt.rules.coverage.judgement import (
    Board,
    CoverageRow,
    Exclusion,
    Judgement,
    judge,
    stage_counts,
    table_iii_plus,
)
from mdt.rules.coverage.report import Line, Period, Report, summarise, wilson

__all__ = [
    "DEFINITIONS",
    "LENIENT",
    "STRICT",
    "Board",
    "By",
    "CoverageRow",
    "Definition",
    "Exclusion",
    "Judgement",
    "Line",
    "Period",
    "Report",
    "group_code",
    "group_name",
    "judge",
    "stage_counts",
    "summarise",
    "table_iii_plus",
    "wilson",
]
