"""Fonts of the PDFs: Noto Sans SC, with fallbacks for the rare characters of names.

The TrueType files are copied into ``fonts/`` at set-up. A character that no font has is refused
and never drawn as a blank or a box. Two faults of ReportLab 5.1 are repaired when fonts are
registered:

* characters beyond U+FFFF were copied and searched wrong, because the ToUnicode table held code
  points instead of UTF-16;
* full-width ``，；：！？”’…`` could begin a line.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import RLock
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import paragraph

from mdt.rules.errors import Refused

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = "NotoSansSC", "NotoSansSC-Bold"

#: In the order asked. Hong Kong's and Japan's fonts hold rare characters of names such as 𠮷.
FAMILIES = ("NotoSansSC", "NotoSansHK", "NotoSansJP")

CANNOT_START_LINE = "，；：！？。、”’…—）〕】》」』％‰℃·～"

#: Stands for a character that cannot be printed.
GETA = "〓"

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_lock = RLock()


class MissingGlyph(Refused):
    """No font can draw these characters; ``details["characters"]`` names them."""

    def __init__(self, characters: set[str]) -> None:
        super().__init__("missing_glyph", characters="".join(sorted(characters)))


class FontsNotInstalled(RuntimeError):
    """The files that the set-up copies into ``fonts/`` are not there."""


@dataclass(frozen=True)
class _Family:
    """Two registered faces of one design."""

    name: str
    glyphs: frozenset[int]

    def face(self, *, bold: bool) -> str:
        return f"{self.name}-Bold" if bold else self.name


def register_fonts() -> None:
    """Register the main family once and repair ReportLab; raises `FontsNotInstalled`."""
    if _family(FAMILIES[0]) is None:
        raise FontsNotInstalled(f"{FOLDER}: run the set-up (npm run fonts)")


def printable(text: str) -> str:
    """Normalise what has no shape: line ends, tabs, odd spaces, invisible characters."""
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return "".join(_printable_characters(text))


def missing_characters(text: str) -> set[str]:
    """Find the characters that no font has and that therefore cannot be printed."""
    drawn = (c for c in set(printable(text)) if c not in _SUPERSCRIPTS and c not in _SUBSCRIPTS)
    return {c for c in drawn if c != "\n" and _family_of(c) is None}


def marked(text: str) -> str:
    """The text with `GETA`, as printers set it, for each character that no font has."""
    missing = missing_characters(text)
    return "".join(GETA if c in missing else c for c in text)


def runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """Split one line of text into ``(font name, text)``; raises `MissingGlyph`."""
    found = [(_family_of(c), c) for c in printable(text).replace("\n", " ")]
    missing = {c for family, c in found if family is None}
    if missing:
        raise MissingGlyph(missing)
    faces = [(family.face(bold=bold), c) for family, c in found if family is not None]
    return [(face, "".join(c for _, c in group)) for face, group in groupby(faces, _first)]


def markup(text: str, *, bold: bool = False) -> str:
    """Write plain text as ReportLab's paragraph markup, escaped, each run in its font.

    Line ends become line breaks, super- and subscript digits are raised and lowered.
    """
    missing = missing_characters(text)
    if missing:
        raise MissingGlyph(missing)
    parts = groupby(printable(text), _part)
    return "".join(write("".join(group), bold) for write, group in parts)


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


def _part(character: str) -> Callable[[str, bool], str]:
    """Choose the writer of a character; neighbours with the same writer are written at once."""
    if character == "\n":
        return _breaks
    if character in _SUPERSCRIPTS:
        return _raised
    if character in _SUBSCRIPTS:
        return _lowered
    return _plain


def _breaks(text: str, _bold: bool) -> str:
    return "<br/>" * len(text)


def _raised(text: str, _bold: bool) -> str:
    return f"<super>{''.join(_SUPERSCRIPTS[c] for c in text)}</super>"


def _lowered(text: str, _bold: bool) -> str:
    return f"<sub>{''.join(_SUBSCRIPTS[c] for c in text)}</sub>"


def _plain(text: str, bold: bool) -> str:
    main = REGULAR if not bold else BOLD
    return "".join(
        escape(run) if face == main and not bold else f'<font name="{face}">{escape(run)}</font>'
        for face, run in runs(text, bold=bold)
    )


def _printable_characters(text: str) -> Iterator[str]:
    for character in text:
        kind = unicodedata.category(character)
        if character == "\n":
            yield character
        elif kind in {"Cc", "Cf"} or _is_variation_selector(character):
            continue
        elif kind == "Zs" and _family_of(character) is None:
            yield " "
        else:
            yield character


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _family_of(character: str) -> _Family | None:
    """Find the first family that has the character; fallbacks are loaded when first needed."""
    for name in FAMILIES:
        family = _family(name)
        if family is not None and ord(character) in family.glyphs:
            return family
    return None


def _family(name: str) -> _Family | None:
    with _lock:
        return _load(name)


@cache
def _load(name: str) -> _Family | None:
    """Register both faces; ``None`` where the files are not installed."""
    files = FOLDER / f"{name}-Regular.ttf", FOLDER / f"{name}-Bold.ttf"
    if not all(file.is_file() for file in files):
        return None
    _repair()
    regular = ttfonts.TTFont(name, str(files[0]))
    bold = ttfonts.TTFont(f"{name}-Bold", str(files[1]))
    for font in (regular, bold):
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(name, name, f"{name}-Bold", name, f"{name}-Bold")
    return _Family(name, frozenset(regular.face.charToGlyph) & frozenset(bold.face.charToGlyph))


@cache
def _repair() -> None:
    """Put right, once in a process, what the module's docstring names."""
    write_cmap: Callable[..., str] = ttfonts.makeToUnicodeCMap

    def write_utf16_cmap(*arguments: object) -> str:
        return re.sub(r"<([0-9A-F]{5,6})>", _as_utf16, write_cmap(*arguments))

    ttfonts.makeToUnicodeCMap = write_utf16_cmap
    for module in (textsplit, paragraph):
        module.ALL_CANNOT_START += CANNOT_START_LINE


def _as_utf16(match: re.Match[str]) -> str:
    return f"<{chr(int(match[1], 16)).encode('utf-16-be').hex().upper()}>"
