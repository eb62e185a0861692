"""Which side of the patient lies at which edge of a picture.

Source: DICOM PS3.3 C.7.6.2.1.1: the axes of the patient run to the left, to the back and to the
head; ``ImageOrientationPatient`` has the direction of a row, then that of a column. The letters are
those of Patient Orientation (C.7.6.1.1.1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mdt.rules.image_plane import dot

#: Letters towards the positive and the negative end of each axis.
_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))
# A second letter where the direction leaves the first axis by some 15 degrees or more.
_REFINES = 0.25
_NEARLY = 0.05


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """One or two letters of R, L, A, P, H, F for each edge of a picture."""

    top: str
    right: str
    bottom: str
    left: str


def edge_letters(orientation: Sequence[float] | None) -> EdgeLetters | None:
    """Letters for six direction cosines; ``None`` where they are missing or no directions.

    The picture is drawn as stored: rows downwards, columns to the right.
    """
    if orientation is None or len(orientation) != 6:
        return None
    row, column = tuple(orientation[:3]), tuple(orientation[3:])
    if not (_is_unit(row) and _is_unit(column)) or abs(dot(row, column)) > _NEARLY:
        return None
    return EdgeLetters(
        top=_letters(tuple(-part for part in column)),
        right=_letters(row),
        bottom=_letters(column),
        left=_letters(tuple(-part for part in row)),
    )


def _is_unit(direction: tuple[float, ...]) -> bool:
    return abs(math.hypot(*direction) - 1) <= _NEARLY


def _letters(direction: tuple[float, ...]) -> str:
    strongest = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    named = [
        _LETTERS[axis][direction[axis] < 0]
        for place, axis in enumerate(strongest[:2])
        if place == 0 or abs(direction[axis]) >= _REFINES
    ]
    return "".join(named)
