"""Pixels of DICOM files out of the sandbox: drawn for pages, the live room and clients, or decoded.

Frames of served files (see `mdt.adapters.dicom_ingest.ServedForm`) are taken from what stands
before the pixels and the frame's own bytes, so that no more of a file is read.
"""

from collections.abc import Sequence
from dataclasses import asdict

from mdt.adapters import sandbox
from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.drawing import AS_IT_IS, Drawing


def render(data: bytes, frame: int = 0, how: Drawing = AS_IT_IS) -> bytes:
    """Draw one frame (0-based; beyond the last draws the last) of a whole file, 8 bits.

    A window is used by the formula of PS3.3 C.11.2.1.2.1; without one the header's own, else the
    1st to 99th percentile. Raises `FileRefused`.
    """
    return _bytes("render", data, frame, _plain(how))


def render_frame(header: bytes, stored: bytes, frame: int = 0, how: Drawing = AS_IT_IS) -> bytes:
    """Draw a frame of a served file as `render` does; its number is for what the header says."""
    return _bytes("render_frame", header, stored, frame, _plain(how))


def native_frame(header: bytes, stored: bytes) -> bytes:
    """The values of a frame, little endian; colours as red, green and blue of each pixel."""
    return _bytes("native_frame", header, stored)


def measure_frame(
    header: bytes, stored: bytes, frame: int, shape: Sequence[float], *, is_round: bool
) -> dict[str, float | int | str] | None:
    """What the pixels of a region of a served frame (from 0) say, in the modality's unit.

    ``shape`` is centre and both half axes (or half sides), each column and row in pixels. Gives
    ``pixels``, ``mean``, ``deviation`` (of all of them), ``least``, ``most``, ``unit``; nothing for
    colours or where no pixel lies in it. Raises `FileRefused`.
    """
    parts: list[Plain] = list(shape)
    found = sandbox.call(
        "measure_frame", header, stored, frame, parts, is_round, seconds=sandbox.PIXEL_SECONDS
    )
    if not isinstance(found, dict):
        return None
    return {name: one for name, one in found.items() if isinstance(one, int | float | str)}


def native_file(data: bytes) -> bytes:
    """The served file with its pixels decoded, explicit VR little endian."""
    return _bytes("native_file", data)


def _plain(how: Drawing) -> dict[str, Plain]:
    black: list[Plain] = [list(box) for box in how.black]
    return {**asdict(how), "viewport": list(how.viewport), "black": black}


def _bytes(task: str, *arguments: Plain) -> bytes:
    found = sandbox.call(task, *arguments, seconds=sandbox.PIXEL_SECONDS)
    if not isinstance(found, bytes):
        raise FileRefused(Refusal.READING_CRASHED)
    return found
