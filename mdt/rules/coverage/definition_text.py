"""The words of a definition, made out of its fields: what is printed cannot contradict the rate."""

from collections.abc import Iterable
from fractions import Fraction

from mdt.rules.codes import Label
from mdt.rules.coverage.definition_fields import (
    NO_SYSTEM,
    DefinitionFields,
    StageRule,
)
from mdt.rules.coverage.exclusion import Exclusion
from mdt.rules.registry.values import STAGING_SYSTEMS

_EXCLUDED = {
    Exclusion.RECURRENCE: Label("复发或复治", "recurrence or retreatment"),
    Exclusion.IN_SITU: Label("原位癌（D00–D09）", "in situ (D00-D09)"),
    Exclusion.NOT_MALIGNANT: Label("非恶性", "not malignant"),
    Exclusion.DEATH_CERTIFICATE: Label(
        "死亡补发病或尸检发现（诊断依据 0 或 8）", "death certificate or autopsy (basis 0 or 8)"
    ),
    Exclusion.NOT_STAGEABLE: Label(
        "不适用分期（C70–C72、C91–C95）", "not stageable (C70-C72, C91-C95)"
    ),
    Exclusion.EMERGENCY: Label("急诊", "emergencies"),
}
_OTHERWISE = {
    StageRule.CLINICAL_FIRST: Label(
        "否则首次治疗为手术时用病理分期；否则为未分期",
        "else the pathological stage where the first treatment was surgery, else unknown",
    ),
    StageRule.CLINICAL_ONLY: Label(
        "病理分期不用，否则为未分期", "else unknown, the pathological stage never"
    ),
}
_NO_SYSTEM = Label("未填分期系统的", "rows that name none")


def percent(share: Fraction) -> str:
    """A share as a percentage, with one decimal where it needs one."""
    return f"{float(share * 100):g}"


def write_text(definition: DefinitionFields, label: Label, numerator: Label | None = None) -> Label:
    """Write a definition out; ``numerator`` is given by those that word that part themselves."""
    parts = (
        _counted(definition),
        _staged(definition),
        numerator or write_numerator(definition, label),
        _closing(definition),
    )
    return Label("".join(part.zh for part in parts), " ".join(part.en for part in parts))


def _counted(definition: DefinitionFields) -> Label:
    reasons = [_reason(one, definition) for one in definition.reasons]
    zh = f"依次剔除并列出例数：{_listed(reasons).zh}。" if reasons else "不剔除任何登记。"
    en = f"Excluded in this order, each with its count: {_listed(reasons).en}."
    return Label(
        "统计单位为一个原发肿瘤，按确诊日期计入期间，归台账登记机构；"
        f"疑似重复在人工判定前均计入，判定后只计保留的一条。{zh}",
        "The unit is one primary tumour, counted by its diagnosis date at the hospital of the "
        "register row; possible duplicates all count until a person has decided, then only the "
        f"kept row. {en if reasons else 'Nothing is excluded.'}",
    )


def _reason(reason: Exclusion, definition: DefinitionFields) -> Label:
    if reason is not Exclusion.EARLY_DEATH:
        return _EXCLUDED[reason]
    days = definition.early_death_days
    return Label(f"确诊后 {days} 天内死亡", f"death within {days} days of the diagnosis")


