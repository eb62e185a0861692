"""ZIP files and bundles, read with limits: nothing in them names a place on disk.

The whole directory is judged before the first entry is unpacked; entries come out one by one.
"""

import io
import json
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from mdt.rules.attachments import MEBIBYTE, FileRefused, Refusal

_LOCAL_HEADER_BYTES = 30
_PIECE = 1024 * 1024
# Of each entry in the directory: its mark, its fixed part, and where the lengths of the rest stand.
_ENTRY_MARK, _ENTRY_BYTES, _LENGTHS_AT = b"PK\1\2", 46, 28
# Ten thousand files with long paths and everything that archivers note beside them.
_DIRECTORY_BYTES = 8 * MEBIBYTE
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE = re.compile(r"^[A-Za-z]:")
# What operating systems put beside the images.
_LITTER = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})

# What the library says of damaged content: wrong names and numbers come as plain ValueErrors.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True)
class ArchiveLimits:
    """Upper bounds: files, unpacked bytes in all and of one, and unpacked to packed size."""

    files: int = 10_000
    total_bytes: int = 4096 * MEBIBYTE
    file_bytes: int = 512 * MEBIBYTE
    ratio: int = 200
    # Small archives compress as well as they like: an empty slice is 500 KB of zeros.
    ratio_from_bytes: int = 64 * MEBIBYTE


class ArchiveEntry(NamedTuple):
    """One file of an archive; ``name`` is its path inside, for display only."""

    name: str
    data: bytes


def read_zip(
    source: bytes | BinaryIO,
    limits: ArchiveLimits | None = None,
    choose: Callable[[Sequence[str]], Sequence[str]] = lambda names: names,
) -> Iterator[ArchiveEntry]:
    """Check the archive now, then yield its files lazily, in the order of the archive.

    ``choose`` gets their names and says which are unpacked, in which order. Folders and the litter
    of operating systems are left out. Raises
    `FileRefused`: at once for a bad directory, at the entry for damaged content. Archives inside
    are yielded as they are, for the caller to refuse one by one.
    """
    limits = limits or ArchiveLimits()
    archive = _opened(io.BytesIO(source) if isinstance(source, bytes) else source, limits)
    found = dict(_judge(archive, limits))
    return _entries(archive, [(name, found[name]) for name in choose(list(found))])


def list_zip(source: BinaryIO, limits: ArchiveLimits) -> list[str]:
    """The names of an archive's files, in its order; raise `FileRefused` for a bad directory."""
    with _opened(source, limits) as archive:
        return [name for name, _ in _judge(archive, limits)]


def copy_zip(source: BinaryIO, place: Callable[[str], Path | None], limits: ArchiveLimits) -> None:
    """Unpack files to where ``place`` says of their names, piece by piece; None leaves one out.

    Raises `FileRefused`; what was written by then stays.
    """
    with _opened(source, limits) as archive:
        for name, info in _judge(archive, limits):
            target = place(name)
            if target is not None:
                _copy(archive, info, target)


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    try:
        with archive.open(info) as stream, target.open("xb") as file:
            # The reader stops at the declared size and compares the checksum there.
            shutil.copyfileobj(stream, file, _PIECE)
            written = file.tell()
    except _DAMAGED as error:
        raise FileRefused(Refusal.ARCHIVE_BROKEN) from error
    if written != info.file_size:
        raise FileRefused(Refusal.ARCHIVE_BROKEN)


def _opened(source: BinaryIO, limits: ArchiveLimits) -> zipfile.ZipFile:
    opening = _Opening(source, limits.files)
    try:
        archive = zipfile.ZipFile(cast("BinaryIO", opening))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused(Refusal.ARCHIVE_BROKEN) from error
    opening.done = True
    return archive


def read_bundle(source: BinaryIO, limits: ArchiveLimits | None = None) -> Iterator[ArchiveEntry]:
    """Yield the files that a browser sent as one: a tar of ``names.json`` and ``0``, ``1``, ...

    ``names.json`` is a list with the name of each, in that order. Raises `FileRefused` for anything
    else, at the entry that is not as it should be.
    """
    limits = limits or ArchiveLimits()
    try:
        with tarfile.open(fileobj=source, mode="r:") as bundle:
            names = json.loads(_member(bundle, "names.json", limits))
            if not isinstance(names, list) or not 0 < len(names) <= limits.files:
                raise FileRefused(Refusal.ARCHIVE_BROKEN)
            for place, name in enumerate(names):
                yield ArchiveEntry(str(name), _member(bundle, str(place), limits))
    except (tarfile.TarError, OSError, ValueError, RecursionError) as error:
        # The last: names that are lists within lists, thousands deep.
        raise FileRefused(Refusal.ARCHIVE_BROKEN) from error


