"""What a case holds, and how well it proves an item of the checklist.

Of pictures and their reports see ``mdt.rules.pictures``.

What is certain proves an item; what may hold it (a report of the right kind without its name in
the title, a value in a text without its report) is shown for a person to confirm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from mdt.rules import wording
from mdt.rules.content.checklists import ChecklistItem, ItemKind, checklist, item_of_base
from mdt.rules.content.vocabulary import document_types
from mdt.rules.pictures import (
    NOTHING,
    Document,
    Finding,
    Proof,
    Series,
    age_of,
    pictures,
    proof_by_picture,
    shows,
)

__all__ = ["NOTHING", "Document", "Evidence", "Finding", "Proof", "Series", "prove"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything in a case that can prove an item.

    ``entered`` maps a base to the day that its value stands for, ``partly`` names bases of which
    something is entered and something is lacking; ``notes`` is typed text (laboratory values,
    molecular results, examination) in which names of items are looked for.
    """

    documents: tuple[Document, ...] = ()
    series: tuple[Series, ...] = ()
    entered: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    partly: frozenset[str] = frozenset()
    notes: str = ""


#: Groups of documents in which an item without a document type of its own may stand.
_GROUPS: Mapping[ItemKind, frozenset[str]] = MappingProxyType(
    {
        ItemKind.CLINICAL: frozenset({"record", "treatment"}),
        ItemKind.DOCUMENT: frozenset(),
        ItemKind.ENDOSCOPY: frozenset({"endoscopy", "treatment"}),
        ItemKind.FUNCTIONAL: frozenset({"function", "laboratory"}),
        ItemKind.IMAGING: frozenset(),
        ItemKind.LABORATORY: frozenset({"laboratory"}),
        ItemKind.MOLECULAR: frozenset({"pathology"}),
        ItemKind.PATHOLOGY: frozenset({"pathology"}),
        ItemKind.SCORE: frozenset({"function"}),
    }
)
#: Of the items that a pathology report can hold, the one that any such report is.
_GENERIC = frozenset({"path_report", "cytology", "cl_prior"})
#: A value of these is complete as soon as it is written down.
_NEEDS_NO_REPORT = frozenset({ItemKind.CLINICAL, ItemKind.SCORE})
#: The gene as the files call it, where doctors write another name.
_GENE_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"ERBB2": ("ERBB2", "HER2 FISH", "HER2扩增", "HER2突变"), "MSI": ("MSI", "MSS")}
)


def _best(proofs: Iterable[Proof]) -> Proof:
    return min(proofs, key=lambda proof: proof.finding.rank, default=NOTHING)


def _imaging(item: ChecklistItem, evidence: Evidence, day: date) -> Proof:
    shown = [
        (picture, proof_by_picture(item, picture, day))
        for picture in pictures(evidence.series, evidence.documents)
        if shows(item, picture)
    ]
    best = _best(proof for _, proof in shown)
    regions = {
        part
        for name in item.body_parts
        if wording.is_compound(name)
        for part in wording.covered(name)[1:]
    }
    seen = {
        part for picture, proof in shown if not proof.finding.lacking for part in picture.regions
    }
    if not best.finding.lacking and not regions <= seen:
        return Proof(Finding.INCOMPLETE, best.on)
    return best


@cache
def _groups() -> dict[str, str]:
    return {one.code: one.group for one in document_types()}


@cache
def _ambiguous_types(tumour_type: str) -> frozenset[str]:
    """Types of documents that several items of the checklist can stand in."""
    owners: dict[str, set[str]] = {}
    for item in checklist(tumour_type):
        for document_type in item.document_types:
            owners.setdefault(document_type, set()).add(item.base)
    return frozenset(name for name, bases in owners.items() if len(bases) > 1)


def _named(item: ChecklistItem, text: str) -> bool:
    return wording.names_any(text, item.terms)


def _documents(
    item: ChecklistItem, evidence: Evidence, day: date, ambiguous: frozenset[str]
) -> Proof:
    proofs = []
    for document in evidence.documents:
        kind = document.document_type
        if kind in item.document_types:
            sure = kind not in ambiguous or item.base in _GENERIC or _named(item, document.title)
            finding = Finding.PRESENT if sure else Finding.UNCONFIRMED
        elif (
            not item.document_types
            and _groups().get(kind) in _GROUPS[item.kind]
            and _named(item, document.title)
        ):
            finding = Finding.PRESENT
        else:
            continue
        proofs.append(age_of(item, finding, document.dated_on, day))
    return _best(proofs)


def _notes(item: ChecklistItem, evidence: Evidence, day: date) -> Proof:
    """A value that is typed: complete for a score, to be backed by a report for the rest.

    A laboratory report holds many values, so any one backs what is typed, up to its own age.
    """
    if item.kind in {ItemKind.IMAGING, ItemKind.DOCUMENT}:
        return NOTHING
    if not _named(item, wording.results_only(evidence.notes)):
        return NOTHING
    if item.kind in _NEEDS_NO_REPORT:
        return Proof(Finding.PRESENT)
    if item.kind != ItemKind.LABORATORY:
        return Proof(Finding.REPORT_LACKING)
    backing = [
        age_of(item, Finding.PRESENT, document.dated_on, day)
        for document in evidence.documents
        if document.document_type == "lab_report"
    ]
    return _best(backing) if backing else Proof(Finding.REPORT_LACKING)


def _genes(item: ChecklistItem, evidence: Evidence) -> Proof:
    reports = [one for one in evidence.documents if one.document_type == "molecular_report"]
    written = "\n".join(
        [wording.results_only(evidence.notes), *(report.title for report in reports)]
    )
    known = [
        gene for gene in item.genes if wording.names_any(written, _GENE_NAMES.get(gene, (gene,)))
    ]
    if len(known) == len(item.genes) and known:
        return Proof(Finding.PRESENT if reports else Finding.REPORT_LACKING)
    if known:
        return Proof(Finding.INCOMPLETE)
    return Proof(Finding.UNCONFIRMED, reports[0].dated_on) if reports else NOTHING


def _entered(item: ChecklistItem, evidence: Evidence, day: date) -> Proof:
    if item.base in evidence.entered:
        return age_of(item, Finding.PRESENT, evidence.entered[item.base], day)
    return Proof(Finding.INCOMPLETE) if item.base in evidence.partly else NOTHING


def _own_proof(
    item: ChecklistItem, evidence: Evidence, day: date, ambiguous: frozenset[str]
) -> Proof:
    proofs = [_entered(item, evidence, day), _documents(item, evidence, day, ambiguous)]
    if item.kind == ItemKind.IMAGING:
        proofs.append(_imaging(item, evidence, day))
    elif item.kind == ItemKind.MOLECULAR:
        proofs.append(_genes(item, evidence))
    else:
        proofs.append(_notes(item, evidence, day))
    return _best(proofs)


def prove(item: ChecklistItem, tumour_type: str, evidence: Evidence, day: date) -> Proof:
    """The best proof of an item by its own evidence or by that of a base that satisfies it.

    ``day`` is the day of submission, up to which ages are counted.
    """
    ambiguous = _ambiguous_types(tumour_type)
    own = _own_proof(item, evidence, day, ambiguous)
    substitutes = (
        _own_proof(other, evidence, day, ambiguous)
        for other in map(item_of_base, item.satisfied_by)
        if other is not None
    )
    # Half of a substitute stands for nothing: an abdominal CT is no part of a chest CT.
    whole = (proof for proof in substitutes if proof.finding.rank < Finding.INCOMPLETE.rank)
    return _best((own, *whole))
