"""Objects that are drawn over other objects' pictures, as plain numbers.

Segmentations (PS3.3 A.51), structure sets (A.19.3) and presentation states (A.33.1). What is
returned is read by `mdt.rules.overlays`.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.decoding import prepared_syntax, stored_values
from mdt.adapters.sandboxed.opening import (
    frame_count,
    group_of,
    items_of,
    open_dataset,
    reals,
    whole,
)
from mdt.adapters.sandboxed.outlines import outlines
from mdt.adapters.sandboxed.texts import text_of, uid_of
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.overlays import CONTOURS_LIMIT, POINTS_LIMIT, SEGMENTS_LIMIT, OverlayKind, kind_of

_Object = dict[str, Plain]

_LABEL_LENGTH = 64
_FRAMES_LIMIT = 4000
_XYZ, _XY = 3, 2
_AREAS = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})


def read_overlay(data: bytes) -> Plain:
    """Read an object as `mdt.adapters.overlay_reader` describes it; raises `FileRefused`."""
    dataset, _ = open_dataset(data, pixels=True)
    kind = kind_of(uid_of(dataset, "SOPClassUID"))
    if kind is None:
        raise FileRefused(Refusal.DICOM_UNREADABLE)
    found = _READERS[kind](dataset)
    return {
        "kind": kind.value,
        "frame_of_reference": _frame_of_reference(dataset),
        "series": list[Plain](sorted(_series(dataset))),
        **found,
    }


class _Gathered:
    """Contours up to the limits; ``cut`` once there were more."""

    def __init__(self) -> None:
        self.contours: list[Plain] = []
        self.cut = False
        self._points = 0

    def add(self, contour: _Object, count: int) -> None:
        if len(self.contours) >= CONTOURS_LIMIT or self._points + count > POINTS_LIMIT:
            self.cut = True
            return
        self._points += count
        self.contours.append(contour)


def _masks(dataset: Dataset) -> _Object:
    """A segmentation: the outlines of each segment in each of its frames."""
    segments = items_of(dataset, "SegmentSequence")[:SEGMENTS_LIMIT]
    gathered = _Gathered()
    if frame_count(dataset) > _FRAMES_LIMIT:
        raise FileRefused(Refusal.READING_TOO_BIG)
    for frame, (number, mask) in _segments_of_frames(dataset):
        if gathered.cut:
            break
        plane = _plane(dataset, frame)
        references: list[Plain] = list(_sources(dataset, frame))
        for ring in outlines(mask):
            gathered.add(
                {
                    "segment": number,
                    "references": references,
                    "closed": True,
                    "world": plane is not None,
                    "points": _flat(ring if plane is None else plane(ring)),
                },
                len(ring),
            )
    return {
        "segments": [
            {
                "number": whole(one, "SegmentNumber", place),
                "label": _label(one),
                "colour": _lab_colour(reals(one, "RecommendedDisplayCIELabValue")),
            }
            for place, one in enumerate(segments, start=1)
        ],
        "contours": gathered.contours,
        "cut": gathered.cut,
    }


def _segments_of_frames(
    dataset: Dataset,
) -> Iterator[tuple[int, tuple[int, NDArray[np.bool_]]]]:
    """Yield frames (from 0) with a segment's number and its mask."""
    syntax = prepared_syntax(dataset)
    kind = text_of(dataset, "SegmentationType")[0]
    half = max(whole(dataset, "MaximumFractionalValue", 255), 1) / 2
    for frame, (values, _) in enumerate(stored_values(dataset, syntax)):
        if kind == "LABELMAP":
            present = [int(one) for one in np.unique(values) if one][:SEGMENTS_LIMIT]
            yield from ((frame, (number, values == number)) for number in present)
        else:
            group = group_of(dataset, frame, "SegmentIdentificationSequence")
            number = whole(group, "ReferencedSegmentNumber", 1)
            yield frame, (number, values >= half if kind == "FRACTIONAL" else values > 0)


