"""Code lists that ship with mdt: codes with their Chinese and English words.

The files stand in ``mdt/rules/data/codes``; each is read once, at first use. A hospital's own
official tables, where it loads them, live in the database; these are the ones to start from.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data" / "codes"


@dataclass(frozen=True, slots=True)
class Label:
    """The words of a code in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English word for ``en`` and its variants, the Chinese word for all else."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Morphology:
    """One ICD-O-3 code such as ``8140/3``; ``staging_note`` steers the stage form."""

    code: str
    label: Label
    group: str
    group_zh: str
    common: bool
    staging_note: str


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county by its six-digit code; a province has the parent ``""``."""

    code: str
    label: Label
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class SiteRange:
    """Categories ``first`` to ``last`` of ICD-10 that form one group of sites in a scheme."""

    scheme: str
    first: str
    last: str
    group: str
    label: Label
    sort: int


@dataclass(frozen=True, slots=True)
class IdType:
    """A kind of identity document; ``pattern`` is for warnings, never for refusal."""

    code: str
    label: Label
    pattern: str


@dataclass(frozen=True, slots=True)
class TreatmentType:
    """A kind of treatment of a plan or a treatment record."""

    code: str
    label: Label
    category: str
    counts_as_first_treatment: bool


@dataclass(frozen=True, slots=True)
class PairedSite:
    """A site that has two sides; ``always`` where the side must be asked."""

    icd10_prefix: str
    label_zh: str
    always: bool


@dataclass(frozen=True, slots=True)
class Superseded:
    """A code that WHO has dropped and old data still hold, with the one to use instead."""

    label: Label
    suggested_code: str


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _label(row: Mapping[str, str], stem: str = "label") -> Label:
    return Label(row[f"{stem}_zh"], row[f"{stem}_en"])


def _labels(name: str, stem: str = "label") -> Mapping[str, Label]:
    return MappingProxyType({row["code"]: _label(row, stem) for row in _rows(name)})


@cache
def icd10_names() -> Mapping[str, Label]:
    """Names of the neoplasm categories (``C34``) and subcategories (``C34.1``) of ICD-10."""
    return _labels("icd10_neoplasms")


@cache
def icd10_superseded() -> Mapping[str, Superseded]:
    """ICD-10 codes that WHO has dropped and old data still hold."""
    return MappingProxyType(
        {
            row["code"]: Superseded(_label(row), row["suggested_code"])
            for row in _rows("icd10_superseded")
        }
    )


@cache
def morphologies() -> Mapping[str, Morphology]:
    """ICD-O-3 morphology by code, in the order of the list."""
    return MappingProxyType(
        {
            row["code"]: Morphology(
                row["code"],
                _label(row),
                row["group"],
                row["group_zh"],
                row["common"] == "true",
                row["staging_note"],
            )
            for row in _rows("icdo3_morphology")
        }
    )


@cache
def site_ranges() -> tuple[SiteRange, ...]:
    """Ranges of categories that group sites, by scheme (``app``, ``cn_registry``, ``globocan``)."""
    return tuple(
        SiteRange(
            row["scheme"],
            row["icd10_from"],
            row["icd10_to"],
            row["group_code"],
            _label(row),
            int(row["sort"]),
        )
        for row in _rows("site_groups")
    )


@cache
def regions() -> Mapping[str, Region]:
    """Provinces, cities and counties that ship, by code, parents before children."""
    return MappingProxyType(
        {
            row["code"]: Region(row["code"], _label(row, "name"), row["level"], row["parent"])
            for row in _rows("regions")
        }
    )


@cache
def id_types() -> Mapping[str, IdType]:
    """Kinds of identity documents; ``01`` is the resident identity card."""
    return MappingProxyType(
        {
            row["code"]: IdType(row["code"], _label(row, "name"), row["pattern"])
            for row in _rows("id_types")
        }
    )


@cache
def treatment_types() -> Mapping[str, TreatmentType]:
    """Kinds of treatment by code."""
    return MappingProxyType(
        {
            row["code"]: TreatmentType(
                row["code"],
                _label(row),
                row["category"],
                row["counts_as_first_treatment"] == "true",
            )
            for row in _rows("treatment_types")
        }
    )


@cache
def paired_sites() -> tuple[PairedSite, ...]:
    """Sites with two sides."""
    return tuple(
        PairedSite(row["icd10_prefix"], row["label_zh"], row["laterality_required"] == "always")
        for row in _rows("paired_sites")
    )


@cache
def sexes() -> Mapping[str, Label]:
    """GB/T 2261.1: ``1`` male, ``2`` female, ``0`` unknown, ``9`` not stated."""
    return _labels("sex", "name")


@cache
def lateralities() -> Mapping[str, Label]:
    """Side of a tumour: ``1`` left, ``2`` right, ``3`` both, ``9`` unknown."""
    return _labels("laterality")


@cache
def diagnosis_bases() -> Mapping[str, Label]:
    """Basis of the diagnosis on the Chinese register card, ``0`` to ``9``."""
    return _labels("diagnosis_basis")


@cache
def hospital_attributes() -> Mapping[str, Mapping[str, Label]]:
    """Words for a hospital's attributes: attribute, then code (``level`` ``3``)."""
    found: dict[str, dict[str, Label]] = {}
    for row in _rows("hospital_attributes"):
        found.setdefault(row["attribute"], {})[row["code"]] = _label(row)
    return MappingProxyType({name: MappingProxyType(codes) for name, codes in found.items()})
