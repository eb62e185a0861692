"""Blobs in a folder, two levels deep.

A blob is written to a temporary file, forced to disk and renamed: either all of it is there or
none of it.
"""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from mdt.adapters.blob_format import SealedContent, check_content, open_blob, open_stream
from mdt.adapters.storage import (
    BlobNotFound,
    CorruptBlob,
    KeptBlob,
    Sealer,
    StorageUnavailable,
    StoredBlob,
    blob_path,
    is_key,
)

_UNFINISHED = ".new-"
# As many digits of a key say in which folder it lies (`blob_path`).
_FOLDER_DIGITS = 4


class FolderStorage:
    """The storage of one machine."""

    def __init__(self, root: Path, sealer: Sealer) -> None:
        self._root = root
        self._sealer = sealer

    def put(self, content: bytes | BinaryIO) -> StoredBlob:
        """Write, force to disk and rename; the blob is durable when this returns."""
        sealed = SealedContent(uuid.uuid4().hex, content, self._sealer)
        path = self.write(sealed)
        _sync_folder(path.parent)
        return sealed.blob

    def batch(self) -> "_FolderBatch":
        """Begin to store several blobs."""
        return _FolderBatch(self, self._sealer)

    def open(self, key: str) -> BinaryIO:
        """Return the content as a stream that can be read from any place."""
        return open_stream(key, self._source(key), self._sealer)

    def read(self, key: str) -> bytes:
        """Return the content; raise `BlobNotFound` or `CorruptBlob`."""
        with closing(self._source(key)) as source:
            blob = open_blob(key, source, self._sealer)
            return blob.read(0, blob.size)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on, fewer at the end."""
        with closing(self._source(key)) as source:
            return open_blob(key, source, self._sealer).read(offset, length)

    def check(self, key: str, sha256: str | None = None) -> None:
        """Read all of it; raise `BlobNotFound`, or `CorruptBlob` also where its hash is another."""
        with closing(self._source(key)) as source:
            check_content(key, open_blob(key, source, self._sealer), sha256)

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is fine."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync_folder(path.parent)

    def keys(self) -> Iterator[KeptBlob]:
        """Give every blob, in the order of the keys."""
        for folder in self._folders():
            for path in sorted(folder.iterdir()):
                if is_key(path.name) and (at := _written_at(path)):
                    yield KeptBlob(path.name, at)

    def copy_out(self, folder: Path) -> None:
        """Copy every blob that is not there yet into a folder as it lies here, sealed."""
        for blob in self.keys():
            target = blob_path(folder, blob.key)
            if not target.exists():
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # One that is deleted meanwhile is gone before anything is written.
                with suppress(FileNotFoundError):
                    shutil.copy2(self._path(blob.key), target)

    def copy_in(self, folder: Path) -> None:
        """Take over every blob of such a folder."""
        shutil.copytree(folder, self._root, dirs_exist_ok=True)

    def clear_unfinished(self, *, before: datetime) -> int:
        """Remove what a killed server had begun to write before then; return how many."""
        old = [
            path
            for folder in self._folders()
            for path in folder.glob(f"{_UNFINISHED}*")
            if (at := _written_at(path)) and at < before
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _folders(self) -> Iterable[Path]:
        return sorted(path for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]"))

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise BlobNotFound(key)
        return blob_path(self._root, key)

    def _source(self, key: str) -> "_FileSource":
        try:
            return _FileSource(key, self._path(key))
        except FileNotFoundError as error:
            raise BlobNotFound(key) from error
        except OSError as error:
            raise StorageUnavailable(f"{self._root}: {error.strerror}") from error

    def write(self, sealed: SealedContent) -> Path:
        """Write a blob, force it to disk and give it its name, which is for the caller to force."""
        path = self._path(sealed.key)
        _make_folder(path.parent, self._root)
        temporary = path.with_name(f"{_UNFINISHED}{sealed.key}")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                for piece in sealed:
                    _write_all(handle, piece)
                os.fsync(handle)
            finally:
                os.close(handle)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return path


class _FolderBatch:
    """Blobs whose keys begin alike: they lie in one folder, whose names are forced once."""

    def __init__(self, storage: FolderStorage, sealer: Sealer) -> None:
        self._storage, self._sealer = storage, sealer
        self._start = uuid.uuid4().hex[:_FOLDER_DIGITS]
        self._folder: Path | None = None

    def put(self, content: bytes, sha256: str | None = None) -> StoredBlob:
        """Write one and force its bytes to disk."""
        key = self._start + uuid.uuid4().hex[_FOLDER_DIGITS:]
        sealed = SealedContent(key, content, self._sealer, sha256)
        self._folder = self._storage.write(sealed).parent
        return sealed.blob

    def settle(self) -> None:
        """Force the names of all."""
        if self._folder is not None:
            _sync_folder(self._folder)


class _FileSource:
    """The bytes of one file."""

    def __init__(self, key: str, path: Path) -> None:
        self._key = key
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._handle).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer at the end."""
        try:
            return os.pread(self._handle, length, offset)
        except OSError as error:
            # A disk that cannot give a sector back has lost it.
            raise CorruptBlob(self._key) from error

    def close(self) -> None:
        """Let go of the file; once more does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _write_all(handle: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _written_at(path: Path) -> datetime | None:
    """When the file was written; nothing for one that has gone meanwhile."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


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