def _plane(dataset: Dataset, frame: int) -> Callable[[NDArray[np.float64]], object] | None:
    """What puts column and row of a frame into the patient's mm; nothing where it is not said."""
    position = reals(group_of(dataset, frame, "PlanePositionSequence"), "ImagePositionPatient")
    directions = reals(
        group_of(dataset, frame, "PlaneOrientationSequence"), "ImageOrientationPatient"
    )
    spacing = reals(group_of(dataset, frame, "PixelMeasuresSequence"), "PixelSpacing")
    if (len(position), len(directions), len(spacing)) != (_XYZ, 2 * _XYZ, _XY):
        return None
    origin = np.array(position)
    across = np.array(directions[:_XYZ]) * spacing[1]
    down = np.array(directions[_XYZ:]) * spacing[0]
    return lambda ring: origin + ring[:, :1] * across + ring[:, 1:] * down


def _sources(dataset: Dataset, frame: int) -> Iterator[Plain]:
    """Yield UID and frames of the pictures that a frame of a segmentation was made of."""
    group = group_of(dataset, frame, "DerivationImageSequence")
    if group is dataset:
        return
    for source in items_of(group, "SourceImageSequence"):
        yield _reference(source)


def _reference(item: Dataset) -> Plain:
    frames: list[Plain] = [int(one) for one in reals(item, "ReferencedFrameNumber")]
    return [uid_of(item, "ReferencedSOPInstanceUID"), frames]


def _contours(dataset: Dataset) -> _Object:
    """A structure set: contours in mm of the patient."""
    names = {
        whole(one, "ROINumber", 0): text_of(one, "ROIName")[0]
        for one in items_of(dataset, "StructureSetROISequence")
    }
    meanings = {
        whole(one, "ReferencedROINumber", 0): text_of(one, "RTROIInterpretedType")[0]
        for one in items_of(dataset, "RTROIObservationsSequence")
    }
    gathered = _Gathered()
    segments: list[Plain] = []
    for roi in items_of(dataset, "ROIContourSequence")[:SEGMENTS_LIMIT]:
        number = whole(roi, "ReferencedROINumber", 0)
        colour = reals(roi, "ROIDisplayColor")
        segments.append(
            {
                "number": number,
                "label": _short(names.get(number, "") or meanings.get(number, "")),
                "colour": _hex(colour) if len(colour) == _XYZ else "",
            }
        )
        for contour in items_of(roi, "ContourSequence"):
            points = reals(contour, "ContourData")
            if not points or len(points) % _XYZ:
                continue
            gathered.add(
                {
                    "segment": number,
                    "references": [_reference(one) for one in _images(contour)],
                    "closed": text_of(contour, "ContourGeometricType")[0] in _AREAS,
                    "world": True,
                    "points": _flat(np.array(points)),
                },
                len(points) // _XYZ,
            )
    return {"segments": segments, "contours": gathered.contours, "cut": gathered.cut}


def _images(contour: Dataset) -> list[Dataset]:
    return items_of(contour, "ContourImageSequence")


def _annotations(dataset: Dataset) -> _Object:
    """A presentation state: what is drawn and written, and how the pictures are to be shown."""
    colours = {
        text_of(one, "GraphicLayer")[0]: _lab_colour(
            reals(one, "GraphicLayerRecommendedDisplayCIELabValue")
        )
        for one in items_of(dataset, "GraphicLayerSequence")
    }
    notes: list[Plain] = []
    for group in items_of(dataset, "GraphicAnnotationSequence"):
        about: _Object = {
            "references": [_reference(one) for one in items_of(group, "ReferencedImageSequence")],
            "colour": colours.get(text_of(group, "GraphicLayer")[0], ""),
        }
        notes += [{**about, **_graphic(one)} for one in items_of(group, "GraphicObjectSequence")]
        notes += [{**about, **_text(one)} for one in items_of(group, "TextObjectSequence")]
    return {
        "images": [
            _reference(one)
            for series in items_of(dataset, "ReferencedSeriesSequence")
            for one in items_of(series, "ReferencedImageSequence")
        ],
        "notes": notes[:CONTOURS_LIMIT],
        "cut": len(notes) > CONTOURS_LIMIT,
        "areas": [_area(one) for one in items_of(dataset, "DisplayedAreaSelectionSequence")],
        "windows": [_window(one) for one in items_of(dataset, "SoftcopyVOILUTSequence")],
        "invert": text_of(dataset, "PresentationLUTShape")[0] == "INVERSE",
        "turn": whole(dataset, "ImageRotation", 0) % 360,
        "mirrored": text_of(dataset, "ImageHorizontalFlip")[0] == "Y",
    }