class _Opening:
    """An archive while the library opens it: it gets no directory that is longer than allowed.

    The library makes something of every entry before it says how many there are, and the number in
    the end record need not be true. So it is the bytes it asks for that are measured.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file, self._most = file, most
        self.done = False

    def read(self, size: int = -1) -> bytes:
        """Read as a file does; raise `FileRefused` for a directory that is too long."""
        if self.done:
            return self._file.read(size)
        most = _DIRECTORY_BYTES + 1
        data = self._file.read(most if size < 0 else min(size, most))
        if _count_entries(data, self._most + 1) > self._most:
            raise FileRefused(Refusal.ARCHIVE_TOO_MANY_FILES, limit=self._most)
        if len(data) == most:
            raise FileRefused(Refusal.ARCHIVE_BROKEN)
        return data


def _count_entries(directory: bytes, most: int) -> int:
    """Entries of a directory, as far as ``most``."""
    count = at = 0
    while count < most and directory.startswith(_ENTRY_MARK, at):
        count += 1
        if at + _ENTRY_BYTES > len(directory):
            break
        at += _ENTRY_BYTES + sum(struct.unpack_from("<3H", directory, at + _LENGTHS_AT))
    return count


def _member(bundle: tarfile.TarFile, name: str, limits: ArchiveLimits) -> bytes:
    """The next file of the bundle, which must be this one."""
    info = bundle.next()
    if info is None or info.name != name or not info.isreg() or info.size > limits.file_bytes:
        raise FileRefused(Refusal.ARCHIVE_BROKEN)
    file = bundle.extractfile(info)
    data = file.read() if file else b""
    if len(data) != info.size:
        raise FileRefused(Refusal.ARCHIVE_BROKEN)
    return data


def _entries(
    archive: zipfile.ZipFile, wanted: Sequence[tuple[str, zipfile.ZipInfo]]
) -> Iterator[ArchiveEntry]:
    with archive:
        for name, info in wanted:
            yield ArchiveEntry(name, _content(archive, info))


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as stream:
            # The reader stops at the declared size, which was within the limits.
            data = stream.read(info.file_size)
            stream.read(1)  # reaches the end, where the checksum is compared
    except _DAMAGED as error:
        raise FileRefused(Refusal.ARCHIVE_BROKEN) from error
    if len(data) != info.file_size:
        raise FileRefused(Refusal.ARCHIVE_BROKEN)
    return data


def _judge(
    archive: zipfile.ZipFile, limits: ArchiveLimits
) -> Sequence[tuple[str, zipfile.ZipInfo]]:
    infos = archive.infolist()
    if any(not info.filename or info.header_offset < 0 for info in infos):
        raise FileRefused(Refusal.ARCHIVE_BROKEN)
    files = [(_name(info), info) for info in infos if not info.is_dir()]
    if len(infos) > limits.files:
        raise FileRefused(Refusal.ARCHIVE_TOO_MANY_FILES, limit=limits.files)
    for name, info in files:
        _judge_entry(name, info, limits)
    _judge_names([name for name, _ in files])
    _judge_sizes([info for _, info in files], limits)
    _judge_overlap(infos, archive.start_dir)
    return [(name, info) for name, info in files if not _is_litter(name)]


def _judge_entry(name: str, info: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise FileRefused(Refusal.ARCHIVE_ENCRYPTED)
    if info.compress_type not in _METHODS:
        raise FileRefused(Refusal.ARCHIVE_OTHER_FORMAT)
    mode = info.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise FileRefused(Refusal.ARCHIVE_UNSAFE_NAMES)
    if _is_unsafe(name) or "\0" in info.orig_filename:
        raise FileRefused(Refusal.ARCHIVE_UNSAFE_NAMES)
    if info.file_size > limits.file_bytes:
        raise FileRefused(Refusal.ARCHIVE_TOO_BIG, limit=limits.file_bytes)


def _is_unsafe(name: str) -> bool:
    parts = name.split("/")
    return name.startswith("/") or ".." in parts or _DRIVE.match(name) is not None


def _judge_names(names: Sequence[str]) -> None:
    if len({name.casefold() for name in names}) != len(names):
        raise FileRefused(Refusal.ARCHIVE_UNSAFE_NAMES)


def _judge_sizes(infos: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > limits.total_bytes:
        raise FileRefused(Refusal.ARCHIVE_TOO_BIG, limit=limits.total_bytes)
    if unpacked > limits.ratio_from_bytes and unpacked > packed * limits.ratio:
        raise FileRefused(Refusal.ARCHIVE_TOO_BIG, limit=limits.total_bytes)


def _judge_overlap(infos: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """Refuse entries that share bytes: the trick of the small bombs."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    ends = [info.header_offset for info in ordered[1:]] + [directory]
    for info, end in zip(ordered, ends, strict=False):
        if info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size > end:
            raise FileRefused(Refusal.ARCHIVE_BROKEN)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the path inside, with GBK names (Chinese Windows) read as such."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        name = _decode(name)
    return name.replace("\\", "/")


def _decode(name: str) -> str:
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return name


def _is_litter(name: str) -> bool:
    last = name.rsplit("/", 1)[-1].lower()
    return last in _LITTER or last.startswith("._") or name.startswith("__MACOSX/")
