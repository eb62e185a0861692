"""The report card of a tumour (居民恶性肿瘤病例报告卡): its fields, in the order of the paper.

The card is a Chinese form: its words are Chinese in every language. What the register does not hold
(ethnicity, marriage, occupation, workplace, cause of death) stays blank for the pen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mdt.rules import codes
from mdt.rules.icd10 import icd10_label
from mdt.rules.registry.values import CODED
from mdt.rules.staging import printed_categories, printed_group

CARD_TITLE = "居民恶性肿瘤病例报告卡"
_NOT_SHOWN = "（已去标识）"


@dataclass(frozen=True, slots=True)
class CardPerson:
    """Who the card is about; empty text where it is not known, or not for the reader."""

    sex: str
    age: int | None
    born: str = ""
    name: str = ""
    id_type: str = ""
    id_number: str = ""
    mrn: str = ""
    phone: str = ""
    residence_code: str = ""


@dataclass(frozen=True, slots=True)
class CardFrame:
    """What stands around the tumour: where and by whom the card is made, on which day.

    ``shown`` is false where the card leaves out who it is about.
    """

    number: str
    hospital: str
    doctor: str
    reported_on: date
    shown: bool = True


@dataclass(frozen=True, slots=True)
class CardSection:
    """A block of the card: labels with what is written beside them."""

    title: str
    fields: tuple[tuple[str, str], ...]


def card_sections(
    cells: Mapping[str, str], stage: str, person: CardPerson, frame: CardFrame
) -> tuple[CardSection, ...]:
    """Fill in the card of a row: ``cells`` are codes by column, ``stage`` the derived group."""
    return (
        CardSection("患者", _person(person, shown=frame.shown)),
        CardSection("肿瘤", _tumour(cells)),
        CardSection("分期与治疗", _course(cells, stage)),
        CardSection(
            "报告",
            (
                ("报告卡编号", frame.number),
                ("报告单位", frame.hospital),
                ("报告医师", frame.doctor),
                ("报告日期", frame.reported_on.isoformat()),
            ),
        ),
    )


def _person(person: CardPerson, *, shown: bool) -> tuple[tuple[str, str], ...]:
    hidden = "" if shown else _NOT_SHOWN
    kind = codes.id_types().get(person.id_type or ("01" if person.id_number else ""))
    return (
        ("姓名", person.name or hidden),
        ("性别", _word("sex", person.sex)),
        ("出生日期", person.born),
        ("诊断时年龄", f"{person.age} 岁" if person.age is not None else ""),
        ("证件类型", kind.label.zh if kind else ""),
        ("证件号码", person.id_number or hidden),
        ("门诊号/住院号", person.mrn or hidden),
        ("联系电话", person.phone or hidden),
        ("民族", ""),
        ("婚姻状况", ""),
        ("职业", ""),
        ("工作单位", ""),
        ("现住址", residence(person.residence_code) or hidden),
        ("详细地址", hidden),
    )


def residence(code: str) -> str:
    """Province, city and county of a region code, one behind the other."""
    names: list[str] = []
    region = codes.regions().get(code)
    while region is not None:
        names.insert(0, region.label.zh)
        region = codes.regions().get(region.parent)
    return "".join(names) or code


def _tumour(cells: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    site = icd10_label(cells["icd10"])
    kind = codes.morphologies().get(cells["morphology"][:6])
    return (
        ("诊断部位", site.zh if site else ""),
        ("ICD-10 编码", cells["icd10"]),
        ("病理学类型", kind.label.zh if kind else ""),
        ("ICD-O-3 形态学编码", f"M{cells['morphology']}" if cells["morphology"] else ""),
        ("侧别", _side(cells["laterality"])),
        ("初诊或复诊", _word("case_type", cells["case_type"])),
        ("诊断日期", cells["diagnosis_date"]),
        ("最高诊断依据", _word("diagnosis_basis", cells["diagnosis_basis"])),
        ("病理报告日期", cells["pathology_date"]),
        ("基因检测", _word("gene_test", cells["gene_test"])),
    )


def _side(code: str) -> str:
    """The side; a row that names none has the code for "not known", and the card is left blank."""
    return "" if code == "9" else _word("laterality", code)


def _course(cells: Mapping[str, str], stage: str) -> tuple[tuple[str, str], ...]:
    edition = cells["staging_edition"]
    system = _word("staging_system", cells["staging_system"])
    return (
        ("确诊时 T N M", printed_categories(cells["t"], cells["n"], cells["m"])),
        ("确诊时分期", printed_group(cells["stage_group"], cells["staging_system"]) or stage),
        ("分期系统", f"{system} 第{edition}版" if system and edition else system),
        ("分期依据", _word("stage_basis", cells["stage_basis"])),
        ("分期日期", cells["stage_date"]),
        ("转诊去向", _word("referral", cells["referral"])),
        ("首次治疗日期", cells["first_treatment_date"]),
        ("首次治疗方式", _word("first_treatment_type", cells["first_treatment_type"])),
        ("多学科讨论日期（院内）", cells["external_mdt_date"]),
        ("急诊", _word("emergency", cells["emergency"])),
        ("死亡日期", cells["death_date"]),
        ("死亡原因", ""),
    )


def _word(column: str, code: str) -> str:
    label = CODED[column].get(code)
    return label.zh if label else code
