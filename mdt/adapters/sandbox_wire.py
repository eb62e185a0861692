"""How the server and a child of the sandbox talk: frames of JSON with blobs behind them.

JSON and not pickle: what a child answers is data from a process that has read hostile files, and
unpickling it would hand the server over.
"""

import json
import socket
import struct
import time

Plain = None | bool | int | float | str | bytes | list["Plain"] | dict[str, "Plain"]

_LENGTHS = struct.Struct("!IB")
_BLOB_LENGTH = struct.Struct("!Q")
_BLOB = "$blob"
_HEAD_LIMIT = 64 * 1024 * 1024
_BLOB_LIMIT = 4 * 1024 * 1024 * 1024


class WireClosed(Exception):
    """The other side is gone or does not keep to the format."""


def send(line: socket.socket, value: Plain) -> None:
    """Send one value; bytes anywhere in it travel raw."""
    blobs: list[bytes] = []
    head = json.dumps(_without_blobs(value, blobs), ensure_ascii=False).encode()
    lengths = b"".join(_BLOB_LENGTH.pack(len(blob)) for blob in blobs)
    line.sendall(_LENGTHS.pack(len(head), len(blobs)) + lengths + head)
    for blob in blobs:
        line.sendall(blob)


def receive(line: socket.socket, deadline: float | None = None) -> Plain:
    """Receive one value; ``deadline`` is a time of `time.monotonic`.

    Raises `TimeoutError` after the deadline and `WireClosed` when the line ends.
    """
    size, count = _LENGTHS.unpack(_read(line, _LENGTHS.size, deadline))
    sizes = [_BLOB_LENGTH.unpack(_read(line, _BLOB_LENGTH.size, deadline))[0] for _ in range(count)]
    if size > _HEAD_LIMIT or sum(sizes) > _BLOB_LIMIT:
        raise WireClosed
    try:
        head = json.loads(bytes(_read(line, size, deadline)))
    except (ValueError, RecursionError) as error:
        raise WireClosed from error
    blobs = [bytes(_read(line, length, deadline)) for length in sizes]
    return _with_blobs(head, blobs)


def _read(line: socket.socket, size: int, deadline: float | None) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    got = 0
    while got < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            line.settimeout(left)
        try:
            count = line.recv_into(view[got:])
        except ConnectionError as error:
            raise WireClosed from error
        if count == 0:
            raise WireClosed
        got += count
    return buffer


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
