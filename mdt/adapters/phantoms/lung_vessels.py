"""Vessels and the nodule of the lungs as strings of beads in space (mm)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Beads:
    """Spheres: centres (n x 3; x, y, z), radii (n) and Hounsfield units (n)."""

    centres: NDArray[np.float32]
    radii: NDArray[np.float32]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class _Branch:
    start: Vector
    direction: Vector
    length: float
    radius: float


def grow_vessels(rng: np.random.Generator) -> Beads:
    """Grow arteries and veins from both hila towards the pleura."""
    strings: list[NDArray[np.float64]] = []
    for side in (-1, 1):
        for height, lowest, highest in ((128.0, 4, 150), (160.0, 120, 275)):
            hilum = np.array([side * 40.0, 4.0, height])
            for _ in range(22):
                aim = (side * rng.uniform(62, 150), rng.uniform(-95, 95))
                target = np.array([*aim, rng.uniform(lowest, highest)])
                start = hilum + rng.normal(0, (4, 7, 9))
                length = 0.30 * float(np.linalg.norm(target - start))
                _grow(rng, strings, _Branch(start, target - start, length, 2.7), 0)
    return _beads(np.concatenate(strings))


def _grow(
    rng: np.random.Generator, strings: list[NDArray[np.float64]], branch: _Branch, depth: int
) -> None:
    """Add the beads of a branch (x, y, z, radius, value) and of the two that it splits into."""
    steps = max(int(branch.length / max(branch.radius * 0.75, 0.9)), 2)
    share = np.arange(steps)[:, None] / steps
    course = branch.direction / np.linalg.norm(branch.direction) + share * rng.normal(0, 0.22, 3)
    course /= np.linalg.norm(course, axis=1, keepdims=True)
    places = branch.start + np.cumsum(course, axis=0) * branch.length / steps
    radii = branch.radius * (1 - 0.28 * share)
    values = np.minimum(150.0, -330 + 190 * radii)
    strings.append(np.hstack([places, radii, values]))
    if depth >= 6 or branch.radius < 0.48:
        return
    for part in (rng.uniform(0.70, 0.82), rng.uniform(0.52, 0.72)):
        turned = course[-1] + rng.normal(0, 0.36, 3)
        length = branch.length * rng.uniform(0.60, 0.86)
        _grow(rng, strings, _Branch(places[-1], turned, length, branch.radius * part), depth + 1)


def _beads(table: NDArray[np.float64]) -> Beads:
    small = table.astype(np.float32)
    return Beads(small[:, :3], small[:, 3], small[:, 4])


def grow_lesion(
    rng: np.random.Generator, centre: tuple[float, float, float], diameter: float
) -> Beads:
    """Grow a lobulated nodule with spicules and a tail to the pleura, ``diameter`` mm long."""
    rows: list[tuple[float, float, float, float, float]] = []
    middle = np.array(centre)
    radius = diameter / 2
    rows.append((*centre, radius * 0.74, 62.0))
    for _ in range(26):
        direction = _direction(rng)
        size = radius * rng.uniform(0.24, 0.46)
        place = middle + direction * (radius - size)
        rows.append((place[0], place[1], place[2], size, rng.uniform(38, 78)))
    for index in range(46):
        outward = np.array([-1.0, 0.12, 0.0]) if index < 3 else _direction(rng)
        reach = radius * rng.uniform(0.5, 1.15) + (20 if index < 3 else 0)
        outward = outward + rng.normal(0, 0.12, 3)
        for step in np.linspace(0.8, 1 + reach / radius, 26).tolist():
            place = middle + outward * radius * step
            thin = 1.25 * (1 - 0.62 * max(step - 1, 0) / (reach / radius))
            rows.append((place[0], place[1], place[2], thin, -120.0 + 40 * thin))
    return _beads(np.array(rows))


def _direction(rng: np.random.Generator) -> Vector:
    vector = rng.normal(0, 1, 3)
    return np.asarray(vector / np.linalg.norm(vector))
