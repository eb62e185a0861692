"""Coverage: the share of newly diagnosed stage III+ tumours that a board discussed in time."""

from mdt.rules.coverage.beside import LinePair, beside_each_other
from mdt.rules.coverage.comparison import (
    Compared,
    earlier_periods,
    previous,
    split_known,
    year_before,
)
from mdt.rules.coverage.definitions import (
    DEFINITIONS,
    FIRST_VERSION,
    LABELS,
    LENIENT,
    SHIPPED,
    STRICT,
    Definition,
    Definitions,
)
from mdt.rules.coverage.disclosure import Audience, PublishedReport, publish
from mdt.rules.coverage.distance import Distance, Reach
from mdt.rules.coverage.exclusion import Exclusion
from mdt.rules.coverage.explanation import (
    BoardUse,
    StageUse,
    UncountedBoard,
    board_use,
    stage_use,
    uncounted_boards,
)
from mdt.rules.coverage.groups import By, Placed, group_code, group_name
from mdt.rules.coverage.judgement import (
    Board,
    CoverageRow,
    Judgement,
    counts,
    first_board_day,
    first_opinion_day,
    has_opinion_alone,
    judge,
    stage_counts,
    table_iii_plus,
)
from mdt.rules.coverage.matrix import Matrix, first_groups, matrix_of
from mdt.rules.coverage.ranking import Sort, rank
from mdt.rules.coverage.report import FIGURES, Line, Period, Report, summarise, wilson
from mdt.rules.coverage.request import (
    CoverageRequest,
    period_name,
    quick_periods,
    read_period,
    read_request,
)
from mdt.rules.coverage.table import EXCLUSION_LABELS, export_mark, report_table, source_lines

__all__ = [
    "DEFINITIONS",
    "EXCLUSION_LABELS",
    "FIGURES",
    "FIRST_VERSION",
    "LABELS",
    "LENIENT",
    "SHIPPED",
    "STRICT",
    "Audience",
    "Board",
    "BoardUse",
    "By",
    "Compared",
    "CoverageRequest",
    "CoverageRow",
    "Definition",
    "Definitions",
    "Distance",
    "Exclusion",
    "Judgement",
    "Line",
    "LinePair",
    "Matrix",
    "Period",
    "Placed",
    "PublishedReport",
    "Reach",
    "Report",
    "Sort",
    "StageUse",
    "UncountedBoard",
    "beside_each_other",
    "board_use",
    "counts",
    "earlier_periods",
    "export_mark",
    "first_board_day",
    "first_groups",
    "first_opinion_day",
    "group_code",
    "group_name",
    "has_opinion_alone",
    "judge",
    "matrix_of",
    "period_name",
    "previous",
    "publish",
    "quick_periods",
    "rank",
    "read_period",
    "read_request",
    "report_table",
    "source_lines",
    "split_known",
    "stage_counts",
    "stage_use",
    "summarise",
    "table_iii_plus",
    "uncounted_boards",
    "wilson",
    "year_before",
]
