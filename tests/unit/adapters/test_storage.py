"""Blobs come back as they were stored, or not at all; the same in a folder and in a bucket."""

import hashlib
import io
import random
import tracemalloc
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mdt.adapters.blob_format import CHUNK_BYTES
from mdt.adapters.storage import (
    BlobNotFound,
    CorruptBlob,
    KeptBlob,
    StorageUnavailable,
    StoredBlob,
)
from mdt.adapters.storage_url import storage_from_url
from mdt.crypto import Keyring
from tests.services import free_port
from tests.storage_places import FolderPlace, Place, S3Place

KEYS = Keyring("a field key for tests")
CONTENT = b"a page of a report" * 100
HEADER = 8 + 65  # mark, chunk length, length of the sealed key; the sealed key
STRIDE = CHUNK_BYTES + 16
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return FolderPlace(tmp_path / "blobs", KEYS)
    return S3Place(request.getfixturevalue("s3_url"), KEYS)


@pytest.fixture
def folder(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path / "blobs", KEYS)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 -- a fixed sample


class Trickle(io.RawIOBase):
    """A stream that gives few bytes at a time, as a socket does, and may break."""

    def __init__(self, content: bytes, breaks_at: int | None = None) -> None:
        self._content, self._at, self._breaks_at = content, 0, breaks_at

    def read(self, size: int = -1) -> bytes:
        if self._breaks_at is not None and self._at >= self._breaks_at:
            raise ConnectionError
        piece = self._content[self._at : self._at + min(size, 70_000)]
        self._at += len(piece)
        return piece


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 9 * 1024 * 1024]
)
def test_what_was_put_is_read(place: Place, size: int) -> None:
    data = noise(size)
    stored = place.storage.put(Trickle(data) if size > 1 else data)
    assert stored == StoredBlob(stored.key, hashlib.sha256(data).hexdigest(), size)
    assert place.storage.read(stored.key) == data
    with place.storage.open(stored.key) as stream:
        assert stream.read() == data
        assert stream.seek(0, io.SEEK_END) == size
    place.storage.check(stored.key, stored.sha256)
    assert list(place.at_rest()) == [stored.key]
    assert place.unfinished() == 0


def test_any_range_is_read(place: Place) -> None:
    data = noise(3 * CHUNK_BYTES + 5)
    key = place.storage.put(data).key
    some = random.Random(2)  # noqa: S311 -- the same each time
    ranges = [(0, 0), (0, 1), (CHUNK_BYTES - 1, 2), (len(data) - 1, 9), (len(data), 9)]
    ranges += [(some.randrange(len(data)), some.randrange(2 * CHUNK_BYTES)) for _ in range(12)]
    with place.storage.open(key) as stream:
        for offset, length in ranges:
            wanted = data[offset : offset + length]
            assert place.storage.read_range(key, offset, length) == wanted
            stream.seek(offset)
            assert stream.read(length) == wanted


def test_same_content_twice_has_two_keys_and_different_bytes(place: Place) -> None:
    first, second = place.storage.put(CONTENT), place.storage.put(io.BytesIO(CONTENT))
    assert first.key != second.key
    one, other = (place.at_rest()[key] for key in (first.key, second.key))
    assert one[HEADER:] != other[HEADER:]
    assert b"report" not in one + other
    place.storage.delete(first.key)
    assert place.storage.read(second.key) == CONTENT


def test_blobs_of_a_batch_are_kept_as_any_other(place: Place) -> None:
    contents = [noise(CHUNK_BYTES + 1), b"", CONTENT]
    batch = place.storage.batch()
    batch.settle()
    blobs = [batch.put(one, hashlib.sha256(one).hexdigest()) for one in contents[:2]]
    blobs.append(batch.put(contents[2]))
    batch.settle()
    assert blobs == [
        StoredBlob(blob.key, hashlib.sha256(one).hexdigest(), len(one))
        for blob, one in zip(blobs, contents, strict=True)
    ]
    assert [place.storage.read(blob.key) for blob in blobs] == contents
    assert sorted(place.at_rest()) == sorted({blob.key for blob in blobs})
    assert place.unfinished() == 0


