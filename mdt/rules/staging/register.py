"""The stage of a register row, as coverage counts it (definition version 1, point 3)."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from mdt.rules.staging.catalogue import tables_for
from mdt.rules.staging.engine import Derived, derive
from mdt.rules.staging.shapes import NOT_ASSIGNED, UNDETERMINED, IiiPlus, StagingTable
from mdt.rules.staging.systems import FIGO, TNM, iii_plus_of_group, system_code
from mdt.rules.staging.text import StageText, read_stage_text

_BASES = {"": "c", "C": "c", "P": "p", "临床": "c", "病理": "p"}
_BARRED = frozenset({"yp", "yc", "r", "a"})
_BARRED_COLUMN = re.compile(r"(?:Y[CP]?|[RA])(?=[TNM]?[0-4XI])")
_DIGITS = re.compile(r"\d+")
_CHINESE_EDITIONS = str.maketrans({"六": "6", "七": "7", "八": "8", "九": "9"})
_AGE_LIMIT = 55
# Breast counts by its anatomic groups; the prognostic ones can lie on the other side of III.
_NOT_COUNTED = frozenset({"breast_prognostic_c", "breast_prognostic_p"})


class StageSource(StrEnum):
    """Where the stage of a row was read."""

    DERIVED = "derived"
    ENTERED = "entered"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RegisterStage:
    """The stage of a row, its side of III and where both come from.

    ``stage`` and ``possible`` are as in ``Derived``, or the group as it was read; ``editions`` are
    those of the tables that were asked.
    """

    stage: str = ""
    possible: tuple[str, ...] = ()
    iii_plus: IiiPlus = IiiPlus.UNKNOWN
    source: StageSource = StageSource.NONE
    editions: tuple[str, ...] = ()


class StagedRow(Protocol):
    """The stage as a row of the register has it."""

    @property
    def icd10(self) -> str:
        """The code as kept."""

    @property
    def morphology(self) -> str:
        """The ICD-O-3 code, or empty."""

    @property
    def staging_system(self) -> str:
        """As written; empty for TNM."""

    @property
    def staging_edition(self) -> str:
        """As written; empty for any."""

    @property
    def stage_basis(self) -> str:
        """As written; empty for clinical."""

    @property
    def t(self) -> str:
        """The category, or empty."""

    @property
    def n(self) -> str:
        """The category, or empty."""

    @property
    def m(self) -> str:
        """The category, or empty."""

    @property
    def stage_group(self) -> str:
        """As written."""


def judge_row_stage(row: StagedRow, *, age: int | None, group: str | None = None) -> RegisterStage:
    """Return the stage that a row counts with, by another ``group`` than its own if one is given.

    ``age`` is in years at diagnosis.
    """
    return judge_register_stage(
        icd10=row.icd10,
        morphology=row.morphology,
        system=row.staging_system,
        edition=row.staging_edition,
        basis=row.stage_basis,
        t=row.t,
        n=row.n,
        m=row.m,
        group=row.stage_group if group is None else group,
        age=age,
    )


@lru_cache(maxsize=20_000)
def judge_register_stage(
    *,
    icd10: str,
    morphology: str,
    system: str,
    edition: str,
    basis: str,
    t: str,
    n: str,
    m: str,
    group: str,
    age: int | None = None,
) -> RegisterStage:
    """Return the stage that a register row counts with.

    From T, N, M where the tables decide between yes and no (a conflict of the data changes
    nothing), else from the group, read by its numeral whatever the site's table lists. Of several
    tables that the row leaves open (edition, histology, subsite) all must agree. A row whose
    system has no TNM goes by its group first. ``age`` is in years at diagnosis. Stages after
    treatment (y), of recurrence (r) and of autopsy (a) never count, by basis or by prefix.
    """
    text = read_stage_text(group)
    used_basis = _basis(basis)
    if not used_basis or text.prefix in _BARRED or any(_barred(c) for c in (t, n, m)):
        return RegisterStage()
    code = system_code(system) or TNM
    categories = _categories(t, n, m, text)
    candidates = _candidates(icd10, morphology, _edition(edition, system), used_basis)
    derived = _from_categories(candidates, categories, age)
    entered = _from_group(text, group, code, derived.editions)
    first, second = (derived, entered) if code in {TNM, FIGO} else (entered, derived)
    for answer in (first, second):
        if answer.iii_plus is not IiiPlus.UNKNOWN:
            return answer
    return entered if entered.source is StageSource.ENTERED else derived


def named_table(icd10: str, morphology: str, system: str, edition: str) -> str:
    """The key of the table that a row names by its system and edition, empty where by neither."""
    code, number = system_code(system) or TNM, _edition(edition, system)
    if not number and code == TNM:
        return ""
    found = (
        one.key
        for one in tables_for(icd10, morphology)
        if system_code(one.system) == code
        and one.key not in _NOT_COUNTED
        and (not number or number in one.editions)
    )
    return next(found, "")


def _basis(basis: str) -> str:
    return _BASES.get(unicodedata.normalize("NFKC", basis).strip().upper(), "")


def _barred(column: str) -> bool:
    plain = "".join(unicodedata.normalize("NFKC", column).upper().split())
    return _BARRED_COLUMN.match(plain) is not None or read_stage_text(column).prefix in _BARRED


def _categories(t: str, n: str, m: str, text: StageText) -> dict[str, str]:
    """Return T, N and M: the row's columns, and what a column or the group has as one text."""
    columns = {"t": t, "n": n, "m": m}
    texts = [read_stage_text(column) for column in columns.values()] + [text]
    read = {
        axis: next((getattr(one, axis) for one in texts if getattr(one, axis)), "")
        for axis in columns
    }
    return {axis: read[axis] or columns[axis].strip() for axis in columns}


