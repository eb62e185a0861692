"""A report for outside the quality organisations as table and words: what is hidden, and why."""

from collections.abc import Sequence

from mdt.rules.codes import Label
from mdt.rules.coverage.disclosure import LEAST_SHOWN, PublishedLine, PublishedReport
from mdt.rules.coverage.printed import report_sentence
from mdt.rules.coverage.request import period_name
from mdt.rules.coverage.table import Cell

#: Stands where a figure is hidden.
HIDDEN = "*"
_HEADER = (
    Label("代码", "Code"),
    Label("名称", "Name"),
    Label("代码2", "Code 2"),
    Label("名称2", "Name 2"),
    Label("已讨论（分子）", "Discussed (numerator)"),
    Label("III期及以上（分母）", "Stage III or above (denominator)"),
    Label("讨论率", "Rate"),
    Label("95%置信区间下限", "95% interval, low"),
    Label("95%置信区间上限", "95% interval, high"),
    Label("达标", "Target met"),
)
_YES, _NO, _TOTAL = Label("是", "Yes"), Label("否", "No"), Label("合计", "Total")
_WHY = Label(
    f"“{HIDDEN}”为不公布的数据：分子、分母或两者之差为 1 至 {LEAST_SHOWN - 1} 例的，"
    "以及可由合计和其他行推算出它们的，一并不公布；讨论率、置信区间和是否达标随之不公布。"
    "对外版只列分子、分母和讨论率，按代码排列。各表分别处理：请勿将分组或期间不同的多份对外表一起发布。",
    f'"{HIDDEN}" is not published: numerators, denominators or differences of the two of 1 to '
    f"{LEAST_SHOWN - 1}, and what these could be computed from with the total and other rows; "
    "rate, interval and target go with them. A table for outside has numerator, denominator and "
    "rate alone, by code. Each table is protected by itself: don't publish several by different "
    "groups or periods together.",
)


def published_table(report: PublishedReport, language: str) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows, the total last; a hidden figure is `HIDDEN`, a rate of nothing empty."""
    wanted = [at for at in range(len(_HEADER)) if report.report.by2 or at not in {2, 3}]
    rows = [_row(row, language) for row in report.rows]
    total = _row(report.total, language)
    total[1] = _TOTAL.in_language(language)
    header = [label.in_language(language) for label in _HEADER]
    return [header[at] for at in wanted], [[row[at] for at in wanted] for row in [*rows, total]]


def _row(row: PublishedLine, language: str) -> list[Cell]:
    line, (low, high) = row.line, row.interval
    met = None
    if row.meets_target is not None:
        met = (_YES if row.meets_target else _NO).in_language(language)
    rates: list[Cell] = [row.rate, low, high, met]
    if row.hides_rate:
        rates = [HIDDEN] * len(rates)
    return [
        line.code, line.name, line.code2, line.name2,
        HIDDEN if row.numerator is None else row.numerator,
        HIDDEN if row.denominator is None else row.denominator,
        *rates,
    ]  # fmt: skip


def published_text(report: PublishedReport, language: str) -> list[list[str]]:
    """The rows of `published_table` as they are printed."""
    _, rows = published_table(report, language)
    return [[_printed(cell) for cell in row] for row in rows]


def _printed(cell: Cell) -> str:
    if cell is None:
        return "—"
    return f"{cell * 100:.1f}%" if isinstance(cell, float) else str(cell)


def why_hidden(language: str) -> str:
    """What is hidden in a table for outside, and why."""
    return _WHY.in_language(language)


def published_sentence(report: PublishedReport, where: Sequence[str], language: str) -> str:
    """The report in one sentence, without what is hidden."""
    if not report.total.hides_rate:
        return report_sentence(report.report, where, language)
    period, total = period_name(report.report.period), report.total.denominator
    if total is None:
        words = Label(
            f"{period.zh}：例数少，合计不公布", f"{period.en}: too few to publish the total"
        )
    else:
        words = Label(
            f"{period.zh}：III期及以上 {total:,} 例，讨论率不公布",
            f"{period.en}: {total:,} of stage III or above, the rate is not published",
        )
    return words.in_language(language)
