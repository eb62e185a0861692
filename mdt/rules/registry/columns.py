"""Columns of the register file and how a header row is recognised."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mdt.rules.codes import Label
from mdt.rules.errors import Refused
from mdt.rules.registry.contents import fits, telling_columns

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

_ENGLISH = {
    "hospital_code": "Hospital code",
    "name": "Name",
    "id_type": "Kind of identity document",
    "id_number": "Identity number",
    "sex": "Sex",
    "birth_date": "Date of birth",
    "residence_code": "Region of residence",
    "mrn": "Record number",
    "icd10": "Diagnosis code (ICD-10)",
    "morphology": "Morphology (ICD-O-3)",
    "laterality": "Side",
    "case_type": "New or recurrent",
    "diagnosis_date": "Date of diagnosis",
    "diagnosis_basis": "Basis of diagnosis",
    "staging_system": "Staging system",
    "staging_edition": "Edition",
    "stage_basis": "Basis of stage",
    "t": "T",
    "n": "N",
    "m": "M",
    "stage_group": "Stage group",
    "stage_date": "Date of stage",
    "first_treatment_date": "Date of first treatment",
    "first_treatment_type": "First treatment",
    "emergency": "Emergency",
    "pathology_date": "Date of pathology report",
    "gene_test": "Gene test",
    "gene_lab": "Where it was tested",
    "referral": "Referred to",
    "external_mdt_date": "Board outside this system",
    "death_date": "Date of death",
}

COLUMN_LABELS: Mapping[str, Label] = MappingProxyType(
    {name: Label(zh, _ENGLISH[name]) for name, zh, _ in _COLUMNS}
)
"""What each column is called to a reader; in a file its English heading is the name itself."""


def column_label(column: str, language: str) -> str:
    """What a column is called, in English with its name behind; of another's column its heading."""
    if column not in COLUMN_LABELS:
        return column
    words = COLUMN_LABELS[column].in_language(language)
    return words if language == "zh" else f"{words} ({column})"


#: Columns in which a file says why a row was refused: written by us, never read.
REASON_COLUMNS = ("未接收原因", "未接收原因（英文）")

