"""Pixels as they are served: what arrived without loss as HTJ2K, what was lossy as it came.

A frame that cannot be decoded makes the object refused: better said now than in the conference.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from mdt.adapters.sandboxed.blacking import blacked_out
from mdt.adapters.sandboxed.codestreams import without_comments
from mdt.adapters.sandboxed.decoding import (
    HTJ2K_SYNTAXES,
    LITTLE_ENDIAN,
    Pixels,
    has_image,
    little_endian,
    photometric,
    pixel_keyword,
    prepared_syntax,
    shown_frame,
    shown_frame_of,
    stored_frames,
    stored_values,
)
from mdt.adapters.sandboxed.opening import frame_count, whole
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.black_out import FrameBox

#: Compressed anew they would lose more, or nothing would be won.
_KEPT = HTJ2K_SYNTAXES | {JPEG2000, JPEGBaseline8Bit, JPEGLSNearLossless}
_ENCODED_BITS = frozenset({8, 16})
# Of red, green and blue before and after the codec's own transform (PS3.5 8.2.4).
_RGB = frozenset({"RGB", "YBR_RCT", "YBR_ICT"})
#: Never without loss. The others may be either, and say themselves which.
_LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless})
_EXTREMES = ("SmallestImagePixelValue", "LargestImagePixelValue")
_PALETTE = (
    *(
        f"{colour}PaletteColorLookupTable{what}"
        for colour in ("Red", "Green", "Blue", "Alpha")
        for what in ("Data", "Descriptor")
    ),
    *(f"Segmented{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")),
    "PaletteColorLookupTableUID",
    *_EXTREMES,
)


@dataclass(frozen=True)
class ServedPixels:
    """The frames of an object in the transfer syntax in which it is served.

    ``keyword`` names the element that holds them and is empty without pixels. ``apart`` says that
    each frame can be read by itself: bits may begin within a byte. ``changes`` are the attributes
    that follow, ``None`` for one that goes.
    """

    syntax: UID = ExplicitVRLittleEndian
    frames: Sequence[bytes] = ()
    keyword: str = ""
    apart: bool = True
    changes: dict[str, Any] = field(default_factory=dict)


def served_pixels(dataset: Dataset, boxes: Sequence[FrameBox] = ()) -> ServedPixels:
    """Bring the pixels of an object into the form that is served; raise `FileRefused`.

    With ``boxes``, rectangles of it are black. A file has one transfer syntax, so all frames of
    such an object are decoded, lossy ones too, and compressed without further loss.
    """
    if not has_image(dataset):
        return ServedPixels()
    keyword = pixel_keyword(dataset)
    if not keyword:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    try:
        return _served(dataset, keyword, prepared_syntax(dataset), boxes)
    except NotImplementedError as error:
        raise FileRefused(Refusal.DICOM_CODEC_UNKNOWN) from error
    except (ValueError, RuntimeError, IndexError, AttributeError, StopIteration) as error:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING) from error


def encode(frame: Pixels, meaning: str) -> bytes:
    """HTJ2K without loss; red, green and blue are decorrelated, other colours left as they are."""
    # The encoder takes the bytes for this machine's, whatever their order is said to be.
    frame = np.ascontiguousarray(frame, frame.dtype.newbyteorder("="))
    if frame.ndim == 2:
        return bytes(imagecodecs.htj2k_encode(frame, reversible=True))
    rgb = meaning in _RGB
    return bytes(imagecodecs.htj2k_encode(frame, reversible=True, planar=False, rgb=rgb))


def _served(dataset: Dataset, keyword: str, syntax: UID, boxes: Sequence[FrameBox]) -> ServedPixels:
    palette = photometric(dataset) == "PALETTE COLOR"
    if keyword != "PixelData" or whole(dataset, "BitsAllocated", 0) not in _ENCODED_BITS:
        if boxes:
            raise FileRefused(Refusal.DICOM_NOT_BLACKENED)
        return _native(dataset, keyword, syntax)
    kept = syntax in _KEPT and not palette
    if kept and not boxes:
        return _kept(dataset, syntax)
    frames: list[bytes] = []
    changes: dict[str, Any] = {}
    stored = _shown_values(dataset, syntax) if kept else stored_values(dataset, syntax)
    pictures = _coloured(dataset, stored) if palette else stored
    for number, (values, meaning) in enumerate(pictures):
        black = blacked_out(dataset, values, meaning, number, boxes)
        frames.append(encode(black, meaning))
        changes = _changes(dataset, values, meaning)
    if palette:
        changes |= dict.fromkeys(_PALETTE)
    if boxes:
        changes |= dict.fromkeys(_EXTREMES)
    if boxes and syntax in _LOSSY:
        changes["LossyImageCompression"] = "01"
    return ServedPixels(HTJ2KLossless, frames, keyword, changes=changes)


def _shown_values(dataset: Dataset, syntax: UID) -> Iterator[tuple[Pixels, str]]:
    """Each frame of a lossy object as a viewer shows it: grey values, or red, green and blue."""
    frames = list(islice(stored_frames(dataset), frame_count(dataset)))
    if len(frames) < frame_count(dataset):
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    for frame in frames:
        values = shown_frame(dataset, syntax, frame)
        yield values, "RGB" if values.ndim == 3 else photometric(dataset)


def _coloured(
    dataset: Dataset, stored: Iterable[tuple[Pixels, str]]
) -> Iterator[tuple[Pixels, str]]:
    for values, _ in stored:
        yield palette_bytes(apply_color_lut(values, dataset)), "RGB"


def palette_bytes(colour: Pixels) -> Pixels:
    """A palette's colours as 8 bits; 16-bit tables that hold 8-bit values occur."""
    if colour.dtype == np.uint8:
        return np.ascontiguousarray(colour)
    return np.asarray(colour >> 8 if colour.max() > 255 else colour, np.uint8)


