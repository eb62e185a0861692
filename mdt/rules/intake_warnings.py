"""What in a case does not go together. A warning asks; it never stops anybody."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from mdt.rules.case_draft import CaseDraft, SectionCode, age_of, section_of
from mdt.rules.icd10 import is_metastasis
from mdt.rules.identity import RESIDENT_CARD, IdNumber, check_id_number

#: ECOG to the Karnofsky values that go with it (domain: 90-100 is 0, 70-80 is 1, ...).
KPS_OF_ECOG: dict[int, range] = {
    0: range(90, 101),
    1: range(70, 90),
    2: range(50, 70),
    3: range(30, 50),
    4: range(10, 30),
}
_LANSKY_BELOW = 16
_HABITS = frozenset({"alcohol", "betel", "smoking"})
_HABITS_FROM = 14
_FEMALE_SITES = ("C51", "C52", "C53", "C54", "C55", "C56", "C57", "C58")
_MALE_SITES = ("C60", "C61", "C62", "C63")
_OTHER_SEX = {"1": _FEMALE_SITES, "2": _MALE_SITES}
#: A landline without its area code, a mobile, a landline with its area code.
_PHONE_DIGITS = range(7, 13)
_NEXT_NUMBER = re.compile(r"转|ext|#|[,;、/]", re.IGNORECASE)
_COUNTRY = re.compile(r"^(\+|00)86")
_SIDES = {"1": "左", "2": "右"}


@dataclass(frozen=True, slots=True)
class DraftWarning:
    """Something to look at again; the words are in ``mdt.web``."""

    code: str
    field: str
    section: SectionCode


def performance_agrees(ecog: int | None, kps: int | None) -> bool:
    """ECOG and Karnofsky describe the same patient, with a step of ten to either side."""
    if ecog is None or kps is None:
        return True
    fitting = KPS_OF_ECOG.get(ecog)
    return fitting is not None and fitting.start - 10 <= kps < fitting.stop + 10


def sex_fits_site(sex: str, icd10: str) -> bool:
    """The site exists in this sex; true where the sex is unknown."""
    return not icd10.upper().startswith(_OTHER_SEX.get(sex, ("-",)))


def side_conflict(laterality: str, texts: Iterable[str]) -> bool:
    """Reports speak only of the other side than the one in the form.

    A text that names both sides (the healthy one is normal) says nothing.
    """
    if laterality not in _SIDES:
        return False
    own, other = _SIDES[laterality], _SIDES["2" if laterality == "1" else "1"]
    found = list(texts)
    other_only = any(other in text and own not in text for text in found)
    own_only = any(own in text and other not in text for text in found)
    return other_only and not own_only


def _identity(draft: CaseDraft, today: date) -> Iterable[tuple[str, str]]:
    if draft.id_type != RESIDENT_CARD or not draft.id_number:
        return
    read = check_id_number(draft.id_number, today)
    if not isinstance(read, IdNumber):
        yield read.value, "id_number"
        return
    if draft.birth_date not in (None, read.birth_date):
        yield "birth_date_differs_from_id", "birth_date"
    if draft.sex in {"1", "2"} and draft.sex != read.sex:
        yield "sex_differs_from_id", "sex"


def phone_plausible(text: str) -> bool:
    """As many digits as a mobile has, or a landline with or without its area code.

    Signs, a word of whose it is, a country code and an extension may stand with the first number;
    nothing is no mistake.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    number = _NEXT_NUMBER.split(plain, maxsplit=1)[0]
    digits = re.sub(r"[^0-9+]", "", number)
    return not plain or len(_COUNTRY.sub("", digits)) in _PHONE_DIGITS


def _contact(draft: CaseDraft) -> Iterable[tuple[str, str]]:
    if not phone_plausible(draft.phone):
        yield "phone_implausible", "phone"


def _diagnosis(draft: CaseDraft) -> Iterable[tuple[str, str]]:
    if is_metastasis(draft.icd10):
        yield "metastasis_as_diagnosis", "icd10"
    if not sex_fits_site(draft.sex, draft.icd10):
        yield "sex_does_not_fit_site", "icd10"


def _dates(draft: CaseDraft, today: date) -> Iterable[tuple[str, str]]:
    past = ("birth_date", "diagnosis_date", "stage_date", "first_treatment_date")
    for name in past:
        day: date | None = getattr(draft, name)
        if day is not None and day > today:
            yield "date_in_future", name
    diagnosed, treated, born = draft.diagnosis_date, draft.first_treatment_date, draft.birth_date
    if diagnosed and treated and treated < diagnosed:
        yield "treated_before_diagnosis", "first_treatment_date"
    if diagnosed and born and diagnosed < born:
        yield "diagnosed_before_birth", "diagnosis_date"
    if draft.case_type == "new" and treated and draft.stage_date and draft.stage_date > treated:
        yield "staged_after_treatment", "stage_date"


def _condition(draft: CaseDraft, today: date) -> Iterable[tuple[str, str]]:
    age = age_of(draft, today)
    if not performance_agrees(draft.ecog, draft.kps):
        yield "ecog_kps_differ", "kps"
    if age is not None and age < _LANSKY_BELOW and (draft.ecog, draft.kps) != (None, None):
        yield "lansky_for_children", "ecog"
    if age is not None and age < _HABITS_FROM and _HABITS & set(draft.comorbidities):
        yield "habit_implausible_for_age", "comorbidities"


def draft_warnings(
    draft: CaseDraft, today: date, *, report_texts: Collection[str] = ()
) -> tuple[DraftWarning, ...]:
    """Everything in a draft that does not go together; ``report_texts`` are titles of reports."""
    pairs = chain(
        _identity(draft, today),
        _contact(draft),
        _diagnosis(draft),
        _dates(draft, today),
        _condition(draft, today),
    )
    found = [DraftWarning(code, name, section_of(name)) for code, name in pairs]
    if side_conflict(draft.laterality, report_texts):
        code = "side_differs_from_reports"
        found.append(DraftWarning(code, "laterality", section_of("laterality")))
    return tuple(found)
