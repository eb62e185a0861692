"""One frame of a DICOM object as a picture."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.blacking import blacked_out
from mdt.adapters.sandboxed.decoding import (
    Pixels,
    has_image,
    little_endian,
    photometric,
    prepared_syntax,
    shown_frame,
    shown_frame_of,
)
from mdt.adapters.sandboxed.opening import frame_count, group_of, open_dataset, real, reals, whole
from mdt.adapters.sandboxed.transcoding import palette_bytes
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.black_out import frame_boxes
from mdt.rules.drawing import Drawing

Floats = NDArray[np.float32]

_SQUARE_ENOUGH = 0.01
_SOFT_TISSUE = (40.0, 400.0)  # Hounsfield units


def render(data: bytes, frame: int, how: dict[str, Any]) -> Plain:
    """Draw a frame (0-based) of a whole object; ``how`` are values of `Drawing`."""
    dataset, _ = open_dataset(data, pixels=True)
    if not has_image(dataset):
        raise FileRefused(refusal_without_image(data))
    frame = min(max(frame, 0), frame_count(dataset) - 1)
    return _drawn(dataset, shown_frame_of(dataset, frame), frame, how)


def render_frame(header: bytes, stored: bytes, frame: int, how: dict[str, Any]) -> Plain:
    """Draw one frame (0-based number) of an object from its header and the frame's own bytes."""
    dataset, _ = open_dataset(header, pixels=False)
    values = shown_frame(dataset, prepared_syntax(dataset), stored)
    return _drawn(dataset, values, frame, how)


def native_frame(header: bytes, stored: bytes) -> Plain:
    """The values of a frame, little endian, colours by pixel as red, green and blue."""
    dataset, _ = open_dataset(header, pixels=False)
    values = shown_frame(dataset, prepared_syntax(dataset), stored)
    return little_endian(values)


def refusal_without_image(data: bytes) -> Refusal:
    """Why there is nothing to draw: cut-off pixels make the library give up the header as well."""
    header, _ = open_dataset(data, pixels=False)
    return Refusal.DICOM_PIXELS_MISSING if has_image(header) else Refusal.DICOM_NO_IMAGE


