"""Conditions on the facts of a case, in three values: yes, no, and unknown (``None``).

A fact that is missing makes a condition unknown, and the page asks; it never blocks.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, object]
Test = Callable[[Any, Any], bool]

#: What a fact says when the person answered that it is not known.
UNKNOWN = "unknown"


class AtLeast(tuple[str, ...]):
    """Some of what there is: what was read out of a text. What it does not name may be there."""

    __slots__ = ()


def _has(held: Any, wanted: Any) -> bool:
    return wanted in held


def _has_any(held: Any, wanted: Any) -> bool:
    return any(one in held for one in wanted)


def _high(held: Any, _: Any) -> bool:
    return str(held).lower() in {"h", "high"}


_NUMERIC: dict[str, Test] = {
    "<": lambda held, wanted: held < wanted,
    "<=": lambda held, wanted: held <= wanted,
    ">": lambda held, wanted: held > wanted,
    ">=": lambda held, wanted: held >= wanted,
}
_OTHER: dict[str, Test] = {
    "=": lambda held, wanted: held == wanted,
    "!=": lambda held, wanted: held != wanted,
    "in": lambda held, wanted: held in wanted,
    "has": _has,
    "has_any": _has_any,
    "starts_any": lambda held, wanted: str(held).startswith(tuple(wanted)),
    "high": _high,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact compared with one value."""

    field: str
    op: str
    value: Any

    def holds(self, facts: Facts) -> bool | None:
        """Yes, no, or ``None`` where the fact is missing or cannot be compared."""
        held = facts.get(self.field)
        if held is None or held == UNKNOWN:
            return None
        if self.op in _NUMERIC:
            comparable = isinstance(held, int | float) and not isinstance(held, bool)
            return _NUMERIC[self.op](held, self.value) if comparable else None
        if self.op in {"has", "has_any"}:
            held = (held,) if isinstance(held, str) else held
            if not isinstance(held, Collection):
                return None
        found = _OTHER[self.op](held, self.value)
        return None if isinstance(held, AtLeast) and not found else found

    def fields(self) -> tuple[str, ...]:
        """The fact that it asks for."""
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; of no parts, always true."""

    parts: tuple["Expression", ...]

    def holds(self, facts: Facts) -> bool | None:
        """No as soon as one part is no, else unknown as soon as one is."""
        found = [part.holds(facts) for part in self.parts]
        if False in found:
            return False
        return None if None in found else True

    def fields(self) -> tuple[str, ...]:
        """The facts that its parts ask for."""
        return tuple(dict.fromkeys(field for part in self.parts for field in part.fields()))


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Expression", ...]

    def holds(self, facts: Facts) -> bool | None:
        """Yes as soon as one part is yes, else unknown as soon as one is."""
        found = [part.holds(facts) for part in self.parts]
        if True in found:
            return True
        return None if None in found else False

    def fields(self) -> tuple[str, ...]:
        """The facts that its parts ask for."""
        return tuple(dict.fromkeys(field for part in self.parts for field in part.fields()))


Expression = Comparison | Every | Some


@dataclass(frozen=True, slots=True)
class Condition:
    """A named condition with its words."""

    code: str
    label_zh: str
    label_en: str
    expression: Expression

    def holds(self, facts: Facts) -> bool | None:
        """Whether it holds for these facts: yes, no, or ``None`` for unknown."""
        return self.expression.holds(facts)

    def unknown_fields(self, facts: Facts) -> tuple[str, ...]:
        """The facts to ask for so that the condition can be decided."""
        return tuple(
            field
            for field in self.expression.fields()
            if facts.get(field) in (None, UNKNOWN) or isinstance(facts[field], AtLeast)
        )

    def label(self, locale: str) -> str:
        """The condition in words."""
        return self.label_en if str(locale).startswith("en") else self.label_zh


def _expression(raw: Mapping[str, Any]) -> Expression:
    if "all" in raw:
        return Every(tuple(_expression(part) for part in raw["all"]))
    if "any" in raw:
        return Some(tuple(_expression(part) for part in raw["any"]))
    if raw["op"] not in _NUMERIC and raw["op"] not in _OTHER:
        raise ValueError(f"no such operator: {raw['op']}")
    value = tuple(raw["value"]) if isinstance(raw["value"], list) else raw["value"]
    return Comparison(raw["field"], raw["op"], value)


def read_condition(code: str, label_zh: str, label_en: str, raw: Mapping[str, Any]) -> Condition:
    """A condition out of its JSON: ``{field, op, value}``, or ``all`` or ``any`` of those."""
    return Condition(code, label_zh, label_en, _expression(raw))
