"""Measures of the chest at each height, shared by those who draw it.

All lengths in millimetres; ``z`` runs from the lower neck (0) to the upper abdomen (320). The
figures are those of an atlas, rounded until the pictures looked right.
"""

from dataclasses import dataclass

import numpy as np

from mdt.adapters.phantoms.canvas import Canvas, Ellipse, Floats, Point

HEIGHT_MM = 320.0
FIELD_MM = 372.0

# Hounsfield units, about 60 s after contrast.
AIR, LUNG, FAT, SKIN, MUSCLE, FLUID = -1000.0, -872.0, -102.0, 15.0, 58.0, 12.0
BLOOD, HEART_MUSCLE, LIVER, SPLEEN = 205.0, 105.0, 108.0, 122.0
CARTILAGE, SPONGIOSA, CORTEX = 95.0, 230.0, 780.0


@dataclass(frozen=True)
class Level:
    """What is needed everywhere on one slice: height, outlines (semi-axes), landmarks."""

    z: float
    body: Point
    cavity: Point
    cavity_y: float
    spine_y: float

    @property
    def aorta(self) -> Ellipse:
        """The descending aorta."""
        x = profile(self.z, (80, 25), (180, 22), (320, 10))
        return Ellipse((x, self.spine_y - 17), (12, 12))

    @property
    def heart(self) -> Ellipse:
        """The outline of the heart."""
        round_off = float(np.sqrt(max(1 - ((self.z - 202) / 64) ** 2, 0.02)))
        return Ellipse((20, -27), (64 * round_off, 48 * round_off), 34)

    @property
    def front(self) -> float:
        """Y of the inner wall behind the breast bone."""
        return self.cavity_y - self.cavity[1]


def level_at(z: float, stout: float) -> Level:
    """Return the measures at a height; ``stout`` is 1 for an average build."""
    width = profile(z, (0, 150), (30, 164), (80, 170), (160, 166), (240, 161), (320, 156))
    depth = profile(z, (0, 84), (30, 96), (80, 109), (160, 119), (240, 121), (320, 117))
    inner = profile(z, (0, 40), (15, 58), (40, 94), (80, 116), (160, 129), (320, 131))
    deep = profile(z, (0, 40), (15, 52), (40, 67), (80, 80), (160, 94), (240, 98), (320, 95))
    return Level(z, (width * stout, depth * stout), (inner, deep), -4.0, depth - 60)


def profile(z: float, *points: Point) -> float:
    """Return a measure at height ``z`` between given heights."""
    heights, values = zip(*points, strict=True)
    return float(np.interp(z, heights, values))


def cavity_wall(canvas: Canvas, level: Level) -> Floats:
    """Return the signed distance to the inner wall of the chest, negative inside."""
    y = canvas.y - np.float32(level.cavity_y)
    a, b = np.float32(1 / level.cavity[0]), np.float32(1 / level.cavity[1])
    share = np.hypot(canvas.x * a, y * b) + np.float32(1e-6)
    return np.asarray(np.hypot(canvas.x, y) * (1 - 1 / share), np.float32)


def right_dome(z: float, top: float = 208) -> Ellipse:
    """Return the right half of the diaphragm, which begins at ``top``; tiny above it."""
    grown = float(np.sqrt(max(z - top, 0.0) / 78)) + 1e-3
    return Ellipse((-56, -4), (97 * grown, 96 * grown))


def left_dome(z: float, top: float = 224) -> Ellipse:
    """Return the left half of the diaphragm."""
    grown = float(np.sqrt(max(z - top, 0.0) / 78)) + 1e-3
    return Ellipse((62, -4), (86 * grown, 94 * grown))
