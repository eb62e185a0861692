"""How a viewer stands on a picture: what of it is kept with a key image.

The same names as on the wire of the live room: ``center`` and ``width`` of the DICOM window (none:
the server's own choice), ``invert``, ``camera``: of a series focal point, view plane normal and
view up in mm of the patient's coordinates, and the parallel scale; of a slide centre, half the
viewport's height in pixels of the full resolution, and degrees.
"""

from typing import Any

from mdt.rules.errors import Invalid
from mdt.rules.sent_values import is_number, one_line

#: What a key image keeps, beside which picture it is.
State = dict[str, Any]
LONGEST_CAPTION = 200
#: Key images of a case, and how many of them are printed with the opinion.
MOST_KEY_IMAGES = 24
MOST_PRINTED = 8
_FARTHEST = 1e7
_CAMERAS = frozenset({4, 10})
_DIGITS = 4


def read_state(raw: object) -> State:
    """What is kept of a state as a viewer sends it; raises `Invalid` for values it cannot have."""
    if not isinstance(raw, dict):
        raise Invalid({"state": "state_unreadable"})
    window = [raw.get(name) for name in ("center", "width")]
    if window != [None, None] and not all(map(_is_number, window)):
        raise Invalid({"state": "state_unreadable"})
    invert, camera = raw.get("invert", False), raw.get("camera")
    if not isinstance(invert, bool) or not _is_camera(camera):
        raise Invalid({"state": "state_unreadable"})
    center, width = window
    if isinstance(width, int | float) and width < 1:
        raise Invalid({"state": "state_unreadable"})
    kept = camera and [round(float(one), _DIGITS) for one in camera]
    return {"center": center, "width": width, "invert": invert, "camera": kept}


def read_caption(raw: object) -> str:
    """The words under a key image, tidied; raises `Invalid`."""
    text = one_line(raw, "caption")
    if len(text) > LONGEST_CAPTION:
        raise Invalid({"caption": "caption_too_long"})
    return text


def _is_camera(raw: object) -> bool:
    if raw is None:
        return True
    return isinstance(raw, list) and len(raw) in _CAMERAS and all(map(_is_number, raw))


def _is_number(raw: object) -> bool:
    return is_number(raw, _FARTHEST)
