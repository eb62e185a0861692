"""Contours of derived objects are put onto the pictures in whose plane they lie."""

import pytest

from mdt.rules.image_plane import ImagePlane
from mdt.rules.overlays import Base, NotShown, OverlayKind, kind_of, lay, not_shown, refers_to


def plane(z):
    return ImagePlane(100, 100, (0.5, 2.0), (10.0, 20.0, z), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


BASE = Base("1.2", "1.5", {("a", 1): plane(0.0), ("b", 1): plane(5.0), ("b", 2): plane(10.0)})


def contour(z, *references, world=True, points=None):
    return {
        "segment": 1,
        "closed": True,
        "world": world,
        "references": [list(one) for one in references],
        "points": points or [10.0, 20.0, z, 14.0, 20.0, z, 14.0, 21.0, z],
    }


def structure(*contours, series=(), frame_of_reference=""):
    return {
        "kind": "contours",
        "series": list(series),
        "frame_of_reference": frame_of_reference,
        "segments": [{"number": 1, "label": "", "colour": ""}],
        "contours": list(contours),
        "cut": False,
    }


def laid_on(*contours):
    laid = lay(structure(*contours), BASE)
    places = [(uid, frame) for uid, frames in laid.pictures.items() for frame in frames]
    return sorted(places), laid.left_out


@pytest.mark.parametrize(
    ("drawn", "places"),
    [
        (contour(5.0, ("b", [1])), [("b", "1")]),
        # Named without a frame: the one in whose plane it lies.
        (contour(10.0, ("b", [])), [("b", "2")]),
        # It names nothing: the nearest, and none that is farther than half the distance.
        (contour(0.4), [("a", "1")]),
        (contour(7.0), [("b", "1")]),
        (contour(12.6), []),
        # What it names lies elsewhere.
        (contour(5.0, ("a", [])), []),
        # A picture of another series is named.
        (contour(0.0, ("x", [])), [("a", "1")]),
        # Pixels of the picture itself lie wherever they are said to.
        (contour(0, ("b", [2]), world=False, points=[1, 2, 3, 4]), [("b", "2")]),
    ],
)
def test_a_contour_lies_on_the_picture_of_its_plane(drawn, places):
    assert laid_on(drawn) == (places, 0 if places else 1)


def test_points_are_columns_and_rows():
    laid = lay(structure(contour(0.0, ("a", []))), BASE)
    assert laid.pictures["a"]["1"] == [
        {"segment": 1, "closed": True, "points": [[0, 0], [2, 0], [2, 2]]}
    ]


def test_a_slanted_contour_is_on_no_picture():
    slanted = contour(0.0, points=[10, 20, 0, 14, 20, 30, 14, 21, 0])
    assert laid_on(slanted) == ([], 1)


@pytest.mark.parametrize(
    ("found", "refers"),
    [
        (structure(contour(0, ("a", []))), True),
        (structure(contour(0, ("x", []))), False),
        (structure(contour(0), series=["1.2"]), True),
        (structure(contour(0), series=["1.3"], frame_of_reference="1.5"), False),
        (structure(contour(0), frame_of_reference="1.5"), True),
        (structure(contour(0)), False),
    ],
)
def test_an_object_refers_by_pictures_then_series_then_place(found, refers):
    assert refers_to(found, BASE) is refers


def test_shares_of_a_turned_display_are_left_out():
    note = {
        "references": [], "colour": "", "shape": "POLYLINE", "units": "DISPLAY",
        "points": [0, 0, 1, 1], "closed": False, "text": "",
    }  # fmt: skip
    state = {
        "kind": "state", "series": [], "frame_of_reference": "", "images": [["a", []]],
        "notes": [note], "areas": [], "windows": [], "invert": True, "turn": 90, "mirrored": False,
        "cut": False,
    }  # fmt: skip
    laid = lay(state, BASE)
    (display,) = laid.pictures["a"]["1"]
    assert (display["display"]["turn"], display["display"]["invert"]) == (90, True)
    assert laid.left_out == 1
    straight = lay({**state, "turn": 0}, BASE)
    assert straight.pictures["a"]["1"][1]["points"] == [[-0.5, -0.5], [99.5, 99.5]]


def test_classes_are_drawn_or_said_not_to_be():
    root = "1.2.840.10008.5.1.4.1.1"
    assert kind_of(f"{root}.66.4") is OverlayKind.MASKS
    assert [not_shown(f"{root}.{one}") for one in ("481.2", "481.5", "88.11", "66.4", "2")] == [
        NotShown.DOSE, NotShown.PLAN, NotShown.REPORT, None, None,
    ]  # fmt: skip
