from dataclasses import dataclass

from flask_babel import gettext

from mdt.rules.registry import COLUMNS, REQUIRED
from mdt.rules.registry.values import CODED


@dataclass(frozen=True)
class ColumnNote:
    """What the import page says of a column."""

    name: str
    heading: str
    required: bool
    values: str


def column_notes(language: str) -> list[ColumnNote]:
    """Every column of the register file with what may stand in it."""
    return [
        ColumnNote(name, heading, name in REQUIRED, _values(name, language))
        for name, heading in COLUMNS.items()
    ]


def _values(name: str, language: str) -> str:
    if name == "sex":
        return gettext("男、女，或 1、2")
    if name == "diagnosis_date":
        return gettext("日期，如 2026-09-01")
    if name in CODED:
        words = [label.in_language(language) for label in CODED[name].values()]
        return gettext("、").join(words)
    if name.endswith("_date"):
        return gettext("日期，如 2026-09-01；没有则留空")
    return {
        "hospital_code": gettext("本系统中登记的机构代码"),
        "icd10": gettext("ICD-10 编码，如 C34.1 或 C34.100x001；只收肿瘤，转移灶（C77–C79）不收"),
        "morphology": gettext("ICD-O-3 形态学编码，如 8140/3"),
        "id_number": gettext("居民身份证号的校验码会核对；请把该列设为文本"),
        "residence_code": gettext("6位区划代码，如 360726"),
        "mrn": gettext("病案号；没有证件号码时凭它找回同一患者"),
        "staging_edition": gettext("如 8、9；不填时各版本结论不同的按分期未明统计"),
        "t": gettext("如 T2a"),
        "n": gettext("如 N1"),
        "m": gettext("如 M0"),
        "stage_group": gettext("如 IIIA、ⅢA期、三期；T、N、M 能推出时以推出的为准"),
    }.get(name, "")
