"""How a slide is cut into tiles, and which files are slides."""

import random

import pytest

from mdt.rules.slides import (
    OVERLAP,
    TILE,
    Pyramid,
    SlideFacts,
    SlideFormat,
    clean_label,
    magnifications,
    objective_of,
    slide_format,
)

TIFF, BIG_TIFF, JPEG = b"II*\0\x10\0\0\0", b"II+\0\x08\0\0\0", b"\xff\xd8\xff\xe0"


@pytest.mark.parametrize(
    ("width", "height", "top", "count"),
    [
        (1, 1, 0, 1),
        (510, 510, 0, 1),
        (511, 1, 1, 3),
        (1020, 1021, 2, 1 + 2 + 6),
        (2220, 2967, 3, 44),
    ],
)
def test_levels_double_until_the_slide_is_whole(width, height, top, count):
    pyramid = Pyramid(width, height)
    assert (pyramid.top, pyramid.count) == (top, count)
    assert pyramid.size(top) == (width, height)
    assert max(pyramid.size(0)) <= TILE


def test_tiles_cover_every_pixel_once_and_overlap_by_one():
    """Drawn sizes, checked by counting along each axis."""
    chance = random.Random(5)  # noqa: S311 -- seeded
    for _ in range(25):
        pyramid = Pyramid(chance.randint(1, 6000), chance.randint(1, 6000))
        for level in range(pyramid.top + 1):
            width, height = pyramid.size(level)
            columns, rows = pyramid.grid(level)
            right = 0
            for column in range(columns):
                area = pyramid.area(level, column, 0)
                assert area.left == max(0, right - 2 * OVERLAP)
                right = area.left + area.width
            bottom = 0
            for row in range(rows):
                area = pyramid.area(level, 0, row)
                assert area.top == max(0, bottom - 2 * OVERLAP)
                bottom = area.top + area.height
            assert (right, bottom) == (width, height)


def test_a_tile_and_its_number_name_each_other():
    pyramid = Pyramid(2220, 2967)
    places = [pyramid.place(number) for number in range(pyramid.count)]
    assert [pyramid.number(*place) for place in places] == list(range(pyramid.count))
    assert places[:4] == [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 0, 1)]
    outside = [(-1, 0, 0), (4, 0, 0), (0, 1, 0), (3, 5, 0), (3, 0, 6), (3, -1, 0)]
    assert [pyramid.number(*place) for place in outside] == [None] * len(outside)


def test_a_level_is_shown_when_all_of_it_is_there():
    pyramid = Pyramid(2220, 2967)
    assert [pyramid.first(level) for level in range(5)] == [0, 1, 5, 14, 44]
    made = (0, 1, 4, 5, 13, 14, 43, 44)
    assert [pyramid.whole_levels(one) for one in made] == [-1, 0, 0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("head", "name", "found"),
    [
        (TIFF, "张三-A1.SVS", SlideFormat.TIFF),
        (BIG_TIFF, "a.b.ndpi", SlideFormat.TIFF),
        (TIFF, "scan.tif", SlideFormat.TIFF),
        (JPEG, "a.svs", None),
        (TIFF, "a.dcm", None),
        (TIFF, "tiff", None),
        (b"KFB", "x/y.kfb", SlideFormat.VENDOR),
        (b"anything", "C:\\slides\\a.sdpc", SlideFormat.VENDOR),
        (b"anything", "a.TMAP", SlideFormat.VENDOR),
        (JPEG, "a.mrxs", None),
    ],
)
def test_a_slide_is_known_by_content_and_extension(head, name, found):
    assert slide_format(head, name) == found


@pytest.mark.parametrize(
    ("mpp", "objective", "steps"),
    [
        (0.25, 40.0, (2, 4, 10, 20, 40)),
        (0.499, 20.0, (2, 4, 10, 20)),
        (0.499, None, (2, 4, 10, 20)),
        (None, 10.0, (2, 4, 10)),
        (None, None, ()),
    ],
)
def test_steps_go_up_to_the_objective(mpp, objective, steps):
    facts = SlideFacts(1, 1, mpp, objective)
    assert magnifications(facts) == steps
    assert (objective_of(facts) is None) == (not steps)


def test_a_label_is_one_short_line():
    assert clean_label("  HE \n 深切\t") == "HE 深切"
    assert clean_label("x" * 41) == "x" * 40
