from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdt.rules.registry import COLUMNS, MESSAGES, REQUIRED, Problem, recognise_header
from mdt.rules.registry.values import CODED
from tests.unit.rules.register_rows import (
    CHINESE,
    ENGLISH,
    REQUIRED_ONLY,
    ROW,
    parse,
    refused,
    warned,
)


def test_chinese_and_english_rows_say_the_same():
    chinese = parse(recognise_header(list(CHINESE)).translate(CHINESE))

    assert (chinese.row_number, chinese.row) == (7, ROW)
    assert (chinese.refusals, chinese.warnings) == ((), ())
    assert parse(ENGLISH) == chinese


def test_required_columns_are_enough():
    parsed = parse(REQUIRED_ONLY)

    assert (parsed.refusals, parsed.warnings) == ((), ())
    assert (parsed.row.stage_group, parsed.row.birth_date, parsed.row.emergency) == ("", None, None)


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - set(REQUIRED)))
def test_any_other_column_may_be_empty(column):
    assert parse(ENGLISH | {column: "  "}).refusals == ()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"hospital_code": ""}, ("hospital_code", "hospital_code_missing")),
        ({"hospital_code": "JX99"}, ("hospital_code", "hospital_code_unknown")),
        ({"icd10": None}, ("icd10", "icd10_missing")),
        ({"icd10": "肺癌"}, ("icd10", "icd10_unreadable")),
        ({"icd10": "E11.9"}, ("icd10", "icd10_not_neoplasm")),
        ({"icd10": "C98"}, ("icd10", "icd10_not_neoplasm")),
        ({"icd10": "D50.9"}, ("icd10", "icd10_not_neoplasm")),
        ({"icd10": "C77.0"}, ("icd10", "icd10_metastasis")),
        ({"icd10": "C79.900x001"}, ("icd10", "icd10_metastasis")),
        ({"case_type": ""}, ("case_type", "case_type_missing")),
        ({"case_type": "随访"}, ("case_type", "case_type_unknown")),
        ({"diagnosis_date": ""}, ("diagnosis_date", "diagnosis_date_missing")),
        ({"diagnosis_date": "2026-02-30"}, ("diagnosis_date", "date_unreadable")),
        ({"diagnosis_date": "2026-9"}, ("diagnosis_date", "date_unreadable")),
        ({"diagnosis_date": "01/09/2026"}, ("diagnosis_date", "date_unreadable")),
        ({"diagnosis_date": "0206-09-01"}, ("diagnosis_date", "date_unreadable")),
        ({"diagnosis_date": 46266.0}, ("diagnosis_date", "date_unreadable")),
        ({"death_date": date(9999, 12, 31)}, ("death_date", "date_unreadable")),
        ({"birth_date": "不详"}, ("birth_date", "date_unreadable")),
        ({"stage_date": "20260931"}, ("stage_date", "date_unreadable")),
        ({"first_treatment_date": "九月一日"}, ("first_treatment_date", "date_unreadable")),
        ({"pathology_date": "2026-13-01"}, ("pathology_date", "date_unreadable")),
        ({"external_mdt_date": "2026/9-1"}, ("external_mdt_date", "date_unreadable")),
        ({"death_date": "x"}, ("death_date", "date_unreadable")),
        ({"id_number": "369921196203050016"}, ("id_number", "id_number_check_digit")),
        (
            {"id_number": "369921196203050016", "id_type": ""},
            ("id_number", "id_number_check_digit"),
        ),
    ],
)
def test_row_is_refused_for_what_the_contract_names(change, refusal):
    assert refused(ENGLISH | change) == [refusal]


def test_all_reasons_of_a_refused_row_are_told_at_once():
    raw = {"hospital_code": "JX99", "icd10": "C78.0", "case_type": "?", "diagnosis_date": "soon"}

    assert parse(raw).refusals == (
        Problem("hospital_code", "JX99", "hospital_code_unknown"),
        Problem("icd10", "C78.0", "icd10_metastasis"),
        Problem("case_type", "?", "case_type_unknown"),
        Problem("diagnosis_date", "soon", "date_unreadable"),
    )


def test_wrong_identity_number_is_told_masked():
    parsed = parse(ENGLISH | {"id_number": "369921196203050016"})

    assert parsed.refusals == (Problem("id_number", "3699**********0016", "id_number_check_digit"),)


