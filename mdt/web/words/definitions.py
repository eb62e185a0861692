"""Words of the definitions of coverage: their fields, what stands in them, what is wrong."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from mdt.rules.coverage import EXCLUSION_LABELS, LABELS, Definition, Definitions
from mdt.rules.coverage.definition_fields import (
    NO_SYSTEM,
    SYSTEMS,
    StageRule,
    differing_fields,
)
from mdt.rules.coverage.definition_text import percent
from mdt.rules.registry.values import STAGING_SYSTEMS
from mdt.web.templating import label_of

WORDS = {
    "definition_changed": _("草稿刚刚被别人改过。请核对下面最新的内容，再发布。"),
    "definition_days": _("请填写 0 至 366 之间的天数。"),
    "definition_disciplines": _("请填写 0 至 20 之间的学科数；0 表示按团队的法定人数。"),
    "definition_no_system": _("请至少选一个分期系统，或勾选采用所有分期系统。"),
    "definition_province_only": _("只有省级质控管理员可以修订讨论率口径。"),
    "definition_published": _("这一版已经发布，不能再改。请以它为基础起草新的一版。"),
    "definition_target": _("请填写 0 与 100 之间的百分数，如 50。"),
}

FIELDS = {
    "stage_rule": _("采用的分期"),
    "systems": _("采用的分期系统"),
    "grace_days": _("治疗开始后仍计入的期限"),
    "outside_boards": _("本系统以外的讨论"),
    "opinions_alone": _("未开会而签署的意见"),
    "min_disciplines": _("至少到场的学科数"),
    "exclusions": _("剔除"),
    "early_death_days": _("早期死亡的期限"),
    "pending_days": _("待定的期限"),
    "target": _("目标"),
}

STAGE_RULES = {
    StageRule.CLINICAL_FIRST: _("先临床分期，首次治疗为手术时可用病理分期"),
    StageRule.CLINICAL_ONLY: _("只用临床分期"),
}


def system_word(code: str) -> str:
    """The name of a staging system, or of rows that name none."""
    return gettext("未填分期系统") if code == NO_SYSTEM else label_of(STAGING_SYSTEMS[code])


def version_word(name: str) -> str | None:
    """The name of what a definition is asked for by: ``strict``, ``strict@2``."""
    kind, _at, version = name.partition("@")
    if kind not in LABELS:
        return None
    word = label_of(LABELS[kind])
    return gettext("%(name)s（第%(n)s版）", name=word, n=version) if version else word


def version_name(definition: Definition) -> str:
    """The name of a version, such as 严格口径（第2版）."""
    name = label_of(definition.label)
    if not definition.version:
        return gettext("%(name)s（草稿）", name=name)
    return gettext("%(name)s（第%(n)s版）", name=name, n=definition.version)


def definition_choices(known: Definitions) -> list[tuple[str, str]]:
    """What a report can be asked by: the kinds, and each version where a province has its own."""
    kinds = {one.code: label_of(one.label) for one in known.all}
    if not known.published:
        return list(kinds.items())
    return [*kinds.items(), *((one.name, version_name(one)) for one in known.all)]


def field_value(definition: Definition, name: str) -> str:
    """What stands in a field of a definition, in words."""
    value: Any = getattr(definition, name)
    match name:
        case "stage_rule":
            return str(STAGE_RULES[value])
        case "systems":
            return _systems(value)
        case "exclusions":
            reasons = [label_of(EXCLUSION_LABELS[one]) for one in definition.reasons]
            return gettext("、").join(reasons) or gettext("不剔除")
        case "min_disciplines":
            return str(value) if value else gettext("按团队的法定人数")
        case "target":
            return f">{percent(value)}%"
        case "grace_days" if value is None:
            return gettext("不计入")
        case "outside_boards" | "opinions_alone":
            return gettext("计入") if value else gettext("不计入")
        case _:
            return gettext("确诊后 %(n)s 天内", n=value)


def _systems(codes: frozenset[str] | None) -> str:
    if codes is None:
        return gettext("所有分期系统")
    return gettext("、").join(system_word(code) for code in SYSTEMS if code in codes)


def differences(one: Definition, other: Definition) -> list[tuple[str, str, str]]:
    """The fields in which two definitions differ: the name, and what stands in either."""
    return [
        (str(FIELDS[name]), field_value(one, name), field_value(other, name))
        for name in differing_fields(one, other)
    ]
