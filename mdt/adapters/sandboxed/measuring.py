"""What the pixels of a region say, in the units of the modality."""

import re

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.decoding import photometric, prepared_syntax, shown_frame
from mdt.adapters.sandboxed.opening import group_of, open_dataset
from mdt.adapters.sandboxed.pixels import rescaled

# Units as machines write them; anything else is no unit.
_UNIT = re.compile(r"[A-Za-z0-9/%^* .-]{1,16}")
_UNSPECIFIED = frozenset({"US", "UNSPECIFIED"})
# What stands on the edge belongs to the region, though points come rounded.
_ROUNDING = 1e-3
_MEANS_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})


def measure_frame(
    header: bytes, stored: bytes, frame: int, shape: list[float], is_round: bool
) -> Plain:
    """Mean, deviation, extremes and count of the pixels whose centres lie in a region of a frame.

    ``shape`` is centre and both half axes, (column, row) each. Nothing for colours, and for a
    region that holds no pixel's centre.
    """
    dataset, _ = open_dataset(header, pixels=False)
    stored_values = shown_frame(dataset, prepared_syntax(dataset), stored)
    if stored_values.ndim != 2 or photometric(dataset) not in _MEANS_GREY:
        return None
    rows, columns, inside = _inside(stored_values.shape[:2], shape, is_round=is_round)
    values = rescaled(dataset, stored_values[rows, columns], frame)[inside].astype(np.float64)
    if values.size == 0:
        return None
    return {
        "pixels": int(values.size),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "least": float(values.min()),
        "most": float(values.max()),
        "unit": _unit(dataset, frame),
    }


def _inside(
    size: tuple[int, ...], shape: list[float], *, is_round: bool
) -> tuple[slice, slice, NDArray[np.bool_]]:
    """The part of the picture around a region, and which of its pixels are in the region."""
    x, y, ax, ay, bx, by = shape
    wide, high = abs(ax) + abs(bx), abs(ay) + abs(by)
    left, right = _between(x - wide, x + wide, size[1])
    top, bottom = _between(y - high, y + high, size[0])
    down, across = np.mgrid[top:bottom, left:right].astype(np.float64)
    across -= x
    down -= y
    cross = ax * by - ay * bx
    one = np.abs((across * by - down * bx) / cross)
    other = np.abs((down * ax - across * ay) / cross)
    edge = 1 + _ROUNDING
    inside = one**2 + other**2 <= edge if is_round else (one <= edge) & (other <= edge)
    return slice(top, bottom), slice(left, right), inside


def _between(low: float, high: float, size: int) -> tuple[int, int]:
    begin = min(max(int(np.floor(low)), 0), size)
    return begin, max(min(int(np.ceil(high)) + 1, size), begin)


def _unit(dataset: Dataset, frame: int) -> str:
    group = group_of(dataset, frame, "PixelValueTransformationSequence")
    said = str(group.get("RescaleType") or dataset.get("Units") or "").strip()
    if said.upper() in _UNSPECIFIED or not _UNIT.fullmatch(said):
        said = ""
    return said or ("HU" if str(dataset.get("Modality", "")) == "CT" else "")
