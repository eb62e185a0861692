"""Slides, read by OpenSlide: their size, and their tiles. Nothing else of a slide leaves here.

Labels, overviews and descriptions, in which names stand, are never asked for.
"""

import io
import math
import time
from functools import cache
from importlib import import_module
from typing import Any

from PIL import Image

from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.slides import LONGEST_SIDE, MOST_PIXELS, Area, Pyramid

QUALITY = 80
# A level of the pyramid may be so much coarser than the nearest one in the file.
_MOST_SHRINKING = 32
# Level sizes are rounded in files: a level that is coarser by less than this serves as well.
_ROUNDING = 1.02
# What is read at once of a finer level is at most this long: memory for it is limited.
_BLOCK = 4096
_VENDORS = frozenset(
    {"aperio", "dicom", "generic-tiff", "hamamatsu", "leica", "mirax", "philips", "sakura",
     "synthetic", "trestle", "ventana", "zeiss"}
)  # fmt: skip


@cache
def _library() -> Any:
    # Most children never read a slide, and loading it costs each of them time and memory.
    return import_module("openslide")


def slide_facts(path: str) -> Plain:
    """Read size, micrometres of a pixel, objective and vendor; and one tile, to be sure."""
    with _opened(path) as slide:
        width, height = slide.dimensions
        _check(slide, width, height)
        _tile(slide, Pyramid(width, height), 0)
        names = _library()
        return {
            "width": width,
            "height": height,
            "mpp": _resolution(slide),
            "objective": _number(slide, names.PROPERTY_NAME_OBJECTIVE_POWER, 0.5, 200.0),
            "vendor": _vendor(slide.properties.get(names.PROPERTY_NAME_VENDOR, "")),
        }


def slide_tiles(path: str, first: int, most_bytes: int, seconds: float) -> Plain:
    """Draw tiles from ``first`` on until the bytes or the time are used up, one at least.

    Gives their JPEGs as one (``data``) with the length of each (``lengths``).
    """
    until = time.monotonic() + seconds
    lengths: list[Plain] = []
    data = io.BytesIO()
    with _opened(path) as slide:
        pyramid = Pyramid(*slide.dimensions)
        for number in range(first, pyramid.count):
            lengths.append(data.write(_tile(slide, pyramid, number)))
            if data.tell() >= most_bytes or time.monotonic() >= until:
                break
    return {"data": data.getvalue(), "lengths": lengths}


def _opened(path: str) -> Any:
    names = _library()
    try:
        return names.OpenSlide(path)
    except names.OpenSlideError as error:
        raise FileRefused(Refusal.SLIDE_UNREADABLE) from error


def _check(slide: Any, width: int, height: int) -> None:
    if min(width, height) < 1:
        raise FileRefused(Refusal.SLIDE_UNREADABLE)
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise FileRefused(Refusal.SLIDE_TOO_LARGE)
    pyramid = Pyramid(width, height)
    for level in range(pyramid.top + 1):
        _, factor = _source(slide, pyramid.scale(level))
        if factor > _MOST_SHRINKING:
            raise FileRefused(Refusal.SLIDE_NO_LEVELS)


def _source(slide: Any, scale: int) -> tuple[int, float]:
    """The coarsest level of the file that is fine enough, and how far it has to be shrunk."""
    level = slide.get_best_level_for_downsample(scale * _ROUNDING)
    return level, scale / slide.level_downsamples[level]


def _tile(slide: Any, pyramid: Pyramid, number: int) -> bytes:
    level, column, row = pyramid.place(number)
    area = pyramid.area(level, column, row)
    picture = Image.new("RGB", (area.width, area.height), "white")
    # A whole pixel at least: of a level shrunk by more there is no smaller block.
    step = max(1, int(_BLOCK / max(1.0, _source(slide, pyramid.scale(level))[1])))
    for top in range(0, area.height, step):
        for left in range(0, area.width, step):
            width, height = min(step, area.width - left), min(step, area.height - top)
            block = Area(area.left + left, area.top + top, width, height)
            picture.paste(_block(slide, pyramid, level, block), (left, top))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def _block(slide: Any, pyramid: Pyramid, level: int, area: Area) -> Image.Image:
    """A part of a level's picture, on white where the scanner saw nothing."""
    scale = pyramid.scale(level)
    source, factor = _source(slide, scale)
    size = math.ceil(area.width * factor), math.ceil(area.height * factor)
    found = slide.read_region((area.left * scale, area.top * scale), source, size)
    white = Image.new("RGB", size, "white")
    white.paste(found, mask=found.getchannel("A"))
    wanted = area.width, area.height
    if size == wanted:
        return white
    box = (0.0, 0.0, min(size[0], area.width * factor), min(size[1], area.height * factor))
    return white.resize(wanted, Image.Resampling.BOX, box=box, reducing_gap=2.0)


def _resolution(slide: Any) -> float | None:
    names = _library()
    across = _number(slide, names.PROPERTY_NAME_MPP_X, 0.01, 100.0)
    down = _number(slide, names.PROPERTY_NAME_MPP_Y, 0.01, 100.0)
    return (across + down) / 2 if across and down else None


def _number(slide: Any, name: str, least: float, most: float) -> float | None:
    try:
        value = float(slide.properties.get(name, ""))
    except ValueError:
        return None
    return value if least <= value <= most else None


def _vendor(text: str) -> str:
    return text if text in _VENDORS else ""
