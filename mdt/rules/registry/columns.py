"""Columns of the register file and how a header row is recognised."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

# Column, its Chinese name, and further headings that hospitals' exports use for it.
_COLUMNS = (
    ("hospital_code", "机构代码", ("医疗机构代码", "医院代码", "组织机构代码")),
    ("name", "姓名", ("患者姓名", "病人姓名", "patient_name")),
    ("id_type", "证件类型", ("证件类别",)),
    ("id_number", "证件号码", ("身份证号", "身份证号码", "证件号")),
    ("sex", "性别", ("gender",)),
    ("birth_date", "出生日期", ("birthday",)),
    ("residence_code", "现住址区划", ("现住址区划代码", "现住址行政区划")),
    ("mrn", "病案号", ("住院号",)),
    ("icd10", "诊断编码", ("疾病编码", "icd编码", "icd10编码", "icd_10")),
    ("morphology", "形态学编码", ("形态学", "icdo3形态学编码")),
    ("laterality", "侧别", ()),
    ("case_type", "初诊复诊", ("初诊/复诊",)),
    ("diagnosis_date", "确诊日期", ("诊断日期",)),
    ("diagnosis_basis", "诊断依据", ()),
    ("staging_system", "分期系统", ()),
    ("staging_edition", "分期版本", ()),
    ("stage_basis", "分期依据", ()),
    ("t", "T", ("t分期",)),
    ("n", "N", ("n分期",)),
    ("m", "M", ("m分期",)),
    ("stage_group", "分期", ("临床分期", "tnm分期", "stage")),
    ("stage_date", "分期日期", ()),
    ("first_treatment_date", "首次治疗日期", ()),
    ("first_treatment_type", "首次治疗方式", ()),
    ("emergency", "急诊", ()),
    ("pathology_date", "病理报告日期", ()),
    ("gene_test", "基因检测", ()),
    ("gene_lab", "检测地点", ()),
    ("referral", "转诊去向", ()),
    ("external_mdt_date", "院内MDT日期", ()),
    ("death_date", "死亡日期", ()),
)

COLUMNS: Mapping[str, str] = MappingProxyType({name: zh for name, zh, _ in _COLUMNS})
"""Each column's English name with its Chinese one, in the order of the template."""

REQUIRED = ("hospital_code", "icd10", "case_type", "diagnosis_date")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header row says.

    ``by_heading`` maps a heading as written to its column, ``unknown`` are headings that mean
    nothing here, ``missing`` the required columns that no heading names, ``repeated`` headings
    whose column an earlier heading has taken already.
    """

    by_heading: Mapping[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]

    def translate(self, row: Mapping[str, object]) -> dict[str, object]:
        """Key the cells of a row by column; cells of unknown headings are dropped."""
        return {
            self.by_heading[heading]: cell
            for heading, cell in row.items()
            if heading in self.by_heading
        }


def _key(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading).casefold()
    # Templates mark required columns with a star and explain them in brackets.
    return re.sub(r"\(.*?\)|[\W_]", "", plain)


_BY_KEY = {_key(heading): name for name, zh, others in _COLUMNS for heading in (name, zh, *others)}


def recognise_header(headings: Sequence[str]) -> Header:
    """Find the columns among headings in either language and any order."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for heading in headings:
        column = _BY_KEY.get(_key(heading))
        if column is None:
            unknown.append(heading)
        elif column in found.values():
            repeated.append(heading)
        else:
            found[heading] = column
    missing = tuple(column for column in REQUIRED if column not in found.values())
    return Header(
        MappingProxyType(found), tuple(filter(str.strip, unknown)), missing, tuple(repeated)
    )
