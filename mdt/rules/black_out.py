"""What may be blacked out: rectangles on a picture, and on which pictures they hold."""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum

from mdt.rules.errors import Invalid

#: Left, top, width, height in pixels of the picture.
Box = tuple[int, int, int, int]
#: Frame (from 0; `EVERY_FRAME`), then as `Box`.
FrameBox = tuple[int, int, int, int, int]

EVERY_FRAME = -1
#: In one go.
MOST_BOXES = 20
#: On one object over time.
MOST_ON_OBJECT = 200
#: Pixels of all frames that are decoded and compressed anew in one go: under a minute, as colours
#: take a second of one core for 17 million.
MOST_PIXELS = 750_000_000
_LONGEST_TEXT = 2000
_FARTHEST = 1_000_000


class Extent(StrEnum):
    """Which pictures are meant."""

    FRAME = "frame"
    IMAGE = "image"
    SERIES = "series"


def read_extent(code: str) -> Extent:
    """Read which pictures are meant; raise `Invalid` (field ``extent``)."""
    if code not in set(Extent):
        raise Invalid({"extent": "extent_unknown"})
    return Extent(code)


def read_boxes(text: str) -> tuple[Box, ...]:
    """Read what a browser sends: ``[[left, top, width, height], ...]``.

    Raises `Invalid` (field ``regions``) for nothing, for too many and for what cannot be read.
    """
    boxes = _parsed(text)
    if boxes is None:
        raise Invalid({"regions": "regions_unreadable"})
    if not boxes:
        raise Invalid({"regions": "regions_missing"})
    if len(boxes) > MOST_BOXES:
        raise Invalid({"regions": "regions_too_many"})
    return boxes


def _parsed(text: str) -> tuple[Box, ...] | None:
    if not text.strip():
        return ()
    try:
        rows = json.loads(text) if len(text) <= _LONGEST_TEXT else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not all(map(_is_box, rows)):
        return None
    return tuple((left, top, width, height) for left, top, width, height in rows)


def _is_box(row: object) -> bool:
    if not isinstance(row, list) or len(row) != 4:
        return False
    if not all(type(one) is int and abs(one) <= _FARTHEST for one in row):
        return False
    return row[2] > 0 and row[3] > 0


def clipped(boxes: Iterable[Box], columns: int, rows: int) -> tuple[Box, ...]:
    """Cut rectangles to a picture of that size; raise `Invalid` where none lies on it."""
    cut = []
    for left, top, width, height in boxes:
        begin, above = max(left, 0), max(top, 0)
        end, below = min(left + width, columns), min(top + height, rows)
        if begin < end and above < below:
            cut.append((begin, above, end - begin, below - above))
    if not cut:
        raise Invalid({"regions": "regions_outside"})
    return tuple(cut)


def on_frames(boxes: Iterable[Box], frame: int = EVERY_FRAME) -> tuple[FrameBox, ...]:
    """The same rectangles on one frame of an object, or on all."""
    return tuple((frame, *box) for box in boxes)


def frame_boxes(rows: Iterable[Sequence[int]] | None) -> tuple[FrameBox, ...]:
    """Rectangles as they are stored."""
    return tuple(
        (frame, left, top, width, height) for frame, left, top, width, height in rows or ()
    )


def together(before: Sequence[FrameBox], more: Sequence[FrameBox]) -> tuple[FrameBox, ...]:
    """What is blacked out already, and more; raise `Invalid` where that is too much."""
    found = tuple(dict.fromkeys((*before, *more)))
    if len(found) > MOST_ON_OBJECT:
        raise Invalid({"regions": "regions_too_many"})
    return found


def box_words(boxes: Iterable[Box]) -> list[str]:
    """Rectangles for the audit trail: ``left,top,width x height``."""
    return [f"{left},{top},{width}x{height}" for left, top, width, height in boxes]
