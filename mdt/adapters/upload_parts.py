"""Uploads that are still arriving: one file each, enciphered, as long as what is on disk.

The bytes may name a patient and lie here for days, so each file has a key of its own (AES in
counter mode, which can be written and read from any place). That keeps them secret and no more:
nothing here notices a byte that a disk, or somebody who can write in this folder, has changed. A
sender's checksum holds for the way up to here; what is read in the end is hashed, sealed and from
then on the original. A lock on the file keeps two requests apart, in this process and in others.
"""

import fcntl
import hashlib
import io
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from mdt.rules.uploads import Checksum, ChecksumMismatch, UploadBusy, UploadConflict

KEY_BYTES = 32
_BLOCK = 16
_PIECE = 256 * 1024


class Incoming(Protocol):
    """The body of a request."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end, or where the line was cut."""
        ...


class Parts:
    """The folder of arriving uploads."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, name: str) -> None:
        """Begin an empty upload; raise `FileExistsError` for a name that is taken."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._sync_folder()

    def offset(self, name: str) -> int:
        """Bytes that are on disk for good; raise `FileNotFoundError`."""
        with self._path(name).open("rb") as file:
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size

    def append(
        self,
        name: str,
        key: bytes,
        offset: int,
        body: Incoming,
        *,
        most: int,
        checksum: Checksum | None = None,
    ) -> int:
        """Write a part at ``offset``, which must be the end; return the new end.

        What arrived before a line was cut stays, unless the part has a checksum: then it stays
        whole or not at all. At most ``most`` bytes are read. Raises `UploadConflict`, `UploadBusy`,
        `ChecksumMismatch`.
        """
        with self._locked(name) as file:
            if file.seek(0, os.SEEK_END) != offset:
                raise UploadConflict("upload_offset", offset=file.tell())
            try:
                _copy(body, file, _cipher(key, offset), most, checksum)
            except BaseException:
                if checksum:
                    file.truncate(offset)
                raise
            finally:
                os.fsync(file.fileno())
            return file.tell()

    @contextmanager
    def whole(self, name: str, key: bytes) -> Iterator[io.BufferedReader]:
        """The deciphered bytes, while nobody else may write or take them; raise `UploadBusy`."""
        with self._locked(name) as file:
            yield io.BufferedReader(_Deciphered(file, key), _PIECE)

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Keep everybody else from it; raise `UploadBusy`. One that is gone needs no keeping."""
        if not self._path(name).exists():
            yield
            return
        with self._locked(name):
            yield

    def names(self, *, before: datetime) -> list[str]:
        """Uploads that nothing was written to since then."""
        if not self._root.exists():
            return []
        found = []
        for path in sorted(self._root.iterdir()):
            # One that is given up meanwhile is gone already.
            with suppress(FileNotFoundError):
                if path.name.isalnum() and path.stat().st_mtime < before.timestamp():
                    found.append(path.name)
        return found

    def delete(self, name: str) -> None:
        """Remove the upload; one that is gone already is fine."""
        self._path(name).unlink(missing_ok=True)

    def copy_out(self, names: Collection[str], folder: Path) -> None:
        """Copy uploads that are whole, as they lie here, to where they do not lie yet."""
        for name in names:
            target = folder / name
            if not target.exists():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # One that was taken or given up meanwhile is gone.
                with suppress(FileNotFoundError):
                    shutil.copy2(self._path(name), target)

    def copy_in(self, folder: Path) -> None:
        """Take over every upload of such a folder."""
        shutil.copytree(folder, self._root, dirs_exist_ok=True)

    def _path(self, name: str) -> Path:
        if not (name.isascii() and name.isalnum()):
            raise FileNotFoundError(name)
        return self._root / name

    @contextmanager
    def _locked(self, name: str) -> Iterator[io.FileIO]:
        # Without a buffer: one that a full disk did not take would stand in the way of cutting off
        # what was written of its part, and be written when the file is closed.
        with self._path(name).open("r+b", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadBusy("upload_busy") from error
            yield file

    def _sync_folder(self) -> None:
        handle = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class _Deciphered(io.RawIOBase):
    """A file as it was sent; reading it elsewhere begins a new key stream there."""

    def __init__(self, file: io.FileIO, key: bytes) -> None:
        self._file = file
        self._key = key
        self._cipher = _cipher(key, 0)
        file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        place = self._file.seek(offset, whence)
        self._cipher = _cipher(self._key, place)
        return place

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # any buffer
        piece = self._cipher.update(self._file.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def _copy(
    body: Incoming,
    file: io.FileIO,
    cipher: CipherContext,
    most: int,
    checksum: Checksum | None,
) -> None:
    digest = hashlib.new(checksum.algorithm) if checksum else None
    while most > 0 and (piece := body.read(min(most, _PIECE))):
        most -= len(piece)
        if digest:
            digest.update(piece)
        _write(file, cipher.update(piece))
    if digest and checksum and digest.digest() != checksum.digest:
        raise ChecksumMismatch("upload_checksum_mismatch")


def _write(file: io.FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        # Where the room ends within it, the beginning is written first.
        rest = rest[file.write(rest) :]


def _cipher(key: bytes, offset: int) -> CipherContext:
    """The key stream from a place on; no key is ever used for two uploads, so it starts at 0.

    A part that is sent again after its checksum failed is the same bytes, or was damaged on the
    way: its place in the stream is written anew, and what stood there before is gone.
    """
    block, within = divmod(offset, _BLOCK)
    stream = Cipher(AES(key), CTR(block.to_bytes(_BLOCK, "big"))).encryptor()
    stream.update(bytes(within))
    return stream
