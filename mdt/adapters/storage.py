"""Where the bytes of attachments lie: blobs under random keys, sealed at rest.

What a storage does, whatever it is made of; ``folder_storage`` and ``s3_storage`` are the two that
there are, ``storage_url`` says which one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from mdt.rules.errors import MdtError

_KEY = re.compile(r"[0-9a-f]{32}")


class BlobError(MdtError):
    """A blob that cannot be given out as it was stored; no fault of who asks for it."""

    status = 500
    word = "blob_damaged"

    def __init__(self, key: str) -> None:
        super().__init__(self.word, blob=key)

    def __str__(self) -> str:
        return f"{self.word}: {self.details['blob']}"


class CorruptBlob(BlobError):
    """The bytes at rest are not the bytes that were stored."""


class BlobNotFound(BlobError):
    """No blob lies under this key."""

    word = "blob_missing"


class StorageUnavailable(MdtError):
    """The storage does not answer; what was to be stored is not, what is stored is not lost."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__("storage_unavailable", reason=reason)

    def __str__(self) -> str:
        return f"{self.code}: {self.details['reason']}"


class Sealer(Protocol):
    """What seals the content at rest; `mdt.crypto.Keyring` does."""

    def seal(self, data: bytes, *, aad: bytes) -> bytes:
        """Return ``data`` sealed; only the same ``aad`` opens it."""
        ...

    def open(self, sealed: bytes, *, aad: bytes) -> bytes:
        """Return the content, or raise `mdt.crypto.SealBroken`."""
        ...


@dataclass(frozen=True)
class StoredBlob:
    """Where a blob lies and what it is: key, SHA-256 (hex) and size (bytes) of the content."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class KeptBlob:
    """A blob as the storage knows it: its key and since when it lies there (UTC)."""

    key: str
    at: datetime


class Batch(Protocol):
    """Blobs that are stored together: cheaper than one by one, and durable together."""

    def put(self, content: bytes, sha256: str | None = None) -> StoredBlob:
        """Store one of them; threads may do so side by side.

        ``sha256`` is the content's, where the caller has worked it out already; empty where nobody
        will ask for it, as the seal finds what is not as it was.
        """
        ...

    def settle(self) -> None:
        """Make durable what was put; before that no row may name any of it."""
        ...


class Storage(Protocol):
    """A place for blobs. Keys are made by the storage, never from what a user sends.

    Every method may raise `StorageUnavailable`. What is read has been checked: a byte that is not
    as it was stored raises `CorruptBlob`, whatever part of the blob it lies in.
    """

    def put(self, content: bytes | BinaryIO) -> StoredBlob:
        """Store the content durably, a stream piece by piece from where it stands to its end."""
        ...

    def batch(self) -> Batch:
        """Begin to store several blobs."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return the content as a stream that can be read from any place; raise `BlobNotFound`."""
        ...

    def read(self, key: str) -> bytes:
        """Return the content; raise `BlobNotFound` or `CorruptBlob`."""
        ...

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on, fewer at the end; only they are checked."""
        ...

    def check(self, key: str, sha256: str | None = None) -> None:
        """Read all of it; raise `BlobNotFound`, or `CorruptBlob` also where its hash is another."""
        ...

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is fine."""
        ...

    def keys(self) -> Iterator[KeptBlob]:
        """Give every blob, in the order of the keys."""
        ...

    def copy_out(self, folder: Path) -> None:
        """Copy every blob into a folder as it lies here, sealed: under `blob_path`.

        What lies there already is not copied again, and what is deleted meanwhile is left out.
        """
        ...

    def copy_in(self, folder: Path) -> None:
        """Take over every blob of such a folder."""
        ...

    def clear_unfinished(self, *, before: datetime) -> int:
        """Remove what was begun before then and never became a blob; return how many."""
        ...


def blob_path(root: Path, key: str) -> Path:
    """Where a blob lies in a folder: two levels deep (``ab/cd/abcd...``)."""
    return root / key[:2] / key[2:4] / key


def is_key(name: str) -> bool:
    """Whether a storage may have made this key."""
    return _KEY.fullmatch(name) is not None
