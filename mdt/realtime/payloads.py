"""What clients send, read strictly: anything odd is a refusal with the field's name."""

import json
from typing import Any

from mdt.rules.conference import ItemState
from mdt.rules.errors import Invalid
from mdt.rules.events import LARGEST_SIGNAL, LONGEST_KEY, SignalKind
from mdt.services.case_moves import Reason
from mdt.services.live_room import Leaving


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
    """A text that must be there, without NUL (PostgreSQL refuses it)."""
    value = mapping(payload).get(name)
    if not isinstance(value, str):
        raise Invalid({name: "text_required"})
    return value.replace("\0", "")


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
    """How the case that is on is left."""
    state = mapping(payload).get("outcome") or ItemState.WAITING.value
    allowed = {s.value for s in ItemState} - {ItemState.DISCUSSING.value}
    if state not in allowed:
        raise Invalid({"outcome": "outcome_unknown"})
    reason = Reason(str(payload.get("reason") or ""), str(payload.get("text") or "")[:2000])
    return Leaving(ItemState(state), reason)


def signal(payload: Any) -> tuple[SignalKind, dict[str, Any]]:
    """Kind and data of a signal, of bounded size."""
    kind, data = mapping(payload).get("kind"), payload.get("data")
    if kind not in set(SignalKind) or kind == SignalKind.PRESENCE:
        raise Invalid({"kind": "signal_unknown"})
    if not isinstance(data, dict) or len(json.dumps(data)) > LARGEST_SIGNAL:
        raise Invalid({"data": "signal_too_large"})
    return SignalKind(kind), data
