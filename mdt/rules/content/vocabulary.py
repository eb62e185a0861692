"""Word lists of the board: disciplines, titles, documents, symptoms, comorbidities, hospitals."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mdt.rules.content.files import code_rows, content
from mdt.rules.content.terms import Term, by_code, plain_terms


@dataclass(frozen=True, slots=True)
class Discipline(Term):
    """A discipline; ``kind`` is clinical, diagnostic, tcm or support."""

    kind: str
    dept_code: str
    may_be_filled_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Title(Term):
    """A professional title of GB/T 8561, with its series (physician, ...) and rank."""

    series: str
    rank: str


@dataclass(frozen=True, slots=True)
class DocumentType(Term):
    """A kind of document; ``group`` is pathology, imaging, consent, laboratory, ...

    ``formats`` are the ones that it usually comes in (``pdf``, ``image``, ``dicom``, ...).
    """

    group: str
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comorbidity(Term):
    """An illness beside the tumour; ``weight`` is its Charlson weight of 1987, 0 for others.

    Of items that exclude each other only the heavier counts.
    """

    weight: int = 0
    excludes: tuple[str, ...] = ()


class HospitalAttribute(StrEnum):
    """Attributes of a hospital that have a word list."""

    AFFILIATION = "affiliations"
    CAPABILITY = "capability_flags"
    GRADE = "grades"
    LEVEL = "levels"
    NETWORK = "networks"
    OWNERSHIP = "ownership"
    TYPE = "types"


@dataclass(frozen=True, slots=True)
class GeneTest:
    """A gene with the tumour groups it is tested in and typical findings, for data lists."""

    gene: str
    tumour_groups: tuple[str, ...]
    methods: tuple[str, ...]
    typical_alterations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regimen(Term):
    """A drug regimen by its abbreviation; a name only, no dose and no recommendation."""

    tumour_groups: tuple[str, ...]


@cache
def disciplines() -> tuple[Discipline, ...]:
    """Every discipline."""
    return tuple(
        Discipline(
            row["code"],
            row["label_zh"],
            row["label_en"],
            row["kind"],
            row["dept_code"] or "",
            tuple(row["may_be_filled_by"]),
        )
        for row in content("disciplines")["disciplines"]
    )


def discipline(code: str) -> Discipline:
    """One discipline; ``NotFound`` for an unknown code."""
    return by_code(disciplines(), code, "disciplines")


@cache
def titles() -> tuple[Title, ...]:
    """Professional titles, each series from the highest rank down."""
    return tuple(
        Title(row["code"], row["label_zh"], row["label_en"], row["series"], row["rank"])
        for row in content("disciplines")["titles"]
    )


def title(code: str) -> Title:
    """One title; ``NotFound`` for an unknown code."""
    return by_code(titles(), code, "titles")


@cache
def document_types() -> tuple[DocumentType, ...]:
    """Kinds of documents that a case takes."""
    return tuple(
        DocumentType(
            row["code"],
            row["label_zh"],
            row["label_en"],
            row["group"],
            tuple(row["typical_format"]),
        )
        for row in content("disciplines")["document_types"]
    )


def document_type(code: str) -> DocumentType:
    """One kind of document; ``NotFound`` for an unknown code."""
    return by_code(document_types(), code, "document_types")


@cache
def symptoms() -> tuple[Term, ...]:
    """Symptoms to choose from."""
    return plain_terms(content("disciplines")["symptoms"])


@cache
def charlson_items() -> tuple[Comorbidity, ...]:
    """The items of the Charlson comorbidity index, with the weights of 1987."""
    return tuple(
        Comorbidity(
            row["code"],
            row["label_zh"],
            row["label_en"],
            row["weight_1987"],
            tuple(row["excludes"]),
        )
        for row in content("disciplines")["charlson"]["items"]
    )


@cache
def other_comorbidities() -> tuple[Comorbidity, ...]:
    """Comorbidities, drugs and habits outside the index that matter for treatment."""
    return tuple(
        Comorbidity(row["code"], row["label_zh"], row["label_en"])
        for row in content("disciplines")["other_comorbidities"]
    )


def comorbidities() -> tuple[Comorbidity, ...]:
    """The items of the index, then the others."""
    return charlson_items() + other_comorbidities()


def charlson_index(codes: Collection[str], age: int | None = None) -> int:
    """The Charlson comorbidity index (1987), with points for age where an age is given.

    The tumour under discussion is not to be among the codes.
    """
    held = [item for item in charlson_items() if item.code in codes]
    weights = {item.code: item.weight for item in held}
    counted = sum(
        item.weight
        for item in held
        if not any(weights.get(other, 0) > item.weight for other in item.excludes)
    )
    if age is None:
        return counted
    bands = content("disciplines")["charlson"]["age_points"]
    points = [band["points"] for band in bands if age >= band["from"]]
    return counted + max(points, default=0)


@cache
def hospital_terms(attribute: HospitalAttribute) -> tuple[Term, ...]:
    """The words for one attribute of a hospital."""
    return plain_terms(content("disciplines")["hospital"][attribute.value])


@cache
def gene_tests() -> tuple[GeneTest, ...]:
    """Gene tests, for data lists; the group ``all`` stands for every tumour."""
    return tuple(
        GeneTest(
            row["gene"],
            tuple(row["tumour_groups"].split(";")),
            tuple(row["methods"].split(";")),
            tuple(row["typical_alterations"].split(";")),
        )
        for row in code_rows("gene_tests")
    )


@cache
def regimens() -> tuple[Regimen, ...]:
    """Drug regimens, for data lists."""
    return tuple(
        Regimen(
            row["abbreviation"],
            row["name_zh"],
            row["name_en"],
            tuple(row["tumour_groups"].split(";")),
        )
        for row in code_rows("regimen_names")
    )
