"""Whether a case is ready for the board: a light and a sentence for each item of the checklist.

The checklist gates listing on an agenda (with an override and its reason); submission is gated by
consent and agreement, see ``mdt.rules.intake``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.conditions import Facts
from mdt.rules.content.checklists import ChecklistItem, Level, checklist
from mdt.rules.evidence import Evidence, Finding, Proof, prove

__all__ = ["ItemState", "Light", "Mark", "Readiness", "Sentence", "checklist", "readiness"]

_LEGAL_CONSENTS = frozenset({"consent_guardian", "consent_privacy", "consent_remote"})


class Light(StrEnum):
    """The light of an item, from the worst to the best; ``off`` is not asked for in this case."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    OFF = "off"


class Mark(StrEnum):
    """What the doctor ticks by hand.

    ``present`` vouches for what the system cannot see; ``not_applicable`` answers a condition that
    is unknown, and no other; ``not_available`` says why an item stays missing.
    """

    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"
    PRESENT = "present"


class Sentence(StrEnum):
    """What is said beside the light. The words are in ``mdt.web``."""

    CONDITION_UNKNOWN = "condition_unknown"
    CONTRAST_LACKING = "contrast_lacking"
    CONTRAST_UNKNOWN = "contrast_unknown"
    DATE_UNKNOWN = "date_unknown"
    INCOMPLETE = "incomplete"
    MARKED_PRESENT = "marked_present"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"
    PICTURES_ONLY = "pictures_only"
    PRESENT = "present"
    REPORT_LACKING = "report_lacking"
    REPORT_ONLY = "report_only"
    SERIES_TORN = "series_torn"
    SLICES_DOUBLED = "slices_doubled"
    SLICES_MISSING = "slices_missing"
    SLICES_THICK = "slices_thick"
    TOO_OLD = "too_old"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item in one case.

    ``applies`` is the value of its condition, ``ask`` the facts that would decide an unknown one,
    ``on`` the day of what was found.
    """

    item: ChecklistItem
    light: Light
    sentence: Sentence
    applies: bool | None
    on: date | None = None
    ask: tuple[str, ...] = ()

    @property
    def blocking(self) -> bool:
        """It keeps the case from being listed."""
        return self.light == Light.RED


def override_in_force(kept: Mapping[str, str]) -> bool:
    """A listing in spite of the checklist holds for one conference; ``ended`` when it was over."""
    return bool(kept) and not kept.get("ended")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Every item that the case is asked for, one for each base, in the order of the checklist."""

    items: tuple[ItemState, ...]

    @property
    def blocking(self) -> tuple[ItemState, ...]:
        """Required items that hold and are not met."""
        return tuple(state for state in self.items if state.blocking)

    @property
    def open_items(self) -> tuple[ItemState, ...]:
        """Red and amber items: what is missing or to be confirmed."""
        return tuple(state for state in self.items if state.light in {Light.RED, Light.AMBER})

    @property
    def ready(self) -> bool:
        """Nothing keeps the case from being listed."""
        return not self.blocking

    @property
    def light(self) -> Light:
        """The worst light."""
        return min((state.light for state in self.items), key=_severity, default=Light.GREEN)

    def count(self, light: str) -> int:
        """How many items show this light."""
        return sum(state.light == light for state in self.items)


def _severity(light: Light) -> int:
    return list(Light).index(light)


def _only_by_scan(item: ChecklistItem) -> bool:
    """The consents that the law asks for are proved by their scan; nobody vouches for them."""
    return bool(_LEGAL_CONSENTS & set(item.document_types))


def _state(
    item: ChecklistItem,
    proof: Proof,
    facts: Facts,
    mark: str | None,
) -> ItemState:
    finding = proof.finding
    applies = item.condition.holds(facts)
    ask = item.condition.unknown_fields(facts) if applies is None else ()

    def shown(light: Light, sentence: Sentence) -> ItemState:
        return ItemState(item, light, sentence, applies, proof.on, ask)

    if applies is False or (applies is None and mark == Mark.NOT_APPLICABLE):
        return shown(Light.OFF, Sentence.NOT_APPLICABLE)
    if finding == Finding.PRESENT:
        return shown(Light.GREEN, Sentence.PRESENT)
    if mark == Mark.PRESENT and not _only_by_scan(item):
        return shown(Light.GREEN, Sentence.MARKED_PRESENT)
    if not finding.lacking:
        return shown(Light.AMBER, Sentence(finding.value))
    sentence = Sentence(finding.value)
    if mark == Mark.NOT_AVAILABLE:
        sentence = Sentence.NOT_AVAILABLE
    elif applies is None and finding == Finding.MISSING:
        sentence = Sentence.CONDITION_UNKNOWN
    red = applies is True and item.level == Level.REQUIRED
    return shown(Light.RED if red else Light.AMBER, sentence)


def _demand(state: ItemState) -> tuple[int, int, int]:
    """How strongly a state speaks for its base: the worst light, then what surely applies."""
    return (
        _severity(state.light),
        0 if state.applies else 1,
        0 if state.item.level == Level.REQUIRED else 1,
    )


def readiness(
    tumour_type: str,
    facts: Facts,
    evidence: Evidence,
    marks: Mapping[str, str],
    on: date,
) -> Readiness:
    """The checklist of a tumour type held against a case.

    ``facts`` is flat (``age``, ``stage_numeral``, ...; a missing one is unknown); ``marks`` maps an
    item's code or its base to a ``Mark``; ``on`` is the day of submission. Items that share a base
    come as one: what is there serves them all, and the strictest of them speaks.
    """
    by_base: dict[str, list[ItemState]] = {}
    for item in checklist(tumour_type):
        proof = prove(item, tumour_type, evidence, on)
        mark = marks.get(item.code) or marks.get(item.base)
        state = _state(item, proof, facts, mark)
        by_base.setdefault(item.base, []).append(state)
    chosen = (min(states, key=_demand) for states in by_base.values())
    return Readiness(tuple(state for state in chosen if state.light != Light.OFF))
