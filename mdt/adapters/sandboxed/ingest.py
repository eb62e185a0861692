"""A DICOM object of a stranger becomes what is kept of it: facts, and the form that is served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.decoding import (
    little_endian,
    prepared_syntax,
    shown_frame,
    stored_frames,
)
from mdt.adapters.sandboxed.deidentifying import deidentify
from mdt.adapters.sandboxed.dicom_json import json_of
from mdt.adapters.sandboxed.headers import header_facts, read_header
from mdt.adapters.sandboxed.opening import open_dataset, tag_of, whole
from mdt.adapters.sandboxed.raw_elements import put
from mdt.adapters.sandboxed.served_file import (
    dataset_bytes,
    meta_bytes,
    pixel_bytes,
    pixel_element,
)
from mdt.adapters.sandboxed.texts import text_of, uid_of
from mdt.adapters.sandboxed.transcoding import ServedPixels, served_pixels
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.black_out import FrameBox, frame_boxes

_DERIVATION = "Areas of the picture were blacked out"
_UIDS = {
    "SOPClassUID": "sop_class_uid",
    "SOPInstanceUID": "sop_instance_uid",
    "StudyInstanceUID": "study_uid",
    "SeriesInstanceUID": "series_uid",
}


@dataclass(frozen=True)
class Making:
    """How the served form is made; see `mdt.adapters.dicom_ingest.Making`."""

    cleared: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)
    boxes: Sequence[FrameBox] = ()


def ingest(
    data: bytes,
    secret: bytes,
    cleared: bool,
    renamed: dict[str, str],
    boxes: list[list[int]],
) -> Plain:
    """Read an object once; return ``{"header", "served"}`` (see `mdt.adapters.dicom_ingest`).

    ``secret`` is the case's, by which UIDs are mapped. Raises `FileRefused`.
    """
    dataset, notes = open_dataset(data, pixels=True)
    try:
        facts = header_facts(dataset, notes, len(data))
    except FileRefused:
        # Pixels that break off make the library give up the header as well.
        read_header(data)
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING) from None
    if "pixels_short" in notes:
        raise FileRefused(Refusal.DICOM_PIXELS_MISSING)
    how = Making(cleared, renamed, frame_boxes(boxes))
    return {"header": facts, "served": served_form(dataset, facts, secret, how)}


def served_form(dataset: Dataset, facts: dict[str, Plain], secret: bytes, how: Making) -> Plain:
    """Make the file that is served out of a dataset, which is used up, and its JSON."""
    pixels = served_pixels(dataset, how.boxes)
    _drop_pixels(dataset)
    for keyword, name in _UIDS.items():
        put(dataset, tag_of(keyword), "UI", str(facts[name]).encode(), b"\0")
    blacked_out = bool(how.boxes)
    deidentify(dataset, secret, cleared=how.cleared, blacked_out=blacked_out, renamed=how.renamed)
    _apply(dataset, pixels.changes)
    if blacked_out:
        _apply(dataset, _derived(dataset))
    meta = meta_bytes(dataset, pixels.syntax)
    header = meta + dataset_bytes(dataset)
    bits = whole(dataset, "BitsAllocated", 8)
    pieces, spans = pixel_bytes(pixels, bits, len(header))
    return {
        "data": b"".join((header, *pieces)),
        "syntax_uid": str(pixels.syntax),
        "study_uid": uid_of(dataset, "StudyInstanceUID"),
        "series_uid": uid_of(dataset, "SeriesInstanceUID"),
        "sop_uid": uid_of(dataset, "SOPInstanceUID"),
        "spans": [list[Plain](span) for span in ((0, len(header)), *spans)],
        "metadata": json_of(header, len(meta), pixels.syntax, pixel_element(pixels, bits)),
    }


def _derived(dataset: Dataset) -> dict[str, Any]:
    """What a picture says of itself that is not as its machine made it (PS3.3 C.7.6.1.1.2)."""
    kinds = [one.strip() for one in text_of(dataset, "ImageType")[0].split("\\")]
    return {
        "ImageType": ["DERIVED", *(kinds[1:] or ["PRIMARY"])],
        "DerivationDescription": _DERIVATION,
    }


def native_file(data: bytes) -> Plain:
    """A served file with its pixels decoded: explicit little endian, colours as RGB."""
    dataset, _ = open_dataset(data, pixels=True)
    syntax = prepared_syntax(dataset)
    values = [shown_frame(dataset, syntax, frame) for frame in stored_frames(dataset)]
    frames = list(map(little_endian, values))
    bits = values[0].dtype.itemsize * 8
    _drop_pixels(dataset)
    changes: dict[str, Any] = {"BitsAllocated": bits}
    if values[0].ndim == 3:
        changes |= {"PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    _apply(dataset, changes)
    header = meta_bytes(dataset, ExplicitVRLittleEndian) + dataset_bytes(dataset)
    pixels = ServedPixels(frames=frames, keyword="PixelData")
    return b"".join((header, *pixel_bytes(pixels, bits, len(header))[0]))


def _drop_pixels(dataset: Dataset) -> None:
    for tag in [tag for tag in dataset.keys() if tag.group >= 0x7FE0]:  # noqa: SIM118
        del dataset[tag]


def _apply(dataset: Dataset, changes: dict[str, Any]) -> None:
    for keyword, value in changes.items():
        if isinstance(value, int):
            # Of the pixels' attributes every number is of this kind.
            put(dataset, tag_of(keyword), "US", value.to_bytes(2, "little"))
        elif value is not None:
            setattr(dataset, keyword, value)
        elif keyword in dataset:
            del dataset[keyword]
