"""Slides for tests: small pyramidal TIFFs in which every place has its own colour."""

import io
import zlib
from functools import cache
from typing import Any

import numpy as np
from flask import Flask
from PIL import Image

from mdt.extensions import db
from mdt.models.slides import Slide
from tests.attachment_kit import send
from tests.plans import select_all

#: Pixels: half a micrometre each, which is what 20x looks like.
PER_CENTIMETRE = [20_000, 1]


@cache
def slide_file(width: int = 1300, height: int = 900, seed: int = 0) -> bytes:
    """A tiled TIFF with levels of 1, 1/2 and 1/4; red goes by the column, green by the row."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    pixels[..., 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    pixels[..., 2] = 40 * seed % 256
    whole = Image.fromarray(pixels)
    return _tiff([whole.reduce(factor) for factor in (1, 2, 4)])


def _tiff(levels: list[Image.Image]) -> bytes:
    """Written by hand as a chain of directories: Pillow writes no tiles."""
    tile = 256
    body = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for level in levels:
        width, height = level.size
        offsets, counts = [], []
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                whole = zlib.compress(level.crop((left, top, left + tile, top + tile)).tobytes())
                offsets.append(len(body))
                counts.append(len(whole))
                body += whole
        link = _directory(body, link, width, height, tile, offsets, counts)
    return bytes(body)


def _directory(
    body: bytearray,
    link: int,
    width: int,
    height: int,
    tile: int,
    offsets: list[int],
    counts: list[int],
) -> int:
    def place(numbers: list[int], size: int) -> int:
        if len(numbers) * size <= 4:
            return int.from_bytes(b"".join(n.to_bytes(size, "little") for n in numbers), "little")
        at = len(body)
        for number in numbers:
            body.extend(number.to_bytes(size, "little"))
        if len(body) % 2:
            body.append(0)
        return at

    entries = [
        (254, 4, [int(link != 4)]), (256, 4, [width]), (257, 4, [height]), (258, 3, [8, 8, 8]),
        (259, 3, [8]), (262, 3, [2]), (277, 3, [3]), (282, 5, PER_CENTIMETRE),
        (283, 5, PER_CENTIMETRE), (284, 3, [1]), (296, 3, [3]), (322, 4, [tile]),
        (323, 4, [tile]), (324, 4, offsets), (325, 4, counts),
    ]  # fmt: skip
    fields = [
        (tag, kind, len(numbers) // (2 if kind == 5 else 1), place(numbers, 2 if kind == 3 else 4))
        for tag, kind, numbers in entries
    ]
    at = len(body)
    body[link : link + 4] = at.to_bytes(4, "little")
    body.extend(len(fields).to_bytes(2, "little"))
    for tag, kind, count, value in fields:
        for number, size in ((tag, 2), (kind, 2), (count, 4), (value, 4)):
            body.extend(number.to_bytes(size, "little"))
    body.extend(bytes(4))
    return len(body) - 4


def send_slide(browser: Any, case_id: int, name: str = "2026-A1-HE.tiff", **fields: str) -> int:
    """Attach a slide, whose tiles are drawn at once; gives its number."""
    answer = send(browser, case_id, (name, slide_file()), **fields)
    assert [one["code"] for one in answer.json["results"]] == ["taken"], answer.text
    return list_of(browser, case_id)[-1]["id"]


def list_of(browser: Any, case_id: int) -> list[dict[str, Any]]:
    """What `slides.json` says."""
    answer = browser.get(f"/cases/{case_id}/slides.json")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json
    return found


def tile_of(source: dict[str, Any], level: int, x: int, y: int) -> str:
    """The address of a tile."""
    address: str = source["tiles"]
    return address.replace("{level}", str(level)).replace("{x}", str(x)).replace("{y}", str(y))


def picture(answer: Any) -> Image.Image:
    """A tile's pixels."""
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.data))


def slide_rows(app: Flask) -> list[Slide]:
    """Every slide, of whatever case."""
    with app.app_context():
        return list(db.session.scalars(select_all(Slide).order_by(Slide.id)))
