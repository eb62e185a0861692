"""Rows of a register file to try the rules on."""

from datetime import date, datetime

from mdt.rules.registry import REQUIRED, RegisterRow, parse_row

TODAY = date(2026, 9, 30)
HOSPITALS = frozenset({"JX01", "JX02"})
REGIONS = frozenset({"360726"})

CHINESE = {
    "机构代码": "JX01",
    "姓名": "王某甲",
    "证件类型": "居民身份证",
    "证件号码": "369921196203050015",
    "性别": "男",
    "出生日期": "1962年3月5日",
    "现住址区划": "360726",
    "病案号": "0012345",
    "诊断编码": "C34.100x001",
    "形态学编码": "8140/3",
    "侧别": "左",
    "初诊复诊": "初诊",
    "确诊日期": "2026/9/1",
    "诊断依据": "7",
    "分期系统": "TNM",
    "分期版本": "第9版",
    "分期依据": "临床",
    "T": "T2a",
    "N": "N2b",
    "M": "M0",
    "分期": "ⅢB期",
    "分期日期": "20260902",
    "首次治疗日期": "2026.9.10",
    "首次治疗方式": "放疗",
    "急诊": "否",
    "病理报告日期": "2026-08-30 10:15:00",
    "基因检测": "是",
    "检测地点": "区域中心",
    "转诊去向": "未转诊",
    "院内MDT日期": "２０２６－０９－０３",
    "死亡日期": "",
}
ENGLISH = {
    "hospital_code": "JX01",
    "name": "王某甲",
    "id_type": "01",
    "id_number": "369921196203050015",
    "sex": "1",
    "birth_date": date(1962, 3, 5),
    "residence_code": 360726.0,
    "mrn": "'0012345",
    "icd10": "c34.100X001",
    "morphology": "8140/3",
    "laterality": "1",
    "case_type": "new",
    "diagnosis_date": datetime.fromisoformat("2026-09-01T08:30"),
    "diagnosis_basis": 7.0,
    "staging_system": "tnm",
    "staging_edition": 9.0,
    "stage_basis": "c",
    "t": "T2a",
    "n": "N2b",
    "m": "M0",
    "stage_group": "ⅢB期",
    "stage_date": 20260902.0,
    "first_treatment_date": "2026-9-10",
    "first_treatment_type": "radiotherapy",
    "emergency": False,
    "pathology_date": "2026-08-30",
    "gene_test": "Yes",
    "gene_lab": "regional_centre",
    "referral": "none",
    "external_mdt_date": "2026-09-03T00:00:00",
    "death_date": None,
}
ROW = RegisterRow(
    hospital_code="JX01",
    name="王某甲",
    id_type="01",
    id_number="369921196203050015",
    sex="1",
    birth_date=date(1962, 3, 5),
    residence_code="360726",
    mrn="0012345",
    icd10="C34.100x001",
    morphology="8140/3",
    laterality="1",
    case_type="new",
    diagnosis_date=date(2026, 9, 1),
    diagnosis_basis="7",
    staging_system="TNM",
    staging_edition="9",
    stage_basis="c",
    t="T2a",
    n="N2b",
    m="M0",
    stage_group="ⅢB期",
    stage_date=date(2026, 9, 2),
    first_treatment_date=date(2026, 9, 10),
    first_treatment_type="radiotherapy",
    emergency=False,
    pathology_date=date(2026, 8, 30),
    gene_test=True,
    gene_lab="regional_centre",
    referral="none",
    external_mdt_date=date(2026, 9, 3),
    death_date=None,
)
NO_HISTOLOGY = {"morphology": "", "t": "", "n": "", "m": ""}
REQUIRED_ONLY = {column: ENGLISH[column] for column in REQUIRED}


def parse(raw):
    return parse_row(
        raw, row_number=7, today=TODAY, known_hospitals=HOSPITALS, known_regions=REGIONS
    )


def refused(raw):
    parsed = parse(raw)
    assert parsed.row is None
    return [(problem.column, problem.code) for problem in parsed.refusals]


def warned(raw):
    parsed = parse(raw)
    assert (parsed.row is not None, parsed.refusals) == (True, ())
    return [(problem.column, problem.code) for problem in parsed.warnings]
