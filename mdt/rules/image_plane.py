"""Where the pixels of a picture lie, out of the DICOM JSON of what is served of it.

Source: PS3.3 C.7.6.2 (image plane), C.7.6.16 (functional groups of enhanced objects, shared ones
before the frame's own), C.8.5.5 (calibrated regions of ultrasound).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, ...]
Metadata = Mapping[str, Any]

_ROWS, _COLUMNS = "00280010", "00280011"
_SPACING, _DETECTOR_SPACING = "00280030", "00181164"
_POSITION, _ORIENTATION = "00200032", "00200037"
_SHARED, _OWN = "52009229", "52009230"
_PLANE_POSITION, _PLANE_ORIENTATION, _PIXEL_MEASURES = "00209113", "00209116", "00289110"
_REGIONS = "00186011"
#: Of a region: left, top, right, bottom in pixels; format; units and width of a pixel in both axes.
_EDGES = ("00186018", "0018601A", "0018601C", "0018601E")
_FORMAT, _UNITS, _DELTAS = "00186012", ("00186024", "00186026"), ("0018602C", "0018602E")
_TISSUE, _CENTIMETRES = 1, 3
_NEARLY = 1e-2


@dataclass(frozen=True, slots=True)
class Region:
    """A calibrated part of an ultrasound picture: its edges in pixels, mm of a row and a column."""

    edges: tuple[float, float, float, float]
    spacing: tuple[float, float]

    def holds(self, column: float, row: float) -> bool:
        """Whether a pixel lies in it."""
        left, top, right, bottom = self.edges
        return left <= column <= right and top <= row <= bottom


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """A picture's pixels and the world. ``spacing`` is mm from row to row, from column to column.

    ``origin`` is the centre of the first pixel in mm of the patient's coordinates, ``along_row``
    and ``along_column`` the unit directions of growing columns and growing rows; all three are
    empty where one is missing. ``at_detector``: the spacing is that of the detector, so the body
    is smaller than what is measured.
    """

    rows: int
    columns: int
    spacing: tuple[float, float] | None = None
    origin: Point | None = None
    along_row: Point | None = None
    along_column: Point | None = None
    at_detector: bool = False
    regions: tuple[Region, ...] = ()

    @property
    def in_world(self) -> bool:
        """Whether points on it are given in mm of the patient's coordinates."""
        return self.origin is not None

    def pixel_of(self, point: Point) -> tuple[float, float, float]:
        """Column and row (0: the centre of the first) of a point, and its distance off the plane.

        The distance is in mm; a point that is given in pixels lies on the picture.
        """
        if not (self.origin and self.along_row and self.along_column and self.spacing):
            return point[0], point[1], 0.0
        offset = [a - b for a, b in zip(point, self.origin, strict=True)]
        across, down = dot(offset, self.along_row), dot(offset, self.along_column)
        off = math.sqrt(max(dot(offset, offset) - across**2 - down**2, 0.0))
        return across / self.spacing[1], down / self.spacing[0], off

    def spacing_of(self, pixels: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
        """Mm from row to row and column to column at these pixels; nothing where it is not known.

        In ultrasound only within one calibrated region.
        """
        if self.spacing or not self.regions:
            return self.spacing
        around = [one for one in self.regions if all(one.holds(*pixel) for pixel in pixels)]
        return around[0].spacing if around else None


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """The scalar product."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def plane_of(metadata: Metadata, frame: int) -> ImagePlane:
    """Read the plane of a frame (from 1); what is odd or missing is left out."""
    groups = _groups(metadata, frame)
    spacing = _pair(_numbers(_first(groups, metadata, _PIXEL_MEASURES, _SPACING)))
    detector = None if spacing else _pair(_numbers(_value(metadata, _DETECTOR_SPACING)))
    position = _numbers(_first(groups, metadata, _PLANE_POSITION, _POSITION))
    directions = _directions(_numbers(_first(groups, metadata, _PLANE_ORIENTATION, _ORIENTATION)))
    rows, columns = _count(metadata, _ROWS), _count(metadata, _COLUMNS)
    if spacing and directions and len(position) == 3:
        return ImagePlane(rows, columns, spacing, position, *directions)
    return ImagePlane(
        rows,
        columns,
        spacing or detector,
        at_detector=detector is not None,
        regions=_regions(metadata),
    )


def _count(metadata: Metadata, tag: str) -> int:
    return int(next(iter(_numbers(_value(metadata, tag))), 0))


def _groups(metadata: Metadata, frame: int) -> list[Metadata]:
    shared, own = _items(metadata, _SHARED), _items(metadata, _OWN)
    return [*shared[:1], *own[frame - 1 : frame]]


def _first(groups: list[Metadata], metadata: Metadata, macro: str, tag: str) -> object:
    """The value of an attribute of a functional group, else of the object itself."""
    for group in groups:
        for item in _items(group, macro)[:1]:
            found = _value(item, tag)
            if found:
                return found
    return _value(metadata, tag)


def _value(metadata: Metadata, tag: str) -> object:
    found = metadata.get(tag)
    return found.get("Value") if isinstance(found, dict) else None


def _items(metadata: Metadata, tag: str) -> list[Metadata]:
    found = _value(metadata, tag)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _numbers(values: object) -> tuple[float, ...]:
    if not isinstance(values, list):
        return ()
    good = [float(one) for one in values if isinstance(one, int | float)]
    return tuple(good) if len(good) == len(values) and all(map(math.isfinite, good)) else ()


def _pair(numbers: tuple[float, ...]) -> tuple[float, float] | None:
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None


def _directions(numbers: tuple[float, ...]) -> tuple[Point, Point] | None:
    """Two unit directions at a right angle."""
    if len(numbers) != 6:
        return None
    one, other = numbers[:3], numbers[3:]
    unit = all(abs(dot(each, each) - 1) <= _NEARLY for each in (one, other))
    return (one, other) if unit and abs(dot(one, other)) <= _NEARLY else None


def _regions(metadata: Metadata) -> tuple[Region, ...]:
    return tuple(found for item in _items(metadata, _REGIONS) if (found := _region(item)))


def _region(item: Metadata) -> Region | None:
    def number(tag: str) -> float:
        return next(iter(_numbers(_value(item, tag))), math.nan)

    edges, deltas = [number(tag) for tag in _EDGES], [abs(number(tag)) * 10 for tag in _DELTAS]
    centimetres = all(number(tag) == _CENTIMETRES for tag in _UNITS)
    if number(_FORMAT) != _TISSUE or not centimetres:
        return None
    if not all(map(math.isfinite, (*edges, *deltas))) or min(deltas) <= 0:
        return None
    return Region((edges[0], edges[1], edges[2], edges[3]), (deltas[1], deltas[0]))
