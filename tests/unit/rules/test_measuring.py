"""Marks are measured from their points: in mm where a picture says how large its pixels are."""

import pytest

from mdt.rules.errors import Invalid
from mdt.rules.image_plane import ImagePlane, plane_of
from mdt.rules.measuring import (
    POINTS,
    MarkKind,
    check_on_picture,
    measured,
    read_points,
    shape_of,
)

#: Coronal: rows run to the left of the patient, columns to the feet.
CORONAL = {
    "00280010": {"vr": "US", "Value": [40]},
    "00280011": {"vr": "US", "Value": [60]},
    "00280030": {"vr": "DS", "Value": [2, 0.5]},
    "00200032": {"vr": "DS", "Value": [-100, 20, 300]},
    "00200037": {"vr": "DS", "Value": [1, 0, 0, 0, 0, -1]},
}
PLAIN = {name: CORONAL[name] for name in ("00280010", "00280011")}


def number(vr, *values):
    return {"vr": vr, "Value": list(values)}


def test_the_plane_of_a_slice():
    plane = plane_of(CORONAL, 1)
    assert plane == ImagePlane(40, 60, (2, 0.5), (-100, 20, 300), (1, 0, 0), (0, 0, -1))
    assert plane.pixel_of((-95, 20, 280)) == (10, 10, 0)
    assert plane.pixel_of((-95, 23, 280)) == (10, 10, 3)


def test_of_an_enhanced_object_shared_groups_come_before_the_frames_own():
    shared = {
        "00289110": number("SQ", {"00280030": number("DS", 1, 1)}),
        "00209116": number("SQ", {"00200037": CORONAL["00200037"]}),
    }
    frames = [
        {"00209113": number("SQ", {"00200032": number("DS", 0, place, 0)})} for place in (5, 7)
    ]
    metadata = {**PLAIN, "52009229": number("SQ", shared), "52009230": number("SQ", *frames)}
    assert [plane_of(metadata, frame).origin for frame in (1, 2)] == [(0, 5, 0), (0, 7, 0)]
    assert not plane_of(metadata, 3).in_world


@pytest.mark.parametrize(
    "change",
    [
        {"00200037": number("DS", 1, 0, 0, 1, 0, 0)},
        {"00200037": number("DS", 2, 0, 0, 0, 0, 1)},
        {"00200037": {"vr": "DS"}},
        {"00200032": number("DS", 1, "x", 0)},
        {"00280030": number("DS", 0, 1)},
    ],
)
def test_what_is_odd_gives_no_place_in_the_world(change):
    assert not plane_of({**CORONAL, **change}, 1).in_world
    assert plane_of(CORONAL, 1).in_world


def test_lengths_are_in_mm_where_a_spacing_is_known_and_say_whose():
    ends = [(0.0, 0.0, 0.0), (6.0, 4.0, 0.0)]
    assert measured(MarkKind.LENGTH, ends, plane_of(PLAIN, 1)) == {"length_px": 7.211}
    spaced = {**PLAIN, "00280030": number("DS", 2, 1)}
    assert measured(MarkKind.LENGTH, ends, plane_of(spaced, 1)) == {"length_mm": 10}
    detector = {**PLAIN, "00181164": number("DS", 2, 1)}
    assert measured(MarkKind.LENGTH, ends, plane_of(detector, 1)) == {
        "length_mm": 10,
        "at": "detector",
    }


def test_ultrasound_is_measured_within_one_calibrated_region():
    region = {
        "00186012": number("US", 1),
        "00186018": number("UL", 0),
        "0018601A": number("UL", 0),
        "0018601C": number("UL", 20),
        "0018601E": number("UL", 20),
        "00186024": number("US", 3),
        "00186026": number("US", 3),
        "0018602C": number("FD", 0.01),
        "0018602E": number("FD", -0.02),
    }
    plane = plane_of({**PLAIN, "00186011": number("SQ", region)}, 1)
    inside, across = [(1.0, 1.0, 0.0), (1.0, 11.0, 0.0)], [(1.0, 1.0, 0.0), (1.0, 31.0, 0.0)]
    assert measured(MarkKind.LENGTH, inside, plane) == {"length_mm": 2}
    assert measured(MarkKind.LENGTH, across, plane) == {"length_px": 30}
    doppler = {**region, "00186024": number("US", 4)}
    without = plane_of({**PLAIN, "00186011": number("SQ", doppler)}, 1)
    assert measured(MarkKind.LENGTH, inside, without) == {"length_px": 10}


def test_angles_are_those_of_the_body_and_not_of_the_pixels():
    plane = plane_of({**PLAIN, "00280030": number("DS", 2, 1)}, 1)
    points = [(2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (2.0, 1.0, 0.0)]
    assert measured(MarkKind.ANGLE, points, plane) == {"angle_deg": 45}
    straight = [(2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (-2.0, 0.0, 0.0)]
    assert measured(MarkKind.ANGLE, straight, plane) == {"angle_deg": 180}


def test_a_rectangle_takes_its_corners_in_any_order_and_at_any_angle():
    plane = plane_of(PLAIN, 1)
    corners = [(0.0, 0.0, 0.0), (3.0, 4.0, 0.0), (-4.0, 3.0, 0.0), (-1.0, 7.0, 0.0)]
    for turned in (corners, corners[::-1], [corners[one] for one in (2, 0, 3, 1)]):
        assert measured(MarkKind.RECTANGLE, turned, plane) == {"area_px": 25}
        assert shape_of(MarkKind.RECTANGLE, turned, plane).center == (-0.5, 3.5)


def test_an_ellipse_has_two_axes_with_one_middle_at_a_right_angle():
    plane = plane_of(PLAIN, 1)
    ends = [(0.0, 0.0, 0.0), (0.0, 8.0, 0.0), (-2.0, 4.0, 0.0), (2.0, 4.0, 0.0)]
    assert measured(MarkKind.ELLIPSE, ends, plane) == {"area_px": 25.133}
    for moved in ((-2.0, 5.0, 0.0), (-1.0, 4.0, 0.0)):
        with pytest.raises(Invalid) as refused:
            measured(MarkKind.ELLIPSE, [*ends[:2], moved, ends[3]], plane)
        assert refused.value.fields == {"points": "points_no_shape"}


def test_points_lie_on_their_picture():
    plane = plane_of(CORONAL, 1)
    check_on_picture([(-95.0, 20.9, 280.0)], plane)
    for elsewhere in ((-95.0, 21.1, 280.0), (-300.0, 20.0, 280.0), (-95.0, 20.0, 100.0)):
        with pytest.raises(Invalid):
            check_on_picture([elsewhere], plane)


@pytest.mark.parametrize(
    "raw", [None, [], [[0, 0, 0]], [[0, 0, 0], [1, 1]], [[0, 0, 0], [1, 1, float("nan")]],
            [[0, 0, 0], [1, 1, True]], [[0, 0, 0], [1, 1, 1e9]], [[0, 0, 0], [0, 0, 0.00001]]],
)  # fmt: skip
def test_points_are_read_strictly(raw):
    with pytest.raises(Invalid):
        read_points(MarkKind.LENGTH, raw, 3)


def test_points_are_kept_to_a_ten_thousandth():
    assert read_points(MarkKind.LENGTH, [[0.00004, 1, 2], [3, 4, 5.00016]], 3) == (
        (0, 1, 2),
        (3, 4, 5.0002),
    )
    assert set(POINTS) == set(MarkKind)
