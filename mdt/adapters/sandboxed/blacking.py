"""Rectangles of a picture become black: what stood in them is not in what is served.

Black is what shows as black: colours without light, of grey values the darkest. Of grey values of
more than eight bits the very end of their range would be darker than need be, and who chooses a
window by the values found in the picture would see nothing else any more.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from mdt.adapters.sandboxed.decoding import Pixels
from mdt.adapters.sandboxed.opening import group_of, real, reals, whole
from mdt.rules.black_out import EVERY_FRAME, FrameBox


def blacked_out(
    dataset: Dataset, values: Pixels, meaning: str, frame: int, boxes: Sequence[FrameBox]
) -> Pixels:
    """Return a copy of a frame's values with its rectangles black; without any, the values.

    ``meaning`` is what the samples of a pixel mean; what lies beside the picture is left out.
    """
    mine = [box for box in boxes if box[0] in {EVERY_FRAME, frame}]
    if not mine:
        return values
    changed = np.array(values)
    black = black_of(dataset, values, meaning, frame)
    for _, left, top, width, height in mine:
        changed[top : top + height, left : left + width] = black
    return changed


def black_of(dataset: Dataset, values: Pixels, meaning: str, frame: int) -> Any:
    """The value of a black pixel."""
    if values.ndim == 3:
        # YBR_FULL: no light, and no colour is the middle of its two scales (PS3.3 C.7.6.3.1.2).
        grey = 1 << (max(whole(dataset, "BitsStored", values.dtype.itemsize * 8), 1) - 1)
        return (0, grey, grey) if meaning.startswith("YBR_FULL") else 0
    group = group_of(dataset, frame, "PixelValueTransformationSequence")
    slope = real(group, "RescaleSlope") or 1.0
    low_is_dark = (meaning == "MONOCHROME1") == (slope < 0)
    least, most = _range(dataset, values)
    if low_is_dark and least == 0:
        return 0
    if max(abs(least), most) <= 0xFF:
        return least if low_is_dark else most
    ends = _window_ends(dataset, frame, slope, real(group, "RescaleIntercept") or 0.0)
    wanted = np.floor(min(ends, default=0)) if low_is_dark else np.ceil(max(ends, default=0))
    # Lossy codecs overshoot: values of the picture itself may lie beyond what is declared.
    if low_is_dark:
        return min(int(max(wanted, least)), int(values.min()))
    return max(int(min(wanted, most)), int(values.max()))


def _range(dataset: Dataset, values: Pixels) -> tuple[int, int]:
    """The least and the largest value that the object may hold."""
    bits = values.dtype.itemsize * 8
    stored = min(max(whole(dataset, "BitsStored", bits), 1), bits)
    if np.issubdtype(values.dtype, np.signedinteger):
        return -(1 << (stored - 1)), (1 << (stored - 1)) - 1
    return 0, (1 << stored) - 1


def _window_ends(dataset: Dataset, frame: int, slope: float, intercept: float) -> list[float]:
    """Both ends of every window that the object names, as stored values."""
    if "ModalityLUTSequence" in dataset:
        return []
    group = group_of(dataset, frame, "FrameVOILUTSequence")
    windows = zip(reals(group, "WindowCenter"), reals(group, "WindowWidth"), strict=False)
    ends = [center + sign * width / 2 for center, width in windows for sign in (-1, 1)]
    return [(end - intercept) / slope for end in ends]
