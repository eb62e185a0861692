"""The stage that a board agrees on: its table, what follows from its categories."""

from collections.abc import Mapping
from dataclasses import replace

from mdt.rules.case_stage import find_table
from mdt.rules.plan import AgreedStage
from mdt.rules.staging import Derived, IiiPlus, StagingTable, derive, iii_plus_of_group
from mdt.rules.staging.shapes import AXES

CLASSIFICATIONS = ("c", "p", "yp")


def derived_of(stage: AgreedStage) -> Derived | None:
    """The table's answer; nothing where there is no table or nothing was chosen."""
    said = stage.t or stage.n or stage.m or any(stage.factors.values())
    if find_table(stage.table) is None or not said:
        return None
    return derive(stage.table, stage.t, stage.n, stage.m, stage.factors)


def derived_group(stage: AgreedStage) -> str:
    """The one group that follows from the categories, or nothing."""
    found = derived_of(stage)
    return found.stage if found and found.stage in found.possible else ""


def iii_plus_of(stage: AgreedStage) -> IiiPlus:
    """On which side of III the agreed group stands; the categories say it where no group does."""
    found = find_table(stage.table)
    derived = derived_of(stage)
    if not stage.stage_group:
        return derived.iii_plus if derived else IiiPlus.UNKNOWN
    listed = found.side(stage.stage_group) if found else IiiPlus.UNKNOWN
    if listed is not IiiPlus.UNKNOWN:
        return listed
    return iii_plus_of_group(stage.stage_group, found.system if found else "TNM")


def differs(stage: AgreedStage, submitted: AgreedStage) -> bool:
    """The board agreed on another stage than the one that was submitted."""
    return any(
        getattr(stage, name) != getattr(submitted, name) for name in (*AXES, "stage_group", "table")
    )


def settle(before: AgreedStage, after: AgreedStage) -> AgreedStage:
    """The stage after an edit with what follows from it.

    Another table brings its edition and drops categories that it does not know. The group goes
    with the categories for as long as it is the one that follows from them.
    """
    settled = after if after.table == before.table else _fit(after)
    untouched = settled.stage_group == before.stage_group
    if untouched and before.stage_group in {"", derived_group(before)}:
        settled = replace(settled, stage_group=derived_group(settled))
    return settled


def _fit(stage: AgreedStage) -> AgreedStage:
    found = find_table(stage.table)
    if found is None:
        return AgreedStage(classification=stage.classification)
    kept = {axis: _kept(found, axis, getattr(stage, axis)) for axis in AXES}
    fixed = found.classification in CLASSIFICATIONS
    return replace(
        stage,
        edition=found.edition,
        classification=found.classification if fixed else stage.classification,
        factors=_known_factors(found, stage.factors),
        stage_group=stage.stage_group if stage.stage_group in found.stages else "",
        **kept,
    )


def _kept(found: StagingTable, axis: str, value: str) -> str:
    return value if value in found.categories(axis) else ""


def _known_factors(found: StagingTable, factors: Mapping[str, str]) -> dict[str, str]:
    known = {factor.name: {c.value for c in factor.values} for factor in found.factors}
    return {name: value for name, value in factors.items() if value in known.get(name, ())}
