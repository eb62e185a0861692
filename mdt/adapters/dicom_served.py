"""Served DICOM files for clients that want them otherwise: decoded, or drawn as they ask."""

from dataclasses import dataclass
from typing import Literal

from mdt.adapters import sandbox
from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal


@dataclass(frozen=True)
class Drawing:
    """How a frame is drawn: window in units of the modality, its function (PS3.3 C.11.2.1.2).

    ``box`` is a width and height to fit and, behind them, the part that is shown (left, top, width,
    height); ``size`` the longest edge, never beyond the picture's own. ``quality`` is JPEG's.
    """

    center: float | None = None
    width: float | None = None
    function: str = ""
    box: tuple[int, ...] = ()
    size: int | None = None
    quality: int = 88
    fmt: Literal["jpeg", "png"] = "jpeg"


def draw(header: bytes, stored: bytes, frame: int, how: Drawing) -> bytes:
    """Draw a frame (0-based number) from the header and the frame's own bytes."""
    return _bytes(
        "render_frame",
        header,
        stored,
        frame,
        how.center,
        how.width,
        how.size,
        how.fmt,
        how.function,
        list[Plain](how.box),
        how.quality,
    )


def native_frame(header: bytes, stored: bytes) -> bytes:
    """The values of a frame, little endian; colours as red, green and blue of each pixel."""
    return _bytes("native_frame", header, stored)


def native_file(data: bytes) -> bytes:
    """The file with its pixels decoded, explicit VR little endian."""
    return _bytes("native_file", data)


def _bytes(task: str, *arguments: Plain) -> bytes:
    found = sandbox.call(task, *arguments, seconds=sandbox.PIXEL_SECONDS)
    if not isinstance(found, bytes):
        raise FileRefused(Refusal.READING_CRASHED)
    return found
