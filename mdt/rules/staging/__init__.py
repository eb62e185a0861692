"""Stage groups: from T, N, M and factors to the group, and to "stage III or above?".

The tables (``tables/*.json``) hold categories and groups, never what makes a category: the manuals
are their publishers'. ``derive`` reads one table; ``judge_register_stage`` is what reports count.
"""

from mdt.rules.staging.catalogue import UnknownTable, labels, table, tables, tables_for
from mdt.rules.staging.engine import Derived, derive
from mdt.rules.staging.register import (
    RegisterStage,
    StageSource,
    judge_register_stage,
    judge_row_stage,
    named_table,
)
from mdt.rules.staging.shapes import (
    NOT_ASSIGNED,
    UNDETERMINED,
    Choice,
    Conflict,
    Factor,
    IiiPlus,
    StagingTable,
)
from mdt.rules.staging.systems import (
    WithoutStage,
    iii_plus_of_group,
    not_applicable,
    system_code,
    without_stage,
)
from mdt.rules.staging.text import (
    StageText,
    printed_categories,
    printed_group,
    read_stage_text,
)

__all__ = [
    "NOT_ASSIGNED",
    "UNDETERMINED",
    "Choice",
    "Conflict",
    "Derived",
    "Factor",
    "IiiPlus",
    "RegisterStage",
    "StageSource",
    "StageText",
    "StagingTable",
    "UnknownTable",
    "WithoutStage",
    "derive",
    "iii_plus_of_group",
    "judge_register_stage",
    "judge_row_stage",
    "labels",
    "named_table",
    "not_applicable",
    "printed_categories",
    "printed_group",
    "read_stage_text",
    "system_code",
    "table",
    "tables",
    "tables_for",
    "without_stage",
]
