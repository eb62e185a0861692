"""Text of DICOM headers as Chinese machines write it, wrong character sets included.

Three things go wrong in the field: GBK bytes under no character set or under Latin-1, UTF-8 bytes
under GB18030, and the escape sequences of ISO 2022 IR 58 that the library leaves in the text.
"""

import re
from collections.abc import Sequence

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from mdt.adapters.sandboxed.opening import item_of

_ESCAPES = re.compile(r"\x1b[$()\-.][()*+,\-./]?[@-Z]")
_UNLABELLED = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6", "ISO_IR 100", "ISO 2022 IR 100"})
_CHINESE = frozenset({"GB18030", "GBK"})
_DELIMITERS = frozenset({0x5C, 0x5E, 0x3D})  # \ ^ = end a text's run of characters
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_of(dataset: Dataset, keyword: str) -> tuple[str, bool]:
    """Return the decoded value and whether its character set had to be guessed."""
    raw = _raw_bytes(dataset, keyword)
    if raw is None:
        if item_of(dataset, keyword) is None:
            return "", False
        value = dataset.get(keyword)
        if value is None:
            return "", False
        several = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
        text = str(value) if isinstance(value, PersonName) else "\\".join(map(str, several))
        return _clean(text), False
    text, guessed = decode(raw, () if is_plain(raw) else charsets_of(dataset))
    return _clean(text), guessed


def uid_of(dataset: Dataset, keyword: str) -> str:
    """Return a UID as it stands, without what pads it; empty where it is not there."""
    return text_of(dataset, keyword)[0].strip("\0 ")


def decode(raw: bytes, charsets: Sequence[str]) -> tuple[str, bool]:
    """Decode with the declared character sets, or with what the bytes evidently are."""
    if is_plain(raw):
        return raw.decode("ascii"), False
    declared = {name.strip().upper() for name in charsets} or {""}
    if b"\x1b" not in raw:
        guess = _repair(raw, declared)
        if guess is not None:
            return guess, True
    encodings = convert_encodings(list(charsets) or [""])
    return _ESCAPES.sub("", decode_bytes(raw, encodings, set(_DELIMITERS))), False


def is_plain(raw: bytes) -> bool:
    """Whether bytes read the same in every character set: an escape begins another one."""
    return raw.isascii() and b"\x1b" not in raw


def display_name(person: str) -> str:
    """Return a person name for people: the ideographic group if there is one, parts joined."""
    groups = person.split("=")
    ideographic = groups[1] if len(groups) > 1 else ""
    chosen = ideographic if ideographic.strip("^ ") else groups[0]
    parts = [part.strip() for part in chosen.split("^") if part.strip()]
    return ("" if _mostly_han("".join(parts)) else " ").join(parts)


def _repair(raw: bytes, declared: set[str]) -> str | None:
    """Return the text where the label is evidently wrong, else None."""
    utf8 = _strict(raw, "utf-8")
    if declared <= _UNLABELLED:
        if utf8 is not None and _only_han(utf8):
            return utf8
        gbk = _strict(raw, "gb18030")
        # Latin-1 names such as "Jerome" with accents are valid GBK by accident: letters follow
        # their high bytes, whereas Chinese text has pairs of high bytes.
        return gbk if gbk is not None and _only_han(gbk) and _has_pair(raw) else None
    if declared <= _CHINESE:
        return utf8 if utf8 is not None and _only_han(utf8) else None
    if declared == {"ISO_IR 192"} and utf8 is None:
        return _strict(raw, "gb18030")
    return None


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _only_han(text: str) -> bool:
    """Whether all that is not ASCII is Chinese writing (with its punctuation and full width)."""
    foreign = [character for character in text if not character.isascii()]
    return bool(foreign) and all(_is_han(character) for character in foreign)


def _mostly_han(text: str) -> bool:
    return bool(text) and sum(map(_is_han, text)) * 2 > len(text)


def _is_han(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFF
        or 0x3000 <= code <= 0x303F
        or 0xFF00 <= code <= 0xFFEF
        or code == 0x00B7  # the dot in names of minorities
    )


def _has_pair(raw: bytes) -> bool:
    return re.search(rb"[\x81-\xfe][\x80-\xfe]", raw) is not None


def charsets_of(dataset: Dataset) -> list[str]:
    """Return the character sets that this data set names itself."""
    item = item_of(dataset, "SpecificCharacterSet")
    value = None if item is None else item.value
    if value is None:
        return []
    if isinstance(value, bytes):
        return [name.strip(" \0") for name in value.decode("latin-1").split("\\")]
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _raw_bytes(dataset: Dataset, keyword: str) -> bytes | None:
    """Return the bytes as they stand in the file, before the library decodes them."""
    element = item_of(dataset, keyword)
    value = getattr(element, "value", None)
    if isinstance(value, bytes):
        return value
    if isinstance(value, PersonName) and isinstance(value.original_string, bytes):
        return value.original_string
    return None


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text).strip()
