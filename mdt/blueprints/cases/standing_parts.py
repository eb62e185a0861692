"""How a case stands, made ready for templates: words, lights, parts of the page to draw anew."""

from datetime import date
from typing import Any

from flask import render_template
from flask_babel import gettext

from mdt.blueprints.cases.forms import CaseForm, stage_word
from mdt.blueprints.cases.labels import consent_label, field_label, problems_of, tasks_of
from mdt.queries.case_standing import CaseStanding
from mdt.rules.case_draft import SectionCode, age_of
from mdt.rules.case_stage import CaseStage, StageSource
from mdt.rules.content import content_status, reasons, tumour_types, urgency
from mdt.rules.icd10 import icd10_label
from mdt.rules.intake import needed_consents
from mdt.rules.readiness import ItemState, Mark, Sentence
from mdt.rules.staging import without_stage
from mdt.web.messages import sentence
from mdt.web.templating import label_of, language
from mdt.web.words.cases import READINESS
from mdt.web.words.codes import advice
from mdt.web.words.series_checks import check_colour, check_words

_COLOURS = {"red": "stop", "amber": "wait", "green": "ok", "off": "none"}


def context_of(standing: CaseStanding, today: date) -> dict[str, Any]:
    """What the pages of a case share."""
    return {
        "case": standing.case,
        "standing": standing,
        "stage": stage_view(standing),
        "tasks": tasks_of(standing),
        "problems": problems_of(standing.blocks, f"/cases/{standing.case.id}/edit"),
        "warnings": warnings_of(standing),
        "debts": [consent_label(debt.detail) for debt in standing.debts],
        "consents": consents_of(standing, today),
        "lights": lights_of(standing),
        "check_colour": check_colour,
        "check_words": check_words,
        "mark_choices": mark_choices(),
        "derived": facts_of(standing, today),
        "content_mark": content_status("checklists"),
        "tumour_label": tumour_label(standing.case.tumour_type),
        "urgency_label": label_of(urgency(standing.case.urgency)),
    }


def tumour_label(code: str) -> str:
    return next((label_of(one) for one in tumour_types() if one.code == code), "")


def facts_of(standing: CaseStanding, today: date) -> dict[str, Any]:
    """Scalars that a page shows beside the fields they follow from."""
    draft, stage = standing.draft, standing.stage
    age = age_of(draft, today)
    label = icd10_label(draft.icd10)
    return {
        "age": gettext("%(n)d 岁", n=age) if age is not None else "",
        "icd10_label": label.in_language(language()) if label else "",
        "stage": stage_word(stage.group),
        "iii_plus": stage.iii_plus.value,
    }


def stage_view(standing: CaseStanding) -> dict[str, Any]:
    """The stage in words: group, side of III and why, what does not go together."""
    stage, draft = standing.stage, standing.draft
    none = without_stage(draft.icd10, draft.morphology)
    return {
        "group": stage_word(stage.group),
        "derived": stage_word(stage.derived_group),
        "possible": [stage_word(one) for one in stage.derived.possible] if stage.derived else [],
        "iii_plus": stage.iii_plus.value,
        "reason": stage_reason(stage, draft.t, draft.n, draft.m),
        "conflicts": [label_of(one) for one in stage.conflicts],
        "hints": [sentence(hint) for hint in stage.hints],
        "deviates": stage.deviates,
        "deviation": _reason_label("stage_deviation_reasons", draft.stage_deviation_reason),
        "table": label_of(stage.table) if stage.table else "",
        "none": none,
    }


def stage_reason(stage: CaseStage, t: str, n: str, m: str) -> str:
    """In one line from what the side of III follows."""
    said = " ".join(one for one in (t, n, m) if one)
    table = label_of(stage.table) if stage.table else ""
    if stage.source == StageSource.NONE and not stage.derived:
        return gettext("尚未填写分期")
    if stage.source == StageSource.DERIVED:
        return gettext(
            "按%(table)s，%(said)s 为 %(group)s",
            table=table,
            said=said,
            group=stage_word(stage.group),
        )
    if stage.source == StageSource.TEXT:
        return gettext("按分期原文“%(text)s”", text=stage.text.raw)
    if stage.source == StageSource.ENTERED:
        return gettext("按医师填写的分期组 %(group)s", group=stage_word(stage.group))
    return gettext("按%(table)s，%(said)s 尚不能定组", table=table, said=said)