def _changes(dataset: Dataset, values: Pixels, meaning: str) -> dict[str, Any]:
    bits = values.dtype.itemsize * 8
    if values.ndim == 2:
        # As many as the codestream has: some decoders take what is written here for its depth.
        return {"BitsAllocated": bits, "BitsStored": bits, "HighBit": bits - 1}
    stored = min(whole(dataset, "BitsStored", bits), bits)
    return {
        "BitsAllocated": bits,
        "BitsStored": stored,
        "HighBit": stored - 1,
        "PixelRepresentation": 0,
        "PlanarConfiguration": 0,
        # What the codestream holds; a decoder gives red, green and blue.
        "PhotometricInterpretation": "YBR_RCT" if meaning in _RGB else meaning,
        "SamplesPerPixel": values.shape[2],
    }


def _kept(dataset: Dataset, syntax: UID) -> ServedPixels:
    count = frame_count(dataset)
    frames = list(stored_frames(dataset))
    if len(frames) < count:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    shown_frame(dataset, syntax, frames[0])
    plain = [without_comments(frame, syntax) for frame in frames[:count]]
    return ServedPixels(syntax, plain, "PixelData")


def _native(dataset: Dataset, keyword: str, syntax: UID) -> ServedPixels:
    """Bits, 32-bit integers and floating point: no codec of a browser takes them."""
    bits = whole(dataset, "BitsAllocated", 0)
    count = frame_count(dataset)
    size = whole(dataset, "Rows", 0) * whole(dataset, "Columns", 0)
    size *= whole(dataset, "SamplesPerPixel", 1) * bits
    if syntax in LITTLE_ENDIAN:
        shown_frame_of(dataset, 0)
        value = bytes(dataset[keyword].value)
    else:
        decoded = [values for values, _ in stored_values(dataset, syntax)]
        value = _packed(decoded) if bits == 1 else b"".join(map(little_endian, decoded))
    if len(value) < (size * count + 7) // 8:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    if size % 8:
        whole_value = value[: (size * count + 7) // 8]
        return ServedPixels(frames=[whole_value], keyword=keyword, apart=count == 1)
    step = size // 8
    frames = [value[place : place + step] for place in range(0, count * step, step)]
    return ServedPixels(frames=frames, keyword=keyword)


def _packed(frames: Sequence[Pixels]) -> bytes:
    """Eight pixels to a byte, the first lowest (PS3.5 8.1.1)."""
    return np.packbits(np.stack(frames).ravel(), bitorder="little").tobytes()
