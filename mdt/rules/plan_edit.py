"""Editing an opinion field by field while others edit it too.

Each field knows the version of its last change and who made it. A change that was typed over
somebody else's newer text is a conflict and nothing of the edit is taken; all others merge. Rows
merge too: typing into a row that somebody took out brings it back, and a row that somebody wrote
in meanwhile stays when it is taken out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mdt.rules.plan import PlanDraft
from mdt.rules.plan_fields import (
    CODES,
    KEY,
    MOST_ROWS,
    ROWS,
    STAGE,
    TEXTS,
    Attendee,
    Leaves,
    clean,
    draft_of,
    leaves,
    problem_with,
    stage_of,
)
from mdt.rules.plan_stage import settle

_ROW = re.compile(r"(steps|dissent)\.([^.]+)(?:\.([a-z_]+))?")
_FACTOR = re.compile(r"stage\.factors\.[a-z0-9_]{1,40}", re.IGNORECASE)
#: Settable parts of the stage; the edition comes with the table.
_STAGE_NAMES = frozenset(f"stage.{name}" for name in STAGE if name != "edition")
Versions = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class Typist:
    """Who types, on what version of the text, and the version that the edit makes."""

    user_id: int
    base: int
    version: int


@dataclass(frozen=True, slots=True)
class Edited:
    """Outcome: the opinion and its fields' versions, what was refused, what stood in the way.

    ``changed`` names the fields that are different now; ``conflicts`` maps a field to the text
    that somebody else wrote, and then nothing has changed.
    """

    draft: PlanDraft
    versions: dict[str, list[int]]
    changed: tuple[str, ...] = ()
    errors: Mapping[str, str] | None = None
    conflicts: Mapping[str, Any] | None = None


def apply_changes(
    draft: PlanDraft,
    versions: Versions,
    changes: Mapping[str, Any],
    typist: Typist,
    people: Mapping[int, Attendee],
) -> Edited:
    """Write ``changes`` (field to text) into an opinion whose rows have keys.

    ``None`` for ``steps.K`` or ``dissent.K`` takes the row out. The whole of ``stage``, ``steps``
    or ``dissent`` may be given as in the stored content.
    """
    edit = _Edit(leaves(draft), versions, typist, people)
    for name, value in sorted(_expanded(changes, edit.found, typist), key=_table_first):
        edit.write(name, value)
    if edit.conflicts:
        return Edited(draft, dict(versions), (), edit.errors, edit.conflicts)
    before = leaves(draft)
    _settle(before, edit.found)
    after = draft_of(edit.found, people, draft)
    changed = tuple(sorted(n for n, v in leaves(after).items() if before.get(n) != v))
    gone = {name for name in before if name not in edit.found}
    kept = {name: list(mark) for name, mark in versions.items() if name not in gone}
    marks = {name: [typist.version, typist.user_id] for name in changed}
    return Edited(after, kept | marks, changed, edit.errors, {})


def changed_since(versions: Versions, base: int) -> frozenset[str]:
    """Fields that changed after a version."""
    return frozenset(name for name, (version, _) in versions.items() if version > base)


def top_level(names: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of the stored content that these fields belong to."""
    return tuple(sorted({name.partition(".")[0] for name in names}))


def _table_first(change: tuple[str, Any]) -> tuple[bool, bool, str]:
    """Another table decides which categories there are; the order of rows comes last."""
    name, _ = change
    return (name.endswith(".order"), name != "stage.table", name)


def _settle(before: Leaves, found: Leaves) -> None:
    settled = settle(stage_of(before), stage_of(found))
    for name in [name for name in found if name.startswith("stage.factors.")]:
        del found[name]
    found |= {f"stage.{name}": getattr(settled, name) for name in STAGE}
    found |= {f"stage.factors.{name}": value for name, value in settled.factors.items()}


