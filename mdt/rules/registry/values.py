"""Values of the register file: dates and coded columns, in Chinese and English."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType

from mdt.rules import codes
from mdt.rules.codes import Label

_DATE = re.compile(
    r"(?P<y>\d{4})"
    r"(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]?"
    r"|(?P<m3>\d{2})(?P<d3>\d{2}))"
    r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
# Years outside are slips (0206) or stand for "none" (9999).
_YEARS = range(1850, 2200)

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


def cell_text(value: object) -> str:
    """Return what a cell says as text: numbers without ``.0``, dates as ISO, edges trimmed."""
    # Most cells are empty, nearly all others text.
    if not value and (value is None or value == ""):
        return ""
    if type(value) is str:
        return value.strip().strip(_INVISIBLE).strip()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        # From 2 ** 53 on a number has lost digits; written out in full it would look exact.
        exact = value.is_integer() and abs(value) < 2**53
        return str(int(value)) if exact else f"{value:.14E}" if abs(value) >= 2**53 else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value).strip().strip(_INVISIBLE).strip()
    # Our own files put an apostrophe before what a spreadsheet would take for a formula.
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text


def plain_text(value: object) -> str:
    """Return a cell that holds a code: half-width, without the apostrophe that forces text."""
    text = cell_text(value)
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.removeprefix("'").strip()


def read_date(value: object) -> date | None:
    """Read a day as ISO, 2026/9/1, 20260901, 2026年9月1日, or a date cell of a spreadsheet.

    Raises ``ValueError`` where the value is no such date; an empty cell is ``None``.
    """
    day = _day(value)
    if day is not None and day.year not in _YEARS:
        raise ValueError(day.isoformat())
    return day


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _day_of(value if type(value) is str else plain_text(value))


# The days of a file are few: those of some years.
@lru_cache(maxsize=50_000)
def _day_of(cell: str) -> date | None:
    text = plain_text(cell)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    month = match["m"] or match["m2"] or match["m3"]
    day = match["d"] or match["d2"] or match["d3"]
    return date(int(match["y"]), int(month), int(day))


CASE_TYPES = {
    "new": Label("初诊", "New"),
    "recurrence": Label("复发", "Recurrence"),
    "retreatment": Label("复治", "Retreatment"),
}
STAGE_BASES = {
    "c": Label("临床分期", "Clinical"),
    "p": Label("病理分期", "Pathological"),
    "yc": Label("治疗后临床分期", "Clinical, after therapy"),
    "yp": Label("治疗后病理分期", "Pathological, after therapy"),
    "r": Label("复发分期", "At recurrence"),
    "a": Label("尸检分期", "At autopsy"),
}
STAGING_SYSTEMS = {
    "TNM": Label("TNM分期", "TNM"),
    "CNLC": Label("中国肝癌分期（CNLC）", "CNLC (China liver cancer)"),
    "BCLC": Label("巴塞罗那肝癌分期（BCLC）", "BCLC"),
    "FIGO": Label("FIGO分期", "FIGO"),
    "ANN_ARBOR": Label("Ann Arbor分期", "Ann Arbor"),
    "LUGANO": Label("Lugano分期", "Lugano"),
    "VALG": Label("VALG（局限期/广泛期）", "VALG (limited or extensive)"),
    "RISS": Label("R-ISS分期", "R-ISS"),
    "R2ISS": Label("R2-ISS分期", "R2-ISS"),
    "ISS": Label("ISS分期", "ISS"),
    "DURIE_SALMON": Label("Durie-Salmon分期", "Durie-Salmon"),
    "RAI": Label("Rai分期", "Rai"),
    "BINET": Label("Binet分期", "Binet"),
    "ISCL_EORTC": Label("ISCL/EORTC分期", "ISCL/EORTC"),
    "MASAOKA": Label("Masaoka-Koga分期", "Masaoka-Koga"),
    "INRGSS": Label("INRGSS分期", "INRGSS"),
    "INSS": Label("INSS分期", "INSS"),
    "COG": Label("COG分期", "COG"),
    "SIOP": Label("SIOP分期", "SIOP"),
    "PRETEXT": Label("PRETEXT分期", "PRETEXT"),
    "IRSG": Label("IRSG分期", "IRSG"),
    "ENNEKING": Label("Enneking分期", "Enneking (MSTS)"),
}
FIRST_TREATMENTS = {
    "surgery": Label("手术", "Surgery"),
    "radiotherapy": Label("放疗", "Radiotherapy"),
    "chemotherapy": Label("化疗", "Chemotherapy"),
    "targeted": Label("靶向", "Targeted therapy"),
    "immunotherapy": Label("免疫", "Immunotherapy"),
    "endocrine": Label("内分泌", "Endocrine therapy"),
    "intervention": Label("介入", "Intervention"),
    "tcm": Label("中医药", "Traditional Chinese medicine"),
    "other": Label("其他", "Other"),
}
YES_NO = {"yes": Label("是", "Yes"), "no": Label("否", "No")}
GENE_LABS = {
    "own": Label("本院", "Own hospital"),
    "regional_centre": Label("区域中心", "Regional centre"),
    "province_hospital": Label("省内其他", "Other hospital in the province"),
    "province_company": Label("省内第三方", "Third party in the province"),
    "outside_province": Label("省外", "Outside the province"),
}
REFERRALS = {
    "none": Label("未转诊", "Not referred"),
    "county": Label("县域内", "Within the county"),
    "city": Label("市内", "Within the city"),
    "province": Label("省内", "Within the province"),
    "outside_province": Label("省外", "Outside the province"),
}

_SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "id_type": {"01": "身份证 居民身份证号 id_card", "02": "户口簿 户口本", "03": "普通护照"},
    "sex": {"1": "男 m", "2": "女 f", "0": "未知 unknown u", "9": "未说明"},
    "laterality": {
        "1": "左 l",
        "2": "右 r",
        "3": "双 两侧 both b",
        "9": "不详 未知 不适用 unknown u not_applicable",
    },
    "case_type": {
        "new": "首诊 初治 primary",
        "recurrence": "复发患者 recurrent relapse",
        "retreatment": "再治疗 复治患者",
    },
    "stage_basis": {
        "c": "临床 cTNM",
        "p": "病理 pTNM pathologic",
        "yc": "ycTNM",
        "yp": "y ypTNM 新辅助后 新辅助治疗后",
        "r": "rTNM 复发",
        "a": "aTNM 尸检 autopsy",
    },
    "staging_system": {
        "TNM": "AJCC UICC AJCC/UICC cTNM pTNM",
        "CNLC": "中国肝癌分期 中国肝癌",
        "BCLC": "巴塞罗那",
        "ANN_ARBOR": "安娜堡",
        "LUGANO": "卢加诺",
        "VALG": "VALSG VA",
        "RISS": "R-ISS",
        "ENNEKING": "MSTS",
        "MASAOKA": "Masaoka",
        "ISCL_EORTC": "ISCL EORTC",
        "COG": "NWTS",
    },
    "first_treatment_type": {
        "surgery": "手术治疗 外科手术 SURG SURG_ENDO 内镜下切除",
        "radiotherapy": "放射治疗 RT RT_BRACHY radiation",
        "chemotherapy": "化学治疗 CHEMO",
        "targeted": "靶向治疗 分子靶向治疗 TARGET",
        "immunotherapy": "免疫治疗 IMMUNO",
        "endocrine": "内分泌治疗 ENDO hormonal",
        "intervention": "介入治疗 TACE INTERV_OTHER",
        "tcm": "中医 中药 中医药治疗",
    },
    "yes_no": {"yes": "y 1 true 有 已检测", "no": "n 0 false 无 未检测"},
    "gene_lab": {
        "own": "院内",
        "regional_centre": "区域性检测中心 regional_center",
        "province_hospital": "省内其他医疗机构 省内其他医院",
        "province_company": "省内第三方机构",
        "outside_province": "省外机构",
    },
    "referral": {
        "none": "无 未转 no",
        "county": "县内",
        "city": "市域内",
        "province": "省域内",
        "outside_province": "转省外",
    },
}


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_\-./]", "", plain)


def _reading(labels: Mapping[str, Label], synonyms: Mapping[str, str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, label in labels.items():
        spellings = (code, label.zh, label.en, code + label.zh, code.lstrip("0"))
        for word in (*spellings, *synonyms.get(code, "").split()):
            found.setdefault(_key(word), code)
    found.pop("", None)
    return MappingProxyType(found)


def _id_type_labels() -> Mapping[str, Label]:
    return {code: kind.label for code, kind in codes.id_types().items()}


CODED: Mapping[str, Mapping[str, Label]] = MappingProxyType(
    {
        "id_type": _id_type_labels(),
        "sex": codes.sexes(),
        "laterality": codes.lateralities(),
        "case_type": CASE_TYPES,
        "diagnosis_basis": codes.diagnosis_bases(),
        "staging_system": STAGING_SYSTEMS,
        "stage_basis": STAGE_BASES,
        "first_treatment_type": FIRST_TREATMENTS,
        "emergency": YES_NO,
        "gene_test": YES_NO,
        "gene_lab": GENE_LABS,
        "referral": REFERRALS,
    }
)
"""The coded columns: column, then code, then its words."""

_READINGS = {
    column: _reading(labels, _SYNONYMS.get("yes_no" if labels is YES_NO else column, {}))
    for column, labels in CODED.items()
}


def read_code(column: str, value: object) -> str | None:
    """Find the code that a cell of a coded column means.

    ``""`` for an empty cell, ``None`` for a word that is not in the list.
    """
    if not value and (value is None or value == ""):
        return ""
    return _code_of(column, value if type(value) is str else plain_text(value))


@lru_cache(maxsize=5_000)
def _code_of(column: str, cell: str) -> str | None:
    text = plain_text(cell)
    if not text:
        return ""
    return _READINGS[column].get(_key(text))


def is_code_word(text: str) -> bool:
    """Whether a text is a word of some coded column, whichever it stands in."""
    key = _key(text)
    return any(key in reading for reading in _READINGS.values())


def expected_values(column: str, language: str) -> Iterable[str]:
    """List the words of a coded column, for a sentence that says what is expected."""
    return (label.in_language(language) for label in CODED[column].values())


_CHINESE_DIGITS = {"七": "7", "八": "8", "九": "9"}
_EDITION = re.compile(r"第?([789]|20\d\d)(版|th|$)|([789]|20\d\d)", re.ASCII | re.IGNORECASE)


def _arabic(text: str) -> str:
    for word, digit in _CHINESE_DIGITS.items():
        text = text.replace(f"第{word}版", f"第{digit}版")
    return text


def read_edition(value: object) -> str:
    """Read an edition: ``8`` of ``第8版``, ``AJCC 8th`` or ``第八版``; else as written."""
    text = plain_text(value)
    return _edition_of(text) if text else ""


@lru_cache(maxsize=1_000)
def _edition_of(text: str) -> str:
    text = _arabic(text)
    numbers = set(re.findall(r"\d+", text, re.ASCII))
    return numbers.pop() if len(numbers) == 1 else text


def read_staging_system(value: object) -> tuple[str | None, str]:
    """Read the system of a cell, and the edition where it stands in the same cell (``TNM8``).

    The system is ``None`` where the word is not in the list.
    """
    system = read_code("staging_system", value)
    if system is not None:
        return system, ""
    text = _arabic(plain_text(value))
    match = _EDITION.search(text)
    if match is None:
        return None, ""
    system = read_code("staging_system", text[: match.start()] + text[match.end() :])
    return system or None, match[1] or match[3]
