"""Pixels out of DICOM objects: one frame to look at, or all of them as they were stored."""

from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels import get_decoder
from pydicom.pixels.processing import convert_color_space
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    HTJ2K,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEGExtended12Bit,
)

from mdt.adapters.sandboxed.opening import assumed_syntax, frame_count, whole
from mdt.rules.attachments import FileRefused, Refusal

Pixels = NDArray[Any]

HTJ2K_SYNTAXES = frozenset({HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL})
LITTLE_ENDIAN = frozenset({ExplicitVRLittleEndian, ImplicitVRLittleEndian})
_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
# What old or careless machines leave out although it is required.
_USUAL = {
    "PhotometricInterpretation": "MONOCHROME2",
    "PixelRepresentation": 0,
    "SamplesPerPixel": 1,
}
_PIXEL_MODULE = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)


def has_image(dataset: Dataset) -> bool:
    """Whether the header declares a picture."""
    return whole(dataset, "Rows", 0) > 0 and whole(dataset, "Columns", 0) > 0


def pixel_keyword(dataset: Dataset) -> str:
    """Which element holds the pixels; empty where none does."""
    return next((keyword for keyword in _KEYWORDS if keyword in dataset), "")


def photometric(dataset: Dataset) -> str:
    """What the samples of a pixel mean."""
    return str(dataset.get("PhotometricInterpretation", "")).strip().upper()


def prepared_syntax(dataset: Dataset) -> UID:
    """Fill what is left out of the pixels' attributes; give the transfer syntax.

    Raises `FileRefused` for a syntax that nobody knows.
    """
    for keyword, usual in _USUAL.items():
        if keyword not in dataset:
            setattr(dataset, keyword, usual)
    meta = getattr(dataset, "file_meta", None)
    syntax = meta.get("TransferSyntaxUID") if meta else None
    if syntax is None:
        syntax = assumed_syntax(dataset)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = syntax
    if not syntax.is_transfer_syntax:
        raise FileRefused(Refusal.DICOM_CODEC_UNKNOWN)
    return UID(syntax)


def stored_frames(dataset: Dataset) -> Iterator[bytes]:
    """Yield the compressed frames, one codestream each."""
    tables = None
    if "ExtendedOffsetTable" in dataset and "ExtendedOffsetTableLengths" in dataset:
        tables = (dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths)
    return generate_frames(
        dataset.PixelData, number_of_frames=frame_count(dataset), extended_offsets=tables
    )


def stored_values(dataset: Dataset, syntax: UID) -> Iterator[tuple[Pixels, str]]:
    """Yield each frame as stored, colours by pixel, with what its samples mean.

    Bits beyond those that are declared to be used are not of the picture and come out empty.
    """
    if syntax in LITTLE_ENDIAN and _is_plain(dataset):
        meaning = photometric(dataset)
        yield from ((frame, meaning) for frame in _plain_frames(dataset))
    elif _has_twelve_bits(dataset, syntax):
        meaning = photometric(dataset)
        for frame in stored_frames(dataset):
            yield _twelve_bits(frame), meaning
    else:
        # One by one: asked for all of them, the library trips over a sign that it corrects.
        numbers = range(frame_count(dataset))
        decoded = get_decoder(syntax).iter_array(dataset, indices=numbers, raw=True)
        for values, properties in decoded:
            yield values, str(properties["photometric_interpretation"]).strip().upper()


def shown_frame(dataset: Dataset, syntax: UID, frame: bytes) -> Pixels:
    """Decode one frame of an object for looking at it: grey or palette values, or RGB.

    ``dataset`` need not hold the pixels; ``frame`` is a codestream, or its native bytes.
    """
    if syntax in HTJ2K_SYNTAXES:
        values = np.asarray(imagecodecs.htj2k_decode(frame, planar=False))
        meaning = photometric(dataset)
        if values.ndim == 3 and meaning.startswith("YBR_FULL"):
            return np.asarray(convert_color_space(values, meaning, "RGB"))
        return values
    if _has_twelve_bits(dataset, syntax):
        return _twelve_bits(frame)
    keyword = pixel_keyword(dataset)
    return _decode(_single(dataset, syntax, frame, keyword or "PixelData"), 0)


def shown_frame_of(dataset: Dataset, number: int) -> Pixels:
    """Decode a frame (0-based) of a whole object, as `shown_frame`; raise `FileRefused`."""
    if not pixel_keyword(dataset):
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    syntax = prepared_syntax(dataset)
    if _has_twelve_bits(dataset, syntax):
        frames = list(stored_frames(dataset))
        return _twelve_bits(frames[min(number, len(frames) - 1)])
    return _decode(dataset, number)


def little_endian(values: Pixels) -> bytes:
    """The values as they stand in an uncompressed file."""
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def _decode(dataset: Dataset, number: int) -> Pixels:
    try:
        return pixel_array(dataset, index=number)
    except NotImplementedError as error:
        raise FileRefused(Refusal.DICOM_CODEC_UNKNOWN) from error
    except (ValueError, RuntimeError, IndexError) as error:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING) from error


def _single(dataset: Dataset, syntax: UID, frame: bytes, keyword: str) -> Dataset:
    """An object of this one frame, with nothing but what its pixels need."""
    one = Dataset()
    for name in _PIXEL_MODULE:
        if name in dataset:
            one[name] = dataset[name]
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = syntax
    one.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    setattr(one, keyword, encapsulate([frame]) if syntax.is_encapsulated else frame)
    if keyword == "PixelData":
        one["PixelData"].VR = "OB" if whole(dataset, "BitsAllocated", 8) <= 8 else "OW"
    return one


def _has_twelve_bits(dataset: Dataset, syntax: UID) -> bool:
    """Whether the frames are 12-bit JPEG, which no plugin of the library reads."""
    return syntax == JPEGExtended12Bit and whole(dataset, "BitsStored", 8) > 8


def _twelve_bits(frame: bytes) -> Pixels:
    try:
        return np.asarray(imagecodecs.jpeg_decode(frame))
    except RuntimeError as error:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING) from error


def _is_plain(dataset: Dataset) -> bool:
    """Whether the pixels are whole bytes or words, each sample by itself."""
    bits = whole(dataset, "BitsAllocated", 0)
    return bits in {8, 16} and photometric(dataset) != "YBR_FULL_422"


def _plain_frames(dataset: Dataset) -> Iterator[Pixels]:
    rows, columns = whole(dataset, "Rows", 0), whole(dataset, "Columns", 0)
    samples, bits = whole(dataset, "SamplesPerPixel", 1), whole(dataset, "BitsAllocated", 0)
    signed = whole(dataset, "PixelRepresentation", 0) == 1
    values = np.frombuffer(
        dataset.get_item("PixelData").value, f"<{'i' if signed else 'u'}{bits // 8}"
    )
    size, count = rows * columns * samples, frame_count(dataset)
    if len(values) < size * count:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    unused = bits - whole(dataset, "BitsStored", bits)
    by_plane = samples > 1 and whole(dataset, "PlanarConfiguration", 0) == 1
    for place in range(0, size * count, size):
        frame = values[place : place + size]
        if 0 < unused < bits:
            frame = (frame << unused) >> unused
        if by_plane:
            yield frame.reshape(samples, rows, columns).transpose(1, 2, 0)
        else:
            yield frame.reshape((rows, columns, samples) if samples > 1 else (rows, columns))
