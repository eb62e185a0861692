"""From T, N, M and factors to the group: look-up in a table, with what is unknown left open.

A table's rules are disjoint boxes. Each value of each axis knows, as a set of bits, the rules that
allow it, so the rules that a question touches are a few unions and one intersection; combinations
are walked one by one only where some of them have no group.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import and_, or_

from mdt.rules.staging.catalogue import table
from mdt.rules.staging.shapes import (
    AXES,
    NOT_ASSIGNED,
    UNDETERMINED,
    UNKNOWN,
    Conflict,
    IiiPlus,
    StagingTable,
    numeral_of,
)

_CATEGORY = re.compile(
    r"(?:[CPYRA]{0,2}(?P<axis>[TNM]))?"
    r"(?P<core>X|IS|A|\d)(?P<letter>MI|[A-E])?(?P<digit>\d)?(?P<rest>\(.*\))?"
)
_SAME_SIGN = str.maketrans({"≥": ">=", "≤": "<=", "＞": ">", "＜": "<"})


@dataclass(frozen=True, slots=True)
class Derived:
    """The answer of a table.

    ``stage`` is the group's label, ``undetermined`` (``possible`` then has the groups that are
    left, in the table's order) or ``not-assigned``; ``major`` is the numeral that all the possible
    groups share, if they do.
    """

    stage: str
    possible: tuple[str, ...]
    major: str
    iii_plus: IiiPlus
    conflicts: tuple[Conflict, ...]


def derive(
    table_key: str,
    t: str = "",
    n: str = "",
    m: str = "",
    factors: Mapping[str, str] | None = None,
) -> Derived:
    """Return the group of a tumour by the table of this key.

    An empty category, X and whatever the table cannot read are unknown, and so is a factor that
    is missing or not among its values; nothing that is said here raises but an unknown key
    (``UnknownTable``). "III or above" is yes or no only if every value that the unknown could
    have leaves it so.
    """
    index = _index(table_key)
    given: dict[str, object] = {"t": t, "n": n, "m": m, **(factors or {})}
    chosen = tuple(axis.read(given.get(axis.name, "")) for axis in index.axes)
    return _derive(table_key, chosen)


def forget_answers() -> None:
    """Empty the memory of earlier answers; for measuring."""
    _derive.cache_clear()


@dataclass(frozen=True, slots=True)
class _Span:
    """Values of one axis that an input may stand for: as bits of values, and of their rules."""

    values: int
    rules: int

    def joined(self, other: "_Span") -> "_Span":
        return _Span(self.values | other.values, self.rules | other.rules)


@dataclass(frozen=True, eq=False)
class _Axis:
    """One input of a table, with what each spelling of it stands for.

    ``singles`` are the values one by one; ``spans`` what a known or unsplit input covers;
    ``literal`` is the "not known" value itself, which some rules name, and ``known`` all others.
    """

    name: str
    singles: Mapping[str, _Span]
    spans: Mapping[str, _Span]
    spellings: Mapping[str, str]
    literal: _Span
    known: tuple[_Span, ...]
    anything: _Span

    def read(self, raw: object) -> str:
        """Return the value that an input means, or nothing where it is unknown."""
        text = raw if isinstance(raw, str) else str(raw)
        found = self.spellings.get(text)
        return _respell(self, text) if found is None else found


@dataclass(frozen=True, eq=False)
class _Index:
    """A table made ready for look-up; ``primaries`` are its T categories from T1 up."""

    table: StagingTable
    axes: tuple[_Axis, ...]
    sizes: tuple[tuple[int, ...], ...]
    primaries: _Span | None


@cache
def _index(table_key: str) -> _Index:
    found = table(table_key)
    axes = tuple(_axis(found, name) for name in found.values)
    sizes = tuple(
        tuple(
            reduce(or_, (axis.singles[v].values for v in _allowed(found, number, axis.name)))
            for axis in axes
        )
        for number in range(len(found.rules))
    )
    return _Index(found, axes, sizes, _primaries(axes))


def _axis(found: StagingTable, name: str) -> _Axis:
    values = found.values[name]
    singles = {value: _single(found, name, place) for place, value in enumerate(values)}
    unknown = name.upper() + "X" if name in AXES else UNKNOWN
    known = tuple(span for value, span in singles.items() if value != unknown)
    parents = found.parents.get(name, {})
    spans = {value: span for value, span in singles.items() if value != unknown}
    spans |= {
        parent: reduce(_Span.joined, (singles[child] for child in children))
        for parent, children in parents.items()
    }
    spellings = {spelling: spelling for spelling in spans}
    spellings |= found.aliases.get(name, {})
    folded = {spelling.casefold(): value for spelling, value in spellings.items()}
    unread = {"": "", unknown: "", unknown.casefold(): ""}
    return _Axis(
        name=name,
        singles=singles,
        spans=spans,
        spellings={**folded, **spellings, **unread},
        literal=singles.get(unknown, _Span(0, 0)),
        known=known,
        anything=reduce(_Span.joined, known),
    )


def _single(found: StagingTable, name: str, place: int) -> _Span:
    value = found.values[name][place]
    rules = (number for number in range(len(found.rules)) if value in _allowed(found, number, name))
    return _Span(1 << place, sum(1 << number for number in rules))


def _allowed(found: StagingTable, number: int, name: str) -> frozenset[str]:
    return found.rules[number].allowed.get(name) or frozenset(found.values[name])


def _primaries(axes: tuple[_Axis, ...]) -> _Span | None:
    if not axes or axes[0].name != "t":
        return None
    invasive = (span for value, span in axes[0].singles.items() if value[1] in "1234")
    return reduce(_Span.joined, invasive)


@lru_cache(maxsize=4096)
def _respell(axis: _Axis, text: str) -> str:
    """Read a spelling that is not in the table: other case, a c or p before, a finer split."""
    plain = unicodedata.normalize("NFKC", text).translate(_SAME_SIGN)
    plain = "".join(plain.split()).casefold()
    if plain in axis.spellings:
        return axis.spellings[plain]
    found = _CATEGORY.fullmatch(plain.upper()) if axis.name in AXES else None
    if not found or (found["axis"] or axis.name.upper()) != axis.name.upper():
        return ""
    core, letter, digit = found["core"], found["letter"] or "", found["digit"] or ""
    if not found["axis"] and core == "A":
        return ""
    for end in (letter + digit + (found["rest"] or ""), letter + digit, letter, ""):
        spelling = f"{axis.name}{core}{end}".casefold()
        if spelling in axis.spellings:
            return axis.spellings[spelling]
    return ""


@lru_cache(maxsize=20_000)
def _derive(table_key: str, chosen: tuple[str, ...]) -> Derived:
    index = _index(table_key)
    conflicts = _conflicts(index, chosen)
    literal = _spans(index, chosen, literal=True)
    spans = _spans(index, chosen, literal=False)
    if _covers(index, literal):
        spans = literal
    hits = _rules(spans)
    iii_plus = _join(index, hits) if hits else None
    if iii_plus is not IiiPlus.UNKNOWN and not _covers(index, spans):
        iii_plus = _with_unassigned(index, chosen, iii_plus)
    return _answer(index, hits, iii_plus or IiiPlus.UNKNOWN, conflicts)


def _answer(
    index: _Index, hits: int, iii_plus: IiiPlus, conflicts: tuple[Conflict, ...]
) -> Derived:
    if not hits:
        return Derived(NOT_ASSIGNED, (), "", iii_plus, conflicts)
    stages = {rule.stage for number, rule in enumerate(index.table.rules) if hits >> number & 1}
    possible = tuple(stage for stage in index.table.stages if stage in stages)
    numerals = {numeral_of(stage) for stage in possible}
    major = numerals.pop() if len(numerals) == 1 else ""
    # A single group stands only if nothing else is left open: T0 N0 MX may be M1, or no group.
    certain = len(possible) == 1 and index.table.side(possible[0]) is iii_plus
    stage = possible[0] if certain else UNDETERMINED
    return Derived(stage, possible, major, iii_plus, conflicts)


def _spans(index: _Index, chosen: tuple[str, ...], *, literal: bool) -> list[_Span]:
    return [
        axis.spans[value] if value else (axis.literal if literal else axis.anything)
        for axis, value in zip(index.axes, chosen, strict=True)
    ]


def _rules(spans: list[_Span]) -> int:
    return reduce(and_, (span.rules for span in spans))


def _covers(index: _Index, spans: list[_Span]) -> bool:
    """Tell whether every combination of these values has a rule: boxes are disjoint, so count."""
    hits = _rules(spans)
    asked = _volume(span.values for span in spans)
    met = 0
    while hits:
        lowest = hits & -hits
        box = index.sizes[lowest.bit_length() - 1]
        met += _volume(size & span.values for size, span in zip(box, spans, strict=True))
        hits ^= lowest
    return met == asked > 0


def _volume(sets: Iterator[int]) -> int:
    volume = 1
    for values in sets:
        volume *= values.bit_count()
    return volume


def _join(index: _Index, hits: int) -> IiiPlus:
    sides = {rule.iii_plus for number, rule in enumerate(index.table.rules) if hits >> number & 1}
    return sides.pop() if len(sides) == 1 else IiiPlus.UNKNOWN


def _with_unassigned(
    index: _Index, chosen: tuple[str, ...], iii_plus: IiiPlus | None
) -> IiiPlus | None:
    """Join the verdicts on combinations without a group to that of the groups.

    The children of an unsplit category that have no group are left out where a sister has one
    (T1mi beside T1 with nodes); each value of an unknown counts.
    """
    for verdict in _unassigned(index, chosen):
        if iii_plus is not None and verdict is not iii_plus:
            return IiiPlus.UNKNOWN
        iii_plus = verdict
        if verdict is IiiPlus.UNKNOWN:
            break
    return iii_plus


def _unassigned(index: _Index, chosen: tuple[str, ...]) -> Iterator[IiiPlus]:
    """Give the verdict on each combination of the unknown values that has no rule.

    It is yes or no only if every T from T1 up would give that.
    """
    options = [
        axis.known if not value else (axis.spans[value],)
        for axis, value in zip(index.axes, chosen, strict=True)
    ]
    primary = options.pop(0) if index.primaries else ()
    for rest in _products(options, -1):
        if index.primaries is None:
            if not rest:
                yield IiiPlus.UNKNOWN
        elif any(not rest & span.rules for span in primary):
            invasive = rest & index.primaries.rules
            yield _join(index, invasive) if invasive else IiiPlus.UNKNOWN


def _products(options: list[tuple[_Span, ...]], rules: int) -> Iterator[int]:
    """Walk the combinations; -1 has all bits set, so it is where an intersection starts."""
    if not options:
        yield rules
        return
    for span in options[0]:
        yield from _products(options[1:], rules & span.rules)


def _conflicts(index: _Index, chosen: tuple[str, ...]) -> tuple[Conflict, ...]:
    meant = {
        axis.name: frozenset(
            single
            for single, span in axis.singles.items()
            if span.values & axis.spans[value].values
        )
        for axis, value in zip(index.axes, chosen, strict=True)
        if value
    }
    return tuple(
        entry.conflict
        for entry in index.table.inconsistent
        if all(name in meant and meant[name] <= few for name, few in entry.categories.items())
    )