def _listed(labels: Iterable[Label]) -> Label:
    found = list(labels)
    return Label("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def _staged(definition: DefinitionFields) -> Label:
    other = _OTHERWISE[definition.stage_rule]
    systems = _systems(definition)
    return Label(
        "分期以台账为准：首次治疗当日及以前的临床分期（未填分期日期或尚未治疗的计入，"
        f"未填分期依据按临床）；{other.zh}；治疗后（y）、复发（r）、尸检（a）分期不用。{systems.zh}"
        "T、N、M 能推出分期时按推出的分期，否则按填写的分期；"
        "未填版本而各版本结论不同的为未分期；乳腺癌用解剖分期。"
        "分母：III 期及以上。未分期另列。",
        "The stage is the register's: the clinical stage of the day of the first treatment or "
        "before (also without a stage date, or with no treatment yet; an empty basis is clinical), "
        f"{other.en}; y, r and a stages never. {systems.en}"
        "T, N and M decide where they can, else the group given; where no edition is given and "
        "the editions differ, unknown; breast by anatomic stage. "
        "Denominator: stage III or above. Unstaged tumours stand beside it.",
    )


def _systems(definition: DefinitionFields) -> Label:
    if definition.systems is None:
        return Label("", "")
    taken = [one for code, one in STAGING_SYSTEMS.items() if code in definition.systems]
    named = _listed([*taken, *([_NO_SYSTEM] if NO_SYSTEM in definition.systems else [])])
    return Label(
        f"只采用以下分期系统：{named.zh}；其他系统的为未分期。",
        f"Only these staging systems are taken: {named.en}; by any other, unknown. ",
    )


def write_numerator(definition: DefinitionFields, label: Label) -> Label:
    """Write out which boards count."""
    least, never = definition.min_disciplines, not definition.opinions_alone
    zh = [
        f"分子（{label.zh.removesuffix('口径')}）：在首次治疗当日及以前（尚未治疗的不限时间）"
        "经本系统达到法定人数"
        + (f"、到场不少于 {least} 个学科" if least else "")
        + "的会议讨论、且意见书已签署",
        *(one.zh for one in _further_boards(definition)),
        "确诊前的讨论也计入",
        "缓议、取消、未签署" + ("及未开会而签署的意见不计。" if never else "的不计。"),
    ]
    en = [
        f"Numerator ({label.en.lower()}): discussed in a conference of this system with quorum"
        + (f" and at least {least} disciplines" if least else "")
        + ", the opinion signed, on the day of the first treatment or before, or at any time "
        "where there is no treatment yet",
        *(one.en for one in _further_boards(definition)),
        "a board before the diagnosis counts",
    ]
    refused = "Deferred, cancelled, unsigned" + (", or signed with no meeting" if never else "")
    return Label("；".join(zh), f"{'; '.join(en)}. {refused}: never.")


def _further_boards(definition: DefinitionFields) -> Iterable[Label]:
    grace = definition.grace_days
    if grace is not None:
        yield Label(
            f"或治疗虽已开始，但在确诊后 {grace} 天内经上述会议讨论",
            f"or such a board within {grace} days after the diagnosis even if treatment had begun",
        )
    times = (
        Label("上述时间条件", "the same condition of time")
        if grace is None
        else Label("上述任一时间条件", "either condition of time")
    )
    if definition.outside_boards:
        yield Label(
            f"或本系统以外的多学科讨论（院内MDT日期）符合{times.zh}",
            f"or a board outside this system that meets {times.en}",
        )
    if definition.opinions_alone:
        yield Label(
            f"或未开会而签署的意见，其首次签署日符合{times.zh}",
            f"or an opinion signed with no meeting whose first signature meets {times.en}",
        )


def _closing(definition: DefinitionFields) -> Label:
    days, target = definition.pending_days, percent(definition.target)
    return Label(
        f"待定：尚未治疗、尚未讨论、确诊至报告日不超过 {days} 天。"
        "区间下限＝分子÷（分母＋无讨论的未分期），"
        "上限＝（分子＋有讨论的未分期）÷（分母＋有讨论的未分期）。"
        f"置信区间：Wilson 法，95%。达标：比例超过 {target}%。",
        f"Pending: no treatment, no board, and at most {days} days since the diagnosis on the day "
        "of the report. Band: low = numerator / (denominator + unstaged without a board), high = "
        "(numerator + unstaged with a board) / (denominator + unstaged with a board). Interval: "
        f"Wilson, 95 %. Target met: more than {target} %.",
    )
