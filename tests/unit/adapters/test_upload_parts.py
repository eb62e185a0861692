"""Parts of an upload on a disk that is full, that fails, or that somebody has written to."""

import hashlib
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdt.adapters.upload_parts import KEY_BYTES, Parts
from mdt.rules.uploads import Checksum, UploadConflict

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


def cut_off_at(parts: Parts) -> int:
    """Where it is to be sent again from."""
    with pytest.raises(UploadConflict) as caught, parts.whole("one", KEY):
        pass
    place = caught.value.details["offset"]
    assert isinstance(place, int)
    assert parts.offset("one") == place
    return place


@pytest.fixture
def longer(parts: Parts) -> Parts:
    """An upload of a few pieces: the first ends at 6, the next at 3006, 6006 and 9006."""
    parts.append("one", KEY, len(BEFORE), Body(PART[:9_000]), most=9_000)
    return parts


@pytest.mark.parametrize(("place", "sound"), [(0, 0), (7, 6), (3_005, 6), (3_006, 3_006)])
def test_a_flipped_bit_takes_its_piece_and_what_follows(
    longer: Parts, tmp_path: Path, place: int, sound: int
) -> None:
    on_disk = bytearray((tmp_path / "one").read_bytes())
    on_disk[place] ^= 64
    (tmp_path / "one").write_bytes(on_disk)
    assert cut_off_at(longer) == sound
    rest = (BEFORE + PART)[sound:9_006]
    longer.append("one", KEY, sound, Body(rest), most=len(rest))
    with longer.whole("one", KEY) as whole:
        assert whole.read() == (BEFORE + PART)[:9_006]


def test_pieces_that_changed_places_are_found(longer: Parts, tmp_path: Path) -> None:
    data, tags = ((tmp_path / name).read_bytes() for name in ("one", "one.tags"))
    size = len(tags) // 4
    (tmp_path / "one").write_bytes(data[:6] + data[3_006:6_006] + data[6:3_006] + data[6_006:])
    (tmp_path / "one.tags").write_bytes(
        tags[: size + 8] + tags[2 * size + 8 : 3 * size] + tags[2 * size : 2 * size + 8]
        + tags[size + 8 : 2 * size] + tags[3 * size :]
    )  # fmt: skip
    assert cut_off_at(longer) == 6


def test_what_has_no_tag_does_not_count(longer: Parts, tmp_path: Path) -> None:
    """A server that was killed between a piece and its tag; tags that somebody took away."""
    with (tmp_path / "one").open("ab") as file:
        file.write(b"more")
    assert longer.offset("one") == 9_006
    assert longer.append("one", KEY, 9_006, Body(b"rest"), most=4) == 9_010
    with longer.whole("one", KEY) as whole:
        assert whole.read() == (BEFORE + PART)[:9_006] + b"rest"
    (tmp_path / "one.tags").unlink()
    assert cut_off_at(longer) == 0


def test_an_upload_of_before_is_taken_as_it_lies(parts: Parts, tmp_path: Path) -> None:
    key = KEY[:32]
    (tmp_path / "old").write_bytes(b"")
    assert parts.append("old", key, 0, Body(BEFORE), most=100) == parts.offset("old") == 6
    with parts.whole("old", key) as whole:
        assert whole.read() == BEFORE