REQUIRED = ("hospital_code", "icd10", "case_type", "diagnosis_date")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header row says: ``headings`` as written.

    ``by_heading`` maps a heading as written to its column, ``unknown`` are headings that mean
    nothing here, ``missing`` the required columns that no heading names, ``repeated`` headings
    whose column an earlier heading has taken already.
    """

    headings: tuple[str, ...]
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
        tuple(headings),
        MappingProxyType(found),
        tuple(filter(str.strip, unknown)),
        missing,
        tuple(repeated),
    )


#: Words in headings of other systems: a guess, which a person confirms.
_LIKELY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hospital_code": (
            "医疗机构编码", "机构编码", "医院编码", "上报单位代码", "上报单位", "填报单位",
            "报告单位", "就诊单位", "就诊医院", "单位", "医院", "机构", "org_code",
        ),
        "name": ("病人", "患者名称"),
        "id_number": ("身份证", "证件编号", "id_card", "idno"),
        "birth_date": ("出生年月日", "出生时间", "生日"),
        "residence_code": ("现住址", "户籍区划", "常住地区划"),
        "mrn": ("病历号", "病案编号", "住院病历号", "患者编号", "patient_id"),
        "icd10": ("主要诊断编码", "诊断代码", "icd", "疾病代码", "肿瘤编码"),
        "morphology": ("病理编码", "组织学编码", "病理形态", "m编码"),
        "laterality": ("左右侧", "部位侧别", "side"),
        "case_type": (
            "初诊标志", "是否初诊", "就诊类型", "病例类型", "首诊复发", "首诊复诊", "初诊复发",
            "初治复发", "初治复治", "初复诊", "首诊", "初诊",
        ),
        "diagnosis_date": (
            "首次诊断日期", "确诊时间", "诊断时间", "发病日期", "首诊日期", "首诊时间",
        ),
        "diagnosis_basis": ("最高诊断依据", "确诊依据"),
        "staging_system": ("分期标准", "分期体系"),
        "staging_edition": ("分期版次", "ajcc版本", "版次"),
        "stage_basis": ("分期类型", "临床或病理分期"),
        "t": ("原发肿瘤t", "t分类", "临床t", "病理t", "ct", "pt"),
        "n": ("区域淋巴结n", "n分类", "临床n", "病理n", "cn", "pn"),
        "m": ("远处转移m", "m分类", "临床m", "病理m", "cm", "pm"),
        "stage_group": ("总分期", "期别", "分期结果", "病理分期"),
        "stage_date": ("分期时间",),
        "first_treatment_date": ("首次治疗时间", "首程治疗日期", "治疗开始日期", "手术日期"),
        "first_treatment_type": ("首程治疗方式", "治疗方式", "首次治疗"),
        "emergency": ("急诊入院", "是否急诊"),
        "pathology_date": ("病理日期", "病理报告时间", "病理诊断日期"),
        "gene_test": ("是否基因检测", "分子检测"),
        "gene_lab": ("检测机构", "检测单位"),
        "referral": ("转诊", "转院去向"),
        "external_mdt_date": ("mdt日期", "院内会诊日期", "多学科讨论日期"),
        "death_date": ("死亡时间",),
    }
)  # fmt: skip
#: Words that are a heading by themselves and stand within many others.
_WHOLE = frozenset({"单位", "医院", "机构", "首诊", "初诊"})
#: Days of something that no column asks for, however near their words are to another's.
_NEVER = frozenset(
    {"报告日期", "上报日期", "填报日期", "填卡日期", "登记日期", "就诊日期", "入院日期", "出院日期"}
)
_GUESSES = {
    **{_key(word): name for name, words in _LIKELY.items() for word in words},
    **_BY_KEY,
}
#: So near a heading must be to a known one, by its letters.
_NEAR = 0.75
#: Shorter words than these stand within others by chance.
_SHORTEST = 2


def guess_columns(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]] = (),
    hospital_codes: Collection[str] = (),
) -> tuple[str, ...]:
    """Guess a column for each heading, or nothing; none is guessed twice.

    What is certain (`recognise_header`) comes first; then words that stand within a heading, the
    longest first; then headings that differ in few letters: all unless the first ``cells`` below
    the heading speak against it. Last, what cells give away by themselves, where only one column
    of the file does. ``hospital_codes`` are those that the sender may write.
    """
    below = [cells[at] if at < len(cells) else () for at in range(len(headings))]
    certain = recognise_header(headings).by_heading
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        column = certain.get(heading)
        if column and column not in found.values():
            found[place] = column
    for _, back, column in sorted(_scores(headings), reverse=True):
        place = -back
        if place in found or column in found.values():
            continue
        if fits(column, below[place], hospital_codes) is not False:
            found[place] = column
    _add_telling(found, headings, below, hospital_codes)
    return tuple(found.get(place, "") for place in range(len(headings)))


def _add_telling(
    found: dict[int, str],
    headings: Sequence[str],
    below: Sequence[Sequence[str]],
    hospital_codes: Collection[str],
) -> None:
    """Add the columns that the cells of one heading alone give away."""
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        if place in found or heading in REASON_COLUMNS:
            continue
        for column in telling_columns(below[place], hospital_codes):
            places.setdefault(column, []).append(place)
    for column, taken in places.items():
        if len(taken) == 1 and taken[0] not in found and column not in found.values():
            found[taken[0]] = column


def _scores(headings: Sequence[str]) -> Iterator[tuple[float, int, str]]:
    never = {*_NEVER, *map(_key, REASON_COLUMNS)}
    for place, heading in enumerate(headings):
        key = _key(heading)
        if key in never:
            continue
        for word, column in _GUESSES.items():
            if _stands_in(word, key):
                yield 1 + len(word) / len(key), -place, column
            elif key and (near := difflib.SequenceMatcher(None, key, word).ratio()) >= _NEAR:
                yield near, -place, column


def _stands_in(word: str, key: str) -> bool:
    if word in _WHOLE or len(word) < _SHORTEST or word.isascii():
        return word == key
    return word in key


def check_columns(columns: Sequence[str]) -> None:
    """Raise `Refused` unless each required column is chosen, and none twice.

    ``columns`` are the choices of all headings, empty for one that is not read.
    """
    chosen = [column for column in columns if column]
    twice = sorted({column for column in chosen if chosen.count(column) > 1})
    missing = [column for column in REQUIRED if column not in chosen]
    if any(column not in COLUMNS for column in chosen):
        raise Refused("unknown_code")
    if twice:
        raise Refused("register_column_twice", columns=_names(twice))
    if missing:
        raise Refused("register_columns_unchosen", columns=_names(missing))


def _names(columns: Sequence[str]) -> str:
    return "、".join(f"{COLUMNS[column]}（{column}）" for column in columns)
