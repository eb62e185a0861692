"""Segmentations, structure sets and presentation states, read in the sandbox into plain numbers."""

import json

from mdt.adapters import sandbox
from mdt.rules.attachments import FileRefused, Refusal

#: Every frame of a segmentation is decoded and outlined.
OVERLAY_SECONDS = 60.0


def read_overlay(data: bytes) -> bytes:
    """What a served object draws over others' pictures, as JSON; raises `FileRefused`.

    All have ``kind`` (`mdt.rules.overlays.OverlayKind`), ``frame_of_reference``, ``series`` (UIDs
    that it names) and ``cut`` (there was more than is read). Masks and contours have ``segments``
    (``number``, ``label``, ``colour`` as #rrggbb or empty) and ``contours`` (``segment``,
    ``references`` as UID and frames, ``closed``, ``points`` flat: x, y, z in mm of the patient if
    ``world``, else column and row). States have ``images``, ``notes``, ``areas``, ``windows``,
    ``invert``, ``turn`` in degrees and ``mirrored``.
    """
    found = sandbox.call("read_overlay", data, seconds=OVERLAY_SECONDS)
    if not isinstance(found, dict):
        raise FileRefused(Refusal.READING_CRASHED)
    return json.dumps(found, separators=(",", ":")).encode()
