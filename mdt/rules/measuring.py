"""Marks on pictures: which there are, how their points are read, what they measure.

What is kept and printed is measured here, from the points; a label that a browser drew may be
that of a moment before. Points of a radiology mark are mm of the patient's coordinates where the
picture has a place there, else column and row of its pixels (0: the centre of the first); of a
slide, pixels of its full resolution.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mdt.rules.errors import Invalid
from mdt.rules.image_plane import ImagePlane, Point
from mdt.rules.sent_values import is_number, one_line

#: A mark's values as they are kept, see `measured`.
Value = dict[str, float | int | str]
LONGEST_TEXT = 200
LONGEST_KEY = 60
#: Mm off its picture that a point may lie: rounding, and nothing else.
OFF_PLANE = 1.0
#: Of a kept number; a thousandth of a mm or a degree.
_DIGITS = 3
_POINT_DIGITS = 4
#: Far beyond any body or slide.
_FARTHEST = 1e7
#: Shares of its size by which a shape may miss being one: ends of axes and corners are rounded.
_MISSES = 0.02


class MarkKind(StrEnum):
    """Kinds of marks, alphabetical."""

    ANGLE = "angle"
    ARROW = "arrow"
    ELLIPSE = "ellipse"
    LENGTH = "length"
    RECTANGLE = "rectangle"


#: How many points each has: of an angle the middle one is its corner, of an arrow the first its
#: tip, of an ellipse these are the ends of one axis, then of the other, of a rectangle the corners.
POINTS: Mapping[MarkKind, int] = MappingProxyType(
    {
        MarkKind.ANGLE: 3,
        MarkKind.ARROW: 2,
        MarkKind.ELLIPSE: 4,
        MarkKind.LENGTH: 2,
        MarkKind.RECTANGLE: 4,
    }
)
#: Of these the pixels inside are measured, too.
AREAS = frozenset({MarkKind.ELLIPSE, MarkKind.RECTANGLE})


@dataclass(frozen=True, slots=True)
class Shape:
    """A region in pixels (column, row): its centre, and its two half axes or half sides."""

    center: tuple[float, float]
    one: tuple[float, float]
    other: tuple[float, float]
    round: bool

    @property
    def area(self) -> float:
        """In pixels."""
        cross = abs(self.one[0] * self.other[1] - self.one[1] * self.other[0])
        return cross * (math.pi if self.round else 4)


def read_kind(raw: object) -> MarkKind:
    """The kind of a mark; raises `Invalid`."""
    if not isinstance(raw, str) or raw not in set(MarkKind):
        raise Invalid({"kind": "mark_kind_unknown"})
    return MarkKind(raw)


def read_points(kind: MarkKind, raw: object, size: int) -> tuple[Point, ...]:
    """Points of ``size`` numbers each, as many as the kind has; raises `Invalid`."""
    if not isinstance(raw, list) or len(raw) != POINTS[kind]:
        raise Invalid({"points": "points_unreadable"})
    points = tuple(_point(one, size) for one in raw)
    if kind is not MarkKind.ARROW and len(set(points)) < len(points):
        raise Invalid({"points": "points_together"})
    return points


def _point(raw: object, size: int) -> Point:
    if not isinstance(raw, list) or len(raw) != size or not all(map(_is_number, raw)):
        raise Invalid({"points": "points_unreadable"})
    return tuple(round(float(one), _POINT_DIGITS) for one in raw)


def _is_number(raw: object) -> bool:
    return is_number(raw, _FARTHEST)


def read_text(kind: MarkKind, raw: object) -> str:
    """What is written at a mark; an arrow without says nothing. Raises `Invalid`."""
    text = one_line(raw, "text")
    if len(text) > LONGEST_TEXT:
        raise Invalid({"text": "mark_text_too_long"})
    if kind is MarkKind.ARROW and not text:
        raise Invalid({"text": "arrow_text_required"})
    return text


def check_on_picture(points: Sequence[Point], plane: ImagePlane) -> None:
    """Raise `Invalid` unless the points lie on this picture, or beside it by its size at most."""
    for point in points:
        column, row, off = plane.pixel_of(point)
        beside = (
            not -plane.columns <= column <= 2 * plane.columns
            or not -plane.rows <= row <= 2 * plane.rows
        )
        if off > OFF_PLANE or beside:
            raise Invalid({"points": "points_elsewhere"})


def measured(kind: MarkKind, points: Sequence[Point], plane: ImagePlane) -> Value:
    """What the points of a mark measure: ``length_mm``, ``angle_deg``, ``area_mm2``.

    Without a known spacing ``length_px`` and ``area_px``. ``at``: ``detector`` where mm are those
    at the detector. An arrow measures nothing. Raises `Invalid` for what is no such shape.
    """
    if kind is MarkKind.ARROW:
        return {}
    flat, unit = _flat(points, plane)
    value: Value = {}
    if kind is MarkKind.LENGTH:
        value[f"length_{unit}"] = round(math.dist(*flat), _DIGITS)
    elif kind is MarkKind.ANGLE:
        return {"angle_deg": round(_angle(*flat), _DIGITS)}
    else:
        name = "area_mm2" if unit == "mm" else "area_px"
        value[name] = round(_shape(kind, flat).area, _DIGITS)
    if unit == "mm" and plane.at_detector:
        value["at"] = "detector"
    return value


def shape_of(kind: MarkKind, points: Sequence[Point], plane: ImagePlane) -> Shape:
    """The region of an ellipse or a rectangle in pixels; raises `Invalid` for what is none."""
    return _shape(kind, [_pixel(point, plane) for point in points])


def _pixel(point: Point, plane: ImagePlane) -> tuple[float, float]:
    column, row, _ = plane.pixel_of(point)
    return column, row


def _flat(points: Sequence[Point], plane: ImagePlane) -> tuple[list[tuple[float, float]], str]:
    """Points on the picture's plane in mm, or in pixels where nothing says how large these are."""
    pixels = [_pixel(point, plane) for point in points]
    spacing = plane.spacing_of(pixels)
    if spacing is None:
        return pixels, "px"
    down, across = spacing
    return [(column * across, row * down) for column, row in pixels], "mm"


