"""The fields of an opinion one by one: their names, what each may hold, and back to the whole.

A field is called ``answer``, ``stage.t``, ``stage.factors.grade``, ``steps.K.what`` or
``dissent.K.text``, where K is the key of a row; ``steps.order`` lists the keys of the rows.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mdt.rules.case_stage import find_table
from mdt.rules.content import intents, modalities, reasons
from mdt.rules.content.reasons import ReasonList
from mdt.rules.plan import AgreedStage, Dissent, Outcome, PlanDraft, PlanStep
from mdt.rules.plan_stage import CLASSIFICATIONS
from mdt.rules.staging.shapes import AXES

TEXTS = (
    "alternative",
    "answer",
    "basis",
    "deferral_text",
    "diagnosis",
    "further_tests",
    "imaging_review",
    "pathology_review",
    "patient_wish",
    "review_point",
)
CODES = ("deferral_reason", "intent", "outcome")
STAGE = ("table", "edition", "classification", "t", "n", "m", "stage_group")
#: Columns of the two lists.
ROWS: Mapping[str, tuple[str, ...]] = {
    "steps": ("modality", "what", "where", "who", "when"),
    "dissent": ("user_id", "kind", "text"),
}
LONGEST_TEXT, LONGEST_LINE, LONGEST_GROUP = 4000, 300, 30
MOST_ROWS = 30
KEY = re.compile(r"[a-z0-9]{1,12}")

#: Field to text, and ``steps.order`` and ``dissent.order`` to a list of keys.
Leaves = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was here and may differ: name and code of the discipline."""

    name: str
    discipline: str


def with_keys(draft: PlanDraft) -> PlanDraft:
    """Give every row a key that has none."""
    steps = tuple(replace(s, key=s.key or f"s{n}") for n, s in enumerate(draft.steps))
    dissent = tuple(replace(d, key=d.key or f"d{n}") for n, d in enumerate(draft.dissent))
    return replace(draft, steps=steps, dissent=dissent)


def with_dissent(draft: PlanDraft, said: Dissent) -> PlanDraft:
    """Write a person's dissent, in place of what the opinion held of that person's."""
    own = next((d for d in draft.dissent if d.user_id == said.user_id), None)
    others = tuple(d for d in draft.dissent if d.user_id != said.user_id)
    key = own.key if own and own.key else f"u{said.user_id}"
    return replace(draft, dissent=(*others, replace(said, key=key)))


def leaves(draft: PlanDraft) -> Leaves:
    """Take an opinion apart; every row must have its key."""
    found: Leaves = {name: getattr(draft, name) for name in (*TEXTS, *CODES)}
    found["outcome"] = draft.outcome.value if draft.outcome else ""
    found |= {f"stage.{name}": getattr(draft.stage, name) for name in STAGE}
    found |= {f"stage.factors.{name}": value for name, value in draft.stage.factors.items()}
    for rows, columns in ROWS.items():
        listed = getattr(draft, rows)
        found[f"{rows}.order"] = [row.key for row in listed]
        for row in listed:
            for column in columns:
                found[f"{rows}.{row.key}.{column}"] = _as_text(getattr(row, column))
    return found


def _as_text(value: object) -> str:
    return "" if value == 0 else str(value)


def stage_of(found: Leaves) -> AgreedStage:
    """The stage among the leaves."""
    prefix = "stage.factors."
    factors = {k.removeprefix(prefix): v for k, v in found.items() if k.startswith(prefix) and v}
    return AgreedStage(**{name: found[f"stage.{name}"] for name in STAGE}, factors=factors)


def draft_of(found: Leaves, people: Mapping[int, Attendee], before: PlanDraft) -> PlanDraft:
    """Put an opinion together; who dissents is named from ``people``, else as it stood."""
    outcome = found["outcome"]
    return PlanDraft(
        outcome=Outcome(outcome) if outcome else None,
        **{name: found[name] for name in (*TEXTS, "deferral_reason", "intent")},
        stage=stage_of(found),
        steps=tuple(_step(found, key) for key in found["steps.order"]),
        dissent=tuple(_dissent(found, key, people, before) for key in found["dissent.order"]),
    )


def _step(found: Leaves, key: str) -> PlanStep:
    return PlanStep(**{column: found[f"steps.{key}.{column}"] for column in ROWS["steps"]}, key=key)


def _dissent(found: Leaves, key: str, people: Mapping[int, Attendee], before: PlanDraft) -> Dissent:
    said = found[f"dissent.{key}.user_id"]
    user_id = int(said) if said else 0
    as_it_stood = next((d for d in before.dissent if d.user_id == user_id and user_id), None)
    known = people.get(user_id) or as_it_stood or Attendee("", "")
    return Dissent(
        user_id,
        known.name,
        known.discipline,
        found[f"dissent.{key}.kind"],
        found[f"dissent.{key}.text"],
        key=key,
    )


def clean(text: str) -> str:
    """Typed text with plain line ends and without what has no meaning in it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def problem_with(name: str, text: str, found: Leaves, people: Mapping[int, Attendee]) -> str:
    """Code of what is wrong with a field's new text, or nothing."""
    if name in TEXTS:
        return "too_long" if len(text) > LONGEST_TEXT else ""
    if name.startswith("stage."):
        return _problem_with_stage(name.removeprefix("stage."), text, found)
    column = name.rpartition(".")[2]
    allowed = _choices(name, column, people)
    if allowed is not None:
        return "" if not text or text in allowed else "not_a_choice"
    return "too_long" if len(text) > (LONGEST_TEXT if column == "text" else LONGEST_LINE) else ""


def _choices(name: str, column: str, people: Mapping[int, Attendee]) -> frozenset[str] | None:
    if name == "outcome":
        return frozenset(one.value for one in Outcome)
    if name == "intent":
        return frozenset(one.code for one in intents())
    if name == "deferral_reason":
        return frozenset(one.code for one in reasons(ReasonList.DEFERRAL))
    if column == "modality":
        return frozenset(one.code for one in modalities())
    if column == "kind":
        return frozenset(one.code for one in reasons(ReasonList.DISSENT)) - {"none"}
    return frozenset(map(str, people)) if column == "user_id" else None


def _problem_with_stage(name: str, text: str, found: Leaves) -> str:
    table = find_table(found["stage.table"])
    if name == "stage_group" and table is None:
        return "too_long" if len(text) > LONGEST_GROUP else ""
    if not text:
        return ""
    if name == "table":
        return "" if find_table(text) else "not_a_choice"
    if name == "classification":
        return "" if text in CLASSIFICATIONS else "not_a_choice"
    if table is None:
        return "not_a_choice"
    if name == "stage_group":
        return "" if text in table.stages else "not_a_choice"
    factor = name.removeprefix("factors.")
    allowed = table.categories(name) if name in AXES else table.values.get(factor, ())
    return "" if text in allowed else "not_a_choice"
