"""The rows of a register file while it is being worked on: plain text, sealed.

A file may hold a million rows. Its bytes lie in the storage in pieces, and then its rows in
blocks, of a size that any machine can hold, and any row can be had again without reading those
before it.
"""

import io
import json
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import BinaryIO, Protocol

from mdt.adapters.spreadsheets import TableRow, bare
from mdt.adapters.storage import Storage
from mdt.rules.errors import Refused
from mdt.rules.registry.values import cell_text


class RegisterFileRefused(Refused):
    """The file as a whole cannot be read; nothing of it was taken."""

    status = 422


ROWS_A_BLOCK = 1_000
_FILE_PIECE = 4 * 1024 * 1024
_BLOCKS_AT_HAND = 4
#: So many lines that stand out of their order are fetched at once.
_FETCHED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as text: its number in the sheet, its cells in the order of the headings, the rest."""

    number: int
    cells: Sequence[str]
    surplus: Sequence[str] = ()


class Rows(Protocol):
    """The rows of a file, any of them by its place (from 0, blank rows not counted)."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, place: int, /) -> SourceRow:
        """The row in this place."""
        ...


def source_row(row: TableRow) -> SourceRow:
    """A row of a table as text; what is a date or a number there is written out."""
    return SourceRow(
        row.number,
        [bare(cell_text(cell)) for cell in row.values],
        [bare(cell_text(cell)) for cell in row.surplus],
    )


def store_file(storage: Storage, file: BinaryIO) -> list[str]:
    """Store a file in pieces; gives their keys in order."""
    file.seek(0)
    keys = []
    while piece := file.read(_FILE_PIECE):
        keys.append(storage.put(piece).key)
    return keys


class StoredFile(io.RawIOBase):
    """A file that lies in the storage in pieces of one size, to be read anywhere in it."""

    def __init__(self, storage: Storage, keys: Sequence[str], size: int) -> None:
        super().__init__()
        self._storage, self._keys, self._size = storage, keys, size
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It is for reading alone."""
        return True

    def seekable(self) -> bool:
        """Anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as one piece goes."""
        number, offset = divmod(self._at, _FILE_PIECE)
        if number >= len(self._keys):
            return 0
        if self._held[0] != number:
            self._held = (number, self._storage.read(self._keys[number]))
        piece = memoryview(self._held[1])[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def open_stored(storage: Storage, keys: Sequence[str], size: int) -> BinaryIO:
    """A stored file as a buffered stream."""
    return io.BufferedReader(StoredFile(storage, keys, size), _FILE_PIECE // 4)


def store_rows(
    storage: Storage, rows: Iterable[SourceRow]
) -> Iterator[tuple[str, list[SourceRow]]]:
    """Store rows in blocks; gives each block's key with its rows as soon as it is stored."""
    block: list[SourceRow] = []
    for row in rows:
        block.append(row)
        if len(block) == ROWS_A_BLOCK:
            yield _store_block(storage, block), block
            block = []
    if block:
        yield _store_block(storage, block), block


def _store_block(storage: Storage, block: list[SourceRow]) -> str:
    lines = (json.dumps([row.number, row.cells, row.surplus], ensure_ascii=False) for row in block)
    return storage.put("\n".join(lines).encode()).key


