"""What stands between an opinion and its signatures: what is missing, who is missing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mdt.rules.plan import Dissent, Outcome, PlanDraft, PlanStep, content_hash
from mdt.rules.quorum import (
    CHAIR_SLOT,
    Attendance,
    QuorumRule,
    SignerNeed,
    able_signers,
    quorum,
    required_signers,
)

#: Reasons of ``deferral_reasons`` that say nothing without words beside them.
REASONS_THAT_NEED_TEXT = frozenset({"other"})
#: Outcomes that recommend a treatment and therefore need diagnosis, stage, intent and steps.
TREATING_OUTCOMES = frozenset({Outcome.RECOMMENDED, Outcome.CONDITIONAL})


class Blocker(StrEnum):
    """What stands between a draft and its signatures."""

    ADDENDUM_DEFERS = "addendum_defers"
    DISSENT_INCOMPLETE = "dissent_incomplete"
    NOT_CONCLUDED = "not_concluded"
    NO_ABLE_SIGNER = "no_able_signer"
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
    SIGNATURE_OF_OTHER_TEXT = "signature_of_other_text"
    STEP_INCOMPLETE = "step_incomplete"
    VOTE_UNEXPLAINED = "vote_unexplained"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the hash of the text that was signed."""

    user_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What beside the text decides about signing.

    ``able`` are the people who may sign by their years of practice (``None``: everybody);
    ``amends`` marks an addendum to a signed opinion; ``against`` are the people whose last vote at
    this item was against; ``pictures`` are those that are signed with the text.
    """

    attendance: tuple[Attendance, ...]
    quorum_rule: QuorumRule
    quorum_overridden: bool = False
    concluded: bool = True
    able: Collection[int] | None = None
    amends: bool = False
    against: Collection[int] = ()
    pictures: Mapping[str, Any] | None = None

    @property
    def needs(self) -> tuple[SignerNeed, ...]:
        """The signatures asked for, each with those who can give it."""
        needs = required_signers(self.attendance, self.quorum_rule)
        if self.able is None:
            return needs
        narrowed = able_signers(needs, self.able)
        if not self.quorum_overridden:
            return narrowed
        return tuple(need for need in narrowed if need.user_ids or need.slot == CHAIR_SLOT)


def blocking(
    draft: PlanDraft, around: Circumstances, signatures: Iterable[Signature] = ()
) -> tuple[Blocker, ...]:
    """Everything that blocks signing, in the order of the page; empty when it may be signed.

    An overridden quorum lets the opinion be signed and never counts as a quorum. A deferral
    recommends nothing and needs none.
    """
    deferred = draft.outcome is Outcome.DEFERRED
    has_quorum = (
        around.quorum_overridden or deferred or quorum(around.attendance, around.quorum_rule).met
    )
    empty = [need.slot for need in around.needs if not need.user_ids]
    found = {
        Blocker.ADDENDUM_DEFERS: around.amends and deferred,
        Blocker.NOT_CONCLUDED: not around.concluded,
        Blocker.NO_CHAIR: CHAIR_SLOT in empty,
        Blocker.NO_ABLE_SIGNER: bool(set(empty) - {CHAIR_SLOT}),
        Blocker.NO_QUORUM: not has_quorum,
        Blocker.DISSENT_INCOMPLETE: not all(map(_dissent_complete, draft.dissent)),
        Blocker.VOTE_UNEXPLAINED: bool(unexplained(draft, around.against)),
        Blocker.STEP_INCOMPLETE: not all(map(_step_complete, draft.steps)),
        Blocker.SIGNATURE_OF_OTHER_TEXT: _other_text_signed(draft, around, signatures),
    }
    blockers = (*_content_blockers(draft), *(code for code, holds in found.items() if holds))
    return tuple(sorted(blockers, key=_PAGE_ORDER.index))


_PAGE_ORDER = (
    Blocker.NO_OUTCOME,
    Blocker.ADDENDUM_DEFERS,
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
    Blocker.VOTE_UNEXPLAINED,
    Blocker.NOT_CONCLUDED,
    Blocker.NO_CHAIR,
    Blocker.NO_QUORUM,
    Blocker.NO_ABLE_SIGNER,
    Blocker.SIGNATURE_OF_OTHER_TEXT,
)


def unexplained(draft: PlanDraft, against: Iterable[int]) -> frozenset[int]:
    """Those who voted against and whose opinion the text does not hold by name."""
    return frozenset(against) - {dissent.user_id for dissent in draft.dissent}


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


def _other_text_signed(
    draft: PlanDraft, around: Circumstances, signatures: Iterable[Signature]
) -> bool:
    hashes = {signature.content_hash for signature in signatures}
    return bool(hashes - {content_hash(draft, around.pictures)}) if hashes else False


def _step_complete(step: PlanStep) -> bool:
    return not any(map(_blank, (step.modality, step.what, step.where, step.who, step.when)))


def _dissent_complete(dissent: Dissent) -> bool:
    return not any(map(_blank, (dissent.name, dissent.kind, dissent.text)))


def _blank(text: str) -> bool:
    return not text.strip()
