"""Words of the register and its reports: why a file or a row is refused, why a tumour counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from mdt.rules.calendar import local_date
from mdt.rules.coverage import EXCLUSION_LABELS, BoardUse, Exclusion, StageUse
from mdt.rules.icd10 import icd10_label
from mdt.rules.registry import message_of
from mdt.rules.registry.columns import column_label
from mdt.rules.registry.duplicates import DuplicateVerdict
from mdt.rules.registry.values import CODED
from mdt.rules.staging import printed_categories, printed_group
from mdt.web.templating import language
from mdt.web.words.codes import stage_word

WORDS = {
    "date_iso": _("日期无法识别。请按 2026-09-01 的格式填写。"),
    "duplicate_apart": _(
        "选为同一肿瘤的记录之间没有部位、侧别和日期都相符的。请改选，或先更正记录。"
    ),
    "duplicate_gone": _(
        "这些记录已不在待判定之列：可能别人刚刚判定过，或记录已更正。请看下面最新的列表。"
    ),
    "duplicate_not_kept": _("选“与某条相同”时，那一条自己须选“保留”。请核对各条的选择。"),
    "duplicate_revoked": _("这项判定已被撤销。请看下面最新的列表。"),
    "duplicate_unsaid": _("请为每一条记录选择：保留，或与哪一条相同。"),
    "grouping_twice": _("两个分组相同。请为“再按”另选一项，或选“不再分”。"),
    "hospital_code_unknown": _("没有这个机构代码，或该机构的台账不由您管理。"),
    "import_of_another": _("这个文件由别人上传，只有上传的人可以继续或取消。"),
    "import_state": _("这个文件已不在这一步。请看本页最新的状态。"),
    "period_reversed": _("结束日期早于开始日期。请核对期间。"),
    "register_column_twice": _("有的列选了两次：%(columns)s。每个列只能对应文件中的一列。"),
    "register_columns_missing": _(
        "缺少必填列：%(columns)s。请下载模板，对照第一行的列名修改后再导入。"
    ),
    "register_columns_unchosen": _(
        "还没有指定必填列：%(columns)s。请在下表中选择文件里的哪一列是它。"
    ),
    "register_cut_off": _("导入中断，没有完成。请重新发送这个文件，已写入的行不会重复。"),
    "register_empty": _("文件是空的。第一行应为列名，其下每行一个原发肿瘤。"),
    "register_encoding": _("文字编码无法识别。请另存为 UTF-8 或 GB18030 编码的 CSV，或 XLSX。"),
    "register_file_lost": _("保存的文件已损坏，无法继续。请重新上传这个文件。"),
    "register_interrupted": _(
        "处理这个文件时多次中断，已停止。已写入的行保留，重新上传同一文件不会重复；"
        "如仍不行，请把页面地址告诉系统管理员。"
    ),
    "register_malformed": _(
        "文件已损坏或格式有误，无法读取。请在表格软件中打开，另存为 XLSX 或 CSV 后再导入。"
    ),
    "register_no_file": _("请先选择文件（CSV 或 XLSX）。"),
    "register_not_a_table": _("这不是表格文件。请上传 CSV 或 XLSX。"),
    "register_old_excel": _("这是旧版 Excel 文件或加密文件。请取消密码，另存为 XLSX 后再导入。"),
    "register_sender_gone": _("上传这个文件的账号已停用，没有导入。请由在用的账号重新上传。"),
    "register_too_large": _(
        "文件太大：XLSX 不超过 20 MB，CSV 在本页上传不超过 400 MB，由程序发送不超过 20 MB。"
        "请按月份或机构拆分后分次导入。"
    ),
    "register_too_many_columns": _("列数超过 200。请删除台账以外的列后再导入。"),
    "register_too_many_rows": _(
        "行数太多：XLSX 不超过 10 万行，CSV 在本页上传不超过 200 万行，由程序发送不超过 10 万行。"
        "请按月份或机构拆分后分次导入。"
    ),
    "register_virus": _("该文件未通过病毒检查，没有读取。请在本机查杀后，从原系统重新导出再上传。"),
    "register_virus_check_too_big": _(
        "该文件超过病毒检查能处理的大小，没有读取。请分成几份上传，"
        "或请系统管理员调高病毒检查的文件大小限制。"
    ),
    "row_doubtful": _("有内容需要核对，请看标出的项目；无误则再次保存。"),
    "row_stale": _("别人刚刚改过这条记录。请对照下表核对，再次保存将以您填写的为准。"),
    "unknown_code": _("取值无法识别。请从列表中选择。"),
}

STAGE_USES = {
    StageUse.ABSENT: _("台账没有填写分期，按分期未明统计。"),
    StageUse.AFTER_TREATMENT: _("分期日期晚于首次治疗，该分期不计入，按分期未明统计。"),
    StageUse.DERIVED: _("按台账的 T、N、M 推出。"),
    StageUse.ENTERED: _("台账的 T、N、M 未填或不足以判断，按填写的分期。"),
    StageUse.NOT_INITIAL: _("治疗后、复发或尸检分期不计入，按分期未明统计。"),
    StageUse.PATHOLOGICAL_NOT_TAKEN: _("口径只用临床分期，该分期不计入，按分期未明统计。"),
    StageUse.PATHOLOGICAL_WITHOUT_SURGERY: _(
        "病理分期只有在首次治疗为手术时计入，该分期不计入，按分期未明统计。"
    ),
    StageUse.SYSTEM_NOT_TAKEN: _("口径不采用该分期系统，按分期未明统计。"),
    StageUse.UNDETERMINED: _("台账的分期不足以判断是否 III 期及以上，按分期未明统计。"),
}

BOARD_USES = {
    BoardUse.COUNTS: _("计入"),
    BoardUse.DEFERRED: _("缓议，不计入"),
    BoardUse.NO_MEETING: _("未开会而签署，不计入"),
    BoardUse.NO_QUORUM: _("未达法定人数，不计入"),
    BoardUse.OUTSIDE: _("本系统以外的讨论，不计入"),
    BoardUse.PAST_GRACE: _("首次治疗后才讨论，且超过确诊后的宽限期，不计入"),
    BoardUse.TOO_FEW_DISCIPLINES: _("到场学科不足，不计入"),
    BoardUse.TOO_LATE: _("首次治疗后才讨论，不计入"),
    BoardUse.UNSIGNED: _("意见书未签署，不计入"),
}

GROUPINGS = {
    "hospital": _("机构"),
    "county": _("县（市、区）"),
    "city": _("设区市"),
    "province": _("省"),
    "quarter": _("季度"),
    "month": _("月份"),
    "year": _("年度"),
    "site": _("部位"),
}

QUICK_PERIODS = {
    "this_quarter": _("本季度"),
    "last_quarter": _("上季度"),
    "this_year": _("今年"),
    "last_year": _("去年"),
}

DUPLICATE_VERDICTS = {
    "mixed": _("部分为同一肿瘤"),
    "open": _("待判定"),
    DuplicateVerdict.SAME: _("同一肿瘤"),
    DuplicateVerdict.DIFFERENT: _("不是同一肿瘤"),
}

CELLS = {
    "numerator": _("已讨论（分子）"),
    "denominator": _("III期及以上（分母）"),
    "not_discussed": _("III期及以上，未讨论"),
    "below": _("III期以下"),
    "unstaged": _("分期未明"),
    "unstaged_with_board": _("分期未明，已讨论"),
    "pending": _("待定"),
    "signed_without_meeting": _("未开会而签署"),
    "unmatched": _("讨论过但台账中没有"),
}


def row_reason(code: str, column: str, language: str) -> str:
    """The sentence for what is wrong with a cell of a column."""
    found = message_of(code, column)
    return found.in_language(language) if found else code


def column_word(column: str, language: str) -> str:
    """What a column is called; in English with its name behind it, as a file has it."""
    return column_label(column, language)


def icd10_name(code: str) -> str:
    """The name of a diagnosis code, in the reader's language; nothing for one not listed."""
    found = icd10_label(code)
    return found.in_language(language()) if found else ""


