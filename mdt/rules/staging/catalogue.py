"""The stage tables, read once from the project's own files, and which of them fit a diagnosis."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mdt.rules.errors import MdtError
from mdt.rules.staging.shapes import (
    AXES,
    Choice,
    Conflict,
    Factor,
    IiiPlus,
    Inconsistency,
    Rule,
    StagingTable,
)

_HERE = Path(__file__).parent
_DOTLESS_CODE = re.compile(r"([A-Z]\d\d)(\d)")
_MORPHOLOGY = re.compile(r"\d{4}")


class UnknownTable(MdtError):
    """There is no stage table of this key."""

    status = 404

    def __init__(self, key: str) -> None:
        super().__init__("unknown_staging_table", key=key)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a table applies; see ``data/selection.json``."""

    table: str
    sites: tuple[str, ...]
    maybe_sites: tuple[str, ...]
    never_sites: tuple[str, ...]
    histology: frozenset[str]
    any_site_histology: frozenset[str]

    def takes(self, histology: str) -> bool:
        """Tell whether the table covers tumours of this histology class."""
        return "*" in self.histology or histology in self.histology


def table(key: str) -> StagingTable:
    """Return the table of a key; ``UnknownTable`` where there is none."""
    try:
        return _by_key()[key]
    except KeyError:
        raise UnknownTable(key) from None


@cache
def tables() -> tuple[StagingTable, ...]:
    """Return all tables, by key."""
    return tuple(_by_key().values())


def forget_tables() -> None:
    """Empty the memory of what was read; for measuring."""
    tables.cache_clear()
    _by_key.cache_clear()


@lru_cache(maxsize=2048)
def tables_for(icd10: str, morphology: str = "") -> tuple[StagingTable, ...]:
    """Return the tables that fit a diagnosis, best first; none where no table is known.

    ``icd10`` may carry national digits (``C34.100x001``); ``morphology`` is an ICD-O-3 code such
    as ``8041/3``, and without it every histology of the site is offered but the rare ones.
    """
    code, histology = site_code(icd10), histology_of(morphology)
    everywhere = [fit for fit in _fits() if histology in fit.any_site_histology]
    return tuple(table(fit.table) for fit in everywhere or _fits_of_site(code, histology))


def site_code(icd10: str) -> str:
    """Return an ICD-10 code upper-case and with its dot, so that prefixes can be compared."""
    code = unicodedata.normalize("NFKC", icd10).strip().upper()
    return _DOTLESS_CODE.sub(r"\1.\2", code, count=1)


def histology_of(morphology: str) -> str:
    """Return the histology class of an ICD-O-3 code; empty where it says nothing."""
    found = _MORPHOLOGY.match(unicodedata.normalize("NFKC", morphology).strip())
    if not found:
        return ""
    number = int(found.group())
    for name, first, last in _histology_ranges():
        if first <= number <= last:
            return name
    return "carcinoma"


@cache
def labels() -> Mapping[str, tuple[Choice, ...]]:
    """Return the labels of ``classification``, ``confidence``, ``iii_plus`` and ``stage`` words."""
    return {
        name: tuple(Choice(**choice) for choice in choices)
        for name, choices in _read(_HERE / "data" / "labels.json").items()
    }


def read_data(name: str) -> Any:
    """Return the parsed content of one of the package's data files."""
    return _read(_HERE / "data" / name)


def _fits_of_site(code: str, histology: str) -> list[Fit]:
    """Look at the sites that hold the code; a bare category falls back to what lies below it."""
    if not code:
        return []
    taking = [fit for fit in _fits() if fit.takes(histology) and not _in(code, fit.never_sites)]
    sure = [fit for fit in taking if _in(code, fit.sites)]
    maybe = [fit for fit in taking if fit not in sure and _in(code, fit.maybe_sites)]
    if sure or maybe:
        return sure + maybe
    below = [(fit, fit.sites + fit.maybe_sites) for fit in taking]
    return [fit for fit, sites in below if any(site.startswith(code) for site in sites)]


def _in(code: str, sites: tuple[str, ...]) -> bool:
    return code.startswith(sites) if sites else False


@cache
def _fits() -> tuple[Fit, ...]:
    return tuple(
        Fit(
            table=entry["table"],
            sites=tuple(entry["sites"]),
            maybe_sites=tuple(entry["maybe_sites"]),
            never_sites=tuple(entry["never_sites"]),
            histology=frozenset(entry["histology"]),
            any_site_histology=frozenset(entry["any_site_histology"]),
        )
        for entry in read_data("selection.json")["tables"]
    )


@cache
def _histology_ranges() -> tuple[tuple[str, int, int], ...]:
    classes = read_data("histology.json")["classes"]
    return tuple((entry["class"], entry["from"], entry["to"]) for entry in classes)


@cache
def _by_key() -> dict[str, StagingTable]:
    files = sorted((_HERE / "tables").glob("*.json"))
    return {loaded.key: loaded for loaded in (_table(_read(file)) for file in files)}


def _read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def _table(raw: dict[str, Any]) -> StagingTable:
    parents = {
        axis: {parent: tuple(children) for parent, children in groups.items()}
        for axis, groups in raw["parents"].items()
    }
    return StagingTable(
        key=raw["key"],
        label_zh=raw["label_zh"],
        label_en=raw["label_en"],
        icd10=tuple(raw["icd10"]),
        system=raw["system"],
        edition=raw["edition"],
        effective=raw.get("effective", ""),
        classification=raw["classification"],
        t=tuple(raw["t"]),
        n=tuple(raw["n"]),
        m=tuple(raw["m"]),
        factors=tuple(_factor(factor) for factor in raw["factors"]),
        parents=parents,
        aliases=raw["aliases"],
        stages=tuple(raw["stages"]),
        iii_plus=frozenset(raw["iii_plus"]),
        not_iii_plus=frozenset(raw["not_iii_plus"]),
        inconsistent=tuple(_inconsistency(entry, parents) for entry in raw["inconsistent"]),
        rules=tuple(_rule(rule) for rule in raw["rules"]),
        notes=tuple(raw["notes"]),
        source=raw["source"],
        confidence=raw["confidence"],
    )


def _factor(raw: dict[str, Any]) -> Factor:
    values = tuple(Choice(**value) for value in raw["values"])
    return Factor(raw["name"], raw["label_zh"], raw["label_en"], values)


def _rule(raw: dict[str, Any]) -> Rule:
    allowed = {axis: frozenset(raw[axis]) for axis in AXES if axis in raw}
    allowed |= {name: frozenset(values) for name, values in raw["factors"].items()}
    return Rule(allowed, raw["stage"], IiiPlus(raw["iii_plus"]))


def _inconsistency(
    raw: dict[str, Any], parents: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Inconsistency:
    categories = {
        axis: frozenset(
            child
            for category in raw[axis]
            for child in parents.get(axis, {}).get(category, (category,))
        )
        for axis in AXES
        if axis in raw
    }
    return Inconsistency(categories, Conflict(raw["why_zh"], raw["why_en"]))
