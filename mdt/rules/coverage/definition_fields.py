"""The fields of a definition of coverage: what a province may decide for itself.

Two lines are the same in every definition, as the register has nothing else to offer. The unit is
one primary tumour: the patient is known by a sealed identity number, and only where one was
entered. The tumour belongs to the hospital of its register row: the residence is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from mdt.rules.coverage.exclusion import SHIPPED_EXCLUSIONS, Exclusion
from mdt.rules.errors import Invalid
from mdt.rules.registry.values import STAGING_SYSTEMS

#: In the place of a staging system: rows that name none.
NO_SYSTEM = "none"
SYSTEMS = (*STAGING_SYSTEMS, NO_SYSTEM)
_MOST_DAYS = 366
_MOST_DISCIPLINES = 20


class StageRule(StrEnum):
    """Which stage of a register row counts."""

    CLINICAL_FIRST = "clinical_first"
    CLINICAL_ONLY = "clinical_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionFields:
    """What decides over a tumour; the defaults are the strict definition that ships.

    ``systems`` are the codes of staging systems whose stage is taken (`SYSTEMS`), ``None`` takes
    all. ``grace_days`` after the diagnosis a board still counts although treatment has begun
    (``None``: never). ``outside_boards``: a board held outside this system counts;
    ``opinions_alone``: an opinion signed with no meeting does, by the day of its first signature.
    ``min_disciplines``: a board of this system needs at least as many besides its quorum.
    ``exclusions`` leave a tumour out, an early death being one at most ``early_death_days`` after
    the diagnosis. A tumour without treatment is pending for ``pending_days`` after its diagnosis.
    """

    stage_rule: StageRule = StageRule.CLINICAL_FIRST
    systems: frozenset[str] | None = None
    grace_days: int | None = None
    outside_boards: bool = False
    opinions_alone: bool = False
    min_disciplines: int = 0
    exclusions: frozenset[Exclusion] = frozenset(SHIPPED_EXCLUSIONS)
    early_death_days: int = 30
    pending_days: int = 30
    target: Fraction = Fraction(1, 2)

    @property
    def reasons(self) -> tuple[Exclusion, ...]:
        """The exclusions in the order in which they are tried."""
        return tuple(reason for reason in Exclusion if reason in self.exclusions)

    def takes_system(self, system: str) -> bool:
        """Whether a stage by this system (empty where the row names none) is taken."""
        return self.systems is None or (system or NO_SYSTEM) in self.systems


FIELD_NAMES = tuple(field.name for field in fields(DefinitionFields))


def fields_as_json(definition: DefinitionFields) -> dict[str, Any]:
    """Return the fields as plain JSON, lists in the order of their codes."""
    systems = definition.systems
    return {
        "stage_rule": definition.stage_rule.value,
        "systems": None if systems is None else [one for one in SYSTEMS if one in systems],
        "grace_days": definition.grace_days,
        "outside_boards": definition.outside_boards,
        "opinions_alone": definition.opinions_alone,
        "min_disciplines": definition.min_disciplines,
        "exclusions": [reason.value for reason in definition.reasons],
        "early_death_days": definition.early_death_days,
        "pending_days": definition.pending_days,
        "target": str(definition.target),
    }


def fields_from_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read what `fields_as_json` wrote: arguments of `DefinitionFields`."""
    systems = stored["systems"]
    return {
        **{name: stored[name] for name in FIELD_NAMES},
        "stage_rule": StageRule(stored["stage_rule"]),
        "systems": None if systems is None else frozenset(systems),
        "exclusions": frozenset(Exclusion(one) for one in stored["exclusions"]),
        "target": Fraction(stored["target"]),
    }


def check_fields(definition: DefinitionFields) -> None:
    """Raise `Invalid` with a code for each field that no definition may have."""
    problems: dict[str, str] = {}
    if definition.systems is not None and not definition.systems:
        problems["systems"] = "definition_no_system"
    elif definition.systems is not None and not definition.systems <= set(SYSTEMS):
        problems["systems"] = "unknown_code"
    for name in ("grace_days", "early_death_days", "pending_days"):
        days = getattr(definition, name)
        if days is not None and not 0 <= days <= _MOST_DAYS:
            problems[name] = "definition_days"
    if not 0 <= definition.min_disciplines <= _MOST_DISCIPLINES:
        problems["min_disciplines"] = "definition_disciplines"
    if not 0 < definition.target < 1:
        problems["target"] = "definition_target"
    if problems:
        raise Invalid(problems)


def differing_fields(one: DefinitionFields, other: DefinitionFields) -> tuple[str, ...]:
    """Names of the fields in which two definitions differ, in their order.

    The days of an early death are no difference where neither leaves early deaths out.
    """
    differing = tuple(name for name in FIELD_NAMES if getattr(one, name) != getattr(other, name))
    if Exclusion.EARLY_DEATH in one.exclusions | other.exclusions:
        return differing
    return tuple(name for name in differing if name != "early_death_days")
