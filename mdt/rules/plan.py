"""The structured opinion of a board: what it holds, its states, how it is written and hashed.

Fields follow the national templates of consultation records (WS/T 500, C0045 and C0040) and what a
tumour board adds; see ``mdt.rules.plan_blocking`` for what keeps it from being signed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from mdt.rules.content.terms import Term
from mdt.rules.errors import IllegalTransition, Invalid

#: Written into the canonical form, so that a later form of the plan can be told from this one.
FORMAT = 1


class PlanState(StrEnum):
    """States of one revision."""

    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


#: Signed is final: an amendment is a new revision that names the old one (电子病历应用管理规范,
#: 国卫办医发〔2017〕8号). What has gone out for signing is final too: taking it back withdraws the
#: revision with the signatures under it (they are never removed), and a copy of it goes on as the
#: next draft. A draft is withdrawn when an addendum is given up.
TRANSITIONS: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.SIGNING, PlanState.WITHDRAWN}),
    PlanState.SIGNING: frozenset({PlanState.SIGNED, PlanState.WITHDRAWN}),
    PlanState.SIGNED: frozenset(),
    PlanState.WITHDRAWN: frozenset(),
}


class Outcome(StrEnum):
    """What the board came to."""

    RECOMMENDED = "recommended"
    CONDITIONAL = "conditional"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    DEFERRED = "deferred"


OUTCOMES = (
    Term(Outcome.RECOMMENDED, "推荐方案", "Recommended"),
    Term(Outcome.CONDITIONAL, "有条件推荐", "Recommended under conditions"),
    Term(Outcome.INSUFFICIENT_INFORMATION, "资料不足，补充后再定", "Insufficient information"),
    Term(Outcome.DEFERRED, "缓议", "Deferred"),
)


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, in order: modality (code), what, where, who, when (words).

    ``key`` tells the step from the others while several people edit the list.
    """

    modality: str
    what: str
    where: str
    who: str
    when: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Dissent:
    """An opinion that differs, by name; ``kind`` is a code of ``dissent_types``, ``key`` as above.

    ``user_id`` is 0 as long as nobody has been chosen.
    """

    user_id: int
    name: str
    discipline: str
    kind: str
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class AgreedStage:
    """The stage the board agreed on; ``table`` is a key of the staging tables, or empty."""

    table: str = ""
    edition: str = ""
    classification: str = ""
    t: str = ""
    n: str = ""
    m: str = ""
    factors: Mapping[str, str] = field(default_factory=dict)
    stage_group: str = ""


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """The whole opinion. Codes: outcome, deferral_reason, intent; everything else is words."""

    outcome: Outcome | None = None
    deferral_reason: str = ""
    deferral_text: str = ""
    answer: str = ""
    diagnosis: str = ""
    stage: AgreedStage = field(default_factory=AgreedStage)
    intent: str = ""
    steps: tuple[PlanStep, ...] = ()
    further_tests: str = ""
    imaging_review: str = ""
    pathology_review: str = ""
    alternative: str = ""
    review_point: str = ""
    patient_wish: str = ""
    basis: str = ""
    dissent: tuple[Dissent, ...] = ()


def move(current: PlanState, target: PlanState) -> PlanState:
    """Return the new state, or raise `IllegalTransition`."""
    if target not in TRANSITIONS[current]:
        raise IllegalTransition("plan_transition", current=current, target=target)
    return target


def to_json(draft: PlanDraft) -> str:
    """Write the canonical form: sorted keys, no spaces, UTF-8 text as it is."""
    content = {"format": FORMAT, **asdict(draft)}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> PlanDraft:
    """Read what `to_json` wrote; absent keys take their defaults.

    Raises `Invalid` for anything it doesn't know: an opinion is never read with a part dropped.
    """
    try:
        content = json.loads(text)
        if content.pop("format") != FORMAT:
            raise Invalid({"plan": "unknown_format"})
        return _draft(content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid({"plan": "unreadable"}) from error


def to_content(draft: PlanDraft) -> dict[str, Any]:
    """The same as plain data, for a JSON column and for the live room."""
    content: dict[str, Any] = json.loads(to_json(draft))
    return content


def from_content(content: Mapping[str, Any]) -> PlanDraft:
    """Read what `to_content` made; raises `Invalid` as `from_json` does."""
    return from_json(json.dumps(content, ensure_ascii=False))


def content_hash(draft: PlanDraft, pictures: Mapping[str, Any] | None = None) -> str:
    """SHA-256 (hex) of the canonical form: what a signature is given for.

    ``pictures`` says which key images and lesions are printed with it.
    """
    whole = to_json(draft)
    if pictures:
        named = json.dumps(pictures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        whole = f"{whole}\n{named}"
    return hashlib.sha256(whole.encode()).hexdigest()


def _draft(content: dict[str, Any]) -> PlanDraft:
    nested: dict[str, Any] = {
        "outcome": None if content["outcome"] is None else Outcome(content["outcome"]),
        "stage": AgreedStage(**content.get("stage", {})),
        "steps": tuple(PlanStep(**step) for step in content.get("steps", ())),
        "dissent": tuple(Dissent(**dissent) for dissent in content.get("dissent", ())),
    }
    draft = PlanDraft(**{**content, **nested})
    parts: tuple[_Part, ...] = (draft, draft.stage, *draft.steps, *draft.dissent)
    if not all(map(_holds_text, parts)):
        raise TypeError("a field holds no text")
    return draft


#: Fields that are not text; every other field of a plan is.
_NOT_TEXT = frozenset({"outcome", "stage", "steps", "dissent", "factors", "user_id"})


_Part = PlanDraft | AgreedStage | PlanStep | Dissent


def _holds_text(part: _Part) -> bool:
    names = (f.name for f in fields(part) if f.name not in _NOT_TEXT)
    return all(isinstance(getattr(part, name), str) for name in names)
