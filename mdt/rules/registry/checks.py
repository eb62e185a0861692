"""What looks wrong in a row that counts all the same."""

import re
from collections.abc import Container, Iterator
from datetime import date
from functools import lru_cache

from mdt.rules import codes
from mdt.rules.icd10 import Icd10, is_in_situ, is_malignant, parse_icd10
from mdt.rules.identity import RESIDENT_CARD
from mdt.rules.registry.rows import DATE_COLUMNS, RegisterRow

_MORPHOLOGY = re.compile(r"[89]\d{3}/[012369]\d?", re.ASCII)

Finding = tuple[str, str]
"""A column and the code of what is wrong with it."""


def find_contradictions(
    row: RegisterRow, today: date, known_regions: Container[str]
) -> Iterator[Finding]:
    """Everything of a row that contradicts itself, the calendar or the code lists."""
    yield from _person(row, known_regions)
    yield from _diagnosis(row)
    yield from _dates(row, today)
    yield from _treatment(row)


def _person(row: RegisterRow, known_regions: Container[str]) -> Iterator[Finding]:
    if row.residence_code and row.residence_code not in known_regions:
        yield "residence_code", "residence_code_unknown"
    kind = codes.id_types().get(row.id_type)
    other_document = kind is not None and row.id_type != RESIDENT_CARD and row.id_number
    if kind and other_document and not re.fullmatch(kind.pattern or ".*", row.id_number):
        yield "id_number", "id_number_pattern"
    if row.sex == _sex_that_site_excludes(row.icd10):
        yield "sex", "sex_against_site"


def _sex_that_site_excludes(icd10: str) -> str | None:
    category, fourth = icd10[:3], icd10[:5]
    if "C51" <= category <= "C58" or category == "D06" or "D07.0" <= fourth <= "D07.3":
        return "1"
    if "C60" <= category <= "C63" or "D07.4" <= fourth <= "D07.6":
        return "2"
    return None


def _diagnosis(row: RegisterRow) -> Iterator[Finding]:
    yield from _codes(row.icd10, row.morphology)


@lru_cache(maxsize=20_000)
def _codes(icd10: str, morphology: str) -> tuple[Finding, ...]:
    return tuple(_find_in_codes(icd10, morphology))


def _find_in_codes(icd10: str, morphology: str) -> Iterator[Finding]:
    code = parse_icd10(icd10)
    if code is not None:
        if code.category3 == "C97":
            yield "icd10", "icd10_multiple_primary"
        if code.code4 in codes.icd10_superseded():
            yield "icd10", "icd10_superseded"
        elif not _is_listed(code):
            yield "icd10", "icd10_unlisted"
    if morphology:
        yield from _morphology(icd10, morphology)


def _is_listed(code: Icd10) -> bool:
    names = codes.icd10_names()
    if code.category3 not in names:
        # Benign tumours are listed only as far as a register wants them.
        return not is_malignant(code.category3)
    undivided = f"{code.category3}.9" not in names and f"{code.category3}.0" not in names
    return undivided or code.code4 in names


def _morphology(icd10: str, morphology: str) -> Iterator[Finding]:
    if not _MORPHOLOGY.fullmatch(morphology):
        yield "morphology", "morphology_unreadable"
        return
    if morphology[:6] not in codes.morphologies():
        yield "morphology", "morphology_unlisted"
    behaviour = morphology[5]
    malignant_without = is_malignant(icd10) and behaviour != "3"
    in_situ_without = is_in_situ(icd10) and behaviour != "2"
    if malignant_without or in_situ_without:
        yield "morphology", "morphology_against_code"


def _dates(row: RegisterRow, today: date) -> Iterator[Finding]:
    for column in DATE_COLUMNS:
        day: date | None = getattr(row, column)
        if day is None:
            continue
        if day > today:
            yield column, "date_in_future"
        if row.birth_date and day < row.birth_date:
            yield column, "date_before_birth"
    if row.death_date and row.death_date < row.diagnosis_date:
        yield "death_date", "death_before_diagnosis"
    if row.first_treatment_date and row.first_treatment_date < row.diagnosis_date:
        yield "first_treatment_date", "treatment_before_diagnosis"


def _treatment(row: RegisterRow) -> Iterator[Finding]:
    if row.first_treatment_date and not row.first_treatment_type:
        yield "first_treatment_type", "first_treatment_type_missing"
    if row.first_treatment_type and not row.first_treatment_date:
        yield "first_treatment_date", "first_treatment_date_missing"
