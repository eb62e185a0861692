"""A coverage report as a flat table for spreadsheets, with the line that says where it is from."""

from collections.abc import Sequence
from datetime import datetime

from mdt.rules.calendar import local_time
from mdt.rules.codes import Label
from mdt.rules.coverage.judgement import Exclusion
from mdt.rules.coverage.report import Line, Report
from mdt.rules.coverage.request import period_name

Cell = str | int | float | None

EXCLUSION_LABELS = {
    Exclusion.RECURRENCE: Label("复发或复治", "Recurrence or retreatment"),
    Exclusion.IN_SITU: Label("原位癌", "In situ"),
    Exclusion.NOT_MALIGNANT: Label("非恶性", "Not malignant"),
    Exclusion.DEATH_CERTIFICATE: Label("死亡补发病或尸检", "Death certificate or autopsy"),
    Exclusion.NOT_STAGEABLE: Label("不适用分期", "Not stageable"),
}
"""Words for the reasons, in the order in which they are tried."""

_HEADER = (
    Label("代码", "Code"),
    Label("名称", "Name"),
    Label("已讨论（分子）", "Discussed (numerator)"),
    Label("III期及以上（分母）", "Stage III or above (denominator)"),
    Label("讨论率", "Rate"),
    Label("95%置信区间下限", "95% interval, low"),
    Label("95%置信区间上限", "95% interval, high"),
    Label("分期未明", "Unstaged"),
    Label("未明区间下限", "Band, low"),
    Label("未明区间上限", "Band, high"),
    Label("待定", "Pending"),
    *(Label(f"剔除：{one.zh}", f"Excluded: {one.en}") for one in EXCLUSION_LABELS.values()),
    Label("未开会而签署", "Signed with no meeting"),
    Label("达标（>50%）", "Target met (>50%)"),
)
_YES, _NO = Label("是", "Yes"), Label("否", "No")
_TOTAL = Label("合计", "Total")


def report_table(report: Report, language: str) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows, the total last; rates are numbers between 0 and 1, empty for 0 cases."""
    header = [label.in_language(language) for label in _HEADER]
    rows = [_row(line, line.code, line.name, language) for line in report.rows]
    return header, [*rows, _row(report.total, "", _TOTAL.in_language(language), language)]


def _row(line: Line, code: str, name: str, language: str) -> list[Cell]:
    low, high = line.interval
    met = _YES if line.meets_target else _NO
    return [
        code, name, line.numerator, line.denominator, line.rate, low, high,
        line.count("unstaged"), line.low, line.high, line.count("pending"),
        *(line.excluded.get(reason.value, 0) for reason in EXCLUSION_LABELS),
        line.count("signed_without_meeting"),
        met.in_language(language) if line.denominator else None,
    ]  # fmt: skip


def source_lines(report: Report, who: str, now: datetime, language: str) -> Sequence[str]:
    """Who took the table out and when, its period and the definition it was made by."""
    mark = export_mark(who, now)
    period = period_name(report.period).in_language(language)
    definition = report.definition
    words = Label(
        f"{mark.zh}；期间：{period}；口径：{definition.label.zh}，第{definition.version}版",
        f"{mark.en}; period {period}; "
        f"definition {definition.label.en}, version {definition.version}",
    )
    return words.in_language(language), definition.text.in_language(language)


def export_mark(who: str, now: datetime) -> Label:
    """Who took a report out and when, local time."""
    moment = f"{local_time(now):%Y-%m-%d %H:%M}"
    return Label(f"导出人：{who}；导出时间：{moment}", f"Exported by {who}, {moment}")