def _drawn(dataset: Dataset, stored: Pixels, frame: int, wanted: dict[str, Any]) -> bytes:
    how = Drawing(**{**wanted, "black": frame_boxes(wanted.get("black"))})
    picture = _square(dataset, frame, _picture(dataset, stored, frame, how))
    if how.viewport:
        picture = _fitted(picture, how.viewport)
    if how.size is not None:
        picture.thumbnail((how.size, how.size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _encoded(picture, how.fmt, how.quality)


def _fitted(picture: Image.Image, viewport: Sequence[int]) -> Image.Image:
    """The picture, or a part of it, as large as fits."""
    width, height, *part = viewport
    if part:
        left, top, part_width, part_height = part
        picture = picture.crop((left, top, left + part_width, top + part_height))
    scale = min(width / picture.width, height / picture.height)
    wanted = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    return picture.resize(wanted, Image.Resampling.LANCZOS)


def _picture(dataset: Dataset, stored: Pixels, frame: int, how: Drawing) -> Image.Image:
    meaning = photometric(dataset)
    if stored.ndim == 2 and meaning == "PALETTE COLOR":
        stored = palette_bytes(apply_color_lut(stored, dataset))
    if stored.ndim == 3:
        coloured = blacked_out(dataset, _to_bytes(dataset, stored), "RGB", frame, how.black)
        return Image.fromarray(coloured, "RGB")
    stored = blacked_out(dataset, stored, meaning, frame, how.black)
    values = rescaled(dataset, stored, frame)
    grey = _windowed(dataset, stored, values, frame, how)
    if (meaning == "MONOCHROME1") is not how.invert:
        grey = 255 - grey
    return Image.fromarray(grey, "L")


def rescaled(dataset: Dataset, stored: Pixels, frame: int) -> Floats:
    """Apply the modality transform: table, or slope and intercept (PS3.3 C.11.1)."""
    if "ModalityLUTSequence" in dataset:
        return np.asarray(apply_modality_lut(stored, dataset), np.float32)
    group = group_of(dataset, frame, "PixelValueTransformationSequence")
    slope, intercept = real(group, "RescaleSlope"), real(group, "RescaleIntercept")
    values = stored.astype(np.float32)
    if slope:
        values *= np.float32(slope)
    if intercept:
        values += np.float32(intercept)
    return values


def linear(values: Floats, center: float, width: float) -> Floats:
    """Map to 0..255 by the linear VOI function of PS3.3 C.11.2.1.2.1."""
    if width <= 1:
        return np.where(values <= center - 0.5, np.float32(0), np.float32(255))
    scaled = ((values - (center - 0.5)) / (width - 1) + 0.5) * 255.0
    return np.asarray(np.clip(scaled, 0, 255), np.float32)


def linear_exact(values: Floats, center: float, width: float) -> Floats:
    """Map to 0..255 by LINEAR_EXACT (PS3.3 C.11.2.1.3.2)."""
    scaled = ((values - center) / max(width, 1e-6) + 0.5) * 255.0
    return np.asarray(np.clip(scaled, 0, 255), np.float32)


def sigmoid(values: Floats, center: float, width: float) -> Floats:
    """Map to 0..255 by SIGMOID (PS3.3 C.11.2.1.3.1)."""
    exponent = np.clip(-4.0 * (values - center) / max(width, 1e-6), -80, 80)
    return np.asarray(255.0 / (1.0 + np.exp(exponent)), np.float32)


_FUNCTIONS: dict[str, Callable[[Floats, float, float], Floats]] = {
    "LINEAR_EXACT": linear_exact,
    "SIGMOID": sigmoid,
}


def _windowed(
    dataset: Dataset,
    stored: Pixels,
    values: Floats,
    frame: int,
    how: Drawing,
) -> NDArray[np.uint8]:
    group = group_of(dataset, frame, "FrameVOILUTSequence")
    name = how.function or str(group.get("VOILUTFunction") or "LINEAR").strip().upper()
    window = how.window
    if window is None:
        own = real(group, "WindowCenter"), real(group, "WindowWidth")
        if own[0] is not None and own[1] is not None and own[1] >= 1:
            window = (own[0], own[1])
    if window is None and "VOILUTSequence" in dataset:
        return _stretched(np.asarray(apply_voi(values.astype(np.int32), dataset), np.float32))
    if window is None and (most := _display_range(dataset, values)):
        return np.rint(linear_exact(values, most / 2, most)).astype(np.uint8)
    if window is None:
        name = "LINEAR"
        is_ct = str(dataset.get("Modality", "")) == "CT"
        window = _SOFT_TISSUE if is_ct else _window_by_percentiles(dataset, stored, values)
    drawn = _FUNCTIONS.get(name, linear)(values, *window)
    return np.rint(drawn).astype(np.uint8)


def _display_range(dataset: Dataset, values: Floats) -> int:
    """The greatest value of pixels that are made to be seen as they are; 0 where these are not.

    Eight bits at most, as of ultrasound and screen captures: stretched to what a picture happens to
    hold, bright writing would run into a bright ground, and unseen names with it.
    """
    bits = whole(dataset, "BitsStored", 16)
    if bits > 8 or whole(dataset, "PixelRepresentation", 0) or "ModalityLUTSequence" in dataset:
        return 0
    most = int(2**bits) - 1
    return most if bits > 1 and values.min() >= 0 and values.max() <= most else 0


def _window_by_percentiles(dataset: Dataset, stored: Pixels, values: Floats) -> tuple[float, float]:
    """Choose a window from the 1st to the 99th percentile, without the padding round the field."""
    padding = real(dataset, "PixelPaddingValue")
    inside = values if padding is None else values[stored != padding]
    if inside.size == 0:
        inside = values
    low, high = np.percentile(inside, (1, 99))
    if high <= low:
        low, high = float(inside.min()), float(inside.max())
    width = max(float(high - low), 1.0) + 1
    return float(low) + width / 2, width


def _stretched(values: Floats) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    return np.asarray(np.rint((values - low) * (255.0 / max(high - low, 1.0))), np.uint8)


def _to_bytes(dataset: Dataset, colour: Pixels) -> NDArray[np.uint8]:
    if colour.dtype == np.uint8:
        return np.ascontiguousarray(colour)
    shift = max(whole(dataset, "BitsStored", 16) - 8, 0)
    return np.asarray(colour >> shift, np.uint8)


def _square(dataset: Dataset, frame: int, picture: Image.Image) -> Image.Image:
    """Stretch a picture whose pixels are not square, so that lengths look right."""
    spacing = reals(group_of(dataset, frame, "PixelMeasuresSequence"), "PixelSpacing")
    spacing = spacing or reals(dataset, "PixelAspectRatio")
    if len(spacing) != 2 or min(spacing) <= 0:
        return picture
    ratio = spacing[0] / spacing[1]
    if not 0.1 < ratio < 10 or abs(ratio - 1) < _SQUARE_ENOUGH:
        return picture
    width, height = picture.size
    if ratio > 1:
        return picture.resize((width, round(height * ratio)), Image.Resampling.BILINEAR)
    return picture.resize((round(width / ratio), height), Image.Resampling.BILINEAR)


def _encoded(picture: Image.Image, fmt: str, quality: int) -> bytes:
    stream = io.BytesIO()
    if fmt == "png":
        picture.save(stream, "PNG", compress_level=4)
    else:
        picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()
