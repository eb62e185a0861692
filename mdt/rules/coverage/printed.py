"""A coverage report in words for print: its sentence, and a table that fits a page."""

from collections.abc import Sequence

from mdt.rules.codes import Label
from mdt.rules.coverage.report import Line, Report
from mdt.rules.coverage.request import period_name

PRINTED_TITLE = Label(
    "III期及以上初诊肿瘤多学科讨论率",
    "Multidisciplinary discussion of new tumours of stage III or above",
)
PAGE_NUMBER = Label("第 {page} 页 / 共 {pages} 页", "Page {page} of {pages}")
"""How the pages are counted at their foot."""

_NOBODYS = Label("本人范围", "Your scope")
_HEADER = (
    Label("名称", "Name"),
    Label("已讨论", "Discussed"),
    Label("III期及以上", "Stage III or above"),
    Label("讨论率", "Rate"),
    Label("95%置信区间", "95% interval"),
    Label("待定", "Pending"),
    Label("分期未明（范围）", "Unstaged (band)"),
    Label("目标", "Target"),
)
_TOTAL, _MET = Label("合计", "Total"), Label("达标", "Met")
_NONE = "—"


def report_sentence(report: Report, where: Sequence[str], language: str) -> str:
    """Say the report in one sentence; ``where`` names what it covers."""
    line = report.total
    period = period_name(report.period)
    names = where or (_NOBODYS.in_language(language),)
    zh, en = f"{period.zh}，{'、'.join(names)}", f"{period.en}, {', '.join(names)}"
    if not line.denominator:
        words = Label(
            f"{zh}没有III期及以上的初诊肿瘤", f"{en}: no new tumours of stage III or above"
        )
        return words.in_language(language)
    figures = f"{line.numerator:,}/{line.denominator:,}"
    target = f"{float(report.definition.target) * 100:g}"
    met = Label("已达标", "met") if line.meets_target else _short(line)
    words = Label(
        f"{zh} {_percent(line.exact.rate)}（{figures}），目标 >{target}%，{met.zh}",
        f"{en}: {_percent(line.exact.rate)} ({figures}), target >{target}%, {met.en}",
    )
    return words.in_language(language)


def _short(line: Line) -> Label:
    return Label(f"还差 {line.short_by:,} 例", f"{line.short_by:,} short")


def printed_table(report: Report, language: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows as text, the total last."""
    rows = [_row(line, line.full_name, language) for line in report.rows]
    total = _row(report.total, _TOTAL.in_language(language), language)
    return [label.in_language(language) for label in _HEADER], [*rows, total]


def _row(line: Line, name: str, language: str) -> list[str]:
    met = (_MET if line.meets_target else _short(line)).in_language(language)
    unstaged = line.count("unstaged")
    return [
        name,
        f"{line.numerator:,}",
        f"{line.denominator:,}",
        _percent(line.exact.rate),
        _range(*line.exact.interval),
        f"{line.count('pending'):,}",
        f"{unstaged:,}\n{_range(line.exact.low, line.exact.high)}" if unstaged else "0",
        met if line.denominator else _NONE,
    ]


def _percent(rate: float | None) -> str:
    return _NONE if rate is None else f"{rate * 100:.1f}%"


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None else f"{_percent(low)}–{_percent(high)}"
