import hashlib
import io
from pathlib import Path

import pytest

from mdt.adapters.storage import (
    BlobNotFound,
    CorruptBlob,
    FolderStorage,
    StoredBlob,
    storage_from_url,
)
from mdt.crypto import Keyring

CONTENT = b"a page of a report" * 100


@pytest.fixture(params=["plain", "sealed"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> FolderStorage:
    sealer = Keyring("a field key for tests") if request.param == "sealed" else None
    return FolderStorage(tmp_path, sealer)


def the_file(root: Path) -> Path:
    [found] = [path for path in root.rglob("*") if path.is_file()]
    return found


@pytest.mark.parametrize("data", [CONTENT, b""])
def test_what_was_put_is_read(storage: FolderStorage, data: bytes) -> None:
    stored = storage.put(data)
    assert stored == StoredBlob(stored.key, hashlib.sha256(data).hexdigest(), len(data))
    assert storage.read(stored.key) == data
    with storage.open(stored.key) as stream:
        assert stream.read() == data


def test_stream_is_stored_like_bytes(storage: FolderStorage) -> None:
    stored = storage.put(io.BytesIO(CONTENT))
    assert storage.read(stored.key) == CONTENT


def test_same_content_twice_has_two_keys(storage: FolderStorage) -> None:
    first, second = storage.put(CONTENT), storage.put(CONTENT)
    assert first.key != second.key
    storage.delete(first.key)
    assert storage.read(second.key) == CONTENT


def test_flipped_byte_is_found_anywhere(storage: FolderStorage, tmp_path: Path) -> None:
    key = storage.put(CONTENT).key
    path = the_file(tmp_path)
    good = path.read_bytes()
    for place in (0, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(CorruptBlob):
            storage.read(key)
    path.write_bytes(good)
    assert storage.read(key) == CONTENT


def test_cut_file_is_found(storage: FolderStorage, tmp_path: Path) -> None:
    key = storage.put(CONTENT).key
    path = the_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptBlob):
        storage.read(key)


def test_delete_leaves_nothing_and_can_be_repeated(storage: FolderStorage, tmp_path: Path) -> None:
    key = storage.put(CONTENT).key
    storage.delete(key)
    storage.delete(key)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(BlobNotFound):
        storage.read(key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "AB" * 16, "a" * 31, "0" * 32])
def test_key_that_storage_did_not_make_finds_nothing(storage: FolderStorage, key: str) -> None:
    with pytest.raises(BlobNotFound):
        storage.read(key)


def test_sealed_content_is_not_on_disk(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path, Keyring("a field key for tests"))
    storage.put(CONTENT)
    assert b"report" not in the_file(tmp_path).read_bytes()


def test_sealed_blob_moved_to_another_key_does_not_open(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path, Keyring("a field key for tests"))
    first, second = storage.put(b"first"), storage.put(b"second")
    paths = {path.name: path for path in tmp_path.rglob("*") if path.is_file()}
    paths[second.key].write_bytes(paths[first.key].read_bytes())
    with pytest.raises(CorruptBlob):
        storage.read(second.key)
    assert storage.read(first.key) == b"first"


def test_another_key_does_not_open(tmp_path: Path) -> None:
    key = FolderStorage(tmp_path, Keyring("one")).put(CONTENT).key
    with pytest.raises(CorruptBlob):
        FolderStorage(tmp_path, Keyring("two")).read(key)


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_folder_by_url(tmp_path: Path, prefix: str) -> None:
    storage = storage_from_url(f"{prefix}{tmp_path}/blobs")
    key = storage.put(CONTENT).key
    assert FolderStorage(tmp_path / "blobs").read(key) == CONTENT


@pytest.mark.parametrize("url", ["s3://bucket/prefix", "ftp://host/folder"])
def test_other_urls_are_refused_with_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(ValueError, match="MDT_STORAGE_URL"):
        storage_from_url(url)
