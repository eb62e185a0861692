"""How the server and a child of the sandbox talk: frames of JSON with blobs behind them.

JSON and not pickle: what a child answers is data from a process that has read hostile files, and
unpickling it would hand the server over.

Blobs of usual size lie in an area of memory that both have: through the socket each would be
copied twice more, in pieces for which the two wait in turns. One task runs at a time, so question
and answer use the same area, one after the other. A reader copies what it takes before it looks at
it, as the other side could change it meanwhile.
"""

import json
import mmap
import os
import socket
import struct
import time
from contextlib import suppress

Plain = None | bool | int | float | str | bytes | list["Plain"] | dict[str, "Plain"]

_LENGTHS = struct.Struct("!IB")
_BLOB_LENGTH = struct.Struct("!Q?")
_BLOB = "$blob"
_HEAD_LIMIT = 64 * 1024 * 1024
_BLOB_LIMIT = 4 * 1024 * 1024 * 1024
#: Some slices fit; more would be kept from the machine for every child.
AREA_BYTES = 8 * 1024 * 1024


class WireClosed(Exception):
    """The other side is gone or does not keep to the format."""


class Line:
    """One end of the line between a server and a child, with the memory that they share."""

    def __init__(self, line: socket.socket, area: int | None = None) -> None:
        self.socket = line
        self._area = None if area is None else mmap.mmap(area, AREA_BYTES)

    def send(self, value: Plain) -> None:
        """Send one value; bytes anywhere in it travel raw."""
        blobs: list[bytes] = []
        head = json.dumps(_without_blobs(value, blobs), ensure_ascii=False).encode()
        placed = self._place(blobs)
        lengths = b"".join(
            _BLOB_LENGTH.pack(len(blob), there) for blob, there in zip(blobs, placed, strict=True)
        )
        self.socket.sendall(_LENGTHS.pack(len(head), len(blobs)) + lengths + head)
        for blob, there in zip(blobs, placed, strict=True):
            if not there:
                self.socket.sendall(blob)

    def receive(self, deadline: float | None = None) -> Plain:
        """Receive one value; ``deadline`` is a time of `time.monotonic`.

        Raises `TimeoutError` after the deadline and `WireClosed` when the line ends.
        """
        size, count = _LENGTHS.unpack(self._read(_LENGTHS.size, deadline))
        lengths = bytes(self._read(_BLOB_LENGTH.size * count, deadline))
        blobs_at = list(_BLOB_LENGTH.iter_unpack(lengths))
        if size > _HEAD_LIMIT or sum(length for length, _ in blobs_at) > _BLOB_LIMIT:
            raise WireClosed
        try:
            head = json.loads(bytes(self._read(size, deadline)))
        except (ValueError, RecursionError) as error:
            raise WireClosed from error
        blobs: list[bytes] = []
        place = 0
        for length, there in blobs_at:
            if there:
                blobs.append(self._take(place, length))
                place += length
            else:
                blobs.append(bytes(self._read(length, deadline)))
        return _with_blobs(head, blobs) if blobs else head

    def close(self) -> None:
        """End the line; the memory goes when nobody is reading there any more."""
        self.socket.close()

    def _place(self, blobs: list[bytes]) -> list[bool]:
        """Write the blobs into the area, one behind the other; say of each whether it fitted."""
        placed, place = [], 0
        for blob in blobs:
            fits = self._area is not None and place + len(blob) <= AREA_BYTES
            if self._area is not None and fits:
                self._area[place : place + len(blob)] = blob
                place += len(blob)
            placed.append(fits)
        return placed

    def _take(self, place: int, length: int) -> bytes:
        if self._area is None or place + length > AREA_BYTES:
            raise WireClosed
        return self._area[place : place + length]

    def _read(self, size: int, deadline: float | None) -> bytearray:
        buffer = bytearray(size)
        view = memoryview(buffer)
        got = 0
        while got < size:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self.socket.settimeout(left)
            try:
                count = self.socket.recv_into(view[got:])
            except ConnectionError as error:
                raise WireClosed from error
            if count == 0:
                raise WireClosed
            got += count
        return buffer


def new_area() -> int | None:
    """Memory for a child and its server, as a descriptor; nothing where the system has none."""
    with suppress(OSError, AttributeError):
        area = os.memfd_create("sandbox")
        os.truncate(area, AREA_BYTES)
        return area
    return None


def _without_blobs(value: Plain, blobs: list[bytes]) -> Plain:
    if isinstance(value, bytes):
        blobs.append(value)
        return {_BLOB: len(blobs) - 1}
    if isinstance(value, list):
        return [_without_blobs(item, blobs) for item in value]
    if isinstance(value, dict):
        return {key: _without_blobs(item, blobs) for key, item in value.items()}
    return value


def _with_blobs(value: Plain, blobs: list[bytes]) -> Plain:
    if isinstance(value, list):
        return [_with_blobs(item, blobs) for item in value]
    if isinstance(value, dict):
        index = value.get(_BLOB)
        if isinstance(index, int) and 0 <= index < len(blobs):
            return blobs[index]
        return {key: _with_blobs(item, blobs) for key, item in value.items()}
    return value
