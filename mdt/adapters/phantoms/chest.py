"""A chest for computed tomography, enhanced, with a spiculated nodule in the right upper lobe."""

import numpy as np
from numpy.typing import NDArray

from mdt.adapters.phantoms.anatomy import (
    AIR,
    FAT,
    FIELD_MM,
    LUNG,
    MUSCLE,
    SKIN,
    Level,
    cavity_wall,
    left_dome,
    level_at,
    profile,
    right_dome,
)
from mdt.adapters.phantoms.bones import bone_texture, draw_bones
from mdt.adapters.phantoms.canvas import (
    Canvas,
    Ellipse,
    Floats,
    Shape,
    Tube,
    paint,
    smooth_noise,
)
from mdt.adapters.phantoms.lung_vessels import Beads, grow_lesion, grow_vessels
from mdt.adapters.phantoms.organs import draw_organs

LESION_CENTRE = (-78.0, -14.0, 88.0)


class Chest:
    """The phantom; `slice_at` draws one axial slice."""

    def __init__(self, *, size: int, seed: int, lesion_mm: float, female: bool) -> None:
        self.canvas = Canvas(size, FIELD_MM)
        self._seed = seed
        self._female = female
        rng = np.random.default_rng(seed)
        self._stout = float(rng.uniform(0.97, 1.05))
        self._vessels = grow_vessels(rng)
        self._lesion = grow_lesion(rng, LESION_CENTRE, lesion_mm)
        self._wobble = 1.6 * smooth_noise(rng, (size, size), size / 9)
        self._bone_texture = bone_texture(seed, self.canvas)

    def slice_at(self, z: float, thickness: float) -> NDArray[np.int16]:
        """Return the Hounsfield units of the slice at ``z``, ``size`` x ``size``."""
        canvas = self.canvas
        level = level_at(z, self._stout)
        wall = cavity_wall(canvas, level)
        image = np.full((canvas.size, canvas.size), AIR, np.float32)
        self._draw_table(image)
        skin = self._draw_body(image, level)
        self._draw_muscles(image, level, skin, wall)
        lung = self._draw_lungs(image, level, wall)
        draw_organs(canvas, image, level, canvas.cover(wall + 4.0))
        self._draw_beads(image, self._vessels, lung, z, thickness)
        self._draw_beads(image, self._lesion, lung, z, thickness)
        draw_bones(canvas, image, level, wall, self._bone_texture)
        return self._with_noise(image, z)

    def _draw_table(self, image: Floats) -> None:
        canvas = self.canvas
        away = canvas.y - (139 - (canvas.x / 185) ** 2 * 24)
        across = canvas.cover(np.abs(canvas.x) - 178)
        paint(image, canvas.cover(np.abs(away - 7) - 6) * across, -955.0)
        for edge in (0.0, 14.0):
            paint(image, canvas.cover(np.abs(away - edge) - 0.8) * across, -180.0)

    def _draw_body(self, image: Floats, level: Level) -> Floats:
        """Draw skin and fat; return the distance to the skin, negative inside."""
        canvas = self.canvas
        a, b = level.body
        # Rather a rounded box than an ellipse.
        box = (np.abs(canvas.x / a) ** 2.5 + np.abs(canvas.y / b) ** 2.5) ** 0.4
        skin = np.asarray((box - 1) * b, np.float32) + self._wobble
        if self._female:
            swell = float(np.sin(np.pi * np.clip((level.z - 85) / 130, 0, 1)) ** 0.7)
            for side in (-1, 1):
                breast = Ellipse((side * 76, 12 - b), (54 * swell + 1, 29 * swell + 0.5), side * 9)
                skin = np.minimum(skin, canvas.distance(breast))
        paint(image, canvas.cover(skin), SKIN)
        paint(image, canvas.cover(skin + 2.0), FAT + 5 * self._wobble)
        if self._female and 105 < level.z < 195:
            self._draw_glands(image, level, canvas.cover(skin + 7.0))
        return skin

    def _draw_glands(self, image: Floats, level: Level, within: Floats) -> None:
        """Draw strands of glandular tissue in the fat of the breasts."""
        rng = np.random.default_rng([self._seed, int(level.z / 12), 2])
        strands = np.clip(smooth_noise(rng, image.shape, self.canvas.size / 60) * 1.3, 0, 1)
        for side in (-1, 1):
            gland = Ellipse((side * 76, 8 - level.body[1]), (34, 18), side * 9)
            self.canvas.fill(image, gland, 35.0, soft=6.0, within=within * strands)

    def _draw_muscles(self, image: Floats, level: Level, skin: Floats, wall: Floats) -> None:
        canvas = self.canvas
        rng = np.random.default_rng([self._seed, int(level.z * 10)])
        meat = np.asarray(MUSCLE + 13 * smooth_noise(rng, image.shape, 8), np.float32)
        within = canvas.cover(skin + 8.0)
        paint(image, canvas.cover(wall - 13.0 + self._wobble) * within, meat)
        for side in (-1, 1):
            for muscle in self._muscles(level, side):
                canvas.fill(image, muscle, meat, within=within)

    @staticmethod
    def _muscles(level: Level, side: int) -> list[Shape]:
        z, depth, front = level.z, level.body[1], level.front
        found: list[Shape] = [Ellipse((side * 29, level.spine_y + 36), (26, 16), side * 12)]
        if z < 175:  # pectoral muscles
            thick = profile(z, (20, 5), (60, 12), (110, 10), (175, 3))
            found.append(Tube([(side * 26, front - 14), (side * 116, front * 0.42)], thick))
        if z < 230:  # the broad muscle of the back
            thick = profile(z, (0, 10), (80, 13), (150, 8), (230, 3))
            ends = [(side * 66.0, depth - 32), (side * 128.0, 36.0), (side * 141.0, -4.0)]
            found.append(Tube(ends, thick))
        if z < 75:  # the shoulder
            wide = profile(z, (0, 1.0), (40, 0.75), (75, 0.1))
            found.append(Ellipse((side * 112, 14), (40 * wide, 50 * wide), side * -25))
            found.append(Ellipse((side * 60, depth - 34), (44 * wide, 17 * wide), side * -14))
            found.append(Ellipse((side * 44, -26), (24 * wide, 15 * wide), side * 30))
        return found

    def _draw_lungs(self, image: Floats, level: Level, wall: Floats) -> Floats:
        """Fill the cavity with fat, then with lung; return how far each pixel is lung."""
        canvas, z = self.canvas, level.z
        paint(image, canvas.cover(wall + 0.5), FAT + 8)
        lung = canvas.cover(wall + 2.0, 1.4) * (1 - canvas.cover(self._centre(level), 1.4))
        for dome in (right_dome(z), left_dome(z)):
            lung *= 1 - canvas.cover(canvas.distance(dome), 1.6)
        if z < 12:
            lung *= 0
        # The back of a lying person is denser.
        paint(image, lung, LUNG + 0.55 * (canvas.y + 70).clip(0, 160) + 6 * self._wobble)
        self._draw_fissures(image, lung, z)
        return lung

    def _draw_fissures(self, image: Floats, lung: Floats, z: float) -> None:
        """Draw the oblique fissures, which come forward on the way down."""
        if not 70 < z < 235:
            return
        for side in (-1, 1):
            y = profile(z, (70, 62), (235, -66))
            line = [(side * 36, y + 10), (side * 80, y - 4), (side * 132, y + 14)]
            self.canvas.fill(image, Tube(line, 0.35), -560.0, within=lung * 0.55, soft=1.5)

    def _centre(self, level: Level) -> Floats:
        """Return the signed distance to what lies between the lungs, the spine included."""
        canvas, z = self.canvas, level.z
        places, widths = (-95, -66, -42, -10, 28, 62, 95), (9, 7, 19, 28, 24, 21, 15)
        scale = profile(z, (0, 1.5), (40, 1.15), (90, 1.06), (130, 1.0), (320, 0.9))
        half = (np.interp(canvas.places, places, widths) * scale).astype(np.float32)[:, None]
        nearest = np.abs(canvas.x - 2) - half
        shapes = [Ellipse((0, level.spine_y), (23, 20))]
        if z > 80:
            shapes.append(level.aorta.grown(3))
        if 138 < z < 268:
            shapes.append(level.heart.grown(4))
        for shape in shapes:
            nearest = np.minimum(nearest, canvas.distance(shape))
        return np.asarray(nearest + self._wobble, np.float32)

    def _draw_beads(
        self, image: Floats, beads: Beads, lung: Floats, z: float, thickness: float
    ) -> None:
        """Draw the beads that this slice cuts, as far as they lie in the lung.

        A bead thinner than the slice is averaged with the lung beside it, as in a scanner.
        """
        canvas = self.canvas
        off = np.abs(beads.centres[:, 2] - z)
        for index in np.flatnonzero(off < beads.radii + thickness / 2):
            x, y, _ = beads.centres[index]
            radius = float(beads.radii[index])
            inside = max(float(off[index]) - thickness / 2, 0.0)
            cut = float(np.sqrt(max(radius**2 - inside**2, 0.05)))
            window = canvas.window((x - cut, y - cut, x + cut, y + cut), canvas.pixel_mm)
            if window is None:
                continue
            distance = np.hypot(canvas.x[window] - x, canvas.y[window] - y) - cut
            share = min(2 * radius / thickness, 1.0) ** 0.5
            coverage = canvas.cover(distance) * lung[window] * share
            patch = image[window]
            np.maximum(patch, patch + coverage * (beads.values[index] - patch), out=patch)

    def _with_noise(self, image: Floats, z: float) -> NDArray[np.int16]:
        rng = np.random.default_rng([self._seed, int(z * 100)])
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        # The kernel of the reconstruction makes noise of neighbours alike.
        noise += np.roll(noise, 1, 0) + np.roll(noise, 1, 1)
        noise *= np.where(image < -950, 5.0, 7.5).astype(np.float32)
        return np.asarray(np.clip(np.rint(image + noise), -1024, 3071), np.int16)