@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        ({"id_number": "369921620305001"}, [("id_number", "id_number_15_digits")]),
        ({"id_number": "3699"}, [("id_number", "id_number_shape")]),
        ({"id_number": 369921196203050015.0}, [("id_number", "id_number_lost_digits")]),
        ({"id_number": "E12345678", "id_type": "护照"}, []),
        (
            {"id_number": "369921196203050016", "id_type": "护照"},
            [("id_number", "id_number_pattern")],
        ),
        ({"id_number": "H12345678", "id_type": "06"}, []),
        ({"id_type": "工作证"}, [("id_type", "id_type_unknown")]),
        ({"sex": "2"}, [("sex", "sex_differs_from_id")]),
        ({"sex": "?"}, [("sex", "sex_unknown")]),
        ({"birth_date": "1962-03-06"}, [("birth_date", "birth_date_differs_from_id")]),
        ({"residence_code": "369999"}, [("residence_code", "residence_code_unknown")]),
        ({"laterality": "上"}, [("laterality", "laterality_unknown")]),
        ({"diagnosis_basis": "10"}, [("diagnosis_basis", "diagnosis_basis_unknown")]),
        ({"morphology": "腺癌"}, [("morphology", "morphology_unreadable")]),
        ({"morphology": "8999/3"}, [("morphology", "morphology_unlisted")]),
        ({"morphology": "8140/2"}, [("morphology", "morphology_against_code")]),
        ({"morphology": "8140/33"}, []),
        ({"morphology": "M-8140/3"}, []),
        (
            {
                "diagnosis_date": "2027-09-01",
                "first_treatment_date": "",
                "first_treatment_type": "",
            },
            [("diagnosis_date", "date_in_future")],
        ),
        ({"death_date": "2026-08-31"}, [("death_date", "death_before_diagnosis")]),
        (
            {"first_treatment_date": "2026-08-31", "stage_date": "2026-08-30"},
            [("first_treatment_date", "treatment_before_diagnosis")],
        ),
        ({"pathology_date": "1962-03-04"}, [("pathology_date", "date_before_birth")]),
        ({"first_treatment_type": ""}, [("first_treatment_type", "first_treatment_type_missing")]),
        ({"first_treatment_date": ""}, [("first_treatment_date", "first_treatment_date_missing")]),
        (
            {"first_treatment_type": "手术+化疗"},
            [
                ("first_treatment_type", "first_treatment_type_unknown"),
                ("first_treatment_type", "first_treatment_type_missing"),
            ],
        ),
        ({"emergency": "也许"}, [("emergency", "emergency_unknown")]),
        ({"gene_test": "?"}, [("gene_test", "gene_test_unknown")]),
        ({"gene_lab": "月球"}, [("gene_lab", "gene_lab_unknown")]),
        ({"referral": "月球"}, [("referral", "referral_unknown")]),
    ],
)
def test_everything_else_is_a_warning_and_the_row_counts(change, warnings):
    assert warned(ENGLISH | change) == warnings


@pytest.mark.parametrize(
    ("icd10", "code"),
    [
        ("C97", "icd10_multiple_primary"),
        ("C85.0", "icd10_superseded"),
        ("C35.1", "icd10_unlisted"),
        ("C34.7", "icd10_unlisted"),
        ("C20.9", None),
        ("C20.x00", None),
        ("D17.0", None),
        ("C53.9", "sex_against_site"),
        ("D06.9", "sex_against_site"),
        ("C61", None),
    ],
)
def test_odd_diagnosis_of_a_man_is_a_warning(icd10, code):
    found = [one for _, one in warned(REQUIRED_ONLY | {"icd10": icd10, "sex": "男"})]

    assert found == ([code] if code else [])


def test_prostate_of_a_woman_is_a_warning():
    assert warned(REQUIRED_ONLY | {"icd10": "C61", "sex": "女"}) == [("sex", "sex_against_site")]


def test_sex_and_birth_date_follow_from_the_identity_number():
    parsed = parse(REQUIRED_ONLY | {"id_number": "36992119620305004x"})

    assert parsed.row == replace(
        parse(REQUIRED_ONLY).row,
        id_number="36992119620305004X",
        sex="2",
        birth_date=date(1962, 3, 5),
    )


def test_name_keeps_rare_characters_and_unifies_the_dot():
    names = ["𠮷𬭩", "阿依古丽•买买提", " 张三 "]

    found = [parse(REQUIRED_ONLY | {"name": name}).row.name for name in names]

    assert found == ["𠮷𬭩", "阿依古丽·买买提", "张三"]


