"""How far a hospital's register can be trusted: what is filled in, in time and plausible."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mdt.rules.codes import Label
from mdt.rules.coverage.report import SMALL, Period
from mdt.rules.coverage.request import period_name
from mdt.rules.coverage.table import Cell, export_mark

#: Days after the diagnosis by which a tumour should stand in the register.
LATE_AFTER_DAYS = 30
#: What looks unlikely in a row, or is missing or late: each opens the list of its rows.
UNLIKELY = ("treated_first", "died_first", "future", "wrong_sex", "early_edition")
CHECKS = (*UNLIKELY, "late", "unstaged", "untreated", "unmatched")
QUALITY_FIGURES = (
    "rows", "counted", "staged", "treated", "denominator", "matched", *CHECKS,
)  # fmt: skip

_DEFINITIONS = (
    Label(
        "记录：本期间确诊的台账记录，已判定为重复的除外。例数不足 10 的以灰色显示。",
        "Rows: tumours of the register diagnosed in the period, decided duplicates left out. "
        "Fewer than 10 are greyed.",
    ),
    Label(
        "有分期：能判定是否为III期及以上的记录，占未剔除记录（复发、原位癌、非恶性等除外）的比例。",
        "Staged: rows of which it can be told whether they are stage III or above, as a share of "
        "those not excluded (recurrences, in situ, not malignant and so on).",
    ),
    Label(
        "有首次治疗日期：填写了首次治疗日期的记录占全部记录的比例。"
        "台账没有“未治疗”一栏，尚未治疗的也列为未填。",
        "First treatment: rows with a date of first treatment, as a share of all rows. The "
        "register has no column that says untreated: who is not treated yet counts as empty.",
    ),
    Label(
        "已对上病例：III期及以上（讨论率的分母）中与本系统病例对上的比例。",
        "Matched: the share of stage III or above (the denominator of coverage) that belongs to a "
        "case of this system.",
    ),
    Label(
        f"迟报：首次录入台账的日期晚于确诊日期 {LATE_AFTER_DAYS} 天以上的记录占全部记录的比例。",
        f"Late: rows first entered more than {LATE_AFTER_DAYS} days after the diagnosis, as a "
        "share of all rows.",
    ),
    Label(
        "最近导入：本机构最近一次导入，或本期间记录最近来自的那次导入，距今的天数。",
        "Last import: days since the hospital's last file, or the last file that the rows of the "
        "period came from.",
    ),
    Label(
        "需核对：首次治疗早于确诊、死亡早于确诊、确诊日期晚于今天、性别与部位不符、"
        "分期当日（未填则确诊当日）该部位尚未启用所填分期版本的记录。",
        "To look at: rows with a treatment or a death before the diagnosis, a diagnosis in the "
        "future, a sex against the site, or an edition of staging that was not in use for the site "
        "on the day of the stage (of the diagnosis, where that is empty).",
    ),
)
CHECK_LABELS = {
    "treated_first": Label("治疗早于确诊", "Treated before diagnosis"),
    "died_first": Label("死亡早于确诊", "Died before diagnosis"),
    "future": Label("确诊日期在将来", "Diagnosis in the future"),
    "wrong_sex": Label("性别与部位不符", "Sex against site"),
    "early_edition": Label("分期版本早于启用日期", "Edition not yet in use"),
    "late": Label("迟报", "Late"),
    "unstaged": Label("分期未明", "Unstaged"),
    "untreated": Label("没有首次治疗日期", "No date of first treatment"),
    "unmatched": Label("III期及以上，未对上病例", "Stage III or above, without a case"),
}
"""Words for `CHECKS`."""

_HEADER = (
    Label("代码", "Code"),
    Label("名称", "Name"),
    Label("记录", "Rows"),
    Label("有分期", "Staged"),
    Label("有首次治疗日期", "First treatment"),
    Label("III期及以上", "Stage III or above"),
    Label("已对上病例", "Matched"),
    Label("迟报", "Late"),
    Label("最近导入（天前）", "Last import (days ago)"),
    *(CHECK_LABELS[name] for name in UNLIKELY),
)
_TOTAL = Label("合计", "Total")


@dataclass(frozen=True, slots=True)
class QualityLine:
    """One hospital's register of a period; ``counts`` by the names of `QUALITY_FIGURES`.

    ``days_since_import`` is ``None`` where nothing was imported, and for the total.
    """

    code: str
    name: str
    counts: Mapping[str, int]
    days_since_import: int | None = None

    def count(self, key: str) -> int:
        """How many rows stand behind a figure."""
        return self.counts.get(key, 0)

    def share(self, key: str, of: str = "rows") -> float | None:
        """One figure as a share of another; ``None`` where that is 0."""
        whole = self.count(of)
        return self.count(key) / whole if whole else None

    @property
    def is_small(self) -> bool:
        """Too few rows for shares that say something."""
        return self.count("rows") < SMALL


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the registers of a period, by hospital; the counts add up to the total."""

    period: Period
    lines: tuple[QualityLine, ...]
    total: QualityLine


def sum_quality(period: Period, lines: Iterable[QualityLine]) -> Quality:
    """Sort hospitals by code and add them up."""
    ordered = tuple(sorted(lines, key=lambda line: line.code))
    total: Counter[str] = Counter()
    for line in ordered:
        total.update(line.counts)
    return Quality(period, ordered, QualityLine("", "", total))


def group_quality(lines: Iterable[tuple[str, QualityLine]]) -> dict[str, QualityLine]:
    """Add hospitals up by the code of their group, and under ``""`` all of them.

    ``days_since_import`` is that of the hospital that has sent nothing for longest; ``None`` where
    one has never sent anything.
    """
    groups: dict[str, list[QualityLine]] = {"": []}
    for code, line in lines:
        groups.setdefault(code, []).append(line)
        groups[""].append(line)
    return {code: _together(code, of_group) for code, of_group in groups.items()}


def _together(code: str, lines: Sequence[QualityLine]) -> QualityLine:
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.counts)
    days = [line.days_since_import for line in lines]
    known = [one for one in days if one is not None]
    return QualityLine(code, "", counts, max(known) if known and len(known) == len(days) else None)


def days_since(moment: date | None, today: date) -> int | None:
    """How many days ago a day was; never less than 0."""
    return None if moment is None else max(0, (today - moment).days)


def quality_definitions(language: str) -> list[str]:
    """What each column says, a sentence for each."""
    return [one.in_language(language) for one in _DEFINITIONS]


def quality_table(
    quality: Quality, who: str, now: datetime, language: str
) -> tuple[list[str], list[Sequence[Cell]]]:
    """Header and rows, the total after the hospitals; then who took it out, and the definitions."""
    header = [label.in_language(language) for label in _HEADER]
    total = _TOTAL.in_language(language)
    lines = [*((line, line.name) for line in quality.lines), (quality.total, total)]
    rows: list[Sequence[Cell]] = [_row(line, name) for line, name in lines]
    mark, period = export_mark(who, now), period_name(quality.period)
    source = Label(f"{mark.zh}；期间：{period.zh}", f"{mark.en}; period {period.en}")
    said = [source.in_language(language), *quality_definitions(language)]
    return header, [*rows, [], *([line] for line in said)]


def _row(line: QualityLine, name: str) -> Sequence[Cell]:
    return [
        line.code, name, line.count("rows"), _four(line.share("staged", "counted")),
        _four(line.share("treated")), line.count("denominator"),
        _four(line.share("matched", "denominator")), _four(line.share("late")),
        line.days_since_import,
        *(line.count(name) for name in UNLIKELY),
    ]  # fmt: skip


def _four(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
