import pytest

from mdt.rules.registry import COLUMNS, REQUIRED, recognise_header


@pytest.mark.parametrize("headings", [list(COLUMNS), list(COLUMNS.values())])
def test_every_column_is_recognised_in_both_languages_and_any_order(headings):
    header = recognise_header(list(reversed(headings)))

    assert dict(header.by_heading) == dict(zip(headings, COLUMNS, strict=True))
    assert (header.unknown, header.missing, header.repeated) == ((), (), ())


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Hospital_Code", "hospital_code"),
        ("hospital code", "hospital_code"),
        ("*机构代码", "hospital_code"),
        ("机构代码（必填）", "hospital_code"),
        (" 初诊／复诊 ", "case_type"),
        ("身份证号", "id_number"),
        ("院内mdt日期", "external_mdt_date"),
        ("ｔ", "t"),
        ("ICD-10", "icd10"),
    ],
)
def test_heading_is_recognised_as_offices_write_it(heading, column):
    assert dict(recognise_header([heading]).by_heading) == {heading: column}


def test_header_names_what_is_unknown_missing_and_repeated():
    header = recognise_header(["机构代码", "hospital_code", "备注", "", "诊断编码"])

    assert dict(header.by_heading) == {"机构代码": "hospital_code", "诊断编码": "icd10"}
    assert header.unknown == ("备注",)
    assert header.missing == ("case_type", "diagnosis_date")
    assert header.repeated == ("hospital_code",)


def test_a_header_of_nothing_misses_all_that_is_required():
    assert recognise_header([]).missing == REQUIRED


def test_cells_are_keyed_by_column():
    header = recognise_header(["姓名", "备注", "T"])

    assert header.translate({"姓名": "张三", "备注": "x", "T": "T2"}) == {"name": "张三", "t": "T2"}
