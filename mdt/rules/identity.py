"""Identity numbers, ages, and what of an identity is shown by default.

The number of the resident identity card follows GB 11643: six digits of region, eight of birth
date, three of sequence (odd for men), one check character after ISO 7064 MOD 11-2.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from operator import mul

RESIDENT_CARD = "01"

_SHORTEST_NUMBER = 6
_FEWEST_DIFFERENT = 3
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_COUNTING = "0123456789"
_CHECK_CHARACTERS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_OLD_SHAPE = re.compile(r"[0-9]{15}")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+")


class IdProblem(StrEnum):
    """Why a text is not a valid number of a resident identity card."""

    BIRTH_DATE = "id_number_birth_date"
    CHECK_DIGIT = "id_number_check_digit"
    FIFTEEN_DIGITS = "id_number_15_digits"
    FUTURE_BIRTH = "id_number_future_birth"
    LOST_DIGITS = "id_number_lost_digits"
    SHAPE = "id_number_shape"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid number with what follows from it; ``sex`` is ``1`` male or ``2`` female."""

    number: str
    birth_date: date
    sex: str


def normalise_id_number(text: str) -> str:
    """Half-width, upper-case, without blanks or dashes."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def check_character(first_17: str) -> str:
    """Compute the 18th character that belongs to the first 17 digits."""
    total = sum(map(mul, map(int, first_17), _WEIGHTS))
    return _CHECK_CHARACTERS[total % 11]


def check_id_number(text: str, today: date) -> IdNumber | IdProblem:
    """Read the number of a resident identity card; ``today`` bounds the birth date.

    The region is not checked: codes that were abolished long ago stay on people's cards.
    """
    number = normalise_id_number(text)
    if not _SHAPE.fullmatch(number):
        return _shape_problem(number)
    if check_character(number[:17]) != number[17]:
        return IdProblem.CHECK_DIGIT
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdProblem.BIRTH_DATE
    if born > today:
        return IdProblem.FUTURE_BIRTH
    return IdNumber(number, born, "1" if int(number[16]) % 2 else "2")


def has_lost_digits(text: str) -> bool:
    """Whether a spreadsheet has taken this number for a quantity and rounded it."""
    return _SCIENTIFIC.fullmatch(normalise_id_number(text)) is not None


def is_placeholder(number: str) -> bool:
    """Whether a number stands for none: ``无``, ``000000``, ``123456``.

    Too short to tell people apart, without digits, of one or two characters, or counting on.
    """
    if len(number) < _SHORTEST_NUMBER or len(set(number)) < _FEWEST_DIFFERENT:
        return True
    if not number.isdecimal():
        return not any(character.isdigit() for character in number)
    if number.isascii():
        # As a whole, wherever it begins to count.
        turns = len(number) // len(_COUNTING) + 2
        return number in _COUNTING * turns or number in _COUNTING[::-1] * turns
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(number)}
    return steps in ({1}, {9})


def _shape_problem(number: str) -> IdProblem:
    if _OLD_SHAPE.fullmatch(number):
        return IdProblem.FIFTEEN_DIGITS
    # A spreadsheet that took the number for a quantity has dropped its last digits for good.
    if _SCIENTIFIC.fullmatch(number):
        return IdProblem.LOST_DIGITS
    return IdProblem.SHAPE


def age_on(birth_date: date, day: date) -> int:
    """Completed years of life on a day (实足年龄)."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def mask_name(name: str) -> str:
    """Keep the first character, a star for each other one: ``张三丰`` becomes ``张**``.

    A name of one character is hidden whole.
    """
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" * (len(name) - 1)


def mask_id_number(number: str) -> str:
    """Four characters at each end stay, of a short number (a passport's) two or none."""
    shown = 4 if len(number) >= 15 else 2 if len(number) > 8 else 0
    hidden = len(number) - 2 * shown
    return number[:shown] + "*" * hidden + number[shown + hidden :]


def mask_phone(number: str) -> str:
    """Three digits, four stars, four digits: ``138****1234``; a short number is hidden whole."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
