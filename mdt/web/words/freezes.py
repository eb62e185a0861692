"""Words of closed periods: what is refused, why a figure changed, which facts decided."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from mdt.rules.coverage import EXCLUSION_LABELS, Exclusion
from mdt.rules.coverage.changes import FactChange, Reason
from mdt.web.templating import label_of
from mdt.web.words.registry import CELLS

WORDS = {
    "freeze_changed": _("这一期间刚刚被重新关账。请核对最新的一次，再决定是否重新关账。"),
    "freeze_figures": _("台账刚刚有变化，数字与您核对的不同。请核对下面的新数字，再签名关账。"),
    "freeze_not_over": _("这一期间还没有结束。请在期间结束后关账。"),
    "freeze_period": _("只能按整月、整季度或整年关账。请从列表中选择期间。"),
    "freeze_reason": _("请写明重新关账的原因。"),
}

REASONS = {
    Reason.NEW: _("新登记"),
    Reason.CORRECTED: _("台账更正"),
    Reason.MATCHED: _("对上会诊"),
    Reason.MOVED: _("移入或移出"),
    Reason.DUPLICATE: _("判定重复"),
    Reason.DEFINITION: _("口径不同"),
    Reason.ELAPSED: _("时间推移"),
}

_FACTS = {
    "icd10": _("诊断"),
    "diagnosis_date": _("确诊日期"),
    "first_treatment_date": _("首次治疗日期"),
    "external_mdt_date": _("院内MDT日期"),
    "death_date": _("死亡日期"),
    "exclusion": _("剔除"),
    "counted_stage": _("III期及以上"),
    "board_on": _("首次有效讨论"),
    "opinion_on": _("未开会而签署"),
    "duplicate_of_id": _("计入的登记"),
    "hospital_id": _("机构"),
}

_STAGES = {"yes": _("是"), "no": _("否"), "unknown": _("未明")}


def figure_word(figure: str) -> str:
    """The name of a figure of a report."""
    if figure.startswith("excluded:"):
        reason = EXCLUSION_LABELS[Exclusion(figure.partition(":")[2])]
        return gettext("剔除：%(reason)s", reason=label_of(reason))
    return str(CELLS[figure])


def fact_change(change: FactChange) -> str:
    """A fact before and after, such as 首次治疗日期 无 → 2026-08-01."""
    before, after = (_value(change.name, one) for one in (change.before, change.after))
    return f"{_FACTS[change.name]} {before} → {after}"


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return gettext("无")
    if name == "counted_stage":
        return str(_STAGES[value])
    if name == "exclusion":
        return label_of(EXCLUSION_LABELS[Exclusion(value)])
    return value.isoformat() if isinstance(value, date) else str(value)
