"""What of a cell is shown beside its problem: never who it is about.

Columns move: in a row that is shifted by one, the name stands under the sex and the identity number
under the birth date. So what looks like a person is masked in whichever cell it stands.
"""

import re
import unicodedata
from collections.abc import Iterator

from mdt.rules.identity import mask_id_number, mask_name
from mdt.rules.registry.values import is_code_word, read_date

#: Columns that say who somebody is; of them no value is shown as it stands.
_OF_PERSONS = frozenset({"id_number", "birth_date", "residence_code", "mrn"})
# Numbers from a telephone's length on, with the gaps that people write; dates are shorter.
_LONG_NUMBER = re.compile(r"\d(?:[\s\-._/]{0,2}\d){9,}[\s\-._/]{0,2}[\dXx]")
# Private characters stand for those of rare names that older systems could not write.
_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U000323af"
_CHINESE_WORDS = re.compile(rf"[{_CHINESE}](?:[\s·•.‧・･]*[{_CHINESE}])+")
#: A hospital's code, mistyped or not: one word with a digit or of capitals, as no name is.
_CODE = re.compile(r"(?=.*\d|[^a-z]+$)[A-Za-z0-9]+([-_.][A-Za-z0-9]*)*", re.ASCII)
_LATIN_WORDS = re.compile(r"[^\W\d_]{2,}(?:[ ,.'\-·]+[^\W\d_]{2,})+")


def shown_value(column: str, text: str) -> str:
    """Mask what may be a person in the text of a cell; the rest stays as written.

    A word of a code list stays, as does what has the shape of a code. In the columns of the person
    everything else is masked; in the others long numbers, Chinese words, names of several Latin
    words, and days where no day belongs. A hospital's code is shown whole. ``column`` is ``""`` for
    a cell beyond the header.
    """
    plain = "".join(_visible(unicodedata.normalize("NFKC", text)))
    if not plain or is_code_word(plain):
        return text
    masked = _masked_by_column(column, plain)
    masked = _LONG_NUMBER.sub(_masked_number, masked)
    if column == "hospital_code" and _CODE.fullmatch(masked):
        return text if masked == plain else masked
    for words in (_CHINESE_WORDS, _LATIN_WORDS):
        masked = words.sub(lambda found: mask_name(found[0]), masked)
    return text if masked == plain else masked


def _visible(text: str) -> Iterator[str]:
    return (c for c in text if unicodedata.category(c) != "Cf")


def _masked_by_column(column: str, plain: str) -> str:
    if column == "name":
        return mask_name(plain)
    hidden = column in _OF_PERSONS or (not column.endswith("_date") and _is_day(plain))
    return mask_id_number(plain) if hidden else plain


def _is_day(plain: str) -> bool:
    """A day in a cell for something else may well be one of birth."""
    try:
        return read_date(plain) is not None
    except ValueError:
        return False


def _masked_number(found: re.Match[str]) -> str:
    return mask_id_number(re.sub(r"[^\dXx]", "", found[0]))
