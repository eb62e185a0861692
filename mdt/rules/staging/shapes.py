"""What a stage table and an answer look like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

UNDETERMINED = "undetermined"
NOT_ASSIGNED = "not-assigned"
UNKNOWN = "unknown"
AXES = ("t", "n", "m")

_NUMERAL = re.compile(r"(0|IV|I{1,3})(?![IV])")
_FIGO_YEAR = re.compile(r"FIGO (\d{4})")


class IiiPlus(StrEnum):
    """Whether a tumour is of stage III or above; unknown is never counted as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value with its label in both languages."""

    value: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Factor:
    """An input beside T, N and M; ``unknown`` among the values means not recorded."""

    name: str
    label_zh: str
    label_en: str
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A combination that cannot be right, with the sentence to show."""

    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Categories that make a conflict when they meet; an axis that is left out may be anything."""

    categories: Mapping[str, frozenset[str]]
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class Rule:
    """One box of the table: the values allowed on each axis and factor, and the group.

    An axis or factor that is left out of ``allowed`` may be anything.
    """

    allowed: Mapping[str, frozenset[str]]
    stage: str
    iii_plus: IiiPlus


@dataclass(frozen=True)
class StagingTable:
    """The facts of one classification: categories, factors, groups and the rules between them.

    ``t``, ``n`` and ``m`` are the categories that the rules speak of; ``parents`` maps an unsplit
    category of an axis to its children, ``aliases`` another spelling to the category meant.
    ``classification`` is ``c``, ``p``, ``yp`` or ``any``. A clinician signs a table off before it
    drives a mandatory rule; ``confidence`` is high, medium or low until then.
    """

    key: str
    label_zh: str
    label_en: str
    icd10: tuple[str, ...]
    system: str
    edition: str
    effective: str
    classification: str
    t: tuple[str, ...]
    n: tuple[str, ...]
    m: tuple[str, ...]
    factors: tuple[Factor, ...]
    parents: Mapping[str, Mapping[str, tuple[str, ...]]]
    aliases: Mapping[str, Mapping[str, str]]
    stages: tuple[str, ...]
    iii_plus: frozenset[str]
    not_iii_plus: frozenset[str]
    inconsistent: tuple[Inconsistency, ...]
    rules: tuple[Rule, ...]
    notes: tuple[str, ...]
    source: str
    confidence: str

    @cached_property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Return each axis and factor that the table uses, with the values its rules speak of."""
        axes = {"t": self.t, "n": self.n, "m": self.m}
        factors = {factor.name: tuple(c.value for c in factor.values) for factor in self.factors}
        return {name: values for name, values in axes.items() if values} | factors

    @cached_property
    def editions(self) -> frozenset[str]:
        """Return the names that a record may give this edition: its number, and FIGO's year."""
        return frozenset({self.edition, *_FIGO_YEAR.findall(self.system)})

    def side(self, stage: str) -> IiiPlus:
        """Tell on which side of III a label of this table stands."""
        if stage in self.iii_plus:
            return IiiPlus.YES
        return IiiPlus.NO if stage in self.not_iii_plus else IiiPlus.UNKNOWN

    def categories(self, axis: str) -> tuple[str, ...]:
        """Return all that may be chosen on ``t``, ``n`` or ``m``, unsplit and finer ones too."""
        known = self.values.get(axis, ())
        if not known:
            return ()
        extra = {*self.parents.get(axis, {}), *self.aliases.get(axis, {})} - set(known)
        plain = {*known, *(c for c in extra if "(" not in c and c.upper().startswith(axis.upper()))}
        return tuple(sorted(plain, key=_natural))


def numeral_of(label: str) -> str:
    """Return the Roman numeral (or 0) that a group's label starts with, else nothing."""
    found = _NUMERAL.match(label)
    return found.group(1) if found else ""


def _natural(category: str) -> tuple[int, str]:
    rest = category[1:]
    named = {"X": -1, "a": 1, "is": 2}
    return (named[rest] if rest in named else int(rest[0]) * 3, rest)
