"""Which side of the patient lies at which edge of a picture."""

import math

import pytest

from mdt.rules.orientation import EdgeLetters, edge_letters

HALF = math.sqrt(0.5)
TILT = math.radians(10)


@pytest.mark.parametrize(
    ("name", "orientation", "top", "right", "bottom", "left"),
    [
        ("axial", (1, 0, 0, 0, 1, 0), "A", "L", "P", "R"),
        ("axial, prone", (-1, 0, 0, 0, -1, 0), "P", "R", "A", "L"),
        ("axial, seen from the head", (-1, 0, 0, 0, 1, 0), "A", "R", "P", "L"),
        ("coronal", (1, 0, 0, 0, 0, -1), "H", "L", "F", "R"),
        ("sagittal", (0, 1, 0, 0, 0, -1), "H", "P", "F", "A"),
        ("oblique", (HALF, HALF, 0, 0, 0, -1), "H", "LP", "F", "RA"),
        ("oblique, the back first", (0.6, -0.8, 0, 0, 0, -1), "H", "AL", "F", "PR"),
        ("tilted gantry", (1, 0, 0, 0, math.cos(TILT), -math.sin(TILT)), "A", "L", "P", "R"),
    ],
)
def test_edges(name, orientation, top, right, bottom, left):
    assert edge_letters(orientation) == EdgeLetters(top, right, bottom, left), name


def test_two_letters_at_most():
    third = math.sqrt(1 / 3)
    found = edge_letters((third, third, third, HALF, -HALF, 0))
    assert found is not None
    assert [len(one) for one in (found.top, found.right, found.bottom, found.left)] == [2] * 4


@pytest.mark.parametrize(
    "orientation",
    [
        None,
        (),
        (1, 0, 0),
        (0, 0, 0, 0, 0, 0),
        (1, 0, 0, 1, 0, 0),
        (2, 0, 0, 0, 1, 0),
        (math.nan, 0, 0, 0, 1, 0),
        (1, 0, 0, 0, math.inf, 0),
    ],
)
def test_none_where_there_is_no_direction(orientation):
    assert edge_letters(orientation) is None
