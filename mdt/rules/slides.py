"""Whole-slide images: which files are taken, how a slide is cut into tiles, what is said of it.

A pyramid has levels from 0, where the whole fits into one tile, to the last, which is the slide in
full; from one to the next the sides double. Tiles are `TILE` pixels of the level's picture and as
many more as `OVERLAP` on each inner side, so that no seams show between them.
"""

from dataclasses import dataclass
from enum import StrEnum

from mdt.rules.attachments import MEBIBYTE, extension_of

TILE = 510
OVERLAP = 1
#: Longest side of a slide in pixels; scanners at 40x stay below 300,000.
LONGEST_SIDE = 1 << 20
#: Most pixels of a slide.
MOST_PIXELS = 40 * 10**9
#: Bytes of one file.
LARGEST_SLIDE = 4096 * MEBIBYTE
#: Magnifications of the objective that a microscope has, for the steps of the viewer.
MAGNIFICATIONS = (2, 4, 10, 20, 40)
LONGEST_LABEL = 40
#: Micrometres of a pixel at an objective of 1x: what scanners agree on (0.5 at 20x, 0.25 at 40x).
_MPP_TIMES_OBJECTIVE = 10.0


class SlideFormat(StrEnum):
    """How a slide arrives."""

    DICOM = "dicom"
    MRXS_ZIP = "mrxs"
    #: SVS, NDPI, SCN, BIF and pyramidal TIFF: one file that begins like a TIFF.
    TIFF = "tiff"
    #: KFB, TMAP, SDPC: read by nothing that is free; a converter may be configured.
    VENDOR = "vendor"


class SlideState(StrEnum):
    """How far a slide is."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_TIFF_EXTENSIONS = frozenset({"svs", "ndpi", "scn", "bif", "tif", "tiff"})
VENDOR_EXTENSIONS = frozenset({"kfb", "tmap", "sdpc"})
#: Single files that may be slides.
SLIDE_EXTENSIONS = _TIFF_EXTENSIONS | VENDOR_EXTENSIONS


def slide_format(head: bytes, file_name: str) -> SlideFormat | None:
    """What slide a single file may be, by its first bytes and its extension; None: none."""
    extension = extension_of(file_name)
    if extension in VENDOR_EXTENSIONS:
        return SlideFormat.VENDOR
    if extension in _TIFF_EXTENSIONS and head.startswith(_TIFF_STARTS):
        return SlideFormat.TIFF
    return None


def may_be_picture(file_name: str) -> bool:
    """Whether the file may as well be a scanned paper: then that is what is said of it."""
    return extension_of(file_name) in {"tif", "tiff"}


@dataclass(frozen=True)
class SlideFacts:
    """All that is read out of a slide: its size in pixels, how it was scanned, who made it.

    ``mpp`` is micrometres of a pixel, ``objective`` the magnification of the lens; None where the
    file does not say.
    """

    width: int
    height: int
    mpp: float | None = None
    objective: float | None = None
    vendor: str = ""


def objective_of(facts: SlideFacts) -> float | None:
    """The magnification at which a pixel of the slide is a pixel of the screen."""
    if facts.objective is not None:
        return facts.objective
    return _MPP_TIMES_OBJECTIVE / facts.mpp if facts.mpp else None


def magnifications(facts: SlideFacts) -> tuple[int, ...]:
    """Steps up to what the slide was scanned at."""
    most = objective_of(facts)
    if most is None:
        return ()
    return tuple(step for step in MAGNIFICATIONS if step <= most * 1.1)


@dataclass(frozen=True)
class Area:
    """A tile's rectangle in the picture of its level, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Pyramid:
    """The tiles of a slide of so many pixels; they are numbered from 0, the coarsest first."""

    width: int
    height: int

    @property
    def top(self) -> int:
        """The level that is the slide in full."""
        return (-(-max(self.width, self.height) // TILE) - 1).bit_length()

    def scale(self, level: int) -> int:
        """Pixels of the slide for one of this level, each way."""
        return 1 << (self.top - level)

    def size(self, level: int) -> tuple[int, int]:
        """Width and height of a level's picture."""
        scale = self.scale(level)
        return -(-self.width // scale), -(-self.height // scale)

    def grid(self, level: int) -> tuple[int, int]:
        """Columns and rows of tiles."""
        width, height = self.size(level)
        return -(-width // TILE), -(-height // TILE)

    def first(self, level: int) -> int:
        """The number of a level's first tile; of the level after the last, how many there are."""
        grids = (self.grid(one) for one in range(level))
        return sum(columns * rows for columns, rows in grids)

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return self.first(self.top + 1)

    def number(self, level: int, column: int, row: int) -> int | None:
        """The number of a tile; None where there is none."""
        if not 0 <= level <= self.top:
            return None
        columns, rows = self.grid(level)
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        return self.first(level) + row * columns + column

    def place(self, number: int) -> tuple[int, int, int]:
        """Level, column and row of a tile."""
        level = 0
        while number >= (tiles := self._tiles(level)):
            number -= tiles
            level += 1
        row, column = divmod(number, self.grid(level)[0])
        return level, column, row

    def area(self, level: int, column: int, row: int) -> Area:
        """What a tile shows of its level's picture."""
        width, height = self.size(level)
        left, top = max(0, column * TILE - OVERLAP), max(0, row * TILE - OVERLAP)
        right = min(width, (column + 1) * TILE + OVERLAP)
        bottom = min(height, (row + 1) * TILE + OVERLAP)
        return Area(left, top, right - left, bottom - top)

    def whole_levels(self, made: int) -> int:
        """The finest level of which every tile is among the first so many; -1: none."""
        level = -1
        while level < self.top and made >= self.first(level + 2):
            level += 1
        return level

    def _tiles(self, level: int) -> int:
        columns, rows = self.grid(level)
        return columns * rows


def clean_label(text: str) -> str:
    """A stain or a block as it was typed, on one line and not too long."""
    return " ".join(text.split())[:LONGEST_LABEL]
