"""Which labels of which system stand for stage III or above."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from mdt.rules.staging.catalogue import read_data, site_code
from mdt.rules.staging.shapes import IiiPlus, numeral_of
from mdt.rules.staging.text import read_stage_text

TNM = "TNM"
FIGO = "FIGO"

_ARABIC = re.compile(r"(?:^|[\s-])([0-4])[ABS]?期?$")
_MORPHOLOGY = re.compile(r"\d{4}")
_ROMAN = ("0", "I", "II", "III", "IV")
# Lymphomas are staged even where their morphology is also that of a leukaemia.
_LYMPHOMA_SITES = ("C81", "C82", "C83", "C84", "C85", "C86", "C88.4")


@dataclass(frozen=True, slots=True)
class System:
    """A staging system: its names, and the labels that go before the numeral.

    ``arabic``: its groups may be written 1 to 4; a grade is named here and is no stage.
    """

    code: str
    names: tuple[str, ...]
    labels: Mapping[str, IiiPlus]
    arabic: bool
    is_stage: bool


@dataclass(frozen=True, slots=True)
class WithoutStage:
    """Diagnoses that have no stage group, and what is used instead."""

    icd10: tuple[str, ...]
    morphology: tuple[tuple[int, int], ...]
    label_zh: str
    label_en: str
    use_zh: str
    use_en: str


@lru_cache(maxsize=1_000)
def system_code(name: str) -> str:
    """Return the code of a staging system by any of its usual names; empty if unknown or empty."""
    plain = unicodedata.normalize("NFKC", name).upper()
    plain = re.sub(r"[\s_.()（）/-]", "", plain)
    if not plain:
        return ""
    return next((s.code for s in _systems() if any(known in plain for known in s.names)), "")


@lru_cache(maxsize=4096)
def iii_plus_of_group(group: str, system: str = TNM) -> IiiPlus:
    """Tell whether a group's label, as written, is stage III or above in its system.

    Labels that the system does not list are read by their Roman numeral. A grade is never a stage.
    """
    code = system_code(system) or TNM
    chosen = next(s for s in _systems() if s.code == code)
    if not chosen.is_stage:
        return IiiPlus.UNKNOWN
    text = read_stage_text(group)
    if text.group in chosen.labels:
        return chosen.labels[text.group]
    plain = unicodedata.normalize("NFKC", group).strip().upper()
    arabic = _ARABIC.search(plain) if chosen.arabic else None
    numeral = _ROMAN[int(arabic[1])] if arabic else text.numeral
    if not numeral and "-" in text.group:
        return _of_range(text.group)
    return _common_labels().get(numeral or text.group, IiiPlus.UNKNOWN)


def without_stage(icd10: str, morphology: str = "") -> WithoutStage | None:
    """Return why a diagnosis has no stage group and what is used instead; ``None`` if it has one.

    For the case page. What a report leaves out is said by the indicator's definition alone.
    """
    code = site_code(icd10)
    if code.startswith(_LYMPHOMA_SITES):
        return None
    found = _MORPHOLOGY.match(morphology.strip())
    number = int(found.group()) if found else -1
    for entry in _without_stage():
        by_histology = any(first <= number <= last for first, last in entry.morphology)
        if (code and code.startswith(entry.icd10)) or by_histology:
            return entry
    return None


def not_applicable(icd10: str, morphology: str = "") -> bool:
    """Tell whether a diagnosis has no stage group at all, which is not the same as unstaged."""
    return without_stage(icd10, morphology) is not None


def _of_range(group: str) -> IiiPlus:
    sides = {_common_labels()[numeral_of(end)] for end in group.split("-")}
    return sides.pop() if len(sides) == 1 else IiiPlus.UNKNOWN


@cache
def _common_labels() -> Mapping[str, IiiPlus]:
    """Return what numerals, and words such as occult, mean in every system."""
    policy = read_data("policy.json")
    return {
        label: IiiPlus(side) for label, side in {**policy["words"], **policy["numerals"]}.items()
    }


@cache
def _systems() -> tuple[System, ...]:
    return tuple(
        System(
            code=entry["code"],
            names=tuple(entry["names"]),
            labels={label: IiiPlus(side) for label, side in entry["labels"].items()},
            arabic=entry["arabic"],
            is_stage=entry["is_stage"],
        )
        for entry in read_data("policy.json")["systems"]
    )


@cache
def _without_stage() -> tuple[WithoutStage, ...]:
    return tuple(
        WithoutStage(
            icd10=tuple(entry["icd10"]),
            morphology=tuple((first, last) for first, last in entry["morphology"]),
            label_zh=entry["label_zh"],
            label_en=entry["label_en"],
            use_zh=entry["use_zh"],
            use_en=entry["use_en"],
        )
        for entry in read_data("policy.json")["not_applicable"]
    )
