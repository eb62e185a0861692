"""What clients send, read strictly: anything odd is a refusal with the field's name."""

import json
import re
from collections.abc import Callable
from typing import Any

from mdt.rules.conference import ItemState
from mdt.rules.content.reasons import LONGEST_ROOM_REASON
from mdt.rules.errors import Invalid
from mdt.rules.events import LARGEST_SIGNAL, LARGEST_VIEWPORT, LONGEST_KEY, SignalKind
from mdt.rules.sent_values import plain_text
from mdt.services.case_moves import Reason
from mdt.services.live_room import Leaving

LONGEST_FIELD_NAME = 80


def mapping(payload: Any) -> dict[str, Any]:
    """The payload as a mapping."""
    if not isinstance(payload, dict):
        raise Invalid({"payload": "payload_unreadable"})
    return payload


def number(payload: Any, name: str) -> int:
    """A whole number that must be there."""
    value = mapping(payload).get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise Invalid({name: "number_required"})
    return value


def optional_number(payload: Any, name: str) -> int | None:
    """A whole number, or nothing."""
    return None if mapping(payload).get(name) is None else number(payload, name)


def text(payload: Any, name: str) -> str:
    """A text that must be there."""
    value = mapping(payload).get(name)
    if not isinstance(value, str):
        raise Invalid({name: "text_required"})
    return plain_text(value)


def key(payload: Any) -> str:
    """The client's key of this action: the same again does nothing twice."""
    value = text(payload, "key")
    if not 1 <= len(value) <= LONGEST_KEY - 4:
        raise Invalid({"key": "key_required"})
    return value


def flag(payload: Any, name: str) -> bool:
    """True or false."""
    value = mapping(payload).get(name)
    if not isinstance(value, bool):
        raise Invalid({name: "flag_required"})
    return value


def leaving(payload: Any) -> Leaving:
    """How the case that is on is left; ``leaving`` is what the sender sees on (0: nothing)."""
    state = mapping(payload).get("outcome") or ItemState.WAITING.value
    if state not in _OUTCOMES:
        raise Invalid({"outcome": "outcome_unknown"})
    words = text(payload, "text") if payload.get("text") is not None else ""
    code = text(payload, "reason") if payload.get("reason") is not None else ""
    reason = Reason(code, words[:LONGEST_ROOM_REASON])
    return Leaving(ItemState(state), reason, optional_number(payload, "leaving"))


def signal(payload: Any) -> tuple[SignalKind, dict[str, Any]]:
    """Kind and data of a signal: known names, readable values, bounded size."""
    kind, data = text(payload, "kind"), mapping(payload).get("data")
    if kind not in _SIGNAL_FIELDS:
        raise Invalid({"kind": "signal_unknown"})
    fields = _SIGNAL_FIELDS[SignalKind(kind)]
    compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    size, most = len(compact.encode("utf-8", "replace")), _LARGEST.get(kind, LARGEST_SIGNAL)
    if not isinstance(data, dict) or size > most:
        raise Invalid({"data": "signal_too_large"})
    if not all(name in fields and fields[name](value) for name, value in data.items()):
        raise Invalid({"data": "signal_unreadable"})
    if kind == SignalKind.VIEWPORT and not _is_view(data):
        raise Invalid({"data": "signal_unreadable"})
    return SignalKind(kind), data


def _is_view(data: dict[str, Any]) -> bool:
    """Of a series or of a slide, and of a pane that there is; a camera by what it looks at."""
    if ("series" in data) == ("slide" in data) or data.get("pane", 0) >= data.get("panes", 1):
        return False
    camera = data.get("camera")
    if camera is None:
        return True
    length, scale = _OF_SLIDE if "slide" in data else _OF_SERIES
    return len(camera) == length and camera[scale] > 0


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


def _measure(value: object) -> bool:
    """A number of a window in units of the modality, or none: the server's own choice."""
    return value is None or _number_within(value, -1e6, 1e6)


def _share(value: object) -> bool:
    """A place in the picture, as a share of its width or height; none: the pointer has left."""
    return value is None or _number_within(value, 0, 1)


def _pane(value: object) -> bool:
    return _whole(value) and value in range(4)


def _panes(value: object) -> bool:
    return _whole(value) and value in {1, 2, 4}


def _uid(value: object) -> bool:
    return isinstance(value, str) and bool(_UID.fullmatch(value))


def _camera(value: object) -> bool:
    """World millimetres of a picture, or pixels of a slide; none: that is left as it is."""
    if value is None:
        return True
    return isinstance(value, list) and all(_number_within(one, -1e7, 1e7) for one in value)


def _number_within(value: object, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least <= value <= most


def _word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_FIELD_NAME


_UID = re.compile(r"[0-9.]{1,64}")
#: How many numbers a camera has, and which is the scale: focal point, normal, up, scale; or of a
#: slide x, y, scale, rotation.
_OF_SERIES, _OF_SLIDE = (10, 9), (4, 2)
_LARGEST: dict[str, int] = {SignalKind.VIEWPORT: LARGEST_VIEWPORT}
_OUTCOMES = frozenset({ItemState.CONCLUDED, ItemState.DEFERRED, ItemState.WAITING})
_SIGNAL_FIELDS: dict[str, dict[str, Callable[[object], bool]]] = {
    SignalKind.POINTER: {"item": _whole, "pane": _pane, "x": _share, "y": _share},
    SignalKind.TYPING: {
        "item": _whole,
        "field": _word,
        "value": lambda value: isinstance(value, str),
    },
    SignalKind.VIEWPORT: {
        "item": _whole,
        "pane": _pane,
        "panes": _panes,
        "series": _whole,
        "image": _uid,
        "frame": _whole,
        "index": _whole,
        "center": _measure,
        "width": _measure,
        "invert": lambda value: isinstance(value, bool),
        "slide": _whole,
        "camera": _camera,
    },
}
