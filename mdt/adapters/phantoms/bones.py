"""Spine, ribs, breast bone, collar bones and shoulder blades."""

from collections.abc import Sequence

import numpy as np

from mdt.adapters.phantoms.anatomy import (
    CARTILAGE,
    CORTEX,
    FLUID,
    MUSCLE,
    SPONGIOSA,
    Level,
    profile,
)
from mdt.adapters.phantoms.canvas import (
    Canvas,
    Ellipse,
    Floats,
    Point,
    Shape,
    Tube,
    paint,
    smooth_noise,
)

_RIBS = 12
_RIB_PITCH = 24.5


def draw_bones(canvas: Canvas, image: Floats, level: Level, wall: Floats, texture: Floats) -> None:
    """Draw all bones of one slice.

    ``wall`` is the distance to the inner wall of the chest, ``texture`` roughens the bones' inside.
    """
    _draw_ribs(canvas, image, level, wall, texture)
    _draw_spine(canvas, image, level, texture)
    if 44 < level.z < 236:
        wide = profile(level.z, (44, 30), (88, 20), (130, 16), (200, 17), (236, 7))
        breast_bone = Ellipse((0.0, level.front - 7), (wide, 6.5))
        _bone(canvas, image, breast_bone, texture * np.float32(0.6), 1.1)
    _draw_shoulders(canvas, image, level, texture)


def bone_texture(seed: int, canvas: Canvas) -> Floats:
    """Return the roughness of spongy bone in Hounsfield units."""
    rng = np.random.default_rng(seed + 5)
    return np.asarray(46 * smooth_noise(rng, (canvas.size, canvas.size), 2.2), np.float32)


def _bone(
    canvas: Canvas, image: Floats, outline: Shape, texture: Floats, cortex_mm: float = 1.5
) -> None:
    canvas.fill(image, outline, CORTEX)
    canvas.fill(image, outline.grown(-cortex_mm), SPONGIOSA + texture, soft=1.6)


def _draw_spine(canvas: Canvas, image: Floats, level: Level, texture: Floats) -> None:
    y = level.spine_y
    step = (level.z + 6) % _RIB_PITCH
    wide = profile(level.z, (0, 14), (120, 16), (320, 20))
    lines: list[Sequence[Point]] = [
        [(-13, y + 10), (-10, y + 26), (0, y + 33), (10, y + 26), (13, y + 10)],
        [(0, y + 32), (0, y + 50 - step * 0.3)],
    ]
    if step < 13:
        lines += [[(side * 13, y + 14), (side * 33, y + 26)] for side in (-1, 1)]
    for line in lines:
        _bone(canvas, image, Tube(line, 4.2), texture, 1.3)
    body = Ellipse((0, y), (wide, wide * 0.82))
    if step > 20.5:  # the disc between two vertebrae
        canvas.fill(image, body, MUSCLE + 38)
    else:
        _bone(canvas, image, body, texture, 1.8)
    canvas.fill(image, Ellipse((0, y + 19), (9.5, 8.5)), FLUID + 10)
    canvas.fill(image, Ellipse((0, y + 19), (5, 4)), MUSCLE - 15, soft=2.0)


def _draw_ribs(canvas: Canvas, image: Floats, level: Level, wall: Floats, texture: Floats) -> None:
    """Each rib sinks from the spine to the front; a slice cuts several of them aslant."""
    near = np.abs(wall - 5.5) < 7
    away = wall[near] - np.float32(5.5)
    y = canvas.y[near] - np.float32(level.cavity_y)
    # 0 at the spine, 1 at the breast bone.
    about = np.arctan2(np.abs(canvas.x[near]) / level.cavity[0], y / level.cavity[1]) / np.pi
    values, rough = image[near], texture[near]
    for rib in range(_RIBS):
        top, drop = rib * _RIB_PITCH - 6, 46 + min(rib, 6) * 9.0
        if not top - 9 < level.z < top + drop + 9:
            continue
        height = level.z - (top + drop * about)
        section = np.asarray((np.hypot(away / 4.3, height / 6.8) - 1) * 4.3, np.float32)
        ends = 0.80 if rib < 7 else 0.80 - 0.09 * (rib - 6)
        beyond = np.asarray((about - ends) * 190, np.float32)
        bone = np.maximum(section, beyond)
        paint(values, canvas.cover(bone), CORTEX)
        paint(values, canvas.cover(bone + 1.35, 1.6), SPONGIOSA + rough)
        if rib < 8:
            front = np.maximum(np.maximum(section, (about - 0.955) * 190), -beyond)
            paint(values, canvas.cover(np.asarray(front, np.float32)), CARTILAGE)
    image[near] = values


def _draw_shoulders(canvas: Canvas, image: Floats, level: Level, texture: Floats) -> None:
    z, depth, front = level.z, level.body[1], level.front
    for side in (-1, 1):
        if 16 < z < 46:  # collar bone, rising outwards
            middle = profile(z, (16, 112), (46, 26))
            line = [(side * (middle - 22), front - 7), (side * (middle + 22), front - 1)]
            _bone(canvas, image, Tube(line, 5.5), texture, 1.6)
        if z < 152:
            inner = (side * profile(z, (0, 70), (152, 103)), depth - 36)
            outer = (
                side * profile(z, (0, 138), (80, 138), (152, 124)),
                profile(z, (0, 12), (152, 46)),
            )
            canvas.fill(image, Tube([inner, outer], 11.0), MUSCLE)
            _bone(canvas, image, Tube([inner, outer], 2.4), texture, 1.2)
            if z < 60:
                _bone(canvas, image, Tube([(side * 134.0, 34.0), outer], 6.0), texture, 1.6)
