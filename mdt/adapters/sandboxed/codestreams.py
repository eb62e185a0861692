"""Frames that are served as they came, without what their encoders wrote beside the picture.

A JPEG's comments and application segments, a JPEG 2000's comments, and what follows either's end:
machines put names there, and the header's de-identification does not reach them.
"""

import re
from collections.abc import Iterator

from pydicom.uid import JPEGBaseline8Bit, JPEGLSNearLossless

_JPEG = frozenset({JPEGBaseline8Bit, JPEGLSNearLossless})
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_RESTART = range(0xD0, 0xD8)
# What says how colours are to be read: JFIF without its small picture, the colour transform of
# JPEG-LS, Adobe's.
_COLOURS = {0xE0: (b"JFIF\0", 16), 0xE8: (b"mrfx", 9), 0xEE: (b"Adobe", 14)}
_J2K_START, _J2K_COMMENT, _J2K_TILE = b"\xff\x4f", b"\xff\x64", b"\xff\x90"
_J2K_DATA, _J2K_END = b"\xff\x93", b"\xff\xd9"
# The start of a packet has a number behind it, in which anything may stand.
_J2K_PACKET_OR_END = re.compile(rb"\xff\x91\x00\x04..|\xff\xd9", re.DOTALL)
# Of a tile-part's first segment, and of that with the marker that its data follow.
_TILE_SEGMENT, _SHORTEST_TILE = 12, 14


def without_comments(frame: bytes, syntax: str) -> bytes:
    """Return the frame with the same pixels and nothing beside them.

    Raises `ValueError` for bytes that do not keep to the format (ISO/IEC 10918-1 annex B, 14495-1
    annex C, 15444-1 annex A).
    """
    if syntax in _JPEG:
        return b"".join(_jpeg(frame))
    return b"".join(_jpeg_2000(frame))


def _jpeg(frame: bytes) -> Iterator[bytes]:
    if frame[:2] != bytes((0xFF, _START)):
        raise ValueError("no JPEG")
    yield frame[:2]
    place = 2
    while True:
        place = _marker(frame, place)
        marker = frame[place + 1]
        if marker == _END:
            yield frame[place : place + 2]
            return
        end = place + 2 + _length(frame, place + 2)
        if marker == _SCAN:
            end = _scan_end(frame, end)
        if _is_needed(marker, frame[place + 4 : end]):
            yield frame[place:end]
        place = end


def _marker(frame: bytes, place: int) -> int:
    """Where the next marker begins; bytes of 0xFF may fill the space before it."""
    while frame[place : place + 2] == b"\xff\xff":
        place += 1
    if len(frame) < place + 2 or frame[place] != 0xFF:
        raise ValueError("no marker")
    return place


def _length(frame: bytes, place: int) -> int:
    length = int.from_bytes(frame[place : place + 2], "big")
    if length < 2 or place + length > len(frame):
        raise ValueError("a segment that breaks off")
    return length


def _scan_end(frame: bytes, place: int) -> int:
    """Where the coded data end: at a marker that is neither stuffing nor a restart."""
    while True:
        place = frame.find(b"\xff", place)
        if not 0 <= place < len(frame) - 1:
            raise ValueError("a scan without an end")
        following = frame[place + 1]
        if following >= 0x80 and following != 0xFF and following not in _RESTART:
            return place
        place += 1


def _is_needed(marker: int, content: bytes) -> bool:
    if marker in _COLOURS:
        mark, size = _COLOURS[marker]
        return content.startswith(mark) and len(content) <= size
    return marker != _COMMENT and marker not in _APPLICATION


def _jpeg_2000(frame: bytes) -> Iterator[bytes]:
    """Comments stand in the main header; those of single tiles, which nobody writes, stay."""
    if frame[:2] != _J2K_START:
        raise ValueError("no JPEG 2000 codestream")
    yield frame[:2]
    place = 2
    while frame[place : place + 2] != _J2K_TILE:
        end = _segment_end(frame, place)
        if frame[place : place + 2] != _J2K_COMMENT:
            yield frame[place:end]
        place = end
    yield frame[place : _tiles_end(frame, place)]
    yield _J2K_END


def _segment_end(frame: bytes, place: int) -> int:
    if frame[place : place + 1] != b"\xff":
        raise ValueError("no marker")
    return place + 2 + _length(frame, place + 2)


def _tiles_end(frame: bytes, place: int) -> int:
    """Where the last tile-part ends; what stands behind a codestream is no picture."""
    while frame[place : place + 2] == _J2K_TILE:
        length = int.from_bytes(frame[place + 6 : place + 10], "big")
        if not length:
            return _open_tile_end(frame, place)
        if length < _SHORTEST_TILE:
            raise ValueError("a tile-part without data")
        place += length
    # Some encoders leave the end out, and an even length is made with a zero.
    if frame[place : place + 2] != _J2K_END and any(frame[place:]):
        raise ValueError("no tile-part")
    return min(place, len(frame))


def _open_tile_end(frame: bytes, place: int) -> int:
    """Where a last tile-part ends that does not say how long it is."""
    place += _TILE_SEGMENT
    while frame[place : place + 2] != _J2K_DATA:
        place = _segment_end(frame, place)
    for found in _J2K_PACKET_OR_END.finditer(frame, place):
        if found[0] == _J2K_END:
            return found.start()
    raise ValueError("a codestream without an end")