def _expanded(
    changes: Mapping[str, Any], found: Leaves, typist: Typist
) -> Iterator[tuple[str, Any]]:
    """Whole parts become single fields."""
    for name, value in changes.items():
        if name == "stage" and isinstance(value, dict):
            factors = value.get("factors")
            plain = {k: v for k, v in value.items() if k not in {"factors", "edition"}}
            yield from ((f"stage.{k}", v) for k, v in plain.items())
            if isinstance(factors, dict):
                yield from ((f"stage.factors.{k}", v) for k, v in factors.items())
        elif name in ROWS and isinstance(value, list):
            yield from _rows(name, value, found, typist)
        else:
            yield name, value


def _rows(name: str, rows: list[Any], found: Leaves, typist: Typist) -> Iterator[tuple[str, Any]]:
    order = []
    for number, row in enumerate(row for row in rows if isinstance(row, dict)):
        key = str(row.get("key") or f"r{typist.version}x{number}")
        order.append(key)
        yield from ((f"{name}.{key}.{column}", row.get(column, "")) for column in ROWS[name])
    yield from ((f"{name}.{key}", None) for key in found[f"{name}.order"] if key not in order)
    yield f"{name}.order", order


class _Edit:
    """One edit under way over the leaves of an opinion."""

    def __init__(
        self, found: Leaves, versions: Versions, typist: Typist, people: Mapping[int, Attendee]
    ) -> None:
        self.found, self.versions, self.typist, self.people = found, versions, typist, people
        self.errors: dict[str, str] = {}
        self.conflicts: dict[str, Any] = {}

    def write(self, name: str, value: Any) -> None:
        """Write one field, or note why not."""
        row = _ROW.fullmatch(name)
        if name in (*TEXTS, *CODES) or name in _STAGE_NAMES or _FACTOR.fullmatch(name):
            self._write_text(name, value)
        elif name in {"steps.order", "dissent.order"}:
            self._reorder(name, value)
        elif row is None or not KEY.fullmatch(row[2]) or row[2] == "order":
            self.errors[name] = "unknown_field"
        elif row[3] is None:
            self._take_out(row[1], row[2])
        elif row[3] in ROWS[row[1]]:
            self._write_cell(name, row[1], row[2], value)
        else:
            self.errors[name] = "unknown_field"

    def _write_text(self, name: str, value: Any) -> None:
        text = self._checked(name, value)
        if text is None or self.found.get(name, "") == text:
            return
        if self._theirs(name):
            self.conflicts[name] = self.found.get(name, "")
        else:
            self.found[name] = text

    def _checked(self, name: str, value: Any) -> str | None:
        """The text to write, or nothing where it is refused."""
        if not isinstance(value, str | int | None) or isinstance(value, bool):
            self.errors[name] = "text_expected"
            return None
        text = clean("" if value is None else str(value))
        problem = problem_with(name, text, self.found, self.people)
        if problem:
            self.errors[name] = problem
        return None if problem else text

    def _write_cell(self, name: str, rows: str, key: str, value: Any) -> None:
        order = self.found[f"{rows}.order"]
        if key not in order and self._checked(name, value) is not None:
            if len(order) >= MOST_ROWS:
                self.errors[name] = "too_many_rows"
                return
            self.found[f"{rows}.order"] = [*order, key]
            self.found |= {f"{rows}.{key}.{column}": "" for column in ROWS[rows]}
        if key in self.found[f"{rows}.order"]:
            self._write_text(name, value)

    def _take_out(self, rows: str, key: str) -> None:
        cells = [f"{rows}.{key}.{column}" for column in ROWS[rows]]
        if key not in self.found[f"{rows}.order"] or any(map(self._theirs, cells)):
            return
        self.found[f"{rows}.order"] = [k for k in self.found[f"{rows}.order"] if k != key]
        for cell in cells:
            del self.found[cell]

    def _reorder(self, name: str, value: Any) -> None:
        keys = value.split(",") if isinstance(value, str) else value
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            self.errors[name] = "text_expected"
            return
        there = self.found[name]
        told = [key for key in dict.fromkeys(keys) if key in there]
        self.found[name] = told + [key for key in there if key not in told]

    def _theirs(self, name: str) -> bool:
        version, user_id = self.versions.get(name, (0, 0))
        return version > self.typist.base and user_id != self.typist.user_id
