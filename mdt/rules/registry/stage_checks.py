"""What looks wrong in the stage of a row that counts all the same."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mdt.rules.registry.ages import staged_age
from mdt.rules.registry.checks import Finding
from mdt.rules.registry.rows import RegisterRow
from mdt.rules.staging import (
    IiiPlus,
    StagingTable,
    iii_plus_of_group,
    judge_row_stage,
    read_stage_text,
    system_code,
    tables_for,
)

_NOT_INITIAL = frozenset({"yc", "yp", "r", "a"})
_BY_TABLE = frozenset({"", "TNM", "FIGO"})
# Categories of ICD-10, first to last, that a system is made for.
_SITES = {
    "CNLC": (("C22", "C22"),),
    "BCLC": (("C22", "C22"),),
    "FIGO": (("C48", "C48"), ("C51", "C58")),
    "ANN_ARBOR": (("C81", "C88"), ("C96", "C96")),
    "VALG": (("C33", "C34"),),
    "RISS": (("C90", "C90"),),
    "R2ISS": (("C90", "C90"),),
    "ISS": (("C90", "C90"),),
    "DURIE_SALMON": (("C90", "C90"),),
    "RAI": (("C83", "C83"), ("C91", "C91")),
    "BINET": (("C83", "C83"), ("C91", "C91")),
    "ISCL_EORTC": (("C84", "C84"),),
    "MASAOKA": (("C37", "C37"),),
    "ENNEKING": (("C40", "C41"), ("C49", "C49")),
    "TNM": (("C00", "C80"), ("D00", "D09")),
}


def find_stage_contradictions(row: RegisterRow) -> Iterator[Finding]:
    """Everything of a stage that contradicts the site, the dates or itself."""
    staged, treated = row.stage_date, row.first_treatment_date
    stage = _Stage(
        row.icd10,
        row.morphology,
        row.staging_system,
        row.staging_edition,
        row.stage_basis,
        row.t,
        row.n,
        row.m,
        row.stage_group,
        staged_age(row.birth_date, row.diagnosis_date),
        row.first_treatment_type == "surgery",
        staged is not None and treated is not None and staged > treated,
        _in_force(row.icd10, row.morphology, row.staging_edition, staged or row.diagnosis_date),
    )
    return iter(_found(stage))


class _Stage(NamedTuple):
    """All of a row that is looked at here: of its days only what they say."""

    icd10: str
    morphology: str
    staging_system: str
    staging_edition: str
    stage_basis: str
    t: str
    n: str
    m: str
    stage_group: str
    age: int | None
    surgery_first: bool
    after_treatment: bool
    edition_in_force: bool


# Stages repeat: a million rows have some thousand of them.
@lru_cache(maxsize=50_000)
def _found(stage: _Stage) -> tuple[Finding, ...]:
    return tuple(_find(stage))


def _find(stage: _Stage) -> Iterator[Finding]:
    yield from _use(stage)
    yield from _system(stage)
    if system_code(stage.staging_system) in _BY_TABLE:
        yield from _edition(stage)
        yield from _categories(stage)
    yield from _group(stage)


def _use(row: _Stage) -> Iterator[Finding]:
    """Say why the stage will not count, where it will not."""
    cells = {column: getattr(row, column) for column in ("t", "n", "m", "stage_group")}
    marked = [column for column, text in cells.items() if _prefix(text) in _NOT_INITIAL]
    if row.stage_basis in _NOT_INITIAL:
        yield "stage_basis", "stage_not_initial"
    elif marked:
        yield marked[0], "stage_not_initial"
    elif row.stage_basis == "p" and not row.surgery_first:
        yield "stage_basis", "stage_pathological_without_surgery"
    elif row.stage_basis in {"", "c"} and row.after_treatment:
        yield "stage_date", "stage_after_treatment"


def _prefix(text: str) -> str:
    return read_stage_text(text).prefix


def _system(row: _Stage) -> Iterator[Finding]:
    ranges = _SITES.get(system_code(row.staging_system), ())
    category = row.icd10[:3]
    if ranges and not any(first <= category <= last for first, last in ranges):
        yield "staging_system", "staging_system_against_site"


@lru_cache(maxsize=20_000)
def _tables(icd10: str, morphology: str) -> tuple[StagingTable, ...]:
    return tuple(table for table in tables_for(icd10, morphology) if table.t)


def _tables_of_row(row: _Stage) -> list[StagingTable]:
    """Return the tables of the row's edition and of its kind of stage."""
    return [
        table
        for table in _tables(row.icd10, row.morphology)
        if table.classification in {"any", row.stage_basis or "c"}
        and (not row.staging_edition or row.staging_edition in table.editions)
    ]


