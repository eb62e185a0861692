"""Words for the parts of a case: sections, fields, consents, and what blocks."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from wtforms.fields.core import UnboundField

from mdt.blueprints.cases.forms import CaseForm
from mdt.queries.case_standing import CaseStanding
from mdt.rules.case_draft import SectionCode
from mdt.rules.content import document_type
from mdt.rules.intake import Block, SectionStatus
from mdt.web.messages import sentence
from mdt.web.templating import label_of

#: Marks of the task list (``components/page.html``) for how far a section is.
_MARKS = {
    SectionStatus.COMPLETE: "done",
    SectionStatus.EMPTY: "todo",
    SectionStatus.STARTED: "todo",
}
_NAMED = 3


@dataclass(frozen=True)
class Problem:
    """Something to put right: what it is about, what to do, and where."""

    label: str
    text: str
    url: str


def section_label(code: str) -> str:
    return {
        SectionCode.PATIENT: gettext("患者"),
        SectionCode.DIAGNOSIS: gettext("诊断"),
        SectionCode.STAGE: gettext("分期"),
        SectionCode.CONDITION: gettext("病情"),
        SectionCode.TREATMENT: gettext("治疗与意愿"),
        SectionCode.QUESTION: gettext("问题与团队"),
        SectionCode.FILES: gettext("影像与资料"),
        SectionCode.CONSENT: gettext("知情同意"),
    }[SectionCode(code)]


def consent_label(kind: str) -> str:
    return label_of(document_type(f"consent_{kind}"))


def field_label(code: str) -> str:
    if code in {"remote", "privacy", "guardian"}:
        return consent_label(code)
    if code == "files":
        return gettext("影像或报告")
    if code == "urgent_exception":
        return gettext("先会诊后补同意书")
    field = getattr(CaseForm, code, None)
    return str(field.args[0]) if isinstance(field, UnboundField) else code


def problem_of(block: Block, base: str = "") -> Problem:
    in_form = block.section not in {SectionCode.FILES, SectionCode.CONSENT}
    where = block.field if in_form else f"section-{block.section}"
    return Problem(field_label(block.field), sentence(block.code), f"{base}#{where}")


def problems_of(blocks: tuple[Block, ...], base: str = "") -> list[Problem]:
    return [problem_of(block, base) for block in blocks]


def tasks_of(standing: CaseStanding) -> list[dict[str, Any]]:
    """Rows of the task list: one for each section, with what it still lacks."""
    return [
        {
            "label": section_label(section.code),
            "url": f"#section-{section.code}",
            "state": "blocked" if standing.blocks_of(section.code) else _MARKS[section.status],
            "detail": missing_words(section.missing),
        }
        for section in standing.sections
    ]


def missing_words(missing: tuple[str, ...]) -> str:
    if not missing:
        return ""
    names = gettext("、").join(field_label(code) for code in missing[:_NAMED])
    more = len(missing) - _NAMED
    if more > 0:
        return gettext("缺：%(names)s 等 %(n)d 项", names=names, n=len(missing))
    return gettext("缺：%(names)s", names=names)
