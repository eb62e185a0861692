"""Whether the person in an image's header is the patient of the case.

A difference is shown and decided by a person: headers hold pinyin, former names and typing errors.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.identity import IdNumber, check_id_number, normalise_id_number
from mdt.rules.imaging import DicomPatient

#: The syllables that each character of a name can stand for (`mdt.pinyin.readings`).
Readings = tuple[frozenset[str], ...]

_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[a-z]+")
_SEXES = {"M": "1", "F": "2"}
_UMLAUT = ("v", "u", "yu")
_LONGEST_SURNAME = 2
_OLD_NUMBER_LENGTH = 15


class Match(StrEnum):
    """How a field of the header stands to the case."""

    DIFFERS = "differs"
    #: Another script that does not sound the same, or of which that can't be said: a person tells.
    OTHER_SCRIPT = "other_script"
    SAME = "same"
    #: The case's characters in pinyin. Others sound the same, so it is shown; it is no objection.
    SAME_SOUND = "same_sound"
    UNKNOWN = "unknown"


class IdentityField(StrEnum):
    """What is compared, in the order in which it is shown."""

    NAME = "name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    ID_NUMBER = "id_number"


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """The patient of the case; ``sex`` is ``1`` male, ``2`` female, else unknown.

    ``readings`` are of the name's characters; without them no pinyin is recognised.
    """

    name: str
    sex: str
    birth_date: date | None
    id_number: str = ""
    readings: Readings = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field in the header and in the case."""

    field: IdentityField
    header: str
    case: str
    match: Match


def compare_identity(header: DicomPatient, case: KnownPatient) -> tuple[Comparison, ...]:
    """Compare name, sex, birth date and the number of the identity card.

    A name in pinyin is recognised by its sound and never taken as the same. Of the header's
    numbers those count that can be of a card. Sex is given as the codes ``1`` and ``2``, dates in
    ISO form; empty where not known.
    """
    sex = _SEXES.get(header.sex, "")
    known_sex = case.sex if case.sex in _SEXES.values() else ""
    born, known_born = _iso(header.birth_date), _iso(case.birth_date)
    return (
        Comparison(IdentityField.NAME, header.name, case.name, _match_names(header.name, case)),
        Comparison(IdentityField.SEX, sex, known_sex, _match(sex, known_sex)),
        Comparison(IdentityField.BIRTH_DATE, born, known_born, _match(born, known_born)),
        _compare_numbers((header.id, *header.other_ids), case.id_number),
    )


def differs(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether the header contradicts the case."""
    return any(one.match is Match.DIFFERS for one in comparisons)


def to_show(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether a person should see the two side by side."""
    return any(one.match not in {Match.SAME, Match.UNKNOWN} for one in comparisons)


def to_confirm(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether the case waits until a person has said that this is the patient."""
    return any(one.match in {Match.DIFFERS, Match.OTHER_SCRIPT} for one in comparisons)


def sounds_like(latin: str, readings: Readings) -> bool:
    """Whether Latin letters spell a Chinese name, in either order of surname and given name."""
    letters = "".join(_LATIN.findall(_without_accents(latin)))
    if not letters or not all(readings):
        return False
    turns = range(min(_LONGEST_SURNAME + 1, len(readings)))
    return any(_spell(letters, readings[turn:] + readings[:turn]) for turn in turns)


def _spell(letters: str, readings: Sequence[frozenset[str]]) -> bool:
    ends = {0}
    for syllables in readings:
        spelled = {way for one in syllables for way in _spellings(one)}
        ends = {end + len(way) for end in ends for way in spelled if letters.startswith(way, end)}
    return len(letters) in ends


def _spellings(syllable: str) -> Iterator[str]:
    """The syllable, and with it what is written for ü where there is no key for it."""
    for umlaut in _UMLAUT if "v" in syllable else ("v",):
        yield syllable.replace("v", umlaut)


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ü", "v").replace("Ü", "v"))
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


def years_before(taken_on: date | None, diagnosed_on: date | None) -> int:
    """Whole years by which a study is older than the diagnosis; 0 within a year, or not known."""
    if taken_on is None or diagnosed_on is None:
        return 0
    not_yet = (diagnosed_on.month, diagnosed_on.day) < (taken_on.month, taken_on.day)
    return max(diagnosed_on.year - taken_on.year - not_yet, 0)


def without_identity(text: str, patient: DicomPatient) -> str:
    """A description without the patient's name or number, which technicians type into it."""
    for part in (patient.name_dicom, patient.name, patient.id, *patient.other_ids):
        if len(part) > 1:
            text = text.replace(part, "*")
    return text.strip()


def _match_names(header: str, case: KnownPatient) -> Match:
    ours, theirs = _plain(header), _plain(case.name)
    if not ours or not theirs or bool(_HAN.search(ours)) == bool(_HAN.search(theirs)):
        return _match(ours, theirs)
    return Match.SAME_SOUND if sounds_like(header, case.readings) else Match.OTHER_SCRIPT


def _compare_numbers(numbers: Sequence[str], known: str) -> Comparison:
    """The header's number of an identity card against the case's.

    A hospital's own number is none of a card, whatever its length: its check character tells.
    """
    case = normalise_id_number(known)
    found = [normalise_id_number(one) for one in numbers]
    same = next((one for one in found if case and one in {case, _old_number(case)}), None)
    if same:
        return Comparison(IdentityField.ID_NUMBER, same, case, Match.SAME)
    card = next(filter(_is_card, found), "")
    match = Match.DIFFERS if card and _is_card(case) else Match.UNKNOWN
    return Comparison(IdentityField.ID_NUMBER, card, case, match)


def card_number(header: DicomPatient) -> str:
    """The first of the header's numbers that can be of an identity card, or nothing."""
    return next(filter(_is_card, map(normalise_id_number, (header.id, *header.other_ids))), "")


def _is_card(number: str) -> bool:
    return isinstance(check_id_number(number, date.max), IdNumber)


def _old_number(number: str) -> str:
    """The fifteen digits that cards had before 1999, or nothing."""
    return number[:6] + number[8:17] if len(number) > _OLD_NUMBER_LENGTH else number


def _match(header: str, case: str) -> Match:
    if not header or not case:
        return Match.UNKNOWN
    return Match.SAME if header == case else Match.DIFFERS


def _plain(name: str) -> str:
    return re.sub(r"[\s^=·.,\-]", "", unicodedata.normalize("NFKC", name)).casefold()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
