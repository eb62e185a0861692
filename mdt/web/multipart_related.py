"""``multipart/related`` (RFC 2387) in and out, one part after the other."""

from collections.abc import Iterable, Iterator
from typing import IO
from uuid import uuid4

from mdt.rules.attachments import SIZE_LIMITS, Kind
from mdt.rules.media_types import Malformed

# What the server in front has received is copied with every piece that is taken out of it.
_PIECE = 1024 * 1024
_LONGEST_HEAD = 16 * 1024


def read_parts(stream: IO[bytes], boundary: str) -> Iterator[bytes]:
    """Yield the body of each part; raise `Malformed` for what does not keep to the format."""
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    # The first mark may stand at the very beginning.
    buffer = _Buffer(stream, bytearray(b"\r\n"))
    buffer.cut_to(mark, _LONGEST_HEAD)
    while True:
        if buffer.begins_with(b"--"):
            return
        buffer.cut_to(b"\r\n\r\n", _LONGEST_HEAD)
        yield buffer.cut_to(mark, SIZE_LIMITS[Kind.DICOM])


class _Buffer:
    """What was read of a stream and not used yet."""

    def __init__(self, stream: IO[bytes], held: bytearray) -> None:
        self._stream, self._held = stream, held

    def begins_with(self, mark: bytes) -> bool:
        while len(self._held) < len(mark) and self._more():
            pass
        return self._held.startswith(mark)

    def cut_to(self, mark: bytes, most: int) -> bytes:
        """Take everything before ``mark``, and leave the mark out."""
        seen = 0
        while (place := self._held.find(mark, seen)) < 0:
            seen = max(len(self._held) - len(mark), 0)
            if seen > most or not self._more():
                raise Malformed("dicomweb_body")
        found = bytes(memoryview(self._held)[:place])
        del self._held[: place + len(mark)]
        return found

    def _more(self) -> bool:
        piece = self._stream.read(_PIECE)
        self._held += piece
        return bool(piece)


def new_boundary() -> str:
    """A boundary that no part holds."""
    return uuid4().hex


def write_parts(parts: Iterable[bytes], boundary: str, content_type: str) -> Iterator[bytes]:
    """Yield the message piece by piece; ``content_type`` is each part's."""
    head = f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
    for part in parts:
        yield head
        yield part
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()