@pytest.mark.parametrize(
    ("column", "code", "words"),
    [
        ("case_type", "new", ["初诊", "new", "NEW"]),
        ("case_type", "recurrence", ["复发", "recurrence", " Recurrence "]),
        ("case_type", "retreatment", ["复治", "retreatment"]),
        ("sex", "1", ["男", "1", "男性", "Male", "M", 1, 1.0]),
        ("sex", "2", ["女", "2", "女性", "female"]),
        ("laterality", "3", ["双侧", "3", "both"]),
        ("laterality", "9", ["不详", "9", "unknown"]),
        ("diagnosis_basis", "0", ["0", 0, "死亡补发病（DCO）"]),
        ("diagnosis_basis", "7", ["7", "病理（原发）", "病理(原发)", "7 病理（原发）"]),
        ("staging_system", "RISS", ["RISS", "R-ISS", "r_iss"]),
        ("staging_system", "ANN_ARBOR", ["ANN_ARBOR", "Ann Arbor", "Ann Arbor分期"]),
        ("staging_system", "TNM", ["TNM", "TNM分期", "AJCC"]),
        ("stage_basis", "p", ["p", "P", "病理", "病理分期", "pTNM"]),
        ("stage_basis", "yp", ["yp", "ypTNM", "新辅助后"]),
        ("first_treatment_type", "surgery", ["surgery", "手术", "手术治疗"]),
        ("first_treatment_type", "radiotherapy", ["radiotherapy", "放疗", "放射治疗"]),
        ("first_treatment_type", "chemotherapy", ["chemotherapy", "化疗"]),
        ("first_treatment_type", "targeted", ["targeted", "靶向", "靶向治疗"]),
        ("first_treatment_type", "immunotherapy", ["immunotherapy", "免疫"]),
        ("first_treatment_type", "endocrine", ["endocrine", "内分泌"]),
        ("first_treatment_type", "intervention", ["intervention", "介入"]),
        ("first_treatment_type", "tcm", ["tcm", "中医药"]),
        ("first_treatment_type", "other", ["other", "其他"]),
        ("gene_lab", "own", ["本院", "own"]),
        ("gene_lab", "province_hospital", ["省内其他"]),
        ("gene_lab", "province_company", ["省内第三方"]),
        ("gene_lab", "outside_province", ["省外"]),
        ("referral", "none", ["未转诊"]),
        ("referral", "county", ["县域内"]),
        ("referral", "city", ["市内"]),
        ("referral", "province", ["省内"]),
        ("referral", "outside_province", ["省外"]),
    ],
)
def test_coded_value_is_read_in_both_languages(column, code, words):
    found = {getattr(parse(REQUIRED_ONLY | {column: word}).row, column) for word in words}

    assert found == {code}


@pytest.mark.parametrize(
    ("system", "edition", "read"),
    [
        ("TNM8", "", ("TNM", "8")),
        ("TNM 第9版", "", ("TNM", "9")),
        ("AJCC第八版", "", ("TNM", "8")),
        ("FIGO 2018", "", ("FIGO", "2018")),
        ("TNM", "AJCC 8th", ("TNM", "8")),
        ("TNM", "第八版", ("TNM", "8")),
        ("TNM8", "9", ("TNM", "9")),
        ("土法分期", "", ("土法分期", "")),
    ],
)
def test_system_and_edition_are_read_as_offices_write_them(system, edition, read):
    row = parse(REQUIRED_ONLY | {"staging_system": system, "staging_edition": edition}).row

    assert (row.staging_system, row.staging_edition) == read


def test_every_word_of_a_coded_column_reads_as_its_own_code():
    for column, labels in CODED.items():
        for code, label in labels.items():
            for word in (code, label.zh, label.en):
                parsed = parse(REQUIRED_ONLY | {column: word})
                read = getattr(parsed.row, column)
                assert read == ({"yes": True, "no": False}.get(code, code)), (column, word)


cells = st.none() | st.text(max_size=12) | st.floats() | st.dates() | st.booleans()


@settings(max_examples=150, deadline=None)
@given(raw=st.dictionaries(st.sampled_from(list(COLUMNS)), cells))
def test_a_row_of_anything_is_read_or_refused_with_reasons_that_have_a_sentence(raw):
    for change in (raw, raw | REQUIRED_ONLY):
        parsed = parse(change)

        assert (parsed.row is None) == bool(parsed.refusals)
        assert {problem.code for problem in parsed.refusals + parsed.warnings} <= set(MESSAGES)


def test_every_problem_has_a_sentence_in_both_languages():
    assert [code for code, label in MESSAGES.items() if not (label.zh and label.en)] == []
    assert MESSAGES["laterality_unknown"].zh == (
        "侧别的取值无法识别，按未填写处理。可填：左侧、右侧、双侧、不适用/不详。"
    )
