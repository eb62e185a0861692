"""How a blob lies at rest: a header, then its content in chunks that are sealed one by one.

The header holds a random key of the blob's own, sealed by the app's keyring and tied to the blob's
name. Each chunk is AES-256-GCM under that key; its nonce is the chunk's number and whether it is
the last (the STREAM construction), its associated data the header. So no chunk can be changed,
moved, left out or cut off unseen, content of any size passes through in little memory, and a range
is had by opening the chunks that it touches. All chunks but the last have the same length: where
one lies follows from its number, and the content's length from the blob's.

Blobs of the first form, sealed as a whole, are still read.
"""

import hashlib
import io
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mdt.adapters.storage import CorruptBlob, Sealer, StoredBlob
from mdt.crypto import SealBroken

_MARK = b"MDTB\x02"
_FIRST_MARK = b"MDTB\x01s"
# Mark, length of a chunk as a power of two, length of the sealed key that follows.
_START = struct.Struct(">5sBH")
_NONCE = struct.Struct(">7xI?")
_KEY_BYTES = 32
_TAG_BYTES = 16
_CHUNK_BITS = 18
_LEAST_BITS, _MOST_BITS = 12, 24
CHUNK_BYTES = 1 << _CHUNK_BITS
#: What a reader fetches first; the header is in it.
HEAD_BYTES = 512


class Source(Protocol):
    """The bytes of a blob at rest, read from any place."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer at the end."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SealedContent:
    """Content on its way to rest: iterate for the sealed bytes, then ask what it was.

    ``sha256`` is the content's where the caller has worked it out already, empty where it is not to
    be worked out.
    """

    def __init__(
        self, key: str, content: bytes | BinaryIO, sealer: Sealer, sha256: str | None = None
    ) -> None:
        self.key = key
        self._stream = _Slices(content) if isinstance(content, bytes) else content
        self._sealer = sealer
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        """Give the header, then each sealed chunk; the stream is read as they are taken."""
        own = AESGCM.generate_key(_KEY_BYTES * 8)
        sealed = self._sealer.seal(own, aad=_key_aad(self.key))
        header = _START.pack(_MARK, _CHUNK_BITS, len(sealed)) + sealed
        yield header
        cipher, chunk, number = AESGCM(own), self._next(), 0
        while True:
            following = self._next() if len(chunk) == CHUNK_BYTES else b""
            yield cipher.encrypt(_NONCE.pack(number, not following), chunk, header)
            if not following:
                return
            chunk, number = following, number + 1

    def _next(self) -> bytes | memoryview:
        """A whole chunk; a shorter one only at the end."""
        chunk: Any = self._stream.read(CHUNK_BYTES)
        while 0 < len(chunk) < CHUNK_BYTES and (
            more := self._stream.read(CHUNK_BYTES - len(chunk))
        ):
            chunk += more
        if self._sha256 is None:
            self._digest.update(chunk)
        self._size += len(chunk)
        return chunk

    @property
    def blob(self) -> StoredBlob:
        """What was stored, once all of it has been taken."""
        sha256 = self._digest.hexdigest() if self._sha256 is None else self._sha256
        return StoredBlob(self.key, sha256, self._size)


class _Slices:
    """Bytes in memory as a stream that copies nothing."""

    def __init__(self, content: bytes) -> None:
        self._left = memoryview(content)

    def read(self, size: int) -> memoryview:
        """Take the next bytes."""
        piece, self._left = self._left[:size], self._left[size:]
        return piece


class Blob(Protocol):
    """A blob at rest, opened."""

    @property
    def size(self) -> int:
        """Length of the content."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return the content from there on, checked; raise `CorruptBlob`."""
        ...


def open_blob(key: str, source: Source, sealer: Sealer) -> Blob:
    """Open the blob that lies under ``key``; raise `CorruptBlob` where its header is damaged."""
    head = source.read(0, HEAD_BYTES)
    if head.startswith(_MARK):
        return _ChunkedBlob(key, source, head, sealer)
    return _WholeBlob(_first_form(key, source.read(0, source.size), sealer))


def blob_pieces(blob: Blob) -> Iterator[bytes]:
    """All of the content, piece by piece; raise `CorruptBlob`."""
    offset = 0
    while piece := blob.read(offset, CHUNK_BYTES):
        offset += len(piece)
        yield piece


