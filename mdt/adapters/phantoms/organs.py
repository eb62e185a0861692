"""What lies between the lungs and under the diaphragm."""

from collections.abc import Callable

import numpy as np

from mdt.adapters.phantoms.anatomy import (
    AIR,
    BLOOD,
    FAT,
    FLUID,
    HEART_MUSCLE,
    LIVER,
    MUSCLE,
    SPLEEN,
    Level,
    left_dome,
    profile,
    right_dome,
)
from mdt.adapters.phantoms.canvas import Canvas, Ellipse, Floats, Shape, Tube, smooth_noise

ARCH_Z = 86.0
CARINA_Z = 116.0

Fill = Callable[[Shape, float], None]


def draw_organs(canvas: Canvas, image: Floats, level: Level, inside: Floats) -> None:
    """Draw all of them; ``inside`` covers the inside of the chest wall."""

    def fill(shape: Shape, value: float) -> None:
        canvas.fill(image, shape, value)

    _draw_neck_vessels(fill, level)
    _draw_heart(canvas, image, level)
    _draw_great_vessels(fill, level)
    _draw_airways(fill, level)
    if level.z > 227:
        _draw_left(canvas, image, level, inside)
    if level.z > 211:
        _draw_liver(canvas, image, level, inside)


def _draw_neck_vessels(fill: Fill, level: Level) -> None:
    """Draw what lies above the arch of the aorta, thyroid included."""
    z, y = level.z, level.cavity_y
    if z > ARCH_Z - 8:
        return
    spread = profile(z, (0, 1.6), (40, 1.15), (78, 1.0))
    for x, behind, radius in ((-14, -20, 6.5), (6, -18, 4.6), (19, -5, 5.2)):
        fill(Ellipse((x * spread, y + behind), (radius, radius)), BLOOD + 25)
    for side in (-1, 1):
        if z < 62:  # the veins beside them, brighter on the side of the injection
            bright = BLOOD + (130 if side > 0 else -40)
            fill(Ellipse((side * 27 * spread, y - 28), (7.5, 6)), bright)
        if z < 26:
            fill(Ellipse((side * 15, y - 24), (8, 13), side * 20), 150.0)
    if 60 <= z <= 70:
        fill(Tube([(34, -37), (6, -43), (-22, -30)], 6.0), BLOOD + 110)


def _draw_great_vessels(fill: Fill, level: Level) -> None:
    z, aorta = level.z, level.aorta
    if abs(z - ARCH_Z) < 9:
        fill(Tube([(-15, -29), (4, -31), (20, -14), aorta.centre], 13.0), BLOOD)
    if z > ARCH_Z:
        fill(aorta, BLOOD)
    if ARCH_Z < z < 176:
        centre = (profile(z, (86, -15), (176, -4)), profile(z, (86, -29), (176, -26)))
        fill(Ellipse(centre, (16, 15.5)), BLOOD)
    if 64 < z < 178:
        bright = BLOOD + profile(z, (64, 70), (178, 10))
        fill(Ellipse((-29, profile(z, (64, -28), (178, -15))), (9, 8)), bright)
    if 116 < z < 156:
        fill(Ellipse((23, -44), (14.5, 15)), BLOOD + 25)
    if 126 < z < 141:
        fill(Tube([(20, -30), (0, -8), (-24, -5), (-44, -2)], 8.5), BLOOD + 25)
    if 116 < z < 130:
        fill(Tube([(24, -36), (38, -12), (46, 4)], 9.0), BLOOD + 25)
    if 138 < z < 172:  # arteries of the lower lobes
        for side in (-1, 1):
            x, y = profile(z, (138, 43), (172, 50)), profile(z, (138, 4), (172, 16))
            fill(Ellipse((side * x, y), (6.5, 7.5)), BLOOD)


def _draw_airways(fill: Fill, level: Level) -> None:
    """Draw gullet, trachea and main bronchi."""
    z, spine = level.z, level.spine_y
    fill(Ellipse((8, spine - 26), (7.5, 5)), MUSCLE - 8)
    if z < CARINA_Z:
        wide = profile(z, (0, 8), (CARINA_Z - 10, 9), (CARINA_Z, 14))
        pipes = [Ellipse((1, spine - 40), (wide, 8.5))]
    else:
        spread = profile(z, (CARINA_Z, 11), (150, 34), (170, 40))
        pipes = [
            Ellipse((side * wider * spread, spine - 37), (9.5, 6.5), -side * 10)
            for side, wider, end in ((-1, 1.15, 160.0), (1, 0.95, 168.0))
            if z <= end
        ]
    for pipe in pipes:
        fill(pipe.grown(1.7), 28.0)
        fill(pipe, AIR + 5)


