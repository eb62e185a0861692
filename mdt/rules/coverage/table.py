"""A coverage report as a flat table for spreadsheets, with the line that says where it is from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mdt.rules.calendar import local_time
from mdt.rules.codes import Label
from mdt.rules.coverage.definition_text import percent
from mdt.rules.coverage.definitions import Definition
from mdt.rules.coverage.exclusion import Exclusion
from mdt.rules.coverage.report import Line, Report
from mdt.rules.coverage.request import period_name

Cell = str | int | float | None

EXCLUSION_LABELS = {
    Exclusion.RECURRENCE: Label("复发或复治", "Recurrence or retreatment"),
    Exclusion.IN_SITU: Label("原位癌", "In situ"),
    Exclusion.NOT_MALIGNANT: Label("非恶性", "Not malignant"),
    Exclusion.DEATH_CERTIFICATE: Label("死亡补发病或尸检", "Death certificate or autopsy"),
    Exclusion.NOT_STAGEABLE: Label("不适用分期", "Not stageable"),
    Exclusion.EMERGENCY: Label("急诊", "Emergency"),
    Exclusion.EARLY_DEATH: Label("确诊后早期死亡", "Early death"),
}
"""Words for the reasons, in the order in which they are tried."""

REPORT_NAME = Label("讨论率", "Coverage")
"""What a sheet with the table is called."""

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
)
_ALONE = Label("未开会而签署", "Signed with no meeting")
_SECOND = (Label("代码2", "Code 2"), Label("名称2", "Name 2"))
_YES, _NO = Label("是", "Yes"), Label("否", "No")
_TOTAL = Label("合计", "Total")


def report_table(report: Report, language: str) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows, the total last; rates are numbers between 0 and 1, empty for 0 cases.

    By two groupings each row has the codes and names of both.
    """
    second = _SECOND if report.by2 else ()
    reasons = report.definition.reasons
    labels = (*_HEADER[:2], *second, *_HEADER[2:], *_last_columns(report.definition))
    header = [label.in_language(language) for label in labels]
    rows = [[*_named(line, report), *_row(line, reasons, language)] for line in report.rows]
    total: list[Cell] = ["", _TOTAL.in_language(language), *("" for _ in second)]
    return header, [*rows, [*total, *_row(report.total, reasons, language)]]


def _last_columns(definition: Definition) -> Iterator[Label]:
    """Those that depend on the definition: what it excludes, and its target."""
    for reason in definition.reasons:
        words = EXCLUSION_LABELS[reason]
        yield Label(f"剔除：{words.zh}", f"Excluded: {words.en}")
    yield _ALONE
    target = percent(definition.target)
    yield Label(f"达标（>{target}%）", f"Target met (>{target}%)")


def _named(line: Line, report: Report) -> list[Cell]:
    return [line.code, line.name, *([line.code2, line.name2] if report.by2 else [])]


def _row(line: Line, reasons: Sequence[Exclusion], language: str) -> list[Cell]:
    low, high = line.interval
    met = _YES if line.meets_target else _NO
    return [
        line.numerator, line.denominator, line.rate, low, high,
        line.count("unstaged"), line.low, line.high, line.count("pending"),
        *(line.excluded.get(reason.value, 0) for reason in reasons),
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
