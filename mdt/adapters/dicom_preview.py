"""Pictures of DICOM frames for pages and for the live room, drawn in the sandbox."""

from collections.abc import Sequence
from typing import Literal

from mdt.adapters import sandbox
from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal

#: Frame (from 0, -1 for all), left, top, width, height.
Boxes = Sequence[tuple[int, ...]]
_QUALITY = 88


def render(
    data: bytes,
    frame: int = 0,
    center: float | None = None,
    width: float | None = None,
    size: int | None = None,
    fmt: Literal["jpeg", "png"] = "jpeg",
    black: Boxes = (),
) -> bytes:
    """Draw one frame (0-based; beyond the last draws the last) of a whole file, 8 bits.

    ``center`` and ``width`` are the window in the units of the modality (Hounsfield units for CT),
    used by the formula of PS3.3 C.11.2.1.2.1; without them the header's own window, else the 1st
    to 99th percentile. ``size`` is the longest edge in pixels. ``black`` are
    rectangles to black out, as in `mdt.adapters.dicom_ingest.Making`. Raises `FileRefused`.
    """
    return _picture("render", data, frame, center, width, size, fmt, _plain(black))


def render_frame(
    header: bytes,
    stored: bytes,
    frame: int = 0,
    center: float | None = None,
    width: float | None = None,
    size: int | None = None,
    fmt: Literal["jpeg", "png"] = "jpeg",
    black: Boxes = (),
) -> bytes:
    """Draw a frame as `render` does, from what stands before the pixels and the frame's own bytes.

    Of a served file (see `mdt.adapters.dicom_ingest.ServedForm`), so that no more of it is read.
    """
    more: tuple[Plain, ...] = ("", None, _QUALITY, _plain(black))
    return _picture("render_frame", header, stored, frame, center, width, size, fmt, *more)


def _plain(boxes: Boxes) -> Plain:
    return [list(box) for box in boxes]


def _picture(task: str, *arguments: Plain) -> bytes:
    picture = sandbox.call(task, *arguments, seconds=sandbox.PIXEL_SECONDS)
    if not isinstance(picture, bytes):
        raise FileRefused(Refusal.READING_CRASHED)
    return picture
