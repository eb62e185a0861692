"""Tumour types: which sites they cover, how they are staged, who has to discuss them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from mdt.rules.content.files import content
from mdt.rules.content.terms import Term, by_code


@dataclass(frozen=True, slots=True)
class StagingChoice:
    """A staging table that a tumour type may use.

    ``classification`` is ``c``, ``p``, ``yp`` or ``any``; the ``default`` one is offered first.
    """

    table: str
    classification: str
    edition: str
    system: str
    default: bool
    use_when_zh: str


@dataclass(frozen=True, slots=True)
class BoardQuestion(Term):
    """A question that boards on this tumour are often asked; ``code`` is ``lung_nsclc.q1``."""


@dataclass(frozen=True, slots=True)
class TumourType(Term):
    """A tumour type with its sites (ICD-10 prefixes), staging tables and disciplines."""

    icd10: tuple[str, ...]
    morphology_hint: tuple[str, ...]
    staging: tuple[StagingChoice, ...]
    key_cancer: bool
    core_disciplines: tuple[str, ...]
    optional_disciplines: tuple[str, ...]
    min_disciplines: int
    questions: tuple[BoardQuestion, ...]
    note_zh: str

    @property
    def stageable(self) -> bool:
        """A stage exists for it; brain tumours have a grade and no stage."""
        return bool(self.staging)

    def covers(self, icd10: str) -> bool:
        """One of its ICD-10 prefixes begins this code."""
        return icd10.startswith(self.icd10)


def _tumour_type(row: dict[str, Any]) -> TumourType:
    return TumourType(
        row["code"],
        row["label_zh"],
        row["label_en"],
        tuple(row["icd10"]),
        tuple(row["morphology_hint"]),
        tuple(StagingChoice(**choice) for choice in row["staging"]),
        row["key_cancer"],
        tuple(row["core_disciplines"]),
        tuple(row["optional_disciplines"]),
        row["min_disciplines"],
        tuple(BoardQuestion(q["id"], q["zh"], q["en"]) for q in row["questions"]),
        row["note_zh"],
    )


@cache
def tumour_types() -> tuple[TumourType, ...]:
    """Every tumour type, in the order of the file; the fallback ``other_solid`` is last."""
    return tuple(_tumour_type(row) for row in content("tumour_types")["types"])


def tumour_type(code: str) -> TumourType:
    """One tumour type; ``NotFound`` for an unknown code."""
    return by_code(tumour_types(), code, "tumour_types")


def tumour_types_for(icd10: str, morphology: str = "") -> tuple[TumourType, ...]:
    """The types that a diagnosis may be, the likeliest first.

    Several types share a site, so those whose hint names the morphology come first, then those
    with the longer prefix (C16.0 before C16); the doctor chooses.
    """
    code = icd10.strip().upper()

    def rank(found: TumourType) -> tuple[bool, int]:
        longest = max(len(prefix) for prefix in found.icd10 if code.startswith(prefix))
        return morphology not in found.morphology_hint, -longest

    return tuple(sorted((one for one in tumour_types() if code and one.covers(code)), key=rank))