def _graphic(item: Dataset) -> _Object:
    return {
        "shape": text_of(item, "GraphicType")[0],
        "units": text_of(item, "GraphicAnnotationUnits")[0],
        "points": _flat(np.array(reals(item, "GraphicData")[: 2 * POINTS_LIMIT])),
        "closed": text_of(item, "GraphicFilled")[0] == "Y",
        "text": "",
    }


def _text(item: Dataset) -> _Object:
    anchor = reals(item, "AnchorPoint")
    corner = reals(item, "BoundingBoxTopLeftHandCorner")
    units = "AnchorPointAnnotationUnits" if anchor else "BoundingBoxAnnotationUnits"
    return {
        "shape": "TEXT",
        "units": text_of(item, units)[0],
        "points": _flat(np.array((anchor or corner)[:_XY])),
        "closed": False,
        "text": " ".join(text_of(item, "UnformattedTextValue")[0].split())[:200],
    }


def _area(item: Dataset) -> Plain:
    return {
        "references": [_reference(one) for one in items_of(item, "ReferencedImageSequence")],
        "top_left": list[Plain](reals(item, "DisplayedAreaTopLeftHandCorner")),
        "bottom_right": list[Plain](reals(item, "DisplayedAreaBottomRightHandCorner")),
    }


def _window(item: Dataset) -> Plain:
    center, width = reals(item, "WindowCenter"), reals(item, "WindowWidth")
    return {
        "references": [_reference(one) for one in items_of(item, "ReferencedImageSequence")],
        "center": center[0] if center else None,
        "width": width[0] if width else None,
    }


def _label(segment: Dataset) -> str:
    """What a segment shows: by name, else by what its code means."""
    kinds = [
        text_of(one, "CodeMeaning")[0]
        for one in items_of(segment, "SegmentedPropertyTypeCodeSequence")
    ]
    return _short(text_of(segment, "SegmentLabel")[0].strip() or next(iter(kinds), ""))


def _short(text: str) -> str:
    return " ".join(text.split())[:_LABEL_LENGTH]


def _series(dataset: Dataset) -> set[str]:
    """Every series that is named as the one under it."""
    found = {
        uid_of(one, "SeriesInstanceUID") for one in items_of(dataset, "ReferencedSeriesSequence")
    }
    for frame in items_of(dataset, "ReferencedFrameOfReferenceSequence"):
        for study in items_of(frame, "RTReferencedStudySequence"):
            found |= {
                uid_of(one, "SeriesInstanceUID")
                for one in items_of(study, "RTReferencedSeriesSequence")
            }
    return found - {""}


def _frame_of_reference(dataset: Dataset) -> str:
    own = uid_of(dataset, "FrameOfReferenceUID")
    named = items_of(dataset, "ReferencedFrameOfReferenceSequence")[:1]
    return own or next((uid_of(one, "FrameOfReferenceUID") for one in named), "")


def _flat(points: object) -> list[Plain]:
    return [round(one, 3) for one in np.asarray(points, dtype=np.float64).ravel().tolist()]


def _hex(parts: list[float]) -> str:
    return "#" + "".join(f"{min(max(round(one), 0), 255):02x}" for one in parts)


def _lab_colour(parts: list[float]) -> str:
    """CIELab as DICOM scales it (PS3.3 C.10.7.1.1) for a screen; empty where there is none."""
    if len(parts) != _XYZ:
        return ""
    light, a, b = (
        parts[0] * 100 / 65535,
        parts[1] * 255 / 65535 - 128,
        parts[2] * 255 / 65535 - 128,
    )
    middle = (light + 16) / 116
    cubes = [
        one**3 if one**3 > 0.008856 else (one - 16 / 116) / 7.787
        for one in (middle + a / 500, middle, middle - b / 200)
    ]
    white = np.array([0.9505, 1.0, 1.089])
    to_screen = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    linear = np.clip(to_screen @ (np.array(cubes) * white), 0, 1)
    curved = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return _hex((curved * 255).tolist())


_READERS: dict[OverlayKind, Callable[[Dataset], _Object]] = {
    OverlayKind.CONTOURS: _contours,
    OverlayKind.MASKS: _masks,
    OverlayKind.STATE: _annotations,
}
