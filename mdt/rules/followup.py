"""After the opinion: what the requesting hospital adopts, and what became of the patient.

Source: 远程医疗服务管理规范（试行）, 国卫医发〔2018〕25号: the requesting side takes the opinion as
reference, decides on diagnosis and treatment and bears the responsibility for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.errors import Invalid

#: Printed on every opinion and shown where it is adopted.
LIABILITY: Mapping[str, str] = {
    "zh": "受邀方意见供邀请方参考，诊断与治疗方案由邀请方决定，并由邀请方承担相应责任。",
    "en": (
        "The opinion of the consulting hospital is for reference. The requesting hospital decides "
        "on diagnosis and treatment and bears the responsibility for them."
    ),
}


class AdoptionDecision(StrEnum):
    """How much of the opinion the requesting hospital takes over."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


#: Codes of the list ``adoption_reasons`` that go with each decision, the plain one first.
ADOPTION_REASONS: Mapping[AdoptionDecision, tuple[str, ...]] = {
    AdoptionDecision.FULL: ("full",),
    AdoptionDecision.PARTIAL: (
        "partial",
        "partial_local_limits",
        "partial_patient_choice",
        "partial_new_data",
    ),
    AdoptionDecision.NONE: (
        "not_adopted",
        "not_adopted_different_judgement",
        "not_adopted_condition",
        "not_adopted_patient",
        "not_adopted_referred",
    ),
}


class Execution(StrEnum):
    """How far the plan has been carried out."""

    NOT_STARTED = "not_started"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CHANGED = "changed"
    STOPPED = "stopped"


#: Executions that say why, with a code of the list ``nonimplementation_reasons``.
NEEDS_REASON = frozenset({Execution.NOT_STARTED, Execution.CHANGED, Execution.STOPPED})

#: Codes of the list ``nonimplementation_reasons``.
NONIMPLEMENTATION_REASONS = (
    "patient_refused",
    "patient_died",
    "condition_worse",
    "toxicity",
    "progression",
    "financial",
    "not_available",
    "drug_unavailable",
    "waiting_list",
    "moved_hospital",
    "moved_province",
    "lost",
    "noncompliance",
    "pregnancy",
    "in_trial",
    "new_finding",
    "changed_by_new_mdt",
    "comorbidity",
    "insurance",
    "other",
    "unknown",
)
REASONS_THAT_NEED_TEXT = frozenset({"other"})


class StepResult(StrEnum):
    """What became of one step of the plan."""

    DONE = "done"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: its key in the plan, what became of it, and why not (all of) it was done.

    ``reason`` is a code of ``nonimplementation_reasons``.
    """

    key: str
    result: StepResult
    reason: str = ""


class Vital(StrEnum):
    """Whether the patient lives, as far as is known."""

    ALIVE = "alive"
    DEAD = "dead"
    LOST = "lost"


class Response(StrEnum):
    """Course of the disease, in the groups of RECIST 1.1 as a county hospital can tell them."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    STABLE = "stable"
    PROGRESSION = "progression"
    RECURRENCE = "recurrence"
    NOT_ASSESSED = "not_assessed"


#: ECOG of a living patient; 5 is death and is recorded as such (domain, 3.8).
ECOG_OF_THE_LIVING = range(5)


@dataclass(frozen=True, slots=True)
class Adoption:
    """The requesting doctor's decision; ``text`` says what is done otherwise, and why."""

    decision: AdoptionDecision
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One plain report on a patient after the board."""

    on: date
    execution: Execution
    vital: Vital
    response: Response = Response.NOT_ASSESSED
    reason: str = ""
    ecog: int | None = None
    treatment_started_on: date | None = None
    treatment_type: str = ""
    died_on: date | None = None
    next_on: date | None = None
    text: str = ""
    steps: tuple[StepReport, ...] = ()


def check_adoption(adoption: Adoption) -> Adoption:
    """Return it unchanged, or raise `Invalid` with the fields that are wrong."""
    wrong: dict[str, str] = {}
    if adoption.reason not in ADOPTION_REASONS[adoption.decision]:
        wrong["reason"] = "not_a_choice"
    if adoption.decision is not AdoptionDecision.FULL and not adoption.text.strip():
        wrong["text"] = "required"
    if wrong:
        raise Invalid(wrong)
    return adoption


def check_followup(record: FollowUp, *, today: date, signed_on: date) -> FollowUp:
    """Return it unchanged, or raise `Invalid` with the fields that are wrong.

    ``signed_on`` is the day of the opinion: a report from before it is no follow-up of it.
    """
    wrong = _wrong_reason(record) | _wrong_state(record) | _wrong_dates(record, today, signed_on)
    wrong |= _wrong_steps(record)
    if wrong:
        raise Invalid(wrong)
    return record


def _wrong_reason(record: FollowUp) -> dict[str, str]:
    if record.execution not in NEEDS_REASON:
        return {"reason": "not_expected"} if record.reason else {}
    if not record.reason:
        return {"reason": "required"}
    if record.reason not in NONIMPLEMENTATION_REASONS:
        return {"reason": "not_a_choice"}
    if record.reason in REASONS_THAT_NEED_TEXT and not record.text.strip():
        return {"text": "required"}
    return {}


def _wrong_steps(record: FollowUp) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for step in record.steps:
        field = f"steps.{step.key}.reason"
        if step.result is StepResult.DONE:
            if step.reason:
                wrong[field] = "not_expected"
        elif not step.reason:
            wrong[field] = "required"
        elif step.reason not in NONIMPLEMENTATION_REASONS:
            wrong[field] = "not_a_choice"
        elif step.reason in REASONS_THAT_NEED_TEXT and not record.text.strip():
            wrong["text"] = "required"
    return wrong


def _wrong_state(record: FollowUp) -> dict[str, str]:
    wrong: dict[str, str] = {}
    dead = record.vital is Vital.DEAD
    if dead and record.died_on is None:
        wrong["died_on"] = "required"
    if not dead and record.died_on is not None:
        wrong["died_on"] = "not_expected"
    if dead and record.next_on is not None:
        wrong["next_on"] = "not_expected"
    if record.ecog is not None and (
        record.vital is not Vital.ALIVE or record.ecog not in ECOG_OF_THE_LIVING
    ):
        wrong["ecog"] = "not_expected" if record.vital is not Vital.ALIVE else "out_of_range"
    if record.treatment_type and record.treatment_started_on is None:
        wrong["treatment_started_on"] = "required"
    return wrong


def _wrong_dates(record: FollowUp, today: date, signed_on: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if record.on < signed_on:
        wrong["on"] = "before_opinion"
    for name in ("on", "died_on", "treatment_started_on"):
        moment: date | None = getattr(record, name)
        if moment is not None and moment > today:
            wrong[name] = "in_future"
    if record.died_on is not None and record.died_on > record.on:
        wrong.setdefault("died_on", "after_report")
    if record.next_on is not None and record.next_on <= record.on:
        wrong["next_on"] = "not_after_report"
    return wrong
