"""In which order the stored slices of a series are paged through, and where each begins.

The same order as `mdt.rules.imaging.sort_slices`, for objects of which only a place along the
series' normal is kept: a series arrives in many small batches, and its headers are long gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdt.rules.imaging import DicomHeader

# Row and column directions that agree to about a tenth of a degree are parallel.
_SAME_DIRECTION = 2e-3
_NO_NUMBER = 2**31


@dataclass(frozen=True, slots=True)
class StoredSlice:
    """An object of a series: ``position`` in mm along the normal, ``pictures`` it holds."""

    id: int
    sop_uid: str
    number: int | None
    position: float | None
    pictures: int


def position_along(header: DicomHeader, orientation: Sequence[float] | None) -> float | None:
    """Distance in mm along the normal of ``orientation``; ``None`` for a slice not parallel to it.

    ``orientation`` is the six direction cosines of the slice that the series is measured by.
    """
    own, place = header.image_orientation, header.image_position
    if orientation is None or own is None or place is None:
        return None
    if any(abs(a - b) > _SAME_DIRECTION for a, b in zip(own, orientation, strict=True)):
        return None
    rx, ry, rz, cx, cy, cz = orientation
    normal = (ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx)
    # To a hundredth, so that repeated positions fall together and are ordered by number.
    return round(sum(a * b for a, b in zip(place, normal, strict=True)), 2)


def sort_stored(slices: Iterable[StoredSlice]) -> tuple[StoredSlice, ...]:
    """Order by position, the end first that the machine numbered first; else by number.

    Only where every slice has a position: a series that mixes planes keeps the machine's numbers.
    """
    by_number = sorted(slices, key=_number_order)
    places = [one.position for one in by_number if one.position is not None]
    if not by_number or len(places) < len(by_number):
        return tuple(by_number)
    sign = -1 if places[0] > places[-1] else 1
    return tuple(sorted(by_number, key=lambda one: sign * (one.position or 0.0)))


def first_pictures(slices: Iterable[StoredSlice]) -> Mapping[int, int | None]:
    """Map each object's id to the place (0-based) of its first picture, ``None`` without one."""
    found: dict[int, int | None] = {}
    slices = tuple(slices)
    found.update((one.id, None) for one in slices if one.pictures == 0)
    place = 0
    for one in sort_stored(one for one in slices if one.pictures > 0):
        found[one.id] = place
        place += one.pictures
    return found


def _number_order(one: StoredSlice) -> tuple[int, str]:
    return (one.number if one.number is not None else _NO_NUMBER, one.sop_uid)
