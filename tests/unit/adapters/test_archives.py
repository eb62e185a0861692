import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Mapping

import pytest

from mdt.adapters.archives import ArchiveEntry, ArchiveLimits, read_zip
from mdt.rules.attachments import FileRefused, Refusal
from tests.mutations import mutated


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def refusal_of(data: bytes, limits: ArchiveLimits | None = None) -> Refusal:
    with pytest.raises(FileRefused) as caught:
        list(read_zip(data, limits))
    return caught.value.refusal


def test_files_come_out_in_order_without_litter() -> None:
    data = zipped(
        {
            "CT/1.dcm": b"one",
            "CT/2.dcm": b"two",
            "CT/Thumbs.db": b"x",
            "__MACOSX/CT/._1.dcm": b"x",
            "CT/.DS_Store": b"x",
        }
    )
    assert list(read_zip(data)) == [
        ArchiveEntry("CT/1.dcm", b"one"),
        ArchiveEntry("CT/2.dcm", b"two"),
    ]


def test_stream_is_read_like_bytes() -> None:
    assert [entry.data for entry in read_zip(io.BytesIO(zipped({"a": b"one"})))] == [b"one"]


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_names_without_the_unicode_flag_are_read(charset: str) -> None:
    data = zipped({"xxxxxxxxxxxxxxxxxxxxxxxxxxx"[: len("胸部/张三.dcm".encode(charset))]: b"one"})
    placeholder = b"x" * len("胸部/张三.dcm".encode(charset))
    data = data.replace(placeholder, "胸部/张三.dcm".encode(charset))
    assert [entry.name for entry in read_zip(data)] == ["胸部/张三.dcm"]


def test_names_with_the_unicode_flag_are_read() -> None:
    assert [entry.name for entry in read_zip(zipped({"胸部/䶮.dcm": b"one"}))] == ["胸部/䶮.dcm"]


@pytest.mark.parametrize(
    "name", ["../a.dcm", "a/../../b", "/etc/passwd", "C:\\a.dcm", "..\\a", "c:a"]
)
def test_unsafe_name_refuses_the_archive(name: str) -> None:
    assert refusal_of(zipped({"good.dcm": b"1", name: b"2"})) is Refusal.ARCHIVE_UNSAFE_NAMES


def test_names_that_collide_by_case_refuse_the_archive() -> None:
    assert refusal_of(zipped({"A.dcm": b"1", "a.dcm": b"2"})) is Refusal.ARCHIVE_UNSAFE_NAMES


def test_symbolic_link_refuses_the_archive() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link.dcm")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refusal_of(stream.getvalue()) is Refusal.ARCHIVE_UNSAFE_NAMES


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        (ArchiveLimits(files=2), Refusal.ARCHIVE_TOO_MANY_FILES),
        (ArchiveLimits(total_bytes=299), Refusal.ARCHIVE_TOO_BIG),
        (ArchiveLimits(file_bytes=99), Refusal.ARCHIVE_TOO_BIG),
        (ArchiveLimits(ratio=2, ratio_from_bytes=200), Refusal.ARCHIVE_TOO_BIG),
    ],
)
def test_each_limit_refuses_and_the_same_archive_passes_without_it(
    limits: ArchiveLimits, refusal: Refusal
) -> None:
    data = zipped({name: bytes(100) for name in ("1", "2", "3")})
    assert len(list(read_zip(data))) == 3
    assert refusal_of(data, limits) is refusal


def empty_entries(count: int, told: int, *, zip64: bool) -> bytes:
    """A directory of so many entries of 46 bytes and more, and an end that tells of ``told``."""
    name = b"a" * 4
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", len(name)) + bytes(16) + name
    directory = entry * count
    if not zip64:
        end = struct.pack("<HHHHIIH", 0, 0, told, told, len(directory), 0, 0)
        return directory + b"PK\5\6" + end
    size = len(directory)
    long_end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, told, told, size, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, size, 1)
    full = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return directory + long_end + locator + b"PK\5\6" + full