def _reason_label(list_code: str, code: str) -> str:
    return next((label_of(one) for one in reasons(list_code) if one.code == code), "")


def reason_label(list_code: str, code: str) -> str:
    """The words of a coded reason; nothing for none."""
    return _reason_label(list_code, code) if list_code and code else ""


def warnings_of(standing: CaseStanding) -> dict[str, list[dict[str, str]]]:
    """What to look at again, by section: the field with its name, and the sentence."""
    return {
        code.value: [
            {"field": one.field, "label": field_label(one.field), "text": sentence(one.code)}
            for one in standing.warnings_of(code)
        ]
        for code in SectionCode
    }


def field_warnings(standing: CaseStanding) -> dict[str, str]:
    """The same sentences by field."""
    found: dict[str, str] = {}
    for one in standing.warnings:
        found[one.field] = found.get(one.field, "") + sentence(one.code)
    return found


def consents_of(standing: CaseStanding, today: date) -> list[dict[str, Any]]:
    """Each consent that the case needs or holds: what is written down, and whether its scan is."""
    needed = needed_consents(standing.draft, standing.papers, today)
    kept = {one.kind: one for one in standing.case.consents if one.withdrawn_at is None}
    kinds = [*needed, *(kind for kind in kept if kind not in needed)]
    return [
        {
            "kind": str(kind),
            "label": consent_label(kind),
            "row": kept.get(kind),
            "scanned": f"consent_{kind}" in standing.files.kinds,
            "needed": kind in needed,
        }
        for kind in kinds
    ]


def lights_of(standing: CaseStanding) -> list[dict[str, Any]]:
    """The checklist as lights, the worst first."""
    if standing.readiness is None:
        return []
    order = {"red": 0, "amber": 1, "green": 2}
    items = sorted(standing.readiness.items, key=lambda one: order.get(one.light, 3))
    return [_light(standing, item) for item in items]


def _light(standing: CaseStanding, state: ItemState) -> dict[str, Any]:
    mark = standing.case.checklist_marks.get(state.item.base, {})
    word = str(READINESS[state.sentence])
    if mark.get("mark") == Mark.NOT_AVAILABLE and mark.get("reason"):
        word = f"{word}{gettext('：')}{_reason_label('override_reasons', mark['reason'])}"
    return {
        "base": state.item.base,
        "label": label_of(state.item),
        "colour": _COLOURS[state.light],
        "word": word,
        "advice": advice(state),
        "plain": state.sentence in {Sentence.MISSING, Sentence.PRESENT},
        "on": state.on,
        "why": state.item.why_zh if language() == "zh" else "",
        "required": state.item.level == "required",
        "chosen": ":".join(part for part in (mark.get("mark", ""), mark.get("reason", "")) if part),
        "unsure": state.applies is None,
    }


def mark_choices() -> dict[str, list[tuple[str, str]]]:
    """What can be said of an item by hand."""
    return {
        "": [("", gettext("—")), (Mark.PRESENT.value, gettext("病历文字中已有"))],
        gettext("无法提供，原因："): [
            (f"{Mark.NOT_AVAILABLE}:{one.code}", label_of(one))
            for one in reasons("override_reasons")
            if not one.needs_text
        ],
    }


def render_lights(context: dict[str, Any]) -> dict[str, str]:
    """The checklist and the task list as markup by element id."""
    return {
        "case-lights": render_template("cases/_lights.html", **context),
        "case-tasks": render_template("cases/_tasks.html", **context),
    }


def render_parts(context: dict[str, Any], form: CaseForm | None) -> dict[str, str]:
    """Parts of the form page that follow from its fields; with a form, the choices of the stage."""
    parts = {
        "case-tasks": render_template("cases/_tasks.html", **context),
        "case-checklist": render_template("cases/_checklist.html", **context),
        "stage-result": render_template("cases/_stage_result.html", **context),
        "submit-state": render_template("cases/_submit_state.html", **context),
    }
    for code, found in context["warnings"].items():
        parts[f"warnings-{code}"] = render_template("cases/_warnings.html", code=code, found=found)
    if form is not None:
        parts["stage-choices"] = render_template("cases/_stage_choices.html", form=form, **context)
    return parts
