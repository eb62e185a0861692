"""Checklists: the data that a board wants to see before a case is listed, by tumour type."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from mdt.rules.conditions import Condition, read_condition
from mdt.rules.content.files import content
from mdt.rules.content.terms import Term
from mdt.rules.errors import NotFound


class Level(StrEnum):
    """How much an item is wanted where its condition holds."""

    RECOMMENDED = "recommended"
    REQUIRED = "required"


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    CLINICAL = "clinical"
    DOCUMENT = "document"
    ENDOSCOPY = "endoscopy"
    FUNCTIONAL = "functional"
    IMAGING = "imaging"
    LABORATORY = "laboratory"
    MOLECULAR = "molecular"
    PATHOLOGY = "pathology"
    SCORE = "score"


class Contrast(StrEnum):
    """Whether an imaging item wants contrast; empty where the question makes no sense."""

    NONE = "none"
    OPTIONAL = "optional"
    PREFERRED = "preferred"
    REQUIRED = "required"
    UNSAID = ""


@dataclass(frozen=True, slots=True)
class ChecklistItem(Term):
    """One item; ``code`` is ``lung_nsclc.ct_chest``.

    Items that share a ``base`` are the same thing under different conditions. ``max_age_days``
    runs from the examination to the day of submission; ``most_mm`` is how thick a slice may be;
    ``terms`` are words that name the item in
    titles and texts, ``document_types`` the kinds of documents that can hold it.
    """

    base: str
    kind: ItemKind
    level: Level
    condition: Condition
    why_zh: str
    max_age_days: int | None = None
    most_mm: float | None = None
    satisfied_by: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    contrast: Contrast = Contrast.UNSAID
    genes: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()

    @property
    def is_typed(self) -> bool:
        """A doctor writes it into the case; no document holds it."""
        return self.kind in {ItemKind.CLINICAL, ItemKind.SCORE} and not self.document_types


@cache
def conditions() -> dict[str, Condition]:
    """Every condition by its code."""
    return {
        row["code"]: read_condition(row["code"], row["zh"], row["en"], row["expr"])
        for row in content("checklists")["conditions"]
    }


def _item(row: dict[str, Any]) -> ChecklistItem:
    more = content("item_terms")
    base = row["base"]
    own_type = (row["document_type"],) if row.get("document_type") else ()
    return ChecklistItem(
        code=row["id"],
        label_zh=row["label_zh"],
        label_en=row["label_en"],
        base=base,
        kind=ItemKind(row["kind"]),
        level=Level(row["level"]),
        condition=conditions()[row["condition"]],
        why_zh=row["why_zh"],
        max_age_days=row.get("max_age_days"),
        most_mm=row.get("most_mm"),
        satisfied_by=tuple(row.get("satisfied_by", ())),
        document_types=own_type or tuple(more["documents"].get(base, ())),
        modalities=tuple(row.get("modality", ())),
        body_parts=tuple(row.get("body_part", ())),
        terms=tuple(row.get("terms_zh", ())) or tuple(more["terms"].get(base, ())),
        contrast=Contrast(row.get("contrast", "")),
        genes=tuple(row.get("genes", ())),
        loinc=tuple(row.get("loinc", ())),
    )


@cache
def common_items() -> tuple[ChecklistItem, ...]:
    """Items that every tumour type has, unless it replaces them."""
    return tuple(_item(row) for row in content("checklists")["common_items"])


@cache
def _own_items() -> dict[str, tuple[frozenset[str], tuple[ChecklistItem, ...]]]:
    return {
        row["tumour_type"]: (
            frozenset(row["replaces_common"]),
            tuple(_item(item) for item in row["items"]),
        )
        for row in content("checklists")["types"]
    }


def checklist(tumour_type: str) -> tuple[ChecklistItem, ...]:
    """The items of a tumour type: the common ones that it does not replace, then its own."""
    if tumour_type not in _own_items():
        raise NotFound("unknown_code", list="checklists", value=tumour_type)
    replaced, own = _own_items()[tumour_type]
    return tuple(item for item in common_items() if item.code not in replaced) + own


@cache
def item_of_base(base: str) -> ChecklistItem | None:
    """Any item that describes a base, whichever type's: what ``satisfied_by`` refers to."""
    everything = [item for _, own in _own_items().values() for item in own]
    return next((item for item in (*common_items(), *everything) if item.base == base), None)
