"""Parts of an upload on a disk that is full."""

import hashlib
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdt.adapters.upload_parts import KEY_BYTES, Parts
from mdt.rules.uploads import Checksum

KEY = bytes(range(KEY_BYTES))
BEFORE = b"before"
#: More than a file's own buffer holds, so that some of it is written before there is no room.
PART = b"part" * 10_000
ROOM = 9_000


class Body:
    """What a request brings, in pieces smaller than a file's buffer."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._data.read(min(size, 3_000))


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """No file of this process grows larger: the system's own way to have no room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """A folder with an upload of a few bytes."""
    found = Parts(tmp_path)
    found.create("one")
    found.append("one", KEY, 0, Body(BEFORE), most=100)
    return found


def test_a_part_with_a_checksum_stays_whole_or_not_at_all(parts: Parts) -> None:
    checksum = Checksum("sha256", hashlib.sha256(PART).digest())
    with no_room_beyond(ROOM), pytest.raises(OSError, match="File too large"):
        parts.append("one", KEY, len(BEFORE), Body(PART), most=len(PART), checksum=checksum)
    assert parts.offset("one") == len(BEFORE)
    end = parts.append("one", KEY, len(BEFORE), Body(PART), most=len(PART), checksum=checksum)
    assert end == parts.offset("one") == len(BEFORE) + len(PART)
    with parts.whole("one", KEY) as whole:
        assert whole.read() == BEFORE + PART


def test_a_part_without_one_keeps_what_there_was_room_for(parts: Parts) -> None:
    with no_room_beyond(ROOM), pytest.raises(OSError, match="File too large"):
        parts.append("one", KEY, len(BEFORE), Body(PART), most=len(PART))
    assert parts.offset("one") == ROOM
    rest = PART[ROOM - len(BEFORE) :]
    parts.append("one", KEY, ROOM, Body(rest), most=len(rest))
    with parts.whole("one", KEY) as whole:
        assert whole.read() == BEFORE + PART
