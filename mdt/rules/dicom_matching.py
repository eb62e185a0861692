"""Whether an attribute (DICOM JSON) matches what a QIDO-RS query asks for (PS3.4 C.2.2.2)."""

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

_RANGES = frozenset({"DA", "DT", "TM"})
_LITERAL = frozenset({"AT", "DS", "FD", "FL", "IS", "SL", "SS", "UL", "US"})

Attribute = Mapping[str, Any]


def matches(attribute: Attribute | None, wanted: str) -> bool:
    """Single value, list of UIDs, wild cards, ranges of dates and times; empty matches all."""
    if not wanted or wanted == "*":
        return True
    vr = str(attribute["vr"]) if attribute else ""
    values = [_text(one) for one in (attribute or {}).get("Value", ())]
    if vr == "UI":
        return any(one in values for one in re.split(r"[,\\]", wanted))
    if vr in _RANGES and "-" in wanted:
        return any(_within(one, wanted) for one in values)
    if vr in _LITERAL:
        return any(_same_number(one, wanted) for one in values)
    if vr == "PN":
        pattern = _pattern(wanted.lower())
        return any(pattern.fullmatch(group) for one in values for group in one.lower().split("="))
    pattern = _pattern(wanted)
    return any(pattern.fullmatch(one) for one in values)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "=".join(str(group) for group in value.values())
    return "" if value is None else str(value)


def _within(value: str, wanted: str) -> bool:
    low, _, high = wanted.partition("-")
    # A day within the last second of the range counts: what is longer sorts behind.
    return bool(value) and low <= value and (not high or value[: len(high)] <= high)


def _same_number(value: str, wanted: str) -> bool:
    try:
        return float(value) == float(wanted)
    except ValueError:
        return value == wanted


def _pattern(wanted: str) -> re.Pattern[str]:
    """Stars and question marks; brackets are no wild cards here."""
    return re.compile(fnmatch.translate(wanted.replace("[", "[[]")))
