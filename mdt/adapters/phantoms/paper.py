"""A paper report as a flat-bed scanner sees it: slightly aslant, shaded, stamped."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mdt.adapters.phantoms.canvas import smooth_noise

WIDTH, HEIGHT = 1240, 1754  # A4 at 150 dpi
_MARGIN = 110
_INK = (38, 38, 46)
_STAMP = (196, 40, 44)
_FONTS = Path(__file__).resolve().parents[1] / "fonts"
_SYSTEM_FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def paper_report(lines: Sequence[str], *, seed: int, detail: float = 1.0) -> NDArray[np.uint8]:
    """Return the page, height x width x 3 (RGB).

    The first line is the hospital (also on the stamp), the second the title; ``---`` is a rule.
    ``detail`` is the share of rows and columns that the scanner takes.
    """
    page = Image.new("RGB", (WIDTH, HEIGHT), (252, 252, 249))
    draw = ImageDraw.Draw(page)
    hospital, title, *body = [*lines, "", ""][: max(len(lines), 2)]
    draw.text((WIDTH / 2, 130), hospital, _INK, _font(46, bold=True), anchor="mm")
    draw.text((WIDTH / 2, 200), title, _INK, _font(36, bold=True), anchor="mm")
    y = _draw_body(draw, body, 262)
    if hospital:
        _stamp(page, hospital, (WIDTH - 300, min(y + 70, HEIGHT - 190)))
    size = (round(WIDTH * detail), round(HEIGHT * detail))
    return _scanned(page if size == page.size else page.resize(size), seed)


def _draw_body(draw: ImageDraw.ImageDraw, body: Sequence[str], y: int) -> int:
    font = _font(27)
    for line in body:
        if line == "---":
            draw.line((_MARGIN, y + 14, WIDTH - _MARGIN, y + 14), _INK, 2)
            y += 30
            continue
        for part in _wrapped(draw, line, font):
            draw.text((_MARGIN, y), part, _INK, font)
            y += 45
    return y


def _wrapped(draw: ImageDraw.ImageDraw, line: str, font: Font) -> list[str]:
    parts = [""]
    for character in line:
        if draw.textlength(parts[-1] + character, font=font) > WIDTH - 2 * _MARGIN:
            parts.append("")
        parts[-1] += character
    return parts


def _stamp(page: Image.Image, hospital: str, centre: tuple[int, int]) -> None:
    """Press a round red stamp over the text, with the star of such stamps."""
    side = 240
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.ellipse((8, 8, side - 8, side - 8), outline=(*_STAMP, 200), width=5)
    _star(draw, side / 2, 27)
    font = _font(21, bold=True)
    for index, character in enumerate(hospital):
        angle = np.pi * (-0.5 + (index - (len(hospital) - 1) / 2) * min(1.35 / len(hospital), 0.16))
        place = (side / 2 + 90 * np.cos(angle), side / 2 + 90 * np.sin(angle))
        letter = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
        ImageDraw.Draw(letter).text((20, 20), character, (*_STAMP, 205), font, anchor="mm")
        turned = letter.rotate(-np.degrees(angle) - 90, Image.Resampling.BICUBIC)
        layer.alpha_composite(turned, (int(place[0]) - 20, int(place[1]) - 20))
    draw.text(
        (side / 2, side - 66), "报告专用章", (*_STAMP, 205), _font(20, bold=True), anchor="mm"
    )
    layer = layer.rotate(9, Image.Resampling.BICUBIC)
    page.paste(layer, (centre[0] - side // 2, centre[1] - side // 2), layer)


def _star(draw: ImageDraw.ImageDraw, middle: float, radius: float) -> None:
    corners = []
    for index in range(10):
        reach = radius if index % 2 == 0 else radius * 0.4
        angle = -np.pi / 2 + index * np.pi / 5
        corners.append((middle + reach * np.cos(angle), middle + reach * np.sin(angle)))
    draw.polygon(corners, fill=(*_STAMP, 205))


def _scanned(page: Image.Image, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    # Bilinear turning softens the print as much as a scanner's lens does, and is quick.
    page = page.rotate(
        float(rng.uniform(-0.7, 0.7)), Image.Resampling.BILINEAR, fillcolor=(236, 236, 233)
    )
    light = np.array(page, np.float32)
    shape = light.shape[:2]
    shade = 1 - 0.018 * np.abs(smooth_noise(rng, shape, 500))
    shade *= 1 - 0.05 * np.exp(-np.arange(shape[1], dtype=np.float32) / 26)
    light *= shade[..., None]
    light += 2.2 * smooth_noise(rng, shape, 1.6)[..., None]
    np.clip(light, 0, 255, out=light)
    return light.astype(np.uint8)


@cache
def _font(size: int, *, bold: bool = False) -> Font:
    """Return the project's Chinese font, else one of the system's, else Pillow's own (no Han)."""
    own = _FONTS / f"NotoSansSC-{'Bold' if bold else 'Regular'}.ttf"
    for path in (own, *_SYSTEM_FONTS):
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