class StoredLines:
    """Lines that lie in the storage in blocks of `ROWS_A_BLOCK`; some blocks are held.

    They are asked for in their order, but for those in ``far``, which names these in the order in
    which they will be asked for: many are fetched at once, lest a block be read for each.
    """

    def __init__(self, storage: Storage, keys: Sequence[str], far: "array[int] | None" = None):
        self._storage, self._keys = storage, keys
        self._held: OrderedDict[int, list[bytes]] = OrderedDict()
        self._far = array("I") if far is None else far
        self._far_at = 0
        self._fetched: dict[int, bytes] = {}
        self._reached = -1

    def __getitem__(self, place: int, /) -> bytes:
        """The line in this place (from 0)."""
        number, offset = divmod(place, ROWS_A_BLOCK)
        if number not in self._held and number != self._reached + 1:
            line = self._fetch(place)
            if line is not None:
                return line
        self._reached = max(self._reached, number)
        return self._block(number)[offset]

    def blocks(self) -> Iterator[list[bytes]]:
        """All lines, a block at a time."""
        return (self._block(number) for number in range(len(self._keys)))

    def _fetch(self, place: int) -> bytes | None:
        """A line out of its order; none where it is not among those that were named."""
        if place not in self._fetched:
            try:
                start = self._far.index(place, self._far_at)
            except ValueError:
                return None
            self._far_at = start + _FETCHED_AT_ONCE
            self._fetched = dict(self._lines_in(sorted(self._far[start : self._far_at])))
        return self._fetched.pop(place)

    def _lines_in(self, places: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        for number, some in groupby(places, key=lambda place: place // ROWS_A_BLOCK):
            block = self._held.get(number) or self._read(number)
            for place in some:
                yield place, block[place % ROWS_A_BLOCK]

    def _read(self, number: int) -> list[bytes]:
        return self._storage.read(self._keys[number]).split(b"\n")

    def _block(self, number: int) -> list[bytes]:
        held = self._held.get(number)
        if held is None:
            held = self._held[number] = self._read(number)
            if len(self._held) > _BLOCKS_AT_HAND:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(number)
        return held


class StoredRows:
    """The rows that `store_rows` has stored."""

    def __init__(
        self, storage: Storage, keys: Sequence[str], total: int, far: "array[int] | None" = None
    ) -> None:
        self._lines, self._total = StoredLines(storage, keys, far), total

    def __len__(self) -> int:
        """How many there are."""
        return self._total

    def __getitem__(self, place: int, /) -> SourceRow:
        """The row in this place."""
        return SourceRow(*json.loads(self._lines[place]))

    def blocks(self) -> Iterator[list[SourceRow]]:
        """All rows, a block at a time."""
        for block in self._lines.blocks():
            yield [SourceRow(*json.loads(line)) for line in block]


class WritingOrder:
    """In which order rows are written: as in the file, but those of one person together.

    Only rows that do not stand behind their person's first row are kept, as two columns of numbers.
    """

    def __init__(self, total: int, firsts: "array[int]", others: "array[int]") -> None:
        self._total, self._firsts = total, firsts
        #: The rows that stand further back in the file than they are written, in their turn.
        self.others = others

    @classmethod
    def of_persons(cls, persons: Sequence[int]) -> "WritingOrder":
        """The order of rows, given as one number for each row's person; 0 stands for nobody."""
        ordered = sorted(persons)
        shared = {one for one, next_ in pairwise(ordered) if one == next_}
        shared.discard(0)
        first_of: dict[int, int] = {}
        pairs = []
        for place, person in enumerate(persons):
            if person in shared and (first := first_of.setdefault(person, place)) != place:
                pairs.append((first, place))
        pairs.sort()
        firsts = array("I", (first for first, _ in pairs))
        return cls(len(persons), firsts, array("I", (place for _, place in pairs)))

    @classmethod
    def from_bytes(cls, total: int, packed: bytes) -> "WritingOrder":
        """What `to_bytes` gave."""
        numbers = array("I")
        numbers.frombytes(packed)
        half = len(numbers) // 2
        return cls(total, numbers[:half], numbers[half:])

    def to_bytes(self) -> bytes:
        """Pack it: the first rows' places, then the others'."""
        return array("I", self._firsts).tobytes() + array("I", self.others).tobytes()

    def people(self) -> Iterator[list[int]]:
        """The places of each person's rows, persons in the order of their first row."""
        later = iter(sorted(self.others))
        skipped = next(later, None)
        at = 0
        for place in range(self._total):
            if place == skipped:
                skipped = next(later, None)
                continue
            group = [place]
            while at < len(self._firsts) and self._firsts[at] == place:
                group.append(self.others[at])
                at += 1
            yield group
