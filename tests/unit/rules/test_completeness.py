"""Slices that are missing or there twice, by where they lie."""

import random
from collections import Counter

import pytest

from mdt.adapters.dicom_reader import read_header
from mdt.rules.completeness import Completeness, completeness
from mdt.rules.image_order import position_along
from tests.samples import sample

pytestmark = pytest.mark.unit


def stack(*numbers, step=5.0):
    """Slices by the machine's numbers."""
    return [(number * step, number) for number in numbers]


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        (stack(*range(1, 11)), Completeness(10)),
        (stack(*range(10, 0, -1)), Completeness(10)),
        (stack(1, 2, 3, 5, 6, 7), Completeness(6, missing=1)),
        (stack(1, 2, 6, 7, 8, 9, 10), Completeness(7, missing=3)),
        # Hardly two neighbours are left: the numbers tell the distance.
        (stack(1, 4, 9, 13, 20), Completeness(5, missing=15)),
        # Without numbers it is the usual one.
        ([(float(n), None) for n in (0, 5, 10, 20, 25, 30)], Completeness(6, missing=1)),
        ([*stack(*range(1, 11)), (25.0, 99)], Completeness(11, doubled=1)),
        # Two phases through the same places, of one of which a slice is missing.
        (stack(*range(1, 11)) + [(n * 5.0, n + 100) for n in range(1, 11)], Completeness(20)),
        (
            stack(*range(1, 11)) + [(n * 5.0, n + 100) for n in range(1, 10)],
            Completeness(19, missing=1),
        ),
        # Positions are kept to a hundredth.
        ([(round(n * 2.395, 2), n) for n in range(60)], Completeness(60)),
        (stack(1, 2), None),
        ([(0.0, 1), (0.0, 2), (0.0, 3)], None),
        ([], None),
    ],
)
def test_gaps_and_doubles(slices, expected):
    assert completeness(slices) == expected


@pytest.mark.parametrize(("missing", "torn"), [(0, False), (6, False), (7, True)])
def test_from_a_tenth_on_a_series_is_torn(missing, torn):
    assert Completeness(60 - missing, missing).torn is torn


def places_of(folder):
    headers = [read_header(path) for path in sorted(sample(folder).iterdir())]
    orientation = headers[0].image_orientation
    return [(position_along(one, orientation), one.instance_number) for one in headers]


def test_a_real_series_with_duplicate_positions():
    # Numbers 2 to 190 at 2.5 mm, of which ten places are left, one of them twice.
    assert completeness(places_of("dicom/ct_body_duplicate_positions_11")) == Completeness(
        11, missing=179, doubled=1
    )


def test_a_real_series_and_slices_left_out_of_it():
    """Against a count: what was taken out between the first and the last that are left."""
    whole = places_of("dicom/ct_head_phantom_philips_58")
    assert completeness(whole) == Completeness(58)
    chance = random.Random(4)  # noqa: S311 -- the same every time
    for left_out in (1, 3, 10, 30, 45):
        kept = sorted(chance.sample(whole, 58 - left_out), key=lambda one: one[1])
        between = range(kept[0][1], kept[-1][1] + 1)
        lost = Counter(between) - Counter(number for _, number in kept)
        assert completeness(kept) == Completeness(len(kept), missing=lost.total())
        again = [*kept, kept[2], kept[3]]
        assert completeness(again) == Completeness(len(again), lost.total(), 2)
