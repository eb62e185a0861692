"""What of a cell is shown beside its problem: never who it is about."""

import pytest

from mdt.rules.registry.shown import shown_value


@pytest.mark.parametrize(
    ("column", "text", "shown"),
    [
        ("id_number", "369921196203050016", "3699**********0016"),
        ("sex", "369901196001011234", "3699**********1234"),
        ("sex", "３６９９０１１９６００１０１１２３Ｘ", "3699**********123X"),
        ("sex", "369901 19600101 123x", "3699**********123x"),
        ("sex", "3699\u200b01196001011234", "3699**********1234"),
        ("icd10", "证件369901600101123号", "证*3699*******1123号"),
        ("t", "13800001234", "13*******34"),
        ("residence_code", "张三丰", "***"),
        ("hospital_code", "张三丰", "张**"),
        ("hospital_code", "张 三", "张**"),
        ("sex", "买买提·阿不都拉", "买*******"),
        ("sex", "张三丰（男）", "张**(男)"),
        ("sex", "Zhang Sanfeng", "Z************"),
        ("name", "张三丰", "张**"),
        ("icd10", "1962-03-05", "19******05"),
        ("", "1962年3月5日", "19*****5日"),
        ("mrn", "MRN-123456", "MR******56"),
        ("birth_date", "1962-03-05", "19******05"),
        # What is no identity stays, so that the cell can be found and mended.
        ("hospital_code", "JX99", "JX99"),
        ("hospital_code", "DEMO-JX-CC", "DEMO-JX-CC"),
        ("hospital_code", "demo-jx-c1", "demo-jx-c1"),
        ("hospital_code", "Zhang-Sanfeng", "Z************"),
        ("hospital_code", "13800001234", "13*******34"),
        ("icd10", "C78.0", "C78.0"),
        ("sex", "?", "?"),
        ("sex", "男", "男"),
        ("laterality", "居民身份证", "居民身份证"),
        ("diagnosis_date", "2026年13月1日", "2026年13月1日"),
        ("diagnosis_date", "2026-10-01", "2026-10-01"),
        ("diagnosis_date", "2026-13-01", "2026-13-01"),
        ("morphology", "8140/33", "8140/33"),
        ("stage_group", "Ⅲa", "Ⅲa"),
        ("sex", "", ""),
    ],
)
def test_who_it_is_about_is_masked(column, text, shown):
    assert shown_value(column, text) == shown
