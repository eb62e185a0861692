"""What looks unlikely in rows that are kept, as ranges that a database can look for.

The same as the warnings of an import (`checks`, `stage_checks`), site by site.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache

from mdt.rules.icd10 import neoplasms
from mdt.rules.staging import StagingTable, tables_for

#: First and last code, of four characters at most, that nobody of this sex has.
SITES_WITHOUT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "1": (("C51", "C58"), ("D06", "D06"), ("D07.0", "D07.3")),
    "2": (("C60", "C63"), ("D07.4", "D07.6")),
}
#: Systems whose editions the tables know.
BY_TABLE = ("", "FIGO", "TNM")


@cache
def editions_from() -> Mapping[tuple[str, date], tuple[str, ...]]:
    """By an edition and the day since which it is in use: the categories of sites where it is."""
    found: dict[tuple[str, date], list[str]] = {}
    for category in neoplasms():
        for edition, since in _of_category(category).items():
            found.setdefault((edition, since), []).append(category)
    return {key: tuple(categories) for key, categories in found.items()}


def _of_category(category: str) -> dict[str, date]:
    codes = (category, *(f"{category}.{fourth}" for fourth in range(10)))
    tables = {table.key: table for code in codes for table in tables_for(code) if table.t}
    since: dict[str, date] = {}
    for table in tables.values():
        for edition in table.editions:
            since[edition] = min(since.get(edition, date.max), _effective(table))
    return {edition: day for edition, day in since.items() if day > date.min}


def _effective(table: StagingTable) -> date:
    return date.fromisoformat(table.effective[:10]) if table.effective else date.min
