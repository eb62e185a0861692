"""Plan templates: what a board on a tumour usually decides between. Names only, no doses."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from mdt.rules.content.files import content
from mdt.rules.content.terms import Term, by_code
from mdt.rules.errors import NotFound


class Severity(StrEnum):
    """What a flag asks for: an answer, a reason, a second signature."""

    ASK = "ask"
    STOP = "stop"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Modality(Term):
    """A kind of step; ``first_treatment`` is its code in the register, empty where none."""

    first_treatment: str


@dataclass(frozen=True, slots=True)
class TemplateStep(Term):
    """A step to choose from; ``usual_place`` holds county, city, province."""

    modality: str
    usual_place: tuple[str, ...]
    prerequisites_zh: tuple[str, ...]
    order: int


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """How often to see a patient; months after treatment or from the decision to watch.

    ``track`` is after_treatment, surveillance or palliative.
    """

    track: str
    from_month: int
    to_month: int
    every_months: int
    items_zh: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A question that guards against too much treatment; its condition is in words."""

    code: str
    condition_zh: str
    fields: tuple[str, ...]
    question_zh: str
    question_en: str
    severity: Severity

    def question(self, locale: str) -> str:
        """The question in the reader's language."""
        return self.question_en if str(locale).startswith("en") else self.question_zh


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """What a plan for a tumour type is put together from; ``flags`` begins with the common ones."""

    tumour_type: str
    intents: tuple[Term, ...]
    steps: tuple[TemplateStep, ...]
    follow_up: tuple[FollowUpRule, ...]
    flags: tuple[Flag, ...]


@cache
def intents() -> tuple[Term, ...]:
    """Every intent of treatment."""
    rows = content("plan_templates")["intents"]
    return tuple(Term(row["code"], row["label_zh"], row["label_en"]) for row in rows)


@cache
def modalities() -> tuple[Modality, ...]:
    """Every kind of step."""
    return tuple(
        Modality(
            row["code"],
            row["label_zh"],
            row["label_en"],
            row["register_first_treatment"] or "",
        )
        for row in content("plan_templates")["modalities"]
    )


def _step(row: dict[str, Any]) -> TemplateStep:
    return TemplateStep(
        row["id"],
        row["label_zh"],
        row["label_en"],
        row["modality"],
        tuple(row["usual_place"]),
        tuple(row["prerequisites_zh"]),
        row["order"],
    )


def _flag(row: dict[str, Any]) -> Flag:
    return Flag(
        row["id"],
        row["condition_zh"],
        tuple(row["fields"]),
        row["question_zh"],
        row["question_en"],
        Severity(row["severity"]),
    )


def _template(row: dict[str, Any]) -> PlanTemplate:
    flags = content("plan_templates")["common_flags"] + row["overtreatment_flags"]
    return PlanTemplate(
        row["tumour_type"],
        tuple(by_code(intents(), code, "intents") for code in row["intents"]),
        tuple(_step(step) for step in sorted(row["steps"], key=lambda step: step["order"])),
        tuple(FollowUpRule(**rule) for rule in row["follow_up"]),
        tuple(_flag(flag) for flag in flags),
    )


@cache
def plan_template(tumour_type: str) -> PlanTemplate:
    """The template of a tumour type; ``NotFound`` for an unknown one."""
    for row in content("plan_templates")["types"]:
        if row["tumour_type"] == tumour_type:
            return _template(row)
    raise NotFound("unknown_code", list="plan_templates", value=tumour_type)
