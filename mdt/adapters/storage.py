"""Where the bytes of attachments lie: blobs under random keys, sealed at rest.

A blob is written to a temporary file, forced to disk and renamed: either all of it is there or
none of it. Its hash is checked whenever it is read.
"""

import hashlib
import io
import os
import re
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from mdt.crypto import SealBroken

_PLAIN = b"MDTB\x01p"
_SEALED = b"MDTB\x01s"
_HASH_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{32}")


class CorruptBlob(Exception):
    """The bytes on disk are not the bytes that were stored."""


class BlobNotFound(Exception):
    """No blob lies under this key."""


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


class Storage(Protocol):
    """A place for blobs. Keys are made by the storage, never from what a user sends."""

    def put(self, data: bytes | BinaryIO) -> StoredBlob:
        """Store the content durably."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return the checked content as a stream."""
        ...

    def read(self, key: str) -> bytes:
        """Return the checked content; raise `BlobNotFound` or `CorruptBlob`."""
        ...

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is fine."""
        ...


class FolderStorage:
    """Blobs in a folder, two levels deep (``ab/cd/abcd...``)."""

    def __init__(self, root: Path, sealer: Sealer | None = None) -> None:
        self._root = root
        self._sealer = sealer

    def put(self, data: bytes | BinaryIO) -> StoredBlob:
        """Write, force to disk and rename; the blob is durable when this returns."""
        content = data if isinstance(data, bytes) else data.read()
        key = uuid.uuid4().hex
        digest = hashlib.sha256(content)
        self._write(self._path(key), self._pack(key, content, digest.digest()))
        return StoredBlob(key, digest.hexdigest(), len(content))

    def open(self, key: str) -> BinaryIO:
        """Return the checked content as a stream."""
        return io.BytesIO(self.read(key))

    def read(self, key: str) -> bytes:
        """Return the content; raise `BlobNotFound`, or `CorruptBlob` for a changed byte."""
        try:
            packed = self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise BlobNotFound(key) from error
        return self._unpack(key, packed)

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is fine."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:
            raise BlobNotFound(key)
        return self._root / key[:2] / key[2:4] / key

    def _pack(self, key: str, content: bytes, digest: bytes) -> bytes:
        if self._sealer is None:
            return _PLAIN + digest + content
        # The seal carries its own proof; the key as associated data ties the content to its place.
        return _SEALED + self._sealer.seal(content, aad=key.encode())

    def _unpack(self, key: str, packed: bytes) -> bytes:
        mark, body = packed[: len(_PLAIN)], packed[len(_PLAIN) :]
        if mark == _PLAIN:
            content = body[_HASH_BYTES:]
            if hashlib.sha256(content).digest() != body[:_HASH_BYTES]:
                raise CorruptBlob(key)
            return content
        if mark == _SEALED and self._sealer is not None:
            try:
                return self._sealer.open(body, aad=key.encode())
            except SealBroken as error:
                raise CorruptBlob(key) from error
        raise CorruptBlob(key)

    def _write(self, path: Path, packed: bytes) -> None:
        _make_folder(path.parent, self._root)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(packed)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def storage_from_url(url: str, sealer: Sealer | None = None) -> Storage:
    """Open the storage that ``MDT_STORAGE_URL`` names: a folder, as a path or a file URL."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        raise ValueError(
            "MDT_STORAGE_URL: s3:// needs the S3 extra, which this version does not have; "
            "name a folder"
        )
    if parts.scheme == "file":
        return FolderStorage(Path(unquote(parts.path)), sealer)
    if parts.scheme and len(parts.scheme) > 1:
        raise ValueError(f"MDT_STORAGE_URL: cannot store at {parts.scheme}://; name a folder")
    return FolderStorage(Path(url), sealer)


def _make_folder(folder: Path, root: Path) -> None:
    """Make the folder and force each new name on the way to disk."""
    if folder.exists():
        return
    if folder != root:
        _make_folder(folder.parent, root)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
