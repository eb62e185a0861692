from typing import Any

from flask import render_template
from flask_babel import gettext

from mdt.queries.cases import patient_facts
from mdt.queries.readings import list_given, newest_of_each
from mdt.rules.content import (
    disciplines,
    intents,
    modalities,
    reasons,
    tumour_types,
)
from mdt.rules.content.reasons import ReasonList
from mdt.rules.plan import OUTCOMES
from mdt.rules.quorum import CHAIR_SLOT
from mdt.rules.reading import PLAN_FIELDS, ReadingKind
from mdt.services.plan_sheets import PlanSheet
from mdt.web.templating import name_of
from mdt.web.words.codes import stage_word
from mdt.web.words.plans import BLOCKERS


def context_of(sheet: PlanSheet) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "case": sheet.case,
        "patient": patient_facts(sheet.desk.viewer, sheet.case),
        "base": f"/cases/{sheet.case.id}/plan",
        "lists": _lists(sheet),
        "blocks": _blocks(sheet),
        "name_of": name_of,
        "slot_label": slot_label,
        "stage_word": stage_word,
        "stage_words": stage_words,
        "tumour": name_of(tumour_types(), sheet.case.tumour_type),
        "places": places_of(sheet),
        "readings": readings_of(sheet),
    }


def readings_of(sheet: PlanSheet) -> dict[str, list[dict[str, Any]]]:
    """What readers said, under the field that it belongs into, as it would stand there."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in PLAN_FIELDS.values()}
    if sheet.may_edit:
        for one in newest_of_each(list_given(sheet.desk.viewer, sheet.case.id)):
            who = name_of(disciplines(), one.discipline)
            text = gettext(
                "%(name)s（%(discipline)s）：%(text)s",
                name=one.by.name, discipline=who, text=one.text,
            )  # fmt: skip
            line = {"by": one.by.name, "discipline": who, "at": one.given_at, "text": text}
            found[PLAN_FIELDS[ReadingKind(one.kind)]].append(line)
    return found


def _blocks(sheet: PlanSheet) -> list[tuple[str, str]]:
    """What blocks signing, in words, and the part of the page where it is put right."""
    names = gettext("、").join(sheet.unexplained)
    return [(str(BLOCKERS[code][0]) % {"names": names}, BLOCKERS[code][1]) for code in sheet.blocks]


def _lists(sheet: PlanSheet) -> dict[str, Any]:
    own = sheet.template.intents if sheet.template else ()
    further = [one for one in intents() if one not in own]
    return {
        "outcomes": [one for one in OUTCOMES if not (sheet.amends and one.code == "deferred")],
        "intents": (*own, *further),
        "modalities": modalities(),
        "deferrals": reasons(ReasonList.DEFERRAL),
        "dissents": [one for one in reasons(ReasonList.DISSENT) if one.code != "none"],
        "overrides": reasons(ReasonList.OVERRIDE),
        "disciplines": disciplines(),
    }


def places_of(sheet: PlanSheet) -> dict[str, str]:
    """The usual place of a template's step, as it is written into a plan."""
    team = sheet.conference.team if sheet.conference else sheet.case.team
    return {
        "county": sheet.case.hospital.name_zh,
        "city": gettext("市级医院"),
        "province": team.hospital.name_zh if team else "",
    }


def slot_label(slot: str) -> str:
    return gettext("主席") if slot == CHAIR_SLOT else name_of(disciplines(), slot)


def stage_words(stage: Any) -> str:
    """``cT2a N2b M0, IIIA`` of an agreed or submitted stage."""
    axes = " ".join(part for part in (stage.t, stage.n, stage.m) if part)
    head = f"{stage.classification}{axes}" if axes else ""
    group = stage.stage_group
    shown = stage_word(group)
    if shown and shown[0] in "0IV":
        shown = gettext("%(group)s期", group=shown)
    return gettext("，").join(part for part in (head, shown) if part)


def part(name: str, sheet: PlanSheet) -> str:
    """A part of the page drawn anew: ``side``, ``stage``, ``steps``, ``dissent``."""
    return render_template(f"plans/_{name}.html", **context_of(sheet))
