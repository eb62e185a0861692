"""Viewing copies of documents: PDF without anything that acts, pictures without metadata."""

from collections.abc import Sequence
from dataclasses import dataclass

from mdt.adapters import sandbox
from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Kind, Refusal
from mdt.rules.black_out import Box


@dataclass(frozen=True)
class ViewingCopy:
    """What the browser gets. ``pages`` is 1 for a picture; the size in pixels is 0 for a PDF."""

    kind: Kind
    data: bytes
    pages: int = 1
    width: int = 0
    height: int = 0


def viewing_copy(data: bytes, kind: Kind, black: Sequence[Box] = ()) -> ViewingCopy:
    """Make the copy of a PDF, JPEG or PNG that is safe to show; the original stays as it came.

    ``black`` are rectangles of a picture, as it stands upright, that are blacked out.
    Raises `FileRefused` for damaged or encrypted PDF and for damaged or huge pictures.
    """
    if kind is Kind.PDF:
        found = sandbox.call("view_pdf", data, seconds=sandbox.PIXEL_SECONDS)
        if isinstance(found, dict):
            copy, pages = found.get("data"), found.get("pages")
            if isinstance(copy, bytes) and isinstance(pages, int):
                return ViewingCopy(kind, copy, pages)
        raise FileRefused(Refusal.READING_CRASHED)
    if kind in {Kind.JPEG, Kind.PNG}:
        return _picture(data, kind, None, black)
    raise ValueError(f"no viewing copy of {kind}")


def thumbnail(data: bytes, edge: int = 320) -> bytes:
    """Return a small JPEG of a JPEG or PNG picture, its longest side ``edge`` pixels."""
    return _picture(data, Kind.JPEG, edge, ()).data


def _picture(data: bytes, kind: Kind, edge: int | None, black: Sequence[Box]) -> ViewingCopy:
    fmt = "png" if kind is Kind.PNG else "jpeg"
    boxes: list[Plain] = [list(box) for box in black]
    found = sandbox.call("view_image", data, edge, fmt, boxes, seconds=sandbox.PIXEL_SECONDS)
    if isinstance(found, dict):
        copy, width, height = found.get("data"), found.get("width"), found.get("height")
        if isinstance(copy, bytes) and isinstance(width, int) and isinstance(height, int):
            return ViewingCopy(kind, copy, 1, width, height)
    raise FileRefused(Refusal.READING_CRASHED)
