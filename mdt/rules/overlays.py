"""What derived objects draw over pictures: contours put onto the pictures that they belong to.

A contour names its pictures, or lies somewhere in the patient; either way it is drawn on a picture
only where it lies in its plane. Points of what comes out are column and row of the picture, 0 at
the centre of the first pixel (as `mdt.rules.image_plane.ImagePlane.pixel_of`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from mdt.rules.image_plane import ImagePlane, Point, dot

#: Of one object.
SEGMENTS_LIMIT = 500
CONTOURS_LIMIT = 50_000
POINTS_LIMIT = 500_000
#: Larger objects are not read.
BYTES_LIMIT = 256 * 1024 * 1024

_PLACES = 2
_LEAST_OFF = 0.5
_CIRCLE_POINTS = 48
_COLOURS = ("#ffb000", "#00c2d1", "#ff6db6", "#7fd34e", "#b18cff", "#ff8c42", "#4ea3ff", "#e6e04e")

# A picture: the UID that it is served by and the frame in it, from 1.
Picture = tuple[str, int]
Object = Mapping[str, Any]


class OverlayKind(StrEnum):
    """What a derived object draws."""

    CONTOURS = "contours"
    MASKS = "masks"
    STATE = "state"


class NotShown(StrEnum):
    """Derived objects that nothing is drawn of."""

    DOSE = "dose"
    PLAN = "plan"
    REPORT = "report"
    VALUES = "values"
    OTHER = "other"
    UNREADABLE = "unreadable"
    TOO_BIG = "too_big"


_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.66.4": OverlayKind.MASKS,
    "1.2.840.10008.5.1.4.1.1.66.7": OverlayKind.MASKS,
    "1.2.840.10008.5.1.4.1.1.481.3": OverlayKind.CONTOURS,
    "1.2.840.10008.5.1.4.1.1.11.1": OverlayKind.STATE,
    "1.2.840.10008.5.1.4.1.1.11.2": OverlayKind.STATE,
}
_NOT_SHOWN = {
    "1.2.840.10008.5.1.4.1.1.481.2": NotShown.DOSE,
    "1.2.840.10008.5.1.4.1.1.481.5": NotShown.PLAN,
    "1.2.840.10008.5.1.4.1.1.481.8": NotShown.PLAN,
    "1.2.840.10008.5.1.4.1.1.67": NotShown.VALUES,
}
_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
# Surfaces, bulk annotations, registrations, other presentation states.
_OTHERS = (
    "1.2.840.10008.5.1.4.1.1.66.",
    "1.2.840.10008.5.1.4.1.1.91.",
    "1.2.840.10008.5.1.4.1.1.11.",
    "1.2.840.10008.5.1.4.1.1.481.",
)
#: What the classes of derived objects begin with.
DERIVED_ROOTS = (_REPORTS, "1.2.840.10008.5.1.4.1.1.67", *_OTHERS)
#: Planar radiotherapy images and such are pictures themselves.
_PICTURES = frozenset({"1.2.840.10008.5.1.4.1.1.481.1"})


def kind_of(sop_class_uid: str) -> OverlayKind | None:
    """Return what an object of this class draws over others' pictures, if it does."""
    return _CLASSES.get(sop_class_uid)


def not_shown(sop_class_uid: str) -> NotShown | None:
    """Return why nothing is shown of a derived object; nothing for pictures and overlays."""
    if sop_class_uid in _CLASSES or sop_class_uid in _PICTURES:
        return None
    if sop_class_uid.startswith(_REPORTS):
        return NotShown.REPORT
    known = _NOT_SHOWN.get(sop_class_uid)
    return known or (NotShown.OTHER if sop_class_uid.startswith(_OTHERS) else None)


