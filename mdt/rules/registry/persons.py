"""Who a row of the register is about, as far as the row can tell."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.identity import has_lost_digits, is_placeholder
from mdt.rules.registry.rows import RegisterRow

_MASKS = frozenset("*＊×")
_TELLING_DIGITS = frozenset("123456789")


class Known(StrEnum):
    """By what a person is found again, the surest first."""

    NUMBER = "number"
    RECORD = "record"
    NAME_AND_BIRTH = "name_and_birth"
    NAME = "name"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Person:
    """The identity in a row; ``number`` is empty where it cannot tell people apart."""

    name: str
    number: str
    mrn: str
    birth_date: date | None
    sex: str

    @property
    def known(self) -> Known:
        """By what this person is found again."""
        if self.number:
            return Known.NUMBER
        if self.mrn:
            return Known.RECORD
        if self.name and self.birth_date:
            return Known.NAME_AND_BIRTH
        return Known.NAME if self.name else Known.NOTHING

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for rows of a file that are about one person, as far as one can tell."""
        match self.known:
            case Known.NUMBER as known:
                return known.value, self.number
            case Known.RECORD as known:
                return known.value, self.mrn, self.name
            case Known.NAME_AND_BIRTH as known:
                return known.value, self.name, str(self.birth_date)
            case Known.NAME as known:
                return known.value, self.name
            case known:
                return (known.value,)


def person_of(row: RegisterRow) -> Person:
    """Take the identity out of a row."""
    number = _telling_number(row.id_number)
    return Person(_telling_name(row.name), number, _telling_mrn(row.mrn), row.birth_date, row.sex)


def _telling_name(name: str) -> str:
    """Drop a masked name, which many people share."""
    return name if _MASKS.isdisjoint(name) else ""


def _telling_mrn(mrn: str) -> str:
    return "" if _TELLING_DIGITS.isdisjoint(mrn) else mrn


def _telling_number(number: str) -> str:
    """Drop what stands for no number and what a spreadsheet has rounded.

    Kept, they would make one person of all who share them.
    """
    return "" if is_placeholder(number) or has_lost_digits(number) else number
