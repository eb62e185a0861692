"""The stage of a case in its form: which tables fit, what follows from what was entered.

The doctor chooses categories or types a text; the group follows, unless the doctor says another
one and why. What is reported comes from the register; this is what the board sees.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from mdt.rules.case_draft import CaseDraft
from mdt.rules.content import StagingChoice, tumour_types
from mdt.rules.staging import (
    Conflict,
    Derived,
    IiiPlus,
    StageText,
    StagingTable,
    UnknownTable,
    derive,
    iii_plus_of_group,
    read_stage_text,
    table,
    tables_for,
)
from mdt.rules.staging.shapes import AXES

_BASES = frozenset({"c", "p", "yp"})


class StageSource(StrEnum):
    """Where the group of a case comes from."""

    DERIVED = "derived"
    ENTERED = "entered"
    NONE = "none"
    TEXT = "text"


class StageHint(StrEnum):
    """Something to look at in the stage; it stops nobody. The words are in ``mdt.web``."""

    DEVIATION_REASON_OWED = "deviation_reason_owed"
    EDITION_NOT_YET = "edition_not_yet"
    EDITION_OUTDATED = "edition_outdated"
    TEXT_DIFFERS = "stage_text_differs"
    TEXT_UNREAD = "stage_text_unread"


@dataclass(frozen=True, slots=True)
class TableOffer:
    """A table to choose, and when to choose it (in Chinese, from the tumour type)."""

    table: StagingTable
    use_when_zh: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class CaseStage:
    """The stage as the board sees it.

    ``group`` is what counts: the doctor's, else the derived one, else the one that was read in the
    text; ``derived`` is the table's whole answer where there is a table and a category.
    """

    table: StagingTable | None
    derived: Derived | None
    text: StageText
    group: str
    source: StageSource
    iii_plus: IiiPlus
    deviates: bool
    hints: tuple[StageHint, ...]

    @property
    def derived_group(self) -> str:
        """The one group that follows from the categories, or nothing."""
        return _single(self.derived)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Combinations among the categories that cannot be right."""
        return self.derived.conflicts if self.derived else ()


def find_table(key: str) -> StagingTable | None:
    """The table of a key, or nothing where there is none."""
    try:
        return table(key)
    except UnknownTable:
        return None


def offered_tables(tumour_type: str, icd10: str, morphology: str = "") -> tuple[TableOffer, ...]:
    """Tables to choose from: the tumour type's, those of the site first; else the site's alone."""
    of_site = tables_for(icd10, morphology)
    own = [
        TableOffer(found, choice.use_when_zh, choice.default)
        for choice in _choices(tumour_type)
        if (found := find_table(choice.table)) is not None
    ]
    if any(offer.table in of_site for offer in own) or (own and not of_site):
        return tuple(sorted(own, key=lambda offer: bool(of_site) and offer.table not in of_site))
    return (*(TableOffer(found) for found in of_site), *own)


def _choices(tumour_type: str) -> Iterable[StagingChoice]:
    return next((one.staging for one in tumour_types() if one.code == tumour_type), ())


def suggest_table(draft: CaseDraft) -> str:
    """The key of the table to stand in the form: the one that is there as long as it fits."""
    offers = offered_tables(draft.tumour_type, draft.icd10, draft.morphology)
    keys = [offer.table.key for offer in offers]
    if draft.staging_table in keys and _fits_basis(table(draft.staging_table), draft.stage_basis):
        return draft.staging_table
    of_site = tables_for(draft.icd10, draft.morphology)
    fitting = [offer for offer in offers if _fits_basis(offer.table, draft.stage_basis)]
    in_force = [one for one in fitting if _in_force(one.table, draft.diagnosis_date)]
    ranked = sorted(
        in_force or fitting,
        key=lambda offer: (bool(of_site) and offer.table not in of_site, not offer.default),
    )
    return ranked[0].table.key if ranked else ""


def _fits_basis(found: StagingTable, basis: str) -> bool:
    return found.classification in {"any", basis}


def _in_force(found: StagingTable, diagnosed: date | None) -> bool:
    since = effective_from(found)
    return since is None or diagnosed is None or since <= diagnosed


def effective_from(found: StagingTable) -> date | None:
    """Since when a table's edition is in use; nothing where the table does not say."""
    try:
        return date.fromisoformat(found.effective[:10])
    except ValueError:
        return None


def judge_case_stage(draft: CaseDraft) -> CaseStage:
    """What the entered categories, group and text of a case say together."""
    found = find_table(draft.staging_table) if draft.staging_table else None
    derived = _derived(found, draft)
    text = read_stage_text(draft.stage_text)
    single = _single(derived)
    group = draft.stage_group or single or text.group
    source = _source(draft.stage_group, single, text.group)
    deviates = bool(draft.stage_group and derived) and group not in _possible(derived)
    return CaseStage(
        table=found,
        derived=derived,
        text=text,
        group=group,
        source=source,
        iii_plus=_side(found, derived, group, deviates=deviates),
        deviates=deviates,
        hints=tuple(_hints(draft, found, text, deviates=deviates)),
    )


