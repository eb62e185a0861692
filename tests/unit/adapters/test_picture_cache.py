"""Drawn pictures that are kept in memory."""

import threading

import pytest

from mdt.adapters.picture_cache import PictureCache


def test_a_picture_is_drawn_once_while_it_is_kept():
    drawn = []

    def draw(name):
        return lambda: drawn.append(name) or name.encode()

    cache = PictureCache(limit=2)
    for name in "aabab":
        assert cache.get(name, draw(name)) == name.encode()
    assert drawn == ["a", "b"]
    cache.get("c", draw("c"))  # makes room by dropping what was used longest ago: a
    cache.get("b", draw("b"))
    assert drawn == ["a", "b", "c"]
    cache.get("a", draw("a"))
    assert drawn == ["a", "b", "c", "a"]


def test_what_is_bigger_than_the_cache_is_drawn_and_not_kept():
    cache = PictureCache(limit=2)
    assert cache.get("a", lambda: b"xxx") == b"xxx"
    assert cache.get("a", lambda: b"yy") == b"yy"


def test_an_error_is_not_kept():
    cache = PictureCache(limit=2)
    with pytest.raises(ValueError, match="broken"):
        cache.get("a", _broken)
    assert cache.get("a", lambda: b"x") == b"x"


def test_who_asks_while_it_is_drawn_gets_the_same_picture():
    cache, twice, given = PictureCache(limit=2), threading.Event(), []

    def draw_again():
        twice.set()
        return b"y"

    def draw():
        other.start()
        # As long as the other one might take to draw it as well, were it to.
        assert not twice.wait(0.2)
        return b"x"

    other = threading.Thread(target=lambda: given.append(cache.get("a", draw_again)))
    given.append(cache.get("a", draw))
    other.join()
    assert given == [b"x", b"x"]


def _broken() -> bytes:
    raise ValueError("broken")
