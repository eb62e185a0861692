"""The DICOM file that is served: explicit little endian, text in UTF-8, where each frame lies.

Written by hand for most elements: their bytes go over as they are, and converting each to Python
and back would take longer than everything else that is done to a slice.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import correct_ambiguous_vr_element, write_data_element
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import AMBIGUOUS_VR, CUSTOMIZABLE_CHARSET_VR, EXPLICIT_VR_LENGTH_32

from mdt.adapters.sandboxed.texts import charsets_of, decode, is_plain, uid_of
from mdt.adapters.sandboxed.transcoding import ServedPixels

PREAMBLE = bytes(128) + b"DICM"
_IMPLEMENTATION_UID = b"2.25.160482911837264591733046112094873325681"
_UNDEFINED = 0xFFFFFFFF
_CHARSET = 0x00080005
_UTF8 = ["ISO_IR 192"]
_PIXEL_GROUP = 0x7FE0
_ITEM = struct.Struct("<HHI")
_PIXEL_DATA = 0x7FE00010
_FLOATS = {"FloatPixelData": (0x7FE00008, "OF"), "DoubleFloatPixelData": (0x7FE00009, "OD")}
_LONG_VRS = frozenset(str(vr) for vr in EXPLICIT_VR_LENGTH_32)
_TEXT_VRS = frozenset(str(vr) for vr in CUSTOMIZABLE_CHARSET_VR)
_AMBIGUOUS = frozenset(str(vr) for vr in AMBIGUOUS_VR)
_SIMPLE_TEXTS = frozenset({"CS", "LO", "LT", "SH", "ST", "UC", "UI", "UT"})
_SHORT_LIMIT = 0xFFFE

Span = tuple[int, int]


def meta_bytes(dataset: Dataset, syntax: str) -> bytes:
    """Preamble and file meta: what the object is, how it is encoded, and nothing of its origin."""
    elements = b"".join(
        (
            element(0x0002, 0x0001, b"OB", b"\0\1"),
            element(0x0002, 0x0002, b"UI", _uid_bytes(uid_of(dataset, "SOPClassUID"))),
            element(0x0002, 0x0003, b"UI", _uid_bytes(uid_of(dataset, "SOPInstanceUID"))),
            element(0x0002, 0x0010, b"UI", _uid_bytes(syntax)),
            element(0x0002, 0x0012, b"UI", _uid_bytes(_IMPLEMENTATION_UID.decode())),
        )
    )
    length = element(0x0002, 0x0000, b"UL", struct.pack("<I", len(elements)))
    return PREAMBLE + length + elements


def dataset_bytes(dataset: Dataset) -> bytes:
    """The object without its pixels and without what stands behind them."""
    return _elements(dataset, (), [dataset])


def pixel_element(pixels: ServedPixels, bits: int) -> tuple[int, str] | None:
    """Tag and VR of the element that holds the pixels, if there are any."""
    if not pixels.keyword:
        return None
    words = bits > 8 and pixels.syntax == ExplicitVRLittleEndian
    return _FLOATS.get(pixels.keyword, (_PIXEL_DATA, "OW" if words else "OB"))


def pixel_bytes(pixels: ServedPixels, bits: int, offset: int) -> tuple[list[bytes], list[Span]]:
    """The element of the pixels as pieces to join, and the place of each frame in the file.

    ``offset`` is where the element begins. Frames that cannot be read by themselves get no place.
    """
    found = pixel_element(pixels, bits)
    if found is None:
        return [], []
    if pixels.syntax != ExplicitVRLittleEndian:
        return _encapsulated(pixels.frames, offset)
    tag, vr = found
    length = sum(map(len, pixels.frames))
    head = struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length + length % 2)
    spans, place = [], offset + len(head)
    for frame in pixels.frames:
        spans.append((place, len(frame)))
        place += len(frame)
    return [head, *pixels.frames, bytes(length % 2)], spans if pixels.apart else []


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    """One element, explicit little endian, padded to an even length."""
    if len(value) % 2:
        value += b"\0" if vr in {b"UI", b"OB", b"UN"} else b" "
    if vr.decode() in _LONG_VRS:
        return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
    if len(value) > _SHORT_LIMIT:
        # PS3.5 6.2.2: what does not fit the short length is sent as unknown.
        return struct.pack("<HH2sHI", group, number, b"UN", 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def _uid_bytes(uid: UID | str) -> bytes:
    return str(uid).encode("ascii", "replace")


def _encapsulated(frames: Sequence[bytes], offset: int) -> tuple[list[bytes], list[Span]]:
    """One fragment for each frame behind a table of their offsets (PS3.5 A.4)."""
    pieces: list[bytes] = []
    spans: list[Span] = []
    starts: list[int] = []
    place = 0
    begin = offset + 12 + _ITEM.size + 4 * len(frames)
    for frame in frames:
        padding = bytes(len(frame) % 2)
        starts.append(place)
        spans.append((begin + place + _ITEM.size, len(frame)))
        pieces += [_ITEM.pack(0xFFFE, 0xE000, len(frame) + len(padding)), frame, padding]
        place += _ITEM.size + len(frame) + len(padding)
    fits = place <= _UNDEFINED
    table = struct.pack(f"<{len(starts)}I", *starts) if fits else bytes(4 * len(starts))
    head = struct.pack("<HH2sHI", _PIXEL_GROUP, 0x0010, b"OB", 0, _UNDEFINED)
    head += _ITEM.pack(0xFFFE, 0xE000, len(table)) + table
    return [head, *pieces, _ITEM.pack(0xFFFE, 0xE0DD, 0)], spans


def _elements(dataset: Dataset, charsets: Sequence[str], ancestors: list[Dataset]) -> bytes:
    own = charsets_of(dataset) or charsets
    top = len(ancestors) == 1
    found: list[bytes] = []
    if top:
        found.append(element(0x0008, 0x0005, b"CS", b"ISO_IR 192"))
    # Plain numbers: the library's tags compare by code of their own.
    for number, tag, item in sorted((int(tag), tag, item) for tag, item in dataset.items()):
        group = number >> 16
        if number & 0xFFFF == 0 or number == _CHARSET or group < 0x0008:
            continue
        if top and group >= _PIXEL_GROUP:
            break
        written = _element(dataset, tag, item, own, ancestors)
        if written is not None:
            found.append(written)
    if top:
        # Elements below 0008,0005 sort before it.
        found.sort(key=_sort_key)
    return b"".join(found)


def _sort_key(written: bytes) -> tuple[int, int]:
    group, number = struct.unpack_from("<HH", written)
    return group, number


def _element(
    dataset: Dataset, tag: BaseTag, item: Any, charsets: Sequence[str], ancestors: list[Dataset]
) -> bytes | None:
    """One element, or nothing for a value that nobody can read."""
    if isinstance(item, RawDataElement):
        plain = _plain_value(item)
        if plain is not None:
            vr, value = plain
            if vr in _TEXT_VRS and not is_plain(value):
                value = decode(value, charsets)[0].encode()
            return element(tag >> 16, tag & 0xFFFF, vr.encode(), value)
    else:
        simple = _simple_value(item)
        if simple is not None:
            return element(tag >> 16, tag & 0xFFFF, str(item.VR).encode(), simple)
    try:
        return _converted(dataset, tag, charsets, ancestors)
    except (ValueError, TypeError, OverflowError, NotImplementedError, AttributeError, KeyError):
        return None


def _plain_value(item: RawDataElement) -> tuple[str, bytes] | None:
    """VR and bytes of an element that can go over as it stands; nothing where it cannot."""
    vr = item.VR
    if vr is None:
        vr = dictionary_VR(item.tag) if dictionary_has_tag(item.tag) else "UN"
    if vr == "SQ" or vr in _AMBIGUOUS or not item.is_little_endian or item.length == _UNDEFINED:
        return None
    if len(vr) != 2 or (vr == "UN" and dictionary_has_tag(item.tag)):
        return None
    return vr, item.value or b""


def _simple_value(item: DataElement) -> bytes | None:
    """Bytes of a single text, UID or short number; nothing for what is not as simple."""
    value = item.value
    if type(value) is str or type(value) is UID:
        return value.encode() if item.VR in _SIMPLE_TEXTS else None
    if type(value) is int and item.VR == "US" and 0 <= value <= 0xFFFF:
        return value.to_bytes(2, "little")
    return None


def _converted(
    dataset: Dataset, tag: BaseTag, charsets: Sequence[str], ancestors: list[Dataset]
) -> bytes | None:
    found: DataElement = dataset[tag]
    if found.VR == "SQ":
        return _sequence(found, charsets, ancestors)
    if found.VR in _AMBIGUOUS:
        corrected = correct_ambiguous_vr_element(found, dataset, True, list(reversed(ancestors)))
        if not isinstance(corrected, DataElement) or corrected.VR in _AMBIGUOUS:
            return None
        found = corrected
    if found.is_undefined_length:
        return None
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_data_element(buffer, found, _UTF8)
    return buffer.getvalue()


def _sequence(found: DataElement, charsets: Sequence[str], ancestors: list[Dataset]) -> bytes:
    items = []
    for one in found.value or ():
        body = _elements(one, charsets, [*ancestors, one])
        items.append(_ITEM.pack(0xFFFE, 0xE000, len(body)) + body)
    return element(found.tag >> 16, found.tag & 0xFFFF, b"SQ", b"".join(items))


def read_elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, str, int, int]]:
    """Yield tag, VR, and place and length of the value of each element that was written here."""
    place = start
    while place + 8 <= end:
        group, number, raw_vr, short = struct.unpack_from("<HH2sH", data, place)
        vr = raw_vr.decode("ascii", "replace")
        if vr in _LONG_VRS:
            (length,) = struct.unpack_from("<I", data, place + 8)
            place += 12
        else:
            length = short
            place += 8
        yield group << 16 | number, vr, place, length
        place += length


def read_items(data: bytes, start: int, end: int) -> Iterator[Span]:
    """Yield place and length of each item of a sequence that was written here."""
    place = start
    while place + _ITEM.size <= end:
        _, _, length = _ITEM.unpack_from(data, place)
        yield place + _ITEM.size, length
        place += _ITEM.size + length
