"""Of what stands in an image's header, the words that say how it was taken, and no others.

Technicians type names, numbers and telephones into descriptions. A list of what must not be there
is never complete, so the other way round: only words stay that are known to be of technique, body
or maker. The words are ``data/dicom/image_words.csv`` and ``data/codes/dicom_cn_terms.csv``.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mdt.rules.content.files import code_rows

WORDS = Path(__file__).parent / "data" / "dicom" / "image_words.csv"

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
# A run of Chinese, a word with or without a digit (T1, 3D), a number with or without a unit.
_PIECE = re.compile(
    rf"[{_HAN}]+|\d+(?:\.\d+)?\s?(?:mm|cm|min|ml|kv|kev|%|s|t|x)(?![A-Za-z0-9])"
    r"|w/o?|[+-]c(?![a-z0-9])|c[+-](?![a-z0-9])"
    r"|[A-Za-z0-9]+(?:\.\d+)?",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\d{1,3}(\.\d{1,3})?\s?(mm|cm|min|ml|kv|kev|%|s|t|x)", re.IGNORECASE)
_SMALL = re.compile(r"\d{1,2}(\.\d{1,2})?")
# Kernels of reconstruction as the makers name them: B30f, Br40, FC03.
_KERNEL = re.compile(r"[BDHIJTU]\d\d[a-z]|[BHQ][cflprsv]\d\d[a-z]?|FC\d\d")
# A known word with a number at one of its ends: CT1, ISOVUE300, 1HEAD.
_NUMBERED = re.compile(r"\d{0,2}([A-Za-z]{2,})\d{0,3}")
_KEPT_BETWEEN = re.compile(r"[+\-/&_.,^]")
# Whatever else goes, what they deny must not stay without them.
_DENIALS = frozenset("不无未非")
# More are a telephone or a date in parts.
_MOST_NUMBERS = 2
_LONGEST = 200
# What of `mdt.models.attachments.Series.header` came as text.
_FACT_TEXTS = ("manufacturer", "protocol")


@cache
def _words() -> tuple[frozenset[str], int]:
    with WORDS.open(encoding="utf-8", newline="") as stream:
        found = {row["word"] for row in csv.DictReader(stream)}
    found |= {row["term_zh"].upper() for row in code_rows("dicom_cn_terms")}
    return frozenset(found), max(map(len, found))


def is_known_word(word: str) -> bool:
    """Whether this one word is of technique, body or maker; case does not matter."""
    return word.upper() in _words()[0]


@lru_cache(maxsize=8192)
def known_words(text: str) -> str:
    """Return ``text`` without whatever is not known; empty where nothing is left.

    The order stays; what stood between two words stays as one sign or one space.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    kept, end, numbers, words = "", 0, 0, 0
    for found in _PIECE.finditer(plain):
        piece = found.group()
        if _SMALL.fullmatch(piece):
            numbers += 1
            known = piece if numbers <= _MOST_NUMBERS else ""
        else:
            known = _known(piece)
            words += bool(known)
        if known:
            kept += (_between(plain[end : found.start()]) if kept else "") + known
            end = found.end()
    return kept if words else ""


def known_code(text: str) -> str:
    """Return a code of one known word (``CT``, ``CHEST``), else nothing."""
    return text if is_known_word(text.replace(" ", "")) else ""


def known_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a series' header with its texts cut down to known words."""
    return {**facts, **{name: known_words(str(facts.get(name) or "")) for name in _FACT_TEXTS}}


def _known(piece: str) -> str:
    if re.match(f"[{_HAN}]", piece):
        return _known_chinese(piece)
    if is_known_word(piece) or _MEASURE.fullmatch(piece) or _KERNEL.fullmatch(piece):
        return piece
    numbered = _NUMBERED.fullmatch(piece)
    return piece if numbered and is_known_word(numbered[1]) else ""


def _known_chinese(run: str) -> str:
    """Cut a run into words, the longest first.

    Where part of it is unknown, single characters go too, as they occur in names; a denial stays,
    or a plain scan would become one with contrast.
    """
    words, longest = _words()
    found: list[str] = []
    place, whole = 0, True
    while place < len(run):
        for size in range(min(longest, len(run) - place), 0, -1):
            if run[place : place + size] in words:
                found.append(run[place : place + size])
                place += size
                break
        else:
            whole = False
            place += 1
    return "".join(word for word in found if whole or len(word) > 1 or word in _DENIALS)


def _between(gap: str) -> str:
    """What joins two kept pieces; nothing where they stood together or a piece went between."""
    if re.search(rf"[{_HAN}A-Za-z0-9]", gap):
        return " "
    sign = _KEPT_BETWEEN.search(gap)
    if sign:
        return ", " if sign.group() == "," else sign.group()
    return " " if gap else ""