def test_what_is_copied_already_or_deleted_meanwhile_is_left_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, gone = place.storage.put(CONTENT), place.storage.put(CONTENT)
    listed, folder = list(place.storage.keys()), tmp_path / "copy"

    def copied() -> dict[str, bytes]:
        place.storage.copy_out(folder)
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    with monkeypatch.context() as listing:
        listing.setattr(place.storage, "keys", lambda: iter(listed))
        place.storage.delete(gone.key)
        assert copied() == {first.key: place.at_rest()[first.key]}
    second = place.storage.put(CONTENT)
    both = place.at_rest()
    assert set(both) == {first.key, second.key}
    place.overwrite(first.key, b"another")
    assert copied() == both


def test_blobs_of_a_batch_lie_in_one_folder(folder: FolderPlace) -> None:
    batches = [folder.storage.batch() for _ in range(8)]
    keys = [[batch.put(CONTENT).key for _ in range(2)] for batch in batches]
    assert len({key for pair in keys for key in pair}) == 16
    assert [first[:4] for first, _ in keys] == [second[:4] for _, second in keys]
    assert len({first[:4] for first, _ in keys}) > 1


def test_a_flipped_byte_is_found_in_each_region(place: Place) -> None:
    key = place.storage.put(noise(2 * CHUNK_BYTES + 99)).key
    good = place.at_rest()[key]
    header = [0, 4, 5, 6, 7, 8, 12, 20, HEADER - 40, HEADER - 1]
    chunks = [
        HEADER, HEADER + CHUNK_BYTES, HEADER + STRIDE, HEADER + 2 * STRIDE - 1,
        HEADER + 2 * STRIDE + 50, len(good) - 1,
    ]  # fmt: skip
    for where in (*header, *chunks):
        bad = bytearray(good)
        bad[where] ^= 1
        place.overwrite(key, bytes(bad))
        with pytest.raises(CorruptBlob):
            place.storage.check(key)
        with pytest.raises(CorruptBlob):
            place.storage.read(key)
    place.overwrite(key, good)
    place.storage.check(key)


def test_a_damaged_chunk_spares_the_others(place: Place) -> None:
    data = noise(3 * CHUNK_BYTES)
    key = place.storage.put(data).key
    bad = bytearray(place.at_rest()[key])
    bad[HEADER + STRIDE] ^= 1
    place.overwrite(key, bytes(bad))
    assert place.storage.read_range(key, 10, 20) == data[10:30]
    assert place.storage.read_range(key, 2 * CHUNK_BYTES, 20) == data[2 * CHUNK_BYTES :][:20]
    with pytest.raises(CorruptBlob):
        place.storage.read_range(key, CHUNK_BYTES - 1, 2)


def test_what_is_cut_moved_or_added_is_found(folder: FolderPlace) -> None:
    key = folder.storage.put(noise(3 * CHUNK_BYTES)).key
    good = folder.at_rest()[key]
    first, second = good[HEADER:][:STRIDE], good[HEADER + STRIDE :][:STRIDE]
    bad = [
        b"", good[:3], good[:HEADER], good[:-1], good[: HEADER + 10], good[:-STRIDE], good + b"x",
        good + good[-STRIDE:], good[:HEADER] + second + first + good[HEADER + 2 * STRIDE :],
        good[:HEADER] + good[HEADER + STRIDE :],
    ]  # fmt: skip
    for data in bad:
        folder.overwrite(key, data)
        with pytest.raises(CorruptBlob):
            folder.storage.read(key)


def test_a_blob_under_another_key_does_not_open(place: Place) -> None:
    first, second = place.storage.put(b"first"), place.storage.put(b"second")
    place.overwrite(second.key, place.at_rest()[first.key])
    with pytest.raises(CorruptBlob):
        place.storage.read(second.key)
    assert place.storage.read(first.key) == b"first"


def test_check_compares_the_hash_that_a_row_remembers(place: Place) -> None:
    stored = place.storage.put(CONTENT)
    place.storage.check(stored.key, stored.sha256)
    with pytest.raises(CorruptBlob):
        place.storage.check(stored.key, "0" * 64)


def test_an_older_field_key_still_opens_and_a_foreign_one_does_not(place: Place) -> None:
    key = place.storage.put(CONTENT).key
    renewed = Keyring("a new key", older=("a field key for tests",))
    assert place.reopened(renewed).read(key) == CONTENT
    with pytest.raises(CorruptBlob):
        place.reopened(Keyring("a new key")).read(key)


