"""Outlines of masks."""

import numpy as np
import pytest

from mdt.adapters.sandboxed.outlines import outlines


def area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def mask_of(*rows):
    return np.array([[one == "#" for one in row] for row in rows])


@pytest.mark.parametrize(
    ("rows", "areas"),
    [
        (["....", "...."], []),
        (["#"], [1]),
        (["##.", ".#."], [3]),
        # Pixels that touch at a corner alone are two rings.
        (["#.", ".#"], [1, 1]),
        ([".#", "#."], [1, 1]),
        # A hole runs the other way, so that all areas add up to the pixels.
        (["###", "#.#", "###"], [-1, 9]),
    ],
)
def test_rings_hold_what_the_mask_holds(rows, areas):
    assert sorted(map(area, outlines(mask_of(*rows)))) == areas


def test_points_are_corners_of_pixels_whose_centres_are_whole():
    (ring,) = outlines(mask_of("....", "..#.", "...."))
    assert sorted(ring.tolist()) == [[1.5, 0.5], [1.5, 1.5], [2.5, 0.5], [2.5, 1.5]]


def test_a_disc_keeps_its_area_with_few_points():
    rows, columns = np.mgrid[0:200, 0:200]
    disc = (rows - 100) ** 2 + (columns - 100) ** 2 <= 80**2
    (ring,) = outlines(disc)
    assert area(ring) == pytest.approx(disc.sum(), rel=0.01)
    assert len(ring) < 200
