"""Whether the person in an image's header is the patient of the case.

A difference is shown and decided by a person: headers hold pinyin, former names and typing errors.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.imaging import DicomPatient

_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
_SEXES = {"M": "1", "F": "2"}


class Match(StrEnum):
    """How a field of the header stands to the case."""

    DIFFERS = "differs"
    #: Latin letters against Chinese ones: only a person can tell.
    OTHER_SCRIPT = "other_script"
    SAME = "same"
    UNKNOWN = "unknown"


class IdentityField(StrEnum):
    """What is compared, in the order in which it is shown."""

    NAME = "name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """The patient of the case; ``sex`` is ``1`` male, ``2`` female, else unknown."""

    name: str
    sex: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field in the header and in the case."""

    field: IdentityField
    header: str
    case: str
    match: Match


def compare_identity(header: DicomPatient, case: KnownPatient) -> tuple[Comparison, ...]:
    """Compare name, sex and birth date.

    A name in Latin letters against a Chinese one is for a person to judge, never taken as the same.
    Sex is given as the codes ``1`` and ``2``, dates in ISO form; empty where not known.
    """
    sex = _SEXES.get(header.sex, "")
    known_sex = case.sex if case.sex in _SEXES.values() else ""
    born, known_born = _iso(header.birth_date), _iso(case.birth_date)
    return (
        Comparison(
            IdentityField.NAME, header.name, case.name, _match_names(header.name, case.name)
        ),
        Comparison(IdentityField.SEX, sex, known_sex, _match(sex, known_sex)),
        Comparison(IdentityField.BIRTH_DATE, born, known_born, _match(born, known_born)),
    )


def differs(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether the header contradicts the case."""
    return any(one.match is Match.DIFFERS for one in comparisons)


def to_check(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether a person has to look."""
    return any(one.match in {Match.DIFFERS, Match.OTHER_SCRIPT} for one in comparisons)


def years_before(taken_on: date | None, diagnosed_on: date | None) -> int:
    """Whole years by which a study is older than the diagnosis; 0 within a year, or not known."""
    if taken_on is None or diagnosed_on is None:
        return 0
    not_yet = (diagnosed_on.month, diagnosed_on.day) < (taken_on.month, taken_on.day)
    return max(diagnosed_on.year - taken_on.year - not_yet, 0)


def without_identity(text: str, patient: DicomPatient) -> str:
    """A description without the patient's name or number, which technicians type into it."""
    for part in (patient.name_dicom, patient.name, patient.id):
        if len(part) > 1:
            text = text.replace(part, "*")
    return text.strip()


def _match_names(header: str, case: str) -> Match:
    ours, theirs = _plain(header), _plain(case)
    if ours and theirs and bool(_HAN.search(ours)) != bool(_HAN.search(theirs)):
        return Match.OTHER_SCRIPT
    return _match(ours, theirs)


def _match(header: str, case: str) -> Match:
    if not header or not case:
        return Match.UNKNOWN
    return Match.SAME if header == case else Match.DIFFERS


def _plain(name: str) -> str:
    return re.sub(r"[\s^=·.,\-]", "", unicodedata.normalize("NFKC", name)).casefold()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
