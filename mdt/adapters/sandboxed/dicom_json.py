"""DICOM JSON (PS3.18 annex F) of a served file, made from its bytes: what is in one is in both."""

import base64
import json
import math
import struct
from collections.abc import Callable

from pydicom.uid import UID

from mdt.adapters.sandboxed.served_file import read_elements, read_items

#: Binary values longer than this are fetched by an address of their own.
INLINE_LIMIT = 1024
_AVAILABLE_SYNTAX = "00083002"
_NUMBERS = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
_BYTES = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ONE_TEXT = frozenset({"LT", "ST", "UR", "UT"})
_GROUPS_OF_NAME = ("Alphabetic", "Ideographic", "Phonetic")


def json_of(header: bytes, start: int, syntax: UID | str, pixels: tuple[int, str] | None) -> bytes:
    """The metadata of one instance as JSON text.

    ``header`` is the file without its pixels, whose elements begin at ``start``; ``pixels`` are tag
    and VR of those that follow, if any. Addresses of bulk data are relative to the instance:
    ``bulkdata/<offset>-<length>`` in the served file, and ``bulkdata/<tag>`` for the pixels.
    """
    found = _object(header, start, len(header))
    found[_AVAILABLE_SYNTAX] = {"vr": "UI", "Value": [str(syntax)]}
    if pixels:
        tag = f"{pixels[0]:08X}"
        found[tag] = {"vr": pixels[1], "BulkDataURI": f"bulkdata/{tag}"}
    ordered = dict(sorted(found.items()))
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _object(data: bytes, start: int, end: int) -> dict[str, dict[str, object]]:
    return {
        f"{tag:08X}": _attribute(data, vr, place, length)
        for tag, vr, place, length in read_elements(data, start, end)
    }


def _attribute(data: bytes, vr: str, place: int, length: int) -> dict[str, object]:
    if vr == "SQ":
        items = read_items(data, place, place + length)
        inside = [_object(data, begin, begin + size) for begin, size in items]
        return {"vr": vr, "Value": inside} if inside else {"vr": vr}
    if length == 0:
        return {"vr": vr}
    if length > INLINE_LIMIT and (vr in _BYTES or vr in _NUMBERS):
        return {"vr": vr, "BulkDataURI": f"bulkdata/{place}-{length}"}
    raw = data[place : place + length]
    if vr in _BYTES:
        return {"vr": vr, "InlineBinary": base64.b64encode(raw).decode()}
    values = _values(vr, raw)
    return {"vr": vr, "Value": values} if values else {"vr": vr}


def _values(vr: str, raw: bytes) -> list[object]:
    if vr in _NUMBERS:
        code = _NUMBERS[vr]
        count = len(raw) // struct.calcsize(code)
        return [_finite(one) for one in struct.unpack_from(f"<{count}{code}", raw)]
    if vr == "AT":
        pairs = struct.iter_unpack("<HH", raw[: len(raw) // 4 * 4])
        return [f"{group:04X}{number:04X}" for group, number in pairs]
    text = raw.decode("utf-8", "replace").rstrip(" \0")
    if not text:
        return []
    if vr in _ONE_TEXT:
        return [text]
    read = _READERS.get(vr, str)
    return [read(one) if (one := part.strip(" \0")) else None for part in text.split("\\")]


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _decimal(text: str) -> object:
    """A number; what is none stays as it was written, which the standard allows."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _integer(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        return _decimal(text)


def _name(text: str) -> object:
    groups = zip(_GROUPS_OF_NAME, text.split("="), strict=False)
    return {name: group for name, group in groups if group}


_READERS: dict[str, Callable[[str], object]] = {"DS": _decimal, "IS": _integer, "PN": _name}
