"""Uploads that are still arriving: one file each, enciphered, as long as what is on disk.

The bytes may name a patient and lie here for days, so each file has a key of its own (AES in
counter mode, which can be written and read from any place). That keeps them secret; that nothing
has changed them, on a failing disk or by hand, is told by a tag (GMAC) for each piece, in a file
beside it. What has no tag was never answered for and does not count; a piece that does not fit its
tag is cut off with all behind it, and its sender goes on from there. A sender's checksum holds for
the way up to here. A lock on the file keeps two requests apart, in this process and in others.

Uploads begun before there were tags have a shorter key and are taken as they lie.
"""

import fcntl
import hashlib
import io
import os
import shutil
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from mdt.rules.uploads import Checksum, ChecksumMismatch, UploadBusy, UploadConflict

_CIPHER_KEY_BYTES = 32
#: The cipher's key, then that of the tags.
KEY_BYTES = 2 * _CIPHER_KEY_BYTES
_TAGS = ".tags"
# End of a piece, nonce, and the sealed place of the piece with the tag over its bytes.
_RECORD = struct.Struct(">Q12s32s")
_PLACE = struct.Struct(">QQ")
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
        for path in (self._path(name), self._tags(name)):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._sync_folder()

    def offset(self, name: str) -> int:
        """Bytes that are on disk for good; raise `FileNotFoundError`."""
        with self._path(name).open("rb", buffering=0) as file:
            os.fsync(file.fileno())
            with _tags_at(self._tags(name), None) as tags:
                return tags.end(_size(file))

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
        with self._locked(name) as file, _tags_at(self._tags(name), key) as tags:
            # A killed server may have left bytes whose tag it had not written yet.
            end = tags.cut(file, tags.end(_size(file)))
            if end != offset:
                raise UploadConflict("upload_offset", offset=end)
            try:
                _copy(body, file, tags, _cipher(key, offset), most, checksum)
            except BaseException:
                if checksum:
                    tags.cut(file, offset)
                raise
            finally:
                os.fsync(file.fileno())
                tags.settle()
            return file.tell()

    @contextmanager
    def whole(self, name: str, key: bytes) -> Iterator[io.BufferedReader]:
        """The deciphered bytes, while nobody else may write or take them; raise `UploadBusy`.

        Raises `UploadConflict` where some of them are not as they were written: what is sound
        stays, and the rest is to be sent again.
        """
        with self._locked(name) as file:
            with _tags_at(self._tags(name), key) as tags:
                sound = tags.sound(file)
                if sound != _size(file):
                    tags.cut(file, sound)
                    raise UploadConflict("upload_not_whole", offset=sound)
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
        # Whatever is left when the server is killed in between is found by its own name.
        self._tags(name).unlink(missing_ok=True)
        self._path(name).unlink(missing_ok=True)

    def copy_out(self, names: Collection[str], folder: Path) -> None:
        """Copy uploads that are whole, as they lie here, to where they do not lie yet."""
        for name in names:
            target = folder / name
            if not target.exists():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # One that was taken or given up meanwhile is gone; one of before has no tags.
                for path in (self._tags(name), self._path(name)):
                    with suppress(FileNotFoundError):
                        shutil.copy2(path, folder / path.name)

    def copy_in(self, folder: Path) -> None:
        """Take over every upload of such a folder."""
        shutil.copytree(folder, self._root, dirs_exist_ok=True)

    def _path(self, name: str) -> Path:
        if not (name.isascii() and name.isalnum()):
            raise FileNotFoundError(name)
        return self._root / name

    def _tags(self, name: str) -> Path:
        path = self._path(name)
        return path.with_name(path.name + _TAGS)

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


class _Tags:
    """The tags of an upload's pieces, one behind the other; without ``file`` everything counts."""

    def __init__(self, file: io.FileIO | None, key: bytes = b"") -> None:
        self._file = file
        self._key = AESGCM(key) if key else None

    def end(self, size: int) -> int:
        """Where the last piece ends that is there with its tag, of a file of that size."""
        if self._file is None:
            return size
        count = _size(self._file) // _RECORD.size
        while count and (end := self._record(count - 1)[0]) > size:
            count -= 1
        return end if count else 0

    def cut(self, file: io.FileIO, end: int) -> int:
        """Take away what lies behind the end of a piece; say where that is."""
        if _size(file) != end:
            file.truncate(end)
        file.seek(end)
        if self._file is not None:
            count = _size(self._file) // _RECORD.size
            while count and self._record(count - 1)[0] > end:
                count -= 1
            self._file.truncate(count * _RECORD.size)
            self._file.seek(count * _RECORD.size)
        return end

    def add(self, start: int, piece: bytes | memoryview) -> None:
        """Write the tag of a piece that was written."""
        if self._file is None or self._key is None or not piece:
            return
        end, nonce = start + len(piece), os.urandom(12)
        tag = self._key.encrypt(nonce, _PLACE.pack(start, end), piece)
        _write(self._file, _RECORD.pack(end, nonce, tag))

    def sound(self, file: io.FileIO) -> int:
        """How far every piece fits its tag."""
        if self._file is None or self._key is None:
            return _size(file)
        start = 0
        file.seek(0)
        for number in range(_size(self._file) // _RECORD.size):
            end, nonce, tag = self._record(number)
            if not start < end <= start + _PIECE:
                break
            try:
                place = self._key.decrypt(nonce, tag, _read(file, end - start))
            except InvalidTag:
                break
            if place != _PLACE.pack(start, end):
                break
            start = end
        return start

    def settle(self) -> None:
        """Force them to disk."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def _record(self, number: int) -> tuple[int, bytes, bytes]:
        if self._file is None:
            raise ValueError("no tags")
        end, nonce, tag = _RECORD.unpack(
            os.pread(self._file.fileno(), _RECORD.size, number * _RECORD.size)
        )
        return end, nonce, tag


@contextmanager
def _tags_at(path: Path, key: bytes | None) -> Iterator[_Tags]:
    """The tags that lie there; ``key`` is the upload's, and not needed to ask how far it is."""
    of_before = not path.exists() if key is None else len(key) == _CIPHER_KEY_BYTES
    if of_before:
        yield _Tags(None)
        return
    # Whoever takes the tags away takes the bytes away with them.
    with io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+") as file:
        yield _Tags(file, key[_CIPHER_KEY_BYTES:] if key else b"")


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
    tags: _Tags,
    cipher: CipherContext,
    most: int,
    checksum: Checksum | None,
) -> None:
    digest = hashlib.new(checksum.algorithm) if checksum else None
    while most > 0 and (piece := body.read(min(most, _PIECE))):
        most -= len(piece)
        if digest:
            digest.update(piece)
        sealed, start = cipher.update(piece), file.tell()
        try:
            _write(file, sealed)
        finally:
            # Where the room ended, what was written stays.
            tags.add(start, memoryview(sealed)[: file.tell() - start])
    if digest and checksum and digest.digest() != checksum.digest:
        raise ChecksumMismatch("upload_checksum_mismatch")


def _size(file: io.FileIO) -> int:
    return os.fstat(file.fileno()).st_size


def _read(file: io.FileIO, length: int) -> bytes:
    """So many bytes, fewer at the end of the file."""
    found = b""
    while len(found) < length and (piece := file.read(length - len(found))):
        found += piece
    return found


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
    stream = Cipher(AES(key[:_CIPHER_KEY_BYTES]), CTR(block.to_bytes(_BLOCK, "big"))).encryptor()
    stream.update(bytes(within))
    return stream