def test_blobs_of_the_first_form_are_read(place: Place) -> None:
    key = uuid.uuid4().hex
    good = b"MDTB\x01s" + KEYS.seal(CONTENT, aad=key.encode())
    place.overwrite(key, good)
    assert place.storage.read(key) == CONTENT
    assert place.storage.read_range(key, 2, 9) == CONTENT[2:11]
    with place.storage.open(key) as stream:
        assert stream.read() == CONTENT
    for bad in (good[:-1] + b"x", b"MDTB\x01p" + hashlib.sha256(b"x").digest() + b"x"):
        place.overwrite(key, bad)
        with pytest.raises(CorruptBlob):
            place.storage.read(key)


def test_keys_come_in_order_with_their_time(place: Place) -> None:
    begun = datetime.now(UTC).replace(microsecond=0)
    stored = sorted(place.storage.put(bytes([one])).key for one in range(5))
    kept = list(place.storage.keys())
    assert [one.key for one in kept] == stored
    assert all(begun <= one.at <= datetime.now(UTC) for one in kept)
    assert kept[0] == KeptBlob(stored[0], kept[0].at)


def test_delete_leaves_nothing_and_can_be_repeated(place: Place) -> None:
    key = place.storage.put(CONTENT).key
    place.storage.delete(key)
    place.storage.delete(key)
    assert place.at_rest() == {}
    for read in (place.storage.read, place.storage.open, place.storage.check):
        with pytest.raises(BlobNotFound):
            read(key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "AB" * 16, "a" * 31, "0" * 32])
def test_key_that_storage_did_not_make_finds_nothing(place: Place, key: str) -> None:
    with pytest.raises(BlobNotFound):
        place.storage.read(key)


@pytest.mark.parametrize("sent", [100_000, 9 * 1024 * 1024])
def test_a_stream_that_breaks_leaves_nothing(place: Place, sent: int) -> None:
    with pytest.raises(ConnectionError):
        place.storage.put(Trickle(noise(10 * 1024 * 1024), breaks_at=sent))
    assert (place.at_rest(), place.unfinished()) == ({}, 0)


def test_what_was_begun_long_ago_is_cleared(place: Place) -> None:
    key = place.storage.put(CONTENT).key
    place.begin_and_break_off()
    assert place.storage.clear_unfinished(before=LONG_AGO) == 0
    assert place.unfinished() == 1
    assert place.storage.clear_unfinished(before=datetime.now(UTC) + timedelta(days=1)) == 1
    assert place.unfinished() == 0
    assert place.storage.read(key) == CONTENT


def test_a_big_blob_passes_through_little_memory(folder: FolderPlace) -> None:
    whole = 64 * 1024 * 1024

    class Zeros(io.RawIOBase):
        left = whole

        def read(self, size: int = -1) -> bytes:
            piece = bytes(min(size, self.left))
            self.left -= len(piece)
            return piece

    tracemalloc.start()
    try:
        stored = folder.storage.put(Zeros())
        with folder.storage.open(stored.key) as stream:
            read = sum(len(piece) for piece in iter(lambda: stream.read(100_000), b""))
        folder.storage.check(stored.key, stored.sha256)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (stored.size, read) == (whole, whole)
    assert most < 12 * CHUNK_BYTES


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_folder_by_url(tmp_path: Path, prefix: str) -> None:
    key = storage_from_url(f"{prefix}{tmp_path}/blobs", KEYS).put(CONTENT).key
    assert storage_from_url(f"{tmp_path}/blobs", KEYS).read(key) == CONTENT


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "ftp://host/folder"])
def test_other_urls_are_refused_with_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(ValueError, match="MDT_STORAGE_URL"):
        storage_from_url(url, KEYS)


def test_s3_that_is_down_or_lacks_the_bucket_says_so(s3_url: str, monkeypatch: Any) -> None:
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        storage_from_url("s3://no-such-bucket-of-ours", KEYS).put(CONTENT)
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        list(storage_from_url("s3://no-such-bucket-of-ours", KEYS).keys())
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StorageUnavailable, match="EndpointConnectionError"):
        storage_from_url(s3_url, KEYS).read("0" * 32)
