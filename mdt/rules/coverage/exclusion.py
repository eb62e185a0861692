"""Why a tumour may stand outside the rate; which of the reasons count, a definition says."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from mdt.rules.icd10 import is_in_situ, is_malignant


class Exclusion(StrEnum):
    """Why a tumour stands outside the rate, in the order in which the reasons are tried."""

    RECURRENCE = "recurrence"
    IN_SITU = "in_situ"
    NOT_MALIGNANT = "not_malignant"
    DEATH_CERTIFICATE = "death_certificate"
    NOT_STAGEABLE = "not_stageable"
    EMERGENCY = "emergency"
    EARLY_DEATH = "early_death"


#: What definition version 1 leaves out.
SHIPPED_EXCLUSIONS = (
    Exclusion.RECURRENCE,
    Exclusion.IN_SITU,
    Exclusion.NOT_MALIGNANT,
    Exclusion.DEATH_CERTIFICATE,
    Exclusion.NOT_STAGEABLE,
)
#: All but the early death, which depends on a number of days: each has a bit in `reason_bits`.
_WITHOUT_DAYS = (*SHIPPED_EXCLUSIONS, Exclusion.EMERGENCY)


class ExcludingFacts(Protocol):
    """What a row of the register says that may leave it out."""

    @property
    def case_type(self) -> str:
        """First diagnosis, or the second of one."""

    @property
    def icd10(self) -> str:
        """The code as kept."""

    @property
    def diagnosis_basis(self) -> str:
        """One digit, or empty."""

    @property
    def diagnosis_date(self) -> date:
        """The day of the diagnosis."""

    @property
    def emergency(self) -> bool | None:
        """Whether the patient came as an emergency, where the register says so."""

    @property
    def death_date(self) -> date | None:
        """The day of the death, where the register has one."""


class _WithoutDays(NamedTuple):
    """What a row says that may leave it out, whenever it was."""

    case_type: str
    icd10: str
    diagnosis_basis: str
    emergency: bool | None


def holds(reason: Exclusion, row: ExcludingFacts | _WithoutDays) -> bool:
    """Whether a reason that needs no number of days holds for a row."""
    match reason:
        case Exclusion.RECURRENCE:
            return row.case_type != "new"
        case Exclusion.IN_SITU:
            return is_in_situ(row.icd10)
        case Exclusion.NOT_MALIGNANT:
            return not is_malignant(row.icd10) and not is_in_situ(row.icd10)
        case Exclusion.DEATH_CERTIFICATE:
            return row.diagnosis_basis in {"0", "8"}
        case Exclusion.NOT_STAGEABLE:
            category = row.icd10[:3]
            return "C91" <= category <= "C95" or "C70" <= category <= "C72"
        case _:
            return reason is Exclusion.EMERGENCY and row.emergency is True


def reason_bits(row: ExcludingFacts | _WithoutDays) -> int:
    """All the reasons that hold for a row, each by its `reason_bit`; the early death is none."""
    return sum(reason_bit(reason) for reason in _WITHOUT_DAYS if holds(reason, row))


def reason_bit(reason: Exclusion) -> int:
    """The bit of a reason in `reason_bits`."""
    return 1 << _WITHOUT_DAYS.index(reason)


def shipped_reasons(row: ExcludingFacts) -> tuple[str, int]:
    """The first reason that what ships leaves a row out for, empty for none, and `reason_bits`."""
    return _shipped_reasons(row.case_type, row.icd10, row.diagnosis_basis, row.emergency)


# They repeat: a million rows have some thousand of them.
@lru_cache(maxsize=20_000)
def _shipped_reasons(
    case_type: str, icd10: str, diagnosis_basis: str, emergency: bool | None
) -> tuple[str, int]:
    row = _WithoutDays(case_type, icd10, diagnosis_basis, emergency)
    first = next((one for one in SHIPPED_EXCLUSIONS if holds(one, row)), "")
    return str(first), reason_bits(row)


def first_reason(
    row: ExcludingFacts,
    reasons: Collection[Exclusion] = SHIPPED_EXCLUSIONS,
    early_death_days: int = 0,
) -> Exclusion | None:
    """Return the first of these reasons that holds, or ``None``.

    An early death is one at most ``early_death_days`` after the diagnosis.
    """
    for reason in Exclusion:
        if reason not in reasons:
            continue
        if reason is Exclusion.EARLY_DEATH:
            if row.death_date and (row.death_date - row.diagnosis_date).days <= early_death_days:
                return reason
        elif holds(reason, row):
            return reason
    return None
