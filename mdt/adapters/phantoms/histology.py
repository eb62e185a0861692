"""A microscope picture of a lung adenocarcinoma in haematoxylin and eosin.

Stains are summed as optical densities and turned into colours as light would be (Beer and
Lambert), which is what gives such pictures their look.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mdt.adapters.phantoms.canvas import Floats, smooth_noise

# Optical density of the two stains for red, green and blue.
_HAEMATOXYLIN = np.array([0.62, 0.80, 0.27], np.float32)
_EOSIN = np.array([0.09, 0.62, 0.24], np.float32)


@dataclass(frozen=True)
class _Nucleus:
    x: float
    y: float
    long: float
    short: float
    angle: float
    dark: float


class _Tissue:
    """Two maps of stain and what is drawn into them."""

    def __init__(self, rng: np.random.Generator, width: int, height: int) -> None:
        self.rng = rng
        self.blue = np.zeros((height, width), np.float32)
        self.pink = np.zeros((height, width), np.float32)
        self.y, self.x = np.mgrid[0:height, 0:width].astype(np.float32)

    def noise(self, grain: float) -> Floats:
        return smooth_noise(self.rng, self.blue.shape, grain)

    def stroma(self) -> None:
        """Lay wavy collagen fibres, with gaps where the section tore."""
        bend = 60 * self.noise(170) + 16 * self.noise(50)
        along = self.x * 0.42 + self.y * 0.9 + bend
        fibres = np.sin(along / 3.4 + 3 * self.noise(90)) * 0.5 + 0.5
        self.pink += 0.34 + 0.16 * fibres + 0.07 * self.noise(26) + 0.03 * self.noise(3)
        gaps = np.clip((self.noise(38) + 0.35 * self.noise(14) - 1.15) * 2.6, 0, 1)
        self.pink *= 1 - 0.9 * gaps
        self.blue += 0.035 + 0.02 * self.noise(60)

    def gland(self, x: float, y: float, radius: float) -> None:
        """Draw an irregular gland: lumen, crowded cells, several rows of nuclei."""
        rng = self.rng
        reach = int(radius * 1.7) + 30
        rows = slice(max(int(y) - reach, 0), min(int(y) + reach, self.blue.shape[0]))
        columns = slice(max(int(x) - reach, 0), min(int(x) + reach, self.blue.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        dx, dy = self.x[rows, columns] - x, self.y[rows, columns] - y
        angle, away = np.arctan2(dy, dx), np.hypot(dx, dy)
        waves = [
            (rng.uniform(0.05, 0.17) / order**0.5, rng.uniform(0, 6.3)) for order in range(1, 7)
        ]
        shape = self._outline(angle, waves) * radius
        depth = radius * rng.uniform(0.34, 0.5) + 10
        cells = np.clip((shape - away) / 2.2 + 0.5, 0, 1)
        lumen = np.clip((shape - depth - away) / 3.0 + 0.5, 0, 1)
        self._fill(rows, columns, cells, pink=0.40, blue=0.17)
        self._fill(rows, columns, lumen, pink=0.03, blue=0.012)
        if rng.random() < 0.45:  # mucus and cast-off cells inside
            slime = lumen * np.clip(smooth_noise(rng, lumen.shape, 16) - 0.2, 0, 1)
            self.pink[rows, columns] += 0.16 * slime
            self.blue[rows, columns] += 0.07 * slime
        for nucleus in self._lining(x, y, radius, depth, waves):
            self.nucleus(nucleus)

    def _lining(
        self, x: float, y: float, radius: float, depth: float, waves: list[tuple[float, float]]
    ) -> list[_Nucleus]:
        rng = self.rng
        found = []
        for row in range(max(int(depth / 15), 1)):
            inward = 9 + row * 14.0
            count = max(int(2 * np.pi * max(radius - inward, 6) / rng.uniform(12.5, 15.5)), 4)
            for angle in np.linspace(0, 2 * np.pi, count, endpoint=False):
                turned = angle + rng.normal(0, 0.05)
                place = float(self._outline(np.float32(turned), waves)) * radius - inward
                place += rng.normal(0, 2.6)
                if place < 4 or rng.random() < 0.07:
                    continue
                long = rng.uniform(7.0, 11.5)
                found.append(
                    _Nucleus(
                        x + place * np.cos(turned),
                        y + place * np.sin(turned),
                        long,
                        long * rng.uniform(0.55, 0.86),
                        turned + rng.normal(0, 0.35),
                        rng.uniform(0.65, 1.2),
                    )
                )
        return found

    @staticmethod
    def _outline(angle: Floats | np.float32, waves: list[tuple[float, float]]) -> Floats:
        shape = np.ones_like(angle, np.float64)
        for order, (height, phase) in enumerate(waves, 1):
            shape = shape + height * np.cos(order * angle + phase)
        return np.asarray(shape, np.float32)

    def _fill(
        self, rows: slice, columns: slice, cover: Floats, *, pink: float, blue: float
    ) -> None:
        grain = smooth_noise(self.rng, cover.shape, 6)
        for stain, value in ((self.pink, pink * (1 + 0.1 * grain)), (self.blue, blue)):
            stain[rows, columns] += cover * (value - stain[rows, columns])

    def nucleus(self, cell: _Nucleus) -> None:
        """Draw a nucleus: rim, clumped chromatin and perhaps a nucleolus."""
        reach = int(cell.long + 4)
        left, top = int(cell.x) - reach, int(cell.y) - reach
        height, width = self.blue.shape
        if left < 0 or top < 0 or left + 2 * reach >= width or top + 2 * reach >= height:
            return
        rows, columns = slice(top, top + 2 * reach), slice(left, left + 2 * reach)
        dx, dy = self.x[rows, columns] - cell.x, self.y[rows, columns] - cell.y
        cosine, sine = np.cos(cell.angle), np.sin(cell.angle)
        share = np.hypot(
            (dx * cosine + dy * sine) / cell.long, (dy * cosine - dx * sine) / cell.short
        )
        inside = np.clip((1 - share) * cell.short / 1.6 + 0.5, 0, 1)
        rim = np.exp(-(((share - 0.9) * cell.short / 1.5) ** 2))
        clumps = self.rng.standard_normal(dx.shape).astype(np.float32)
        clumps = (clumps + np.roll(clumps, 1, 0) + np.roll(clumps, 1, 1)) / 1.7
        stain = cell.dark * (0.72 + 0.14 * clumps + 0.3 * rim)
        if self.rng.random() < 0.3:
            spot = self.rng.normal(0, cell.short * 0.3, 2)
            stain += 0.5 * np.exp(-((dx - spot[0]) ** 2 + (dy - spot[1]) ** 2) / 4.5)
        patch = self.blue[rows, columns]
        patch += inside * (np.maximum(stain, 0.15) - patch * 0.85)
        self.pink[rows, columns] *= 1 - 0.45 * inside

    def scatter(self, count: int, kind: str) -> None:
        """Strew fibroblasts (long, thin) or lymphocytes (small, round, dark, in groups)."""
        rng = self.rng
        height, width = self.blue.shape
        flock = np.clip(self.noise(120) + 0.3, 0, None)
        for _ in range(count):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            row, column = int(y), int(x)
            if self.blue[row, column] > 0.11 or self.pink[row, column] < 0.12:
                continue  # not in glands, not in gaps
            if kind == "lymphocyte":
                if rng.random() > flock[row, column]:
                    continue
                size = rng.uniform(4.2, 5.6)
                self.nucleus(_Nucleus(x, y, size, size * 0.93, 0, rng.uniform(1.0, 1.3)))
            else:
                angle = -0.44 + 0.5 * rng.standard_normal()
                long = rng.uniform(8, 15)
                self.nucleus(
                    _Nucleus(x, y, long, rng.uniform(2.2, 3.6), angle, rng.uniform(0.7, 1))
                )

    def red_cells(self, count: int) -> None:
        """Strew red blood cells in a few small vessels."""
        rng = self.rng
        height, width = self.blue.shape
        for _ in range(count):
            cx, cy, angle = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, np.pi)
            a, b = rng.uniform(22, 46), rng.uniform(9, 16)
            for _ in range(int(a * b / 34)):
                r, t = np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
                u, v = a * r * np.cos(t), b * r * np.sin(t)
                self._disc(
                    cx + u * np.cos(angle) - v * np.sin(angle),
                    cy + u * np.sin(angle) + v * np.cos(angle),
                    rng.uniform(3.4, 4.2),
                )

    def _disc(self, x: float, y: float, radius: float) -> None:
        rows = slice(max(int(y - 6), 0), max(int(y + 7), 0))
        columns = slice(max(int(x - 6), 0), max(int(x + 7), 0))
        away = np.hypot(self.x[rows, columns] - x, self.y[rows, columns] - y)
        cover = np.clip((radius - away) / 1.2 + 0.5, 0, 1)
        self.pink[rows, columns] += cover * (1.0 - self.pink[rows, columns])
        self.blue[rows, columns] *= 1 - 0.8 * cover

    def colours(self) -> NDArray[np.uint8]:
        """Send white light through the section and the lens."""
        light = 0.965 + 0.02 * self.noise(400)
        density = (
            np.clip(self.blue, 0, 2)[..., None] * _HAEMATOXYLIN
            + np.clip(self.pink, 0, 2)[..., None] * _EOSIN
        )
        picture = np.exp(-1.35 * density) * light[..., None] * np.array([1, 0.99, 1], np.float32)
        picture += self.rng.normal(0, 0.006, picture.shape).astype(np.float32)
        image = Image.fromarray(np.asarray(np.clip(picture * 255, 0, 255), np.uint8), "RGB")
        return np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), np.uint8)


def adenocarcinoma(*, seed: int, width: int, height: int) -> NDArray[np.uint8]:
    """Return the picture, height x width x 3 (RGB)."""
    rng = np.random.default_rng(seed)
    tissue = _Tissue(rng, width, height)
    tissue.stroma()
    area = width * height
    tissue.red_cells(area // 320_000)
    for x, y, radius in _places(rng, width, height):
        tissue.gland(x, y, radius)
    tissue.scatter(area // 2_300, "fibroblast")
    tissue.scatter(area // 1_500, "lymphocyte")
    return tissue.colours()


def _places(rng: np.random.Generator, width: int, height: int) -> list[tuple[float, float, float]]:
    """Pack glands of different size so that they crowd and hardly touch."""
    found: list[tuple[float, float, float]] = []
    for _ in range(2500):
        radius = float(rng.choice([28, 40, 58, 78, 105]) * rng.uniform(0.85, 1.15))
        x, y = float(rng.uniform(-30, width + 30)), float(rng.uniform(-30, height + 30))
        if all(np.hypot(x - a, y - b) > (radius + r) * 1.06 for a, b, r in found):
            found.append((x, y, radius))
        if sum(r * r for _, _, r in found) * np.pi > 0.58 * width * height:
            break
    return found