@dataclass(frozen=True)
class Base:
    """The series under an overlay: its UIDs as served, and where each picture lies."""

    series_uid: str
    frame_of_reference: str
    planes: Mapping[Picture, ImagePlane]

    @property
    def tolerance(self) -> float:
        """How far off its plane, in mm, something still belongs to a picture."""
        gaps = sorted(_gaps(self.planes.values()))
        return max(gaps[len(gaps) // 2] / 2 if gaps else 0.0, _LEAST_OFF)


@dataclass(frozen=True)
class Laid:
    """An object laid over a series, as JSON: ``pictures`` are ``{uid: {frame: [drawing]}}``."""

    segments: list[dict[str, Any]]
    pictures: dict[str, dict[str, list[dict[str, Any]]]]
    left_out: int


def refers_to(found: Object, base: Base) -> bool:
    """Whether an object is meant for a series: by its pictures, by itself, else by its place."""
    named = {uid for uid, _ in _all_references(found)}
    own = {uid for uid, _ in base.planes}
    if named & own or base.series_uid in found["series"]:
        return True
    if named or found["series"]:
        return False
    return bool(base.frame_of_reference) and found["frame_of_reference"] == base.frame_of_reference


def _all_references(found: Object) -> Iterable[Sequence[Any]]:
    for name in ("contours", "notes"):
        for one in found.get(name, ()):
            yield from one["references"]
    yield from found.get("images", ())


def segments_of(found: Object) -> list[dict[str, Any]]:
    """What can be switched on and off: ``number``, ``label`` (may be empty) and ``colour``."""
    if found["kind"] == OverlayKind.STATE.value:
        return [{"number": 1, "label": "", "colour": _COLOURS[0]}]
    return [
        {**one, "colour": one["colour"] or _COLOURS[place % len(_COLOURS)]}
        for place, one in enumerate(found["segments"])
    ]


def lay(found: Object, base: Base) -> Laid:
    """Put what an object draws onto the pictures of a series; ``left_out`` fits none of them."""
    if found["kind"] == OverlayKind.STATE.value:
        return _lay_state(found, base)
    pictures: dict[str, dict[str, list[dict[str, Any]]]] = {}
    left_out = 0
    tolerance = base.tolerance
    for contour in found["contours"]:
        drawings = list(_on_pictures(contour, base, tolerance))
        left_out += not drawings
        for (uid, frame), points in drawings:
            drawing = {
                "segment": contour["segment"],
                "closed": contour["closed"],
                "points": points,
            }
            pictures.setdefault(uid, {}).setdefault(str(frame), []).append(drawing)
    return Laid(segments_of(found), pictures, left_out)


def _on_pictures(
    contour: Object, base: Base, tolerance: float
) -> Iterable[tuple[Picture, list[list[float]]]]:
    named = _named(contour["references"], base)
    if not contour["world"]:
        flat = _pairs(contour["points"])
        return [(picture, _rounded(flat)) for picture in named]
    points = [tuple(contour["points"][at : at + 3]) for at in range(0, len(contour["points"]), 3)]
    laid = _in_plane(points, named, base, tolerance)
    if laid or named:
        return laid
    near = _in_plane(points, base.planes, base, tolerance)
    # Between two pictures it belongs to the nearer one.
    least = min((off for *_, off in _measured(points, (one for one, _ in near), base)), default=0.0)
    return [
        one
        for one, (_, off) in zip(
            near, _measured(points, (place for place, _ in near), base), strict=True
        )
        if off <= least + 1e-6
    ]


def _in_plane(
    points: Sequence[Point], pictures: Iterable[Picture], base: Base, tolerance: float
) -> list[tuple[Picture, list[list[float]]]]:
    found = []
    for picture in pictures:
        plane = base.planes[picture]
        # Its first point says nearly always that it does not lie here.
        if not plane.in_world or plane.pixel_of(points[0])[2] > tolerance:
            continue
        places = [plane.pixel_of(point) for point in points]
        if max(off for *_, off in places) <= tolerance:
            found.append((picture, _rounded((column, row) for column, row, _ in places)))
    return found


def _measured(
    points: Sequence[Point], pictures: Iterable[Picture], base: Base
) -> list[tuple[Picture, float]]:
    return [(one, max(base.planes[one].pixel_of(point)[2] for point in points)) for one in pictures]


def _named(references: Sequence[Sequence[Any]], base: Base) -> list[Picture]:
    """The pictures of the series that are named; all frames of an object where none is."""
    found = []
    for uid, frames in references:
        wanted = set(frames)
        found += [
            picture for picture in _frames_of(uid, base) if not wanted or picture[1] in wanted
        ]
    return found


def _frames_of(uid: str, base: Base) -> list[Picture]:
    frame, found = 1, []
    while (uid, frame) in base.planes:
        found.append((uid, frame))
        frame += 1
    return found


def _gaps(planes: Iterable[ImagePlane]) -> Iterable[float]:
    """Mm between neighbouring pictures that lie one behind the other."""
    normal = None
    places = []
    for plane in planes:
        if plane.origin is None or plane.along_row is None or plane.along_column is None:
            continue
        normal = normal or _cross(plane.along_row, plane.along_column)
        places.append(dot(plane.origin, normal))
    places.sort()
    return [b - a for a, b in pairwise(places) if b - a > 1e-3]


def _cross(one: Point, other: Point) -> Point:
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )


def _lay_state(found: Object, base: Base) -> Laid:
    pictures: dict[str, dict[str, list[dict[str, Any]]]] = {}
    left_out = 0
    everywhere = _named(found["images"], base)
    for picture in everywhere:
        plane = base.planes[picture]
        pictures.setdefault(picture[0], {})[str(picture[1])] = [
            {"segment": 1, "display": _display(found, picture, plane)}
        ]
    for note in found["notes"]:
        own = [one for one in _named(note["references"], base) if one in everywhere]
        drawn = False
        for picture in own if note["references"] else everywhere:
            drawing = _note(note, _area_of(found, picture, base.planes[picture]))
            if drawing is not None:
                drawn = True
                pictures[picture[0]][str(picture[1])].append({"segment": 1, **drawing})
        left_out += not drawn
    return Laid(segments_of(found), pictures, left_out)


def _about(found: Object, name: str, picture: Picture) -> Object | None:
    """The first entry of a state that is for a picture: by name, or for all."""
    for one in found[name]:
        frames = [frames for uid, frames in one["references"] if uid == picture[0]]
        if not one["references"] or any(not own or picture[1] in own for own in frames):
            chosen: Object = one
            return chosen
    return None


def _area_of(found: Object, picture: Picture, plane: ImagePlane) -> tuple[float, ...] | None:
    """Left, top, width and height that are to be shown; nothing where the picture is turned."""
    if found["turn"] or found["mirrored"]:
        return None
    area = _about(found, "areas", picture)
    left, top, right, bottom = 1.0, 1.0, float(plane.columns), float(plane.rows)
    if area and len(area["top_left"]) == len(area["bottom_right"]) == 2:
        (left, top), (right, bottom) = area["top_left"], area["bottom_right"]
    return left - 1.5, top - 1.5, right - left + 1, bottom - top + 1


def _display(found: Object, picture: Picture, plane: ImagePlane) -> dict[str, Any]:
    """How a picture is to be shown: window, the area, turned (clockwise) and mirrored."""
    window = _about(found, "windows", picture)
    area = _about(found, "areas", picture) and _area_of(found, picture, plane)
    known = window and window["center"] is not None and (window["width"] or 0) >= 1
    return {
        "window": {"center": window["center"], "width": window["width"]}
        if window and known
        else None,
        "area": [round(one, _PLACES) for one in area] if area and min(area[2:]) > 0 else None,
        "invert": found["invert"],
        "turn": found["turn"],
        "mirrored": found["mirrored"],
    }


def _note(note: Object, area: tuple[float, ...] | None) -> dict[str, Any] | None:
    """A graphic or a text in pixels; nothing where its units or its shape are not known."""
    points = _pairs(note["points"])
    if note["units"] == "PIXEL":
        # They count from the outer corner of the first pixel (PS3.3 C.10.5.1.2).
        points = [(x - 0.5, y - 0.5) for x, y in points]
    elif note["units"] == "DISPLAY" and area is not None:
        points = [(area[0] + x * area[2], area[1] + y * area[3]) for x, y in points]
    else:
        return None
    outline = _outline(note["shape"], points)
    if outline is None:
        return None
    shape = {"POINT": "point", "TEXT": "text"}.get(note["shape"], "line")
    closed = note["shape"] in {"CIRCLE", "ELLIPSE"} or bool(note["closed"])
    drawing: dict[str, Any] = {"shape": shape, "closed": closed, "points": _rounded(outline)}
    if note["shape"] == "TEXT":
        drawing["text"] = note["text"]
    if note["colour"]:
        drawing["colour"] = note["colour"]
    return drawing


def _outline(shape: str, points: list[tuple[float, float]]) -> list[tuple[float, float]] | None:
    if shape == "CIRCLE" and len(points) == 2:
        (x, y), (ex, ey) = points
        return _ellipse(x, y, (ex - x, ey - y), (y - ey, ex - x))
    if shape == "ELLIPSE" and len(points) == 4:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        one, other = ((bx - ax) / 2, (by - ay) / 2), ((dx - cx) / 2, (dy - cy) / 2)
        return _ellipse((ax + bx) / 2, (ay + by) / 2, one, other)
    if shape in {"POINT", "TEXT"}:
        return points[:1] or None
    # A curve is drawn by its points.
    return points if shape in {"POLYLINE", "INTERPOLATED"} and len(points) > 1 else None


def _ellipse(
    x: float, y: float, one: tuple[float, float], other: tuple[float, float]
) -> list[tuple[float, float]]:
    turns = [2 * math.pi * step / _CIRCLE_POINTS for step in range(_CIRCLE_POINTS)]
    return [
        (
            x + one[0] * math.cos(turn) + other[0] * math.sin(turn),
            y + one[1] * math.cos(turn) + other[1] * math.sin(turn),
        )
        for turn in turns
    ]


def _pairs(flat: Sequence[float]) -> list[tuple[float, float]]:
    return [(flat[at], flat[at + 1]) for at in range(0, len(flat) - 1, 2)]


def _rounded(points: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[round(one, _PLACES) for one in point[:2]] for point in points]
