"""The outlines of a mask, as rings between its pixels."""

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
_Corner = tuple[int, int]

#: How far, in pixels, an outline may run beside the steps of its mask.
TOLERANCE = 0.75
#: Rings of fewer corners are left as they are: of a pixel or two nothing may go.
_SMALL = 12


def outlines(mask: NDArray[np.bool_]) -> list[Ring]:
    """The rings around the pixels of a mask, clockwise; around holes the other way.

    Points are column and row, 0 at the centre of the first pixel, so the outer edge of the picture
    is at -0.5.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return []
    top, left = int(rows.min()), int(columns.min())
    part = np.pad(mask[top : rows.max() + 1, left : columns.max() + 1], 1)
    # The first padding row stands for the one before `top`.
    offset = np.array([left - 1, top - 1], dtype=np.float64) - 0.5
    return [_simplified(np.array(ring, dtype=np.float64) + offset) for ring in _rings(part)]


def _rings(mask: NDArray[np.bool_]) -> list[list[_Corner]]:
    """Chains the edges of pixels, each with its inside to the right; corners only."""
    following = _edges(mask)
    rings = []
    while following:
        start = next(iter(following))
        ring, place, ahead = [], start, (0, 0)
        while True:
            after = _next(following, place, ahead)
            turn = (after[0] - place[0], after[1] - place[1])
            if turn != ahead:
                ring.append(place)
            place, ahead = after, turn
            if place == start:
                break
        rings.append(ring)
    return rings


def _edges(mask: NDArray[np.bool_]) -> dict[_Corner, list[_Corner]]:
    """From each corner (column, row) to the next one, or the next two."""
    inside = mask[1:-1, 1:-1]
    sides = (
        (inside & ~mask[:-2, 1:-1], (0, 0), (1, 0)),
        (inside & ~mask[1:-1, 2:], (1, 0), (1, 1)),
        (inside & ~mask[2:, 1:-1], (1, 1), (0, 1)),
        (inside & ~mask[1:-1, :-2], (0, 1), (0, 0)),
    )
    found: dict[_Corner, list[_Corner]] = {}
    for edge, begin, end in sides:
        for row, column in np.argwhere(edge).tolist():
            x, y = column + 1, row + 1
            found.setdefault((x + begin[0], y + begin[1]), []).append((x + end[0], y + end[1]))
    return found


def _next(
    following: dict[_Corner, list[_Corner]], place: _Corner, ahead: tuple[int, int]
) -> _Corner:
    """Take the edge out of a corner; of two the one to the right, so that rings never cross."""
    choices = following[place]
    right = (place[0] - ahead[1], place[1] + ahead[0])
    chosen = right if right in choices else choices[0]
    choices.remove(chosen)
    if not choices:
        del following[place]
    return chosen


def _simplified(ring: Ring) -> Ring:
    """Leave out corners beside which the ring runs anyway (Ramer, Douglas and Peucker)."""
    if len(ring) < _SMALL:
        return ring
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    whole = np.vstack((ring, ring[:1]))
    kept = np.zeros(len(whole), dtype=bool)
    kept[[0, far, len(ring)]] = True
    open_parts = [(0, far), (far, len(ring))]
    while open_parts:
        begin, end = open_parts.pop()
        if end - begin < 2:
            continue
        between = whole[begin + 1 : end] - whole[begin]
        line = whole[end] - whole[begin]
        length = float(np.hypot(*line))
        off = (
            np.abs(between[:, 0] * line[1] - between[:, 1] * line[0]) / length
            if length
            else np.hypot(between[:, 0], between[:, 1])
        )
        worst = int(np.argmax(off))
        if off[worst] > TOLERANCE:
            kept[begin + 1 + worst] = True
            open_parts += [(begin, begin + 1 + worst), (begin + 1 + worst, end)]
    return whole[:-1][kept[:-1]]
