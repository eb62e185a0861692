import pytest

from mdt.rules.codes import Label
from mdt.rules.icd10 import (
    Icd10,
    find_icd10,
    icd10_label,
    is_in_situ,
    is_malignant,
    is_metastasis,
    is_neoplasm,
    nearest_icd10,
    parse_icd10,
    site_group,
)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("C34", Icd10("C34", "C34", "C34")),
        ("C34.1", Icd10("C34.1", "C34", "C34.1")),
        ("c34.1", Icd10("C34.1", "C34", "C34.1")),
        (" C34.100 ", Icd10("C34.100", "C34", "C34.1")),
        ("C34.100x001", Icd10("C34.100x001", "C34", "C34.1")),
        ("C34.100X001", Icd10("C34.100x001", "C34", "C34.1")),
        ("C20.x00", Icd10("C20.x00", "C20", "C20")),
        ("C20.X00", Icd10("C20.x00", "C20", "C20")),
        ("C56.x01", Icd10("C56.x01", "C56", "C56")),
        ("C73.x", Icd10("C73.x", "C73", "C73")),
        ("Ｃ３４．１", Icd10("C34.1", "C34", "C34.1")),
        ("D05.1", Icd10("D05.1", "D05", "D05.1")),
        ("E11.9", Icd10("E11.9", "E11", "E11.9")),
    ],
)
def test_code_is_read_as_chinese_records_write_it(text, parsed):
    assert parse_icd10(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C3",
        "C34.",
        "C34.10",
        "C34.1001",
        "C34.100x1",
        "C34.1x001",
        "C341",
        "肺癌",
        "C34.1 C34.2",
    ],
)
def test_text_that_is_no_code_is_not_read(text):
    assert parse_icd10(text) is None


@pytest.mark.parametrize(
    ("code", "malignant", "in_situ", "metastasis", "neoplasm"),
    [
        ("C00.0", True, False, False, True),
        ("C76.9", True, False, False, True),
        ("C77.0", True, False, True, True),
        ("C79.900x001", True, False, True, True),
        ("C80.9", True, False, False, True),
        ("C97", True, False, False, True),
        ("C98", False, False, False, False),
        ("D00.0", False, True, False, True),
        ("D09.9", False, True, False, True),
        ("D10", False, False, False, True),
        ("D48.9", False, False, False, True),
        ("D50.9", False, False, False, False),
        ("E11.9", False, False, False, False),
        ("B99", False, False, False, False),
    ],
)
def test_kinds_of_code(code, malignant, in_situ, metastasis, neoplasm):
    found = (is_malignant(code), is_in_situ(code), is_metastasis(code), is_neoplasm(code))

    assert found == (malignant, in_situ, metastasis, neoplasm)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("C34.100x001", "lung"),
        ("C20.x00", "colorectal"),
        ("C50.9", "breast"),
        ("C91.1", "leukaemia_lymphoid"),
        ("D05.1", "in_situ"),
        ("D17.0", "other"),
        ("C42.1", "other"),
    ],
)
def test_site_group_of_the_app(code, group):
    assert site_group(code).group == group


def test_site_group_of_another_scheme():
    assert site_group("C21.0", "cn_registry").label == Label("结直肠肛门", "Colon, rectum and anus")


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        ("C16.9", "未特指的胃恶性肿瘤"),
        ("C20.x00", "直肠恶性肿瘤"),
        ("C85.0", "淋巴肉瘤"),
        ("D17.0", None),
        ("nonsense", None),
    ],
)
def test_name_of_a_code(code, zh):
    label = icd10_label(code)

    assert (label and label.zh) == zh


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("直肠", "C20"),
        ("直肠恶性肿瘤", "C20"),
        ("上叶，支气管或肺的恶性肿瘤", "C34.1"),
        ("Malignant neoplasm: Upper lobe, bronchus or lung", "C34.1"),
        ("乳腺上外象限", "C50.4"),
        ("胃", "C16"),
        ("叶", ""),
        ("支气管或肺", ""),
        ("恶性肿瘤", ""),
        ("", ""),
    ],
)
def test_a_code_by_the_name_that_is_its_alone(text, code):
    assert find_icd10(text) == code


def test_the_nearest_names():
    assert nearest_icd10("右肺上叶癌")[0] == "C34.1"
    assert nearest_icd10("肺癌", most=2) == ("C34", "C34.1")
    assert nearest_icd10("乳腺癌")[0] == "C50"
    assert nearest_icd10("") == nearest_icd10("恶性肿瘤") == ()
