"""DICOM bytes to a dataset, with the checks that come before any parser sees them."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from mdt.rules.attachments import MEBIBYTE, FileRefused, Refusal

# A CT of 512 x 512 has 0.5 MB, a mammogram 30 MB, a cine loop of 500 frames at 1024 x 768 in
# colour 1.2 GB.
FRAME_BYTES_LIMIT = 256 * MEBIBYTE
OBJECT_BYTES_LIMIT = 4096 * MEBIBYTE
INFLATED_LIMIT = 128 * MEBIBYTE
DEPTH_LIMIT = 32

_PREAMBLE = 128
_MARK = b"DICM"
_LONG_VRS = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT"})
_BINARY = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "UL": "I", "US": "H"}
_PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


def open_dataset(data: bytes, *, pixels: bool) -> tuple[Dataset, list[str]]:
    """Parse the object; return it and notes. Raises `FileRefused` for what must not be parsed."""
    notes: list[str] = []
    if data[_PREAMBLE : _PREAMBLE + 4] != _MARK:
        notes.append("no_file_meta")
    elif data[:_PREAMBLE].strip(b"\0"):
        notes.append("preamble_zeroed")
    syntax, offset = _file_meta(data)
    if syntax == DeflatedExplicitVRLittleEndian:
        dataset = _inflated(data[offset:], pixels=pixels)
        notes.append("deflated")
    else:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=not pixels)
    _check_depth(dataset)
    check_pixels(dataset)
    return dataset, notes


def check_pixels(dataset: Dataset) -> None:
    """Compare what the header declares with the limits, before anything is decoded."""
    rows, columns = whole(dataset, "Rows", 0), whole(dataset, "Columns", 0)
    bits = max(whole(dataset, "BitsAllocated", 8), 1)
    frame = rows * columns * max(whole(dataset, "SamplesPerPixel", 1), 1) * bits // 8
    if frame > FRAME_BYTES_LIMIT or frame * frame_count(dataset) > OBJECT_BYTES_LIMIT:
        raise FileRefused(Refusal.DICOM_TOO_MANY_PIXELS)


def frame_count(dataset: Dataset) -> int:
    """How many frames the header declares, one at least."""
    return max(whole(dataset, "NumberOfFrames", 1), 1)


def assumed_syntax(dataset: Dataset) -> UID:
    """The encoding that an object was read with whose file meta does not say it."""
    implicit, little = dataset.original_encoding
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian


def whole(dataset: Dataset, keyword: str, default: int) -> int:
    """Return an integer attribute, the first of several, or ``default``."""
    number = real(dataset, keyword)
    return default if number is None else int(number)


def real(dataset: Dataset, keyword: str) -> float | None:
    """Return a number, the first of several, or nothing for what is absent or not a number."""
    found = reals(dataset, keyword)
    return found[0] if found else None


def reals(dataset: Dataset, keyword: str) -> list[float]:
    """Return all numbers of an attribute; empty where one of them is none."""
    try:
        item = item_of(dataset, keyword)
        if item is None:
            return []
        numbers = _raw_reals(item) if isinstance(item, RawDataElement) else None
        if numbers is None:
            numbers = _converted_reals(dataset, keyword)
    except (ValueError, TypeError, OverflowError, AttributeError, NotImplementedError):
        return []
    return numbers if all(abs(number) < 1e300 for number in numbers) else []


def item_of(dataset: Dataset, keyword: str) -> DataElement | RawDataElement | None:
    """Return an attribute as it lies in the object, converting nothing; nothing where it is not."""
    found: DataElement | RawDataElement | None = dataset.get_item(tag_of(keyword))
    return found


@cache
def tag_of(keyword: str) -> BaseTag:
    """Return the tag that the dictionary has for a keyword."""
    return Tag(keyword)


def _raw_reals(item: RawDataElement) -> list[float] | None:
    """Numbers out of the bytes: a conversion would be written back, with all that hangs on it."""
    vr = item.VR or dictionary_VR(item.tag)
    raw = item.value or b""
    if vr in {"DS", "IS"}:
        text = raw.decode("latin-1").strip(" \0")
        return [float(one) for one in text.split("\\")] if text else []
    code = _BINARY.get(vr)
    if code is None:
        return None
    order = "<" if item.is_little_endian else ">"
    count = len(raw) // struct.calcsize(f"{order}{code}")
    return list(map(float, struct.unpack_from(f"{order}{count}{code}", raw)))


def _converted_reals(dataset: Dataset, keyword: str) -> list[float]:
    value: Any = dataset.get(keyword)
    if value is None or value == "":
        return []
    several = isinstance(value, Iterable) and not isinstance(value, str)
    return [float(one) for one in (value if several else [value])]


def group_of(dataset: Dataset, frame: int, macro: str) -> Dataset:
    """Return the functional group of a frame (0-based) in an enhanced object, else the object.

    Shared groups come before the frame's own (PS3.3 C.7.6.16).
    """
    shared = items_of(dataset, "SharedFunctionalGroupsSequence")[:1]
    own = items_of(dataset, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    for group in (*shared, *own):
        found = items_of(group, macro)
        if found:
            return found[0]
    return dataset


def items_of(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is missing or no sequence."""
    return list(dataset.get(keyword) or []) if item_of(dataset, keyword) is not None else []


def _file_meta(data: bytes) -> tuple[str, int]:
    """Return the transfer syntax and where the file meta (group 0002, explicit VR) ends."""
    syntax = ""
    place = _PREAMBLE + 4 if data[_PREAMBLE : _PREAMBLE + 4] == _MARK else 0
    while data[place : place + 2] == b"\x02\x00" and place + 12 <= len(data):
        tag = data[place : place + 4]
        if data[place + 4 : place + 6] in _LONG_VRS:
            (length,) = struct.unpack_from("<I", data, place + 8)
            place += 12
        else:
            (length,) = struct.unpack_from("<H", data, place + 6)
            place += 8
        if tag == b"\x02\x00\x10\x00":
            syntax = data[place : place + length].decode("ascii", "replace").strip(" \0")
        place += length
    return syntax, place


def _inflated(body: bytes, *, pixels: bool) -> Dataset:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(body, INFLATED_LIMIT)
    if inflater.unconsumed_tail:
        raise FileRefused(Refusal.READING_TOO_BIG)
    dataset = read_dataset(
        io.BytesIO(plain),
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=None if pixels else _at_pixels,
    )
    dataset.file_meta = FileMetaDataset()
    # What is in memory now, so that the pixels are read as such.
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag in _PIXEL_TAGS


def _check_depth(dataset: Dataset) -> None:
    level = [dataset]
    for _ in range(DEPTH_LIMIT):
        level = [item for parent in level for item in _items(parent)]
        if not level:
            return
    raise FileRefused(Refusal.DICOM_TOO_DEEP)


def _items(dataset: Dataset) -> Iterator[Dataset]:
    """Yield the items of every sequence, converting nothing else."""
    for tag, raw in list(dataset.items()):
        vr = raw.VR
        if vr is None and dictionary_has_tag(tag):
            vr = dictionary_VR(tag)
        if vr == "SQ":
            yield from dataset[tag].value or []
