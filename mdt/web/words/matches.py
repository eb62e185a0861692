"""Words of a row beside its case, of what people decided on them, and of a row's corrections."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from mdt.queries.register_events import Happened, RowEvent
from mdt.rules.registry.matches import REASONS, MatchReason, MatchVerdict
from mdt.rules.registry.values import CODED
from mdt.web.templating import language
from mdt.web.words.registry import coded_word, column_word, icd10_name, stage_written

WORDS = {
    "case_number_unknown": _("本院没有这个病例号，或病例尚未提交。请核对，如 MDT2026-000123。"),
    "match_gone": _("这条记录与该病例已没有关联。请看最新的内容。"),
    "match_revoked": _("这项判定已被撤销。请看最新的内容。"),
    "match_standing": _("这条记录与该病例已经关联。"),
}

MATCH_VERDICTS = {
    MatchVerdict.LINKED: _("人工关联"),
    MatchVerdict.UNLINKED: _("人工解除关联"),
}


_EVENTS = {
    RowEvent.ENTERED: _("%(day)s 由%(who)s手工登记"),
    RowEvent.IMPORTED: _("%(day)s 由%(who)s导入文件"),
    RowEvent.LINKED: _("%(day)s 由%(who)s人工关联病例"),
    RowEvent.MATCHED: _("%(day)s 由系统按证件号码或同一患者、部位对上病例"),
    RowEvent.REVOKED: _("%(day)s 由%(who)s撤销关联判定"),
    RowEvent.UNLINKED: _("%(day)s 由%(who)s人工解除与病例的关联"),
}


def event_in_words(one: Happened, day: str) -> str:
    """What happened to a row, who did it, and when, as the page writes a moment."""
    who = one.by or gettext("系统")
    return str(_EVENTS[one.event]) % {"day": day, "who": who}


def match_reason(decision: Any) -> str:
    """Why a person linked or unlinked a row and a case."""
    listed = REASONS[MatchVerdict(decision.verdict)]
    return listed[MatchReason(decision.reason)].in_language(language())


def corrections_in_words(corrections: Any) -> list[Any]:
    """Corrections of a row (`register_history.Replaced`) with columns and codes in words."""
    return [
        replace(
            one,
            changes=tuple(
                (column_word(column, language()), _cell(column, before), _cell(column, after))
                for column, before, after in one.changes
            ),
        )
        for one in corrections
        if one.changes
    ]


def _cell(column: str, cell: str) -> str:
    return coded_word(column, cell) if column in CODED else cell


@dataclass(frozen=True)
class MatchLine:
    """A fact of a row and of a case in words; ``differs`` by what stands behind a mask."""

    label: str
    left: str
    right: str
    differs: bool


def row_beside_case(row: Any, case: Any) -> list[MatchLine]:
    """A row and a case that may be one tumour (`register_matches.Side`), fact by fact."""
    pairs = zip(_facts(row), _facts(case), strict=True)
    return [MatchLine(label, one, other, a != b) for (label, one, a), (_, other, b) in pairs]


def _facts(side: Any) -> list[tuple[str, str, Any]]:
    """What it is called, how it is shown, by what it is compared."""
    who, born = side.who, _day(side.who.birth_date)
    laterality = coded_word("laterality", side.laterality)
    return [
        (gettext("姓名"), who.masked_name, who.name),
        (gettext("证件号码"), who.masked_id_number, who.id_number),
        (gettext("病案号"), who.mrn, who.mrn),
        (gettext("性别"), coded_word("sex", side.sex), side.sex),
        (gettext("出生日期"), born, born),
        (gettext("诊断"), f"{side.icd10} {icd10_name(side.icd10)}", side.icd10),
        (gettext("侧别"), laterality, side.laterality or "9"),
        (gettext("形态学"), side.morphology, side.morphology),
        (gettext("初诊复诊"), coded_word("case_type", side.case_type), side.case_type),
        (gettext("确诊日期"), _day(side.diagnosis_date), side.diagnosis_date),
        (gettext("分期"), stage_written(side), stage_written(side)),
    ]


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