def _edition(row: _Stage) -> Iterator[Finding]:
    tables = _tables(row.icd10, row.morphology)
    if not (row.staging_edition and tables):
        return
    if not any(row.staging_edition in table.editions for table in tables):
        yield "staging_edition", "staging_edition_against_site"
    elif not row.edition_in_force:
        yield "staging_edition", "staging_edition_against_date"


def _in_force(icd10: str, morphology: str, edition: str, day: date) -> bool:
    """Whether an edition was in force on a day, or is none of the site's."""
    since = _in_force_since(icd10, morphology, edition)
    return since is None or since <= day


@lru_cache(maxsize=20_000)
def _in_force_since(icd10: str, morphology: str, edition: str) -> date | None:
    named = [table for table in _tables(icd10, morphology) if edition in table.editions]
    return min(map(_effective, named), default=None)


def _effective(table: StagingTable) -> date:
    return date.fromisoformat(table.effective[:10]) if table.effective else date.min


def _categories(row: _Stage) -> Iterator[Finding]:
    tables = _tables_of_row(row)
    for axis in ("t", "n", "m"):
        written: str = getattr(row, axis)
        if not written or not tables:
            continue
        known = {one.casefold() for table in tables for one in table.categories(axis)}
        plain = _category(written, axis)
        if plain.casefold() not in known | {f"{axis}x"}:
            yield axis, "stage_category_unreadable"


def _category(written: str, axis: str) -> str:
    """Return ``T2a`` of ``cT2a``, ``2a`` or a whole ``cT2aN0M0``, without what is in brackets."""
    read: str = getattr(read_stage_text(written), axis)
    plain = read or axis.upper() + written.strip().upper().removeprefix(axis.upper())
    return plain.partition("(")[0].strip()


def _group(row: _Stage) -> Iterator[Finding]:
    if not row.stage_group:
        return
    text = read_stage_text(row.stage_group)
    unknown = iii_plus_of_group(row.stage_group, row.staging_system) is IiiPlus.UNKNOWN
    if not text.group and unknown:
        if not (text.t or text.n or text.m):
            yield "stage_group", "stage_group_unreadable"
        return
    if text.group and system_code(row.staging_system) in _BY_TABLE:
        yield from _group_against_tables(row, text.group)


def _group_against_tables(row: _Stage, group: str) -> Iterator[Finding]:
    stages = [stage for table in _tables_of_row(row) for stage in table.stages]
    if stages and not _fits(group, stages):
        yield "stage_group", "stage_group_against_site"
        return
    derived = _derived_groups(row)
    if derived and not _fits(group, derived):
        yield "stage_group", "stage_group_against_tnm"


def _fits(group: str, stages: list[str]) -> bool:
    """Tell whether a group is one of these, or one of them less finely divided (III of IIIA)."""
    return any(stage.upper().startswith(group.upper()) for stage in stages)


def _derived_groups(row: _Stage) -> list[str]:
    """Return the groups that T, N and M leave; none where they say nothing."""
    return list(judge_row_stage(row, age=row.age, group="").possible)
