"""The structured opinion of a board: what it holds, what blocks its signing, how it is hashed.

Fields follow the national templates of consultation records (WS/T 500, C0045 and C0040) and what a
tumour board adds; see ``mdt.rules.quorum`` for who has to be there and who signs.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from mdt.rules.errors import IllegalTransition, Invalid
from mdt.rules.quorum import CHAIR_SLOT, Attendance, QuorumRule, quorum, required_signers

#: Written into the canonical form, so that a later form of the plan can be told from this one.
FORMAT = 1
#: Reasons of ``deferral_reasons`` that say nothing without words beside them.
REASONS_THAT_NEED_TEXT = frozenset({"other"})


class PlanState(StrEnum):
    """States of one revision."""

    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"


#: Back to draft from signing takes every signature back. Signed is final: an amendment is a new
#: revision that names the old one (电子病历应用管理规范, 国卫办医发〔2017〕8号).
TRANSITIONS: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.SIGNING}),
    PlanState.SIGNING: frozenset({PlanState.DRAFT, PlanState.SIGNED}),
    PlanState.SIGNED: frozenset(),
}


class Outcome(StrEnum):
    """What the board came to."""

    RECOMMENDED = "recommended"
    CONDITIONAL = "conditional"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    DEFERRED = "deferred"


#: Outcomes that recommend a treatment and therefore need diagnosis, stage, intent and steps.
TREATING_OUTCOMES = frozenset({Outcome.RECOMMENDED, Outcome.CONDITIONAL})


class Blocker(StrEnum):
    """What stands between a draft and its signatures."""

    NO_CHAIR = "no_chair"
    NO_CONDITION = "no_condition"
    NO_DEFERRAL_REASON = "no_deferral_reason"
    NO_DIAGNOSIS = "no_diagnosis"
    NO_FURTHER_TESTS = "no_further_tests"
    NO_INTENT = "no_intent"
    NO_OUTCOME = "no_outcome"
    NO_QUESTION_ANSWERED = "no_question_answered"
    NO_QUORUM = "no_quorum"
    NO_STAGE = "no_stage"
    NO_STEPS = "no_steps"
    DISSENT_INCOMPLETE = "dissent_incomplete"
    SIGNATURE_OF_OTHER_TEXT = "signature_of_other_text"
    STEP_INCOMPLETE = "step_incomplete"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, in order: modality (code), what, where, who, when (words)."""

    modality: str
    what: str
    where: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Dissent:
    """An opinion that differs, by name; ``kind`` is a code of ``dissent_types``."""

    user_id: int
    name: str
    discipline: str
    kind: str
    text: str


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


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the hash of the text that was signed."""

    user_id: int
    content_hash: str


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


def content_hash(draft: PlanDraft) -> str:
    """SHA-256 (hex) of the canonical form: what a signature is given for."""
    return hashlib.sha256(to_json(draft).encode()).hexdigest()


def blocking(
    draft: PlanDraft,
    *,
    attendance: Iterable[Attendance],
    quorum_rule: QuorumRule,
    signatures: Iterable[Signature] = (),
    quorum_overridden: bool = False,
) -> tuple[Blocker, ...]:
    """Everything that blocks signing, in the order of the page; empty when it may be signed.

    An overridden quorum lets the opinion be signed and never counts as a quorum. A deferral
    recommends nothing and needs none.
    """
    people = tuple(attendance)
    needs = required_signers(people, quorum_rule)
    has_quorum = (
        quorum_overridden or draft.outcome is Outcome.DEFERRED or quorum(people, quorum_rule).met
    )
    found = {
        Blocker.NO_CHAIR: not any(n.slot == CHAIR_SLOT and n.user_ids for n in needs),
        Blocker.NO_QUORUM: not has_quorum,
        Blocker.DISSENT_INCOMPLETE: not all(map(_dissent_complete, draft.dissent)),
        Blocker.STEP_INCOMPLETE: not all(map(_step_complete, draft.steps)),
        Blocker.SIGNATURE_OF_OTHER_TEXT: _other_text_signed(draft, signatures),
    }
    blockers = (*_content_blockers(draft), *(code for code, holds in found.items() if holds))
    return tuple(sorted(blockers, key=_PAGE_ORDER.index))


_PAGE_ORDER = (
    Blocker.NO_OUTCOME,
    Blocker.NO_DEFERRAL_REASON,
    Blocker.NO_QUESTION_ANSWERED,
    Blocker.NO_DIAGNOSIS,
    Blocker.NO_STAGE,
    Blocker.NO_INTENT,
    Blocker.NO_STEPS,
    Blocker.STEP_INCOMPLETE,
    Blocker.NO_CONDITION,
    Blocker.NO_FURTHER_TESTS,
    Blocker.DISSENT_INCOMPLETE,
    Blocker.NO_CHAIR,
    Blocker.NO_QUORUM,
    Blocker.SIGNATURE_OF_OTHER_TEXT,
)


def _content_blockers(draft: PlanDraft) -> tuple[Blocker, ...]:
    if draft.outcome is None:
        return (Blocker.NO_OUTCOME,)
    found = {Blocker.NO_DIAGNOSIS: _blank(draft.diagnosis)}
    if draft.outcome in TREATING_OUTCOMES:
        found |= _treatment_blockers(draft)
    if draft.outcome is Outcome.INSUFFICIENT_INFORMATION:
        found[Blocker.NO_FURTHER_TESTS] = _blank(draft.further_tests) and not draft.steps
    if draft.outcome is Outcome.DEFERRED:
        found[Blocker.NO_DEFERRAL_REASON] = _blank(draft.deferral_reason) or (
            draft.deferral_reason in REASONS_THAT_NEED_TEXT and _blank(draft.deferral_text)
        )
    return tuple(code for code, holds in found.items() if holds)


def _treatment_blockers(draft: PlanDraft) -> dict[Blocker, bool]:
    conditions = (draft.further_tests, draft.alternative, draft.review_point)
    return {
        Blocker.NO_QUESTION_ANSWERED: _blank(draft.answer),
        Blocker.NO_STAGE: bool(draft.stage.table) and _blank(draft.stage.stage_group),
        Blocker.NO_INTENT: _blank(draft.intent),
        Blocker.NO_STEPS: not draft.steps,
        Blocker.NO_CONDITION: draft.outcome is Outcome.CONDITIONAL and all(map(_blank, conditions)),
    }


def _other_text_signed(draft: PlanDraft, signatures: Iterable[Signature]) -> bool:
    hashes = {signature.content_hash for signature in signatures}
    return bool(hashes - {content_hash(draft)}) if hashes else False


def _step_complete(step: PlanStep) -> bool:
    return not any(map(_blank, (step.modality, step.what, step.where, step.who, step.when)))


def _dissent_complete(dissent: Dissent) -> bool:
    return not any(map(_blank, (dissent.name, dissent.kind, dissent.text)))


def _blank(text: str) -> bool:
    return not text.strip()


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
