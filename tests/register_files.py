"""Register files for tests: rows as dictionaries by column, and what is made of them."""

import csv
import io

HEADER = (
    "hospital_code", "name", "id_type", "id_number", "sex", "birth_date", "mrn", "icd10",
    "morphology", "laterality", "case_type", "diagnosis_date", "diagnosis_basis",
    "staging_system", "staging_edition", "stage_basis", "t", "n", "m", "stage_group", "stage_date",
    "first_treatment_date", "first_treatment_type", "external_mdt_date", "death_date", "emergency",
)  # fmt: skip
#: A lung tumour of stage III or above of hospital A, untreated.
ROW = {
    "hospital_code": "T-JX-A",
    "name": "张三丰",
    "id_type": "居民身份证",
    "id_number": "369921196203050015",
    "sex": "男",
    "birth_date": "1962-03-05",
    "mrn": "MRN-1",
    "icd10": "C34.1",
    "morphology": "8140/3",
    "laterality": "右",
    "case_type": "初诊",
    "diagnosis_date": "2026-11-01",
    "staging_system": "TNM",
    "staging_edition": "9",
    "stage_basis": "c",
    "t": "T2a",
    "n": "N2b",
    "m": "M0",
}
#: Further people with valid numbers of unassigned regions.
WOMAN = {"name": "李四娘", "id_number": "369921196203050023", "sex": "女", "mrn": "MRN-2"}
OTHER_WOMAN = {
    "name": "王五妹", "id_number": "229921195509110038", "sex": "男", "birth_date": "1955-09-11",
    "mrn": "MRN-3",
}  # fmt: skip
NOBODY = {"name": "", "id_number": "", "id_type": "", "mrn": "", "birth_date": ""}


def rows_to_csv(*rows, encoding="utf-8"):
    """A register file of rows, each given as changes to ``ROW``."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, restval="")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return out.getvalue().encode(encoding)