def _angle(
    one: tuple[float, float], corner: tuple[float, float], other: tuple[float, float]
) -> float:
    first, second = _from(corner, one), _from(corner, other)
    cross = first[0] * second[1] - first[1] * second[0]
    along = first[0] * second[0] + first[1] * second[1]
    return math.degrees(math.atan2(abs(cross), along))


def _shape(kind: MarkKind, flat: Sequence[tuple[float, float]]) -> Shape:
    return _ellipse(*flat) if kind is MarkKind.ELLIPSE else _rectangle(*flat)


def _ellipse(
    one: tuple[float, float],
    one_end: tuple[float, float],
    other: tuple[float, float],
    other_end: tuple[float, float],
) -> Shape:
    center, again = _middle(one, one_end), _middle(other, other_end)
    shape = Shape(center, _half(one, one_end), _half(other, other_end), round=True)
    _check(shape, math.dist(center, again))
    return shape


def _rectangle(*corners: tuple[float, float]) -> Shape:
    """Corners in any order: the farthest from the first is opposite."""
    first, *others = corners
    near, side, opposite = sorted(others, key=lambda one: math.dist(first, one))
    center, again = _middle(first, opposite), _middle(near, side)
    shape = Shape(center, _half(first, near), _half(first, side), round=False)
    _check(shape, math.dist(center, again))
    return shape


def _check(shape: Shape, apart: float) -> None:
    """Both axes have one middle and stand at a right angle, so that area and pixels are right."""
    lengths = math.hypot(*shape.one), math.hypot(*shape.other)
    along = shape.one[0] * shape.other[0] + shape.one[1] * shape.other[1]
    if min(lengths) == 0:
        raise Invalid({"points": "points_together"})
    if apart > _MISSES * max(lengths) or abs(along) > _MISSES * lengths[0] * lengths[1]:
        raise Invalid({"points": "points_no_shape"})


def _from(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return end[0] - start[0], end[1] - start[1]


def _half(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return (end[0] - start[0]) / 2, (end[1] - start[1]) / 2


def _middle(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
