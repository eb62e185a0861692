"""Administrative divisions (GB/T 2260): what a file of them must hold."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

#: Levels from above, and the levels that each may lie right below.
PARENT_LEVELS: dict[str, tuple[str, ...]] = {
    "province": (),
    "city": ("province",),
    "county": ("city", "province"),
}
COLUMNS = ("code", "name_zh", "name_en", "level", "parent")
_CODE = re.compile(r"\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A division as a file gives it; a province has the parent ``""``."""

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """What is here already of a division."""

    level: str
    name_zh: str
    name_en: str
    parent: str


@dataclass(frozen=True, slots=True)
class RegionProblem:
    """Why a row cannot be taken; ``line`` counts the header as 1."""

    line: int
    code: str
    problem: str


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """What an import would do: rows in order, parents first, and what stands in its way."""

    rows: tuple[RegionRow, ...]
    new: tuple[RegionRow, ...]
    changed: tuple[RegionRow, ...]
    problems: tuple[RegionProblem, ...]

    @property
    def same(self) -> int:
        """How many rows say what is known already."""
        return len(self.rows) - len(self.new) - len(self.changed)


def plan_import(rows: Iterable[RegionRow], known: Mapping[str, KnownRegion]) -> RegionPlan:
    """Sort rows into new, changed and same, and find what is wrong with the file."""
    given = tuple(rows)
    order = list(PARENT_LEVELS)
    ordered = tuple(
        sorted(
            given,
            key=lambda row: (order.index(row.level) if row.level in order else 9, row.code),
        )
    )
    return RegionPlan(
        ordered,
        tuple(row for row in ordered if row.code not in known),
        tuple(row for row in ordered if row.code in known and known[row.code] != _as_known(row)),
        tuple(_problems(given, known)),
    )


def _as_known(row: RegionRow) -> KnownRegion:
    return KnownRegion(row.level, row.name_zh, row.name_en, row.parent)


def _problems(
    rows: tuple[RegionRow, ...], known: Mapping[str, KnownRegion]
) -> Iterator[RegionProblem]:
    levels = {code: one.level for code, one in known.items()} | {r.code: r.level for r in rows}
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        problem = "region_twice" if row.code in seen else _problem(row, levels)
        seen.add(row.code)
        if problem:
            yield RegionProblem(line, row.code, problem)


def _problem(row: RegionRow, levels: Mapping[str, str]) -> str | None:
    if not _CODE.fullmatch(row.code):
        return "region_code_shape"
    if row.level not in PARENT_LEVELS:
        return "region_level_unknown"
    if not row.name_zh:
        return "name_zh_required"
    if row.level == "province":
        return "region_parent_level" if row.parent else None
    if row.parent not in levels:
        return "region_parent_unknown"
    if levels[row.parent] not in PARENT_LEVELS[row.level]:
        return "region_parent_level"
    return None
