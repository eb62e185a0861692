"""How Chinese characters are read, by the tables of pypinyin: plain text in and out."""

import os
import unicodedata

# Phrases take 45 MB in each process and tell nothing of people's names.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

from pypinyin import Style, pinyin


def readings(name: str) -> tuple[frozenset[str], ...]:
    """The syllables that each character of a name can stand for, without tones; ``v`` is ü.

    Names of people keep readings that are rare elsewhere (仇 is qiu), so every reading counts. What
    is no Chinese character (a dot) is left out; one that the tables lack has no syllable.
    """
    return tuple(frozenset(_syllables(character)) for character in name if _is_letter(character))


def _syllables(character: str) -> list[str]:
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return found[0] if found else []


def _is_letter(character: str) -> bool:
    """Whether it is no dot, blank or sign; Python does not know the rarest characters yet."""
    return unicodedata.category(character)[0] not in "PSZ"