def coded_word(column: str, code: str) -> str:
    """The word of a code of the register file; the code itself where the list has none."""
    found = CODED[column].get(code)
    return found.in_language(language()) if found else code


def stage_written(tumour: Any) -> str:
    """The stage of a row of the register, in the one way that all pages write stages."""
    categories = printed_categories(tumour.t, tumour.n, tumour.m)
    group = stage_word(printed_group(tumour.stage_group, tumour.staging_system))
    return gettext("，").join(part for part in (categories, group) if part)


def exclusion_word(reason: str) -> str:
    """Why a tumour stands outside the rate."""
    return EXCLUSION_LABELS[Exclusion(reason)].in_language(language())


def place_name(place: Any) -> str:
    """The name of a hospital."""
    return str(place.name_en or place.name_zh) if language() == "en" else str(place.name_zh)


@dataclass(frozen=True)
class Compared:
    """A field of some rows in words; ``differs`` where they do not all say the same."""

    label: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether they do not all say the same."""
        return len(set(self.cells)) > 1


def compare_rows(rows: Sequence[Any]) -> list[Compared]:
    """Rows of the register that may be one tumour, field by field."""
    by_field = zip(*(_cells(row) for row in rows), strict=True)
    return [Compared(of[0][0], tuple(words for _label, words in of)) for of in by_field]


def _cells(row: Any) -> list[tuple[str, str]]:
    tumour, comma = row.tumour, gettext("，")
    treated = [_day(tumour.first_treatment_date)]
    treated += [coded_word("first_treatment_type", tumour.first_treatment_type)]
    return [
        (gettext("机构"), place_name(row.place)),
        (gettext("性别和年龄"), _who(row)),
        (gettext("确诊日期"), _day(tumour.diagnosis_date)),
        (gettext("诊断"), f"{tumour.icd10} {icd10_name(tumour.icd10)}"),
        (gettext("形态学"), tumour.morphology),
        (gettext("侧别"), coded_word("laterality", tumour.laterality)),
        (gettext("初诊复诊"), coded_word("case_type", tumour.case_type)),
        (gettext("台账分期"), stage_written(tumour)),
        (gettext("首次治疗"), comma.join(filter(None, treated)) or gettext("尚未治疗")),
        (gettext("最后更改"), _day(local_date(tumour.updated_at))),
    ]


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _who(row: Any) -> str:
    sex = coded_word("sex", row.tumour.patient.sex)
    return sex if row.age is None else gettext("%(sex)s，%(n)s 岁", sex=sex, n=row.age)


def words_for_templates() -> dict[str, Any]:
    """What the templates of the register and its reports need to say codes in words."""
    return {
        "icd10_name": icd10_name,
        "coded": coded_word,
        "exclusion": exclusion_word,
        "register_stage": stage_written,
        "place_name": place_name,
    }