def open_stream(key: str, source: Source, sealer: Sealer) -> BinaryIO:
    """Open a blob as a buffered stream, which closes ``source`` when it is closed."""
    try:
        raw = _BlobStream(open_blob(key, source, sealer), source)
    except BaseException:
        source.close()
        raise
    return io.BufferedReader(raw, CHUNK_BYTES)


def check_content(key: str, blob: Blob, sha256: str | None) -> None:
    """Read all of it; raise `CorruptBlob` for a damaged chunk or another hash."""
    digest = hashlib.sha256()
    for piece in blob_pieces(blob):
        digest.update(piece)
    if sha256 is not None and digest.hexdigest() != sha256:
        raise CorruptBlob(key)


class _BlobStream(io.RawIOBase):
    """The content as a stream that can be read from any place."""

    def __init__(self, blob: Blob, source: Source) -> None:
        super().__init__()
        self._blob, self._source = blob, source
        self._at = 0

    def readable(self) -> bool:
        """It is for reading alone."""
        return True

    def seekable(self) -> bool:
        """Anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def readall(self) -> bytes:
        """The rest, at once."""
        rest = self._blob.read(self._at, max(0, self._blob.size - self._at))
        self._at += len(rest)
        return rest

    def close(self) -> None:
        """Let go of the blob."""
        self._source.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer."""
        piece = self._blob.read(self._at, len(buffer))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class _ChunkedBlob:
    """A blob of the present form."""

    def __init__(self, key: str, source: Source, head: bytes, sealer: Sealer) -> None:
        self._key, self._source = key, source
        self._header, self._bits = self._read_header(head)
        try:
            own = sealer.open(self._header[_START.size :], aad=_key_aad(key))
        except SealBroken as error:
            raise CorruptBlob(key) from error
        self._cipher = AESGCM(own)
        self._chunk = 1 << self._bits
        body = source.size - len(self._header)
        self._count = -(-body // (self._chunk + _TAG_BYTES))
        self.size = body - self._count * _TAG_BYTES
        if self._count < 1 or self.size < 0:
            raise CorruptBlob(key)
        # A reader that takes little at a time opens each chunk once.
        self._held: tuple[int, bytes] = (-1, b"")

    def _read_header(self, head: bytes) -> tuple[bytes, int]:
        if len(head) < _START.size:
            raise CorruptBlob(self._key)
        _, bits, length = _START.unpack_from(head)
        end = _START.size + length
        if not _LEAST_BITS <= bits <= _MOST_BITS or end > len(head):
            raise CorruptBlob(self._key)
        return head[:end], bits

    def read(self, offset: int, length: int) -> bytes:
        """Open the chunks that the range touches."""
        if offset < 0 or length < 0:
            raise ValueError("a range begins at 0 or later and has a length")
        end = min(offset + length, self.size)
        if offset >= end:
            # Also of an empty blob the one chunk that there is must be sound.
            self._open(0, 0)
            return b""
        first, last = offset >> self._bits, (end - 1) >> self._bits
        content = b"".join(self._open(first, last))
        start = offset - (first << self._bits)
        return content[start : start + end - offset]

    def _open(self, first: int, last: int) -> list[bytes]:
        number, held = self._held
        if first == last == number:
            return [held]
        stride = self._chunk + _TAG_BYTES
        at = len(self._header) + first * stride
        sealed = memoryview(self._source.read(at, (last - first + 1) * stride))
        found = []
        for place in range(first, last + 1):
            piece = sealed[(place - first) * stride :][:stride]
            nonce = _NONCE.pack(place, place == self._count - 1)
            try:
                found.append(self._cipher.decrypt(nonce, piece, self._header))
            except (InvalidTag, ValueError) as error:
                raise CorruptBlob(self._key) from error
        self._held = (last, found[-1])
        return found


class _WholeBlob:
    """Content that had to be opened as a whole."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, offset: int, length: int) -> bytes:
        """Return a part of it."""
        return self._content[offset : offset + length]


def _first_form(key: str, packed: bytes, sealer: Sealer) -> bytes:
    if not packed.startswith(_FIRST_MARK):
        raise CorruptBlob(key)
    try:
        return sealer.open(packed[len(_FIRST_MARK) :], aad=key.encode())
    except SealBroken as error:
        raise CorruptBlob(key) from error


def _key_aad(key: str) -> bytes:
    # Not the blob's name alone: what sealed a whole blob of the first form must not open as a key.
    return b"blob key:" + key.encode()