def _draw_heart(canvas: Canvas, image: Floats, level: Level) -> None:
    """Draw the four chambers, the muscle and the fat in the groove."""
    z, heart = level.z, level.heart
    if not 140 < z < 266:
        return
    canvas.fill(image, heart, HEART_MUSCLE, soft=1.5)
    cosine, sine = np.cos(np.radians(heart.degrees)), np.sin(np.radians(heart.degrees))
    scale = heart.semi[0] / 64
    # Along and across the long axis: place, semi-axes, Hounsfield units, turn.
    chambers = []
    if z > 168:
        chambers += [
            (22, 10, 30, 17, BLOOD + 4, 0),  # left ventricle
            (12, -22, 36, 15, BLOOD - 28, -6),  # right ventricle
            (-38, -13, 20, 21, BLOOD - 32, 0),  # right atrium
        ]
    if z < 205:
        chambers.append((-24, 21, 26, 17, BLOOD, 0))  # left atrium
    for along, across, a, b, value, turn in chambers:
        u, v = along * scale, across * scale
        centre = (heart.centre[0] + u * cosine - v * sine, heart.centre[1] + u * sine + v * cosine)
        shape = Ellipse(centre, (a * scale, b * scale), heart.degrees + turn)
        canvas.fill(image, shape, value, soft=2.0)
    if z > 168:
        canvas.fill(image, Tube([(-16, -46), (-1, -24)], 3.2), FAT, soft=2.0, within=0.85)


def _draw_left(canvas: Canvas, image: Floats, level: Level, inside: Floats) -> None:
    """Draw fat, stomach and spleen under the left dome."""
    bed = left_dome(level.z, 227)
    grown = bed.semi[0] / 86
    within = canvas.cover(canvas.distance(bed)) * inside
    canvas.fill(image, bed, FAT, within=inside)
    stomach = Ellipse((52, -26), (46 * grown, 40 * grown), -18)
    canvas.fill(image, stomach, MUSCLE + 14, within=within)
    canvas.fill(image, stomach.grown(-3.5), FLUID + 14, within=within)
    gas = within * np.clip(-canvas.y - 34, 0, 1)
    canvas.fill(image, stomach.grown(-3.5), AIR + 30, within=gas)
    beside = 1 - canvas.cover(canvas.distance(Ellipse((50, -2), (44 * grown, 46 * grown))))
    spleen = Ellipse((94, 22), (38 * grown, 58 * grown), -24)
    canvas.fill(image, spleen, SPLEEN, within=within * beside, soft=1.5)


def _draw_liver(canvas: Canvas, image: Floats, level: Level, inside: Floats) -> None:
    z = level.z
    texture = 5 * smooth_noise(np.random.default_rng(7 + int(z * 3)), image.shape, 7)
    right = right_dome(z, 211)
    grown = right.semi[0] / 97
    canvas.fill(image, right, LIVER + texture, within=inside)
    if z > 246:
        wide = float(np.sqrt((z - 246) / 78))
        left = Ellipse((0, -50), (64 * wide, 29 * wide), -8)
        canvas.fill(image, left, LIVER + texture, within=inside)
    for index in range(5):  # veins, which run to the great vein from different sides
        angle = 1.9 + index * 0.72 + z * (0.011 if index % 2 else -0.008)
        start = (-34 + 10 * np.cos(angle), 12 + 10 * np.sin(angle))
        bent = (-44 + 30 * grown * np.cos(angle + 0.2), 4 + 30 * grown * np.sin(angle + 0.2))
        end = (-50 + 56 * grown * np.cos(angle - 0.1), 50 * grown * np.sin(angle - 0.1))
        vein = Tube([start, bent, end], 1.9 + 0.4 * (index % 3))
        canvas.fill(image, vein, LIVER + 34, soft=3.5, within=inside * 0.75)
    canvas.fill(image, Ellipse((-24, level.spine_y - 33), (12, 10)), BLOOD - 55)
