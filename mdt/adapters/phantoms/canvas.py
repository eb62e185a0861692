"""Drawing in millimetres on one slice of Hounsfield units, with soft edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ellipse:
    """An ellipse turned by ``degrees``, clockwise as seen on the screen."""

    centre: Point
    semi: Point
    degrees: float = 0.0

    def grown(self, mm: float) -> "Ellipse":
        """Return it larger (or smaller) all round."""
        return Ellipse(self.centre, (self.semi[0] + mm, self.semi[1] + mm), self.degrees)

    def box(self) -> Box:
        """Return left, top, right and bottom of what holds it."""
        reach = max(self.semi)
        x, y = self.centre
        return (x - reach, y - reach, x + reach, y + reach)

    def distance(self, x: Floats, y: Floats) -> Floats:
        """Return (nearly) the distance to the edge, negative inside."""
        x, y = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        if self.degrees:
            cosine = np.float32(np.cos(np.radians(self.degrees)))
            sine = np.float32(np.sin(np.radians(self.degrees)))
            x, y = x * cosine + y * sine, y * cosine - x * sine
        a, b = max(self.semi[0], 0.1), max(self.semi[1], 0.1)
        share = np.hypot(x * np.float32(1 / a), y * np.float32(1 / b))
        return np.asarray((share - 1) * np.float32(min(a, b)), np.float32)


@dataclass(frozen=True)
class Tube:
    """A line through points, thick by ``radius``."""

    points: Sequence[Point]
    radius: float

    def grown(self, mm: float) -> "Tube":
        """Return it thicker or thinner."""
        return Tube(self.points, self.radius + mm)

    def box(self) -> Box:
        """Return left, top, right and bottom of what holds it."""
        xs, ys = zip(*self.points, strict=True)
        radius = self.radius
        return (min(xs) - radius, min(ys) - radius, max(xs) + radius, max(ys) + radius)

    def distance(self, x: Floats, y: Floats) -> Floats:
        """Return the distance to the edge, negative inside."""
        nearest: Any = np.float32(1e6)
        for (x0, y0), (x1, y1) in pairwise(self.points):
            dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
            fx, fy = x - np.float32(x0), y - np.float32(y0)
            along = np.clip((fx * dx + fy * dy) / (dx * dx + dy * dy + np.float32(1e-6)), 0, 1)
            nearest = np.minimum(nearest, np.hypot(fx - along * dx, fy - along * dy))
        return np.asarray(nearest - np.float32(self.radius), np.float32)


Shape = Ellipse | Tube


class Canvas:
    """A square grid seen from the feet: x grows to the patient's left, y to the back (mm)."""

    def __init__(self, size: int, field_mm: float) -> None:
        self.size = size
        self.pixel_mm = field_mm / size
        self.places = (np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)) * np.float32(
            self.pixel_mm
        )
        self.x, self.y = np.meshgrid(self.places, self.places)

    def cover(self, distance: NDArray[np.floating[Any]], soft_mm: float = 0.0) -> Floats:
        """Turn signed distances (mm, negative inside) into coverage 0..1."""
        scale = np.float32(1 / max(self.pixel_mm, soft_mm))
        return np.asarray(np.clip(np.float32(0.5) - distance * scale, 0, 1), np.float32)

    def distance(self, shape: Shape) -> Floats:
        """Return the signed distance to a shape, everywhere."""
        return shape.distance(self.x, self.y)

    def window(self, box: Box, margin: float) -> tuple[slice, slice] | None:
        """Return the rows and columns that hold a box, None if it lies off the grid."""
        half = (self.size - 1) / 2
        left, top, right, bottom = (place / self.pixel_mm + half for place in box)
        more = margin / self.pixel_mm + 1
        rows = slice(max(int(top - more), 0), min(int(bottom + more) + 1, self.size))
        columns = slice(max(int(left - more), 0), min(int(right + more) + 1, self.size))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return None
        return rows, columns

    def fill(
        self,
        image: Floats,
        shape: Shape,
        value: float | Floats,
        *,
        soft: float = 0.0,
        within: Floats | float = 1.0,
    ) -> None:
        """Fill a shape with a value, ``within`` a mask; only where the shape is, to be quick."""
        window = self.window(shape.box(), max(soft, self.pixel_mm))
        if window is None:
            return
        coverage = self.cover(shape.distance(self.x[window], self.y[window]), soft)
        coverage *= within[window] if isinstance(within, np.ndarray) else np.float32(within)
        paint(image[window], coverage, value[window] if isinstance(value, np.ndarray) else value)


def paint(image: Floats, coverage: Floats, value: float | Floats) -> None:
    """Lay a value over the image where it covers."""
    image += coverage * ((value if isinstance(value, np.ndarray) else np.float32(value)) - image)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], grain: float) -> Floats:
    """Return noise of standard deviation about 1 whose spots are about ``grain`` pixels wide."""
    rows, columns = (max(int(length / grain) + 3, 4) for length in shape)
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    image = Image.fromarray(coarse, "F")
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), np.float32)