@pytest.mark.parametrize(
    ("count", "told", "zip64"),
    [(300_000, 1, False), (300_000, 300_000, True), (100_000, 1, True)],
    ids=["end record that lies", "zip64", "zip64 that lies"],
)
def test_many_entries_are_refused_before_anything_is_made_of_them(
    count: int, told: int, *, zip64: bool
) -> None:
    data = empty_entries(count, told, zip64=zip64)
    tracemalloc.start()
    try:
        assert refusal_of(data) is Refusal.ARCHIVE_TOO_MANY_FILES
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("zip64", [False, True])
def test_few_entries_made_the_same_way_are_looked_at(*, zip64: bool) -> None:
    # Entries without content that all lie at the same place: opened, then refused for that.
    assert refusal_of(empty_entries(1, 1, zip64=zip64)) is not Refusal.ARCHIVE_TOO_MANY_FILES
    assert refusal_of(empty_entries(10_000, 1, zip64=zip64)) is Refusal.ARCHIVE_UNSAFE_NAMES
    assert refusal_of(empty_entries(10_001, 1, zip64=zip64)) is Refusal.ARCHIVE_TOO_MANY_FILES


def test_directory_that_is_long_for_another_reason_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(150):
            info = zipfile.ZipInfo(f"{number}.dcm")
            info.comment = bytes(60_000)
            archive.writestr(info, b"1")
    assert refusal_of(stream.getvalue()) is Refusal.ARCHIVE_BROKEN


def test_other_compression_is_refused() -> None:
    data = zipped({"a": b"one"}, zipfile.ZIP_LZMA)
    assert refusal_of(data) is Refusal.ARCHIVE_OTHER_FORMAT


def test_encrypted_archive_is_refused() -> None:
    data = bytearray(zipped({"a.dcm": b"one"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal_of(bytes(data)) is Refusal.ARCHIVE_ENCRYPTED


def test_changed_content_is_refused_when_it_is_reached() -> None:
    data = zipped({"a": b"one", "b": b"two"}, zipfile.ZIP_STORED).replace(b"two", b"TWO", 1)
    entries = read_zip(data)
    assert next(entries) == ArchiveEntry("a", b"one")
    with pytest.raises(FileRefused) as caught:
        next(entries)
    assert caught.value.refusal is Refusal.ARCHIVE_BROKEN


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 and nothing", zipped({"a": b"1" * 99})[:-30]],
    ids=["empty", "beginning", "cut"],
)
def test_what_is_no_whole_archive_is_refused(data: bytes) -> None:
    assert refusal_of(data) is Refusal.ARCHIVE_BROKEN


def test_entries_that_share_bytes_are_refused() -> None:
    data = bytearray(zipped({"a": b"one" * 99, "b": b"two"}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", data, second + 42, 0)
    assert refusal_of(bytes(data)) is Refusal.ARCHIVE_BROKEN


def test_refusal_comes_before_the_first_file() -> None:
    with pytest.raises(FileRefused):
        read_zip(zipped({"a": b"one", "../b": b"two"}))


def test_names_and_places_that_cannot_be_are_damage() -> None:
    whole = zipped({"a": b"one", "b": b"two"})
    end = whole.rindex(b"PK\x05\x06")
    directory_bytes = struct.unpack_from("<I", whole, end + 12)[0]
    before_the_file = bytearray(whole)
    struct.pack_into("<I", before_the_file, end + 12, directory_bytes + 9)
    nameless = bytearray(whole)
    entry = whole.index(b"PK\x01\x02")
    struct.pack_into("<HHH", nameless, entry + 28, 0, 1, 0)
    for damaged in (before_the_file, nameless):
        assert refusal_of(bytes(damaged)) is Refusal.ARCHIVE_BROKEN


def test_whatever_is_damaged_it_is_read_or_refused() -> None:
    files = {f"CT/{n}.dcm": bytes(range(256)) * n for n in range(1, 4)}
    whole = [("d.zip", zipped(files)), ("s.zip", zipped(files, zipfile.ZIP_STORED))]
    refused = 0
    for _, damaged in mutated(whole, 500, seed=3):
        try:
            list(read_zip(damaged))
        except FileRefused:
            refused += 1
    assert 400 < refused < 500