def _derived(found: StagingTable | None, draft: CaseDraft) -> Derived | None:
    said = draft.t or draft.n or draft.m or any(draft.stage_factors.values())
    if found is None or not said:
        return None
    return derive(found.key, draft.t, draft.n, draft.m, draft.stage_factors)


def _single(derived: Derived | None) -> str:
    return derived.stage if derived and derived.stage in derived.possible else ""


def _possible(derived: Derived | None) -> tuple[str, ...]:
    return derived.possible if derived else ()


def _source(entered: str, single: str, read: str) -> StageSource:
    if single and entered in {"", single}:
        return StageSource.DERIVED
    if entered and entered == read:
        return StageSource.TEXT
    if entered:
        return StageSource.ENTERED
    return StageSource.TEXT if read else StageSource.NONE


def _side(
    found: StagingTable | None, derived: Derived | None, group: str, *, deviates: bool
) -> IiiPlus:
    if derived and not deviates and derived.iii_plus is not IiiPlus.UNKNOWN:
        return derived.iii_plus
    listed = found.side(group) if found and group else IiiPlus.UNKNOWN
    if listed is not IiiPlus.UNKNOWN or not group:
        return listed
    return iii_plus_of_group(group, found.system if found else "TNM")


def _hints(
    draft: CaseDraft, found: StagingTable | None, text: StageText, *, deviates: bool
) -> Iterable[StageHint]:
    if deviates and not draft.stage_deviation_reason:
        yield StageHint.DEVIATION_REASON_OWED
    if found and not _in_force(found, draft.diagnosis_date):
        yield StageHint.EDITION_NOT_YET
    elif found and _newer_in_force(found, draft):
        yield StageHint.EDITION_OUTDATED
    if draft.stage_text.strip() and not (text.group or text.t or text.n or text.m):
        yield StageHint.TEXT_UNREAD
    elif any(_differs(getattr(text, axis), getattr(draft, axis)) for axis in AXES):
        yield StageHint.TEXT_DIFFERS


def _differs(read: str, chosen: str) -> bool:
    """The text names another category than the chosen one; a coarser one does not differ."""
    return bool(read and chosen) and not (chosen.startswith(read) or read.startswith(chosen))


def _newer_in_force(found: StagingTable, draft: CaseDraft) -> bool:
    """A later edition of the same classification was in use on the day of the diagnosis."""
    since = effective_from(found)
    offers = offered_tables(draft.tumour_type, draft.icd10, draft.morphology)
    return draft.diagnosis_date is not None and any(
        _stem(offer.table.key) == _stem(found.key)
        and (later := effective_from(offer.table)) is not None
        and since is not None
        and since < later <= draft.diagnosis_date
        for offer in offers
    )


def _stem(key: str) -> str:
    return key.removesuffix("_8").removesuffix("_9")


def settle_stage(before: CaseDraft, after: CaseDraft) -> CaseDraft:
    """The draft after an edit with what follows from it: table, categories, group, side of III.

    A text fills the categories that are empty or that an earlier text had filled. The group goes
    with the categories for as long as it is the one that follows from them; a group that the
    doctor chose stays. Clearing it lets it follow again.
    """
    settled = replace(after, staging_table=suggest_table(after))
    settled = replace(settled, stage_factors=_known_factors(settled))
    if settled.stage_text != before.stage_text:
        settled = _with_text(before, settled)
    was, now = _followed(before), _followed(replace(settled, stage_group=""))
    chosen = settled.stage_group
    untouched = chosen == before.stage_group and chosen in {"", was}
    if untouched or not chosen:
        settled = replace(settled, stage_group=now)
    stage = judge_case_stage(settled)
    if not stage.deviates:
        settled = replace(settled, stage_deviation_reason="", stage_deviation_text="")
    return replace(settled, iii_plus=stage.iii_plus.value)


def _known_factors(draft: CaseDraft) -> dict[str, str]:
    """Factors that the chosen table asks for, with values that it knows."""
    found = find_table(draft.staging_table)
    return {
        name: draft.stage_factors[name]
        for name, values in (found.values if found else {}).items()
        if draft.stage_factors.get(name) in values
    }


def _followed(draft: CaseDraft) -> str:
    """The group that follows from what was entered beside it."""
    stage = judge_case_stage(replace(draft, stage_group=""))
    return stage.group


def _with_text(before: CaseDraft, after: CaseDraft) -> CaseDraft:
    old, new = read_stage_text(before.stage_text), read_stage_text(after.stage_text)
    found = find_table(after.staging_table)
    filled: dict[str, Any] = {}
    for axis in AXES:
        read = getattr(new, axis)
        replaceable = getattr(after, axis) in {"", getattr(old, axis)}
        if replaceable and (not read or found is None or read in found.categories(axis)):
            filled[axis] = read
    if new.prefix in _BASES and not before.stage_text:
        filled["stage_basis"] = new.prefix
    return replace(after, **filled)