def _edition(edition: str, system: str) -> str:
    """Return the edition's number or year, from the system's name where it stands there."""
    for text in (edition, system):
        plain = unicodedata.normalize("NFKC", text).translate(_CHINESE_EDITIONS)
        if digits := _DIGITS.findall(plain):
            return str(int(digits[0]))
    return ""


def _candidates(icd10: str, morphology: str, edition: str, basis: str) -> list[StagingTable]:
    return [
        table
        for table in tables_for(icd10, morphology)
        if table.t
        and table.key not in _NOT_COUNTED
        and table.classification in {"any", basis}
        and (not edition or edition in table.editions)
    ]


def _from_categories(
    candidates: list[StagingTable], categories: dict[str, str], age: int | None
) -> RegisterStage:
    if not candidates or not any(categories.values()):
        return RegisterStage()
    factors = {} if age is None else {"age_group": "<55" if age < _AGE_LIMIT else ">=55"}
    answers = [derive(table.key, **categories, factors=factors) for table in candidates]
    sides = {answer.iii_plus for answer in answers}
    side = sides.pop() if len(sides) == 1 else IiiPlus.UNKNOWN
    source = StageSource.NONE if side is IiiPlus.UNKNOWN else StageSource.DERIVED
    editions = tuple(dict.fromkeys(table.edition for table in candidates))
    stage, possible = _together(answers)
    return RegisterStage(stage, possible, side, source, editions)


def _together(answers: list[Derived]) -> tuple[str, tuple[str, ...]]:
    stages = {answer.stage for answer in answers}
    possible = tuple(dict.fromkeys(stage for answer in answers for stage in answer.possible))
    if len(stages) == 1:
        return stages.pop(), possible
    return (UNDETERMINED, possible) if possible else (NOT_ASSIGNED, ())


def _from_group(text: StageText, raw: str, code: str, editions: tuple[str, ...]) -> RegisterStage:
    side = iii_plus_of_group(raw, code)
    label = text.group or (raw.strip() if side is not IiiPlus.UNKNOWN else "")
    if not label:
        return RegisterStage()
    shown = _as_written(label, code)
    return RegisterStage(shown, (shown,), side, StageSource.ENTERED, editions)


def _as_written(label: str, code: str) -> str:
    """CNLC writes its subgroups in small letters."""
    head = label.rstrip("ABC")
    return head + label[len(head) :].lower() if code == "CNLC" else label
