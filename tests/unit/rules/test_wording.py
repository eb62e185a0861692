"""Words in titles and texts: the longest wins, and what was not done is not there."""

import pytest

from mdt.rules.wording import body_parts_in, body_words_in, contrast_in, names, results_only

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("CEA 14.6 ng/mL", "CEA", True),
        ("CEA14.6", "CEA", True),
        ("HER2（2+）", "ER", False),
        ("ER 80%", "ER", True),
        ("ＰＤ－Ｌ１ 20%", "PD-L1", True),
        ("ki67", "Ki-67", False),
        ("supper", "PPE", False),
        ("左乳肿块穿刺", "穿刺", True),
        ("NRS2002 4分", "NRS2002", True),
        ("NT-proBNP 90", "NT-PROBNP", True),
    ],
)
def test_a_text_names_a_term(text, term, expected):
    assert names(text, term) is expected


@pytest.mark.parametrize(
    ("text", "words", "parts"),
    [
        ("胸部增强CT", {"胸部"}, {"CHEST"}),
        ("胸椎MR", {"胸椎"}, {"TSPINE"}),
        ("胸腹盆增强CT", {"胸腹盆"}, {"CHESTABDPELVIS", "CHEST", "ABDOMEN", "PELVIS"}),
        ("颈胸增强CT", {"颈", "胸"}, {"NECK", "CHEST"}),
        ("左股骨MR", {"股骨"}, {"FEMUR", "LEG", "EXTREMITY"}),
        ("Chest CT", set(), {"CHEST"}),
        ("", set(), set()),
    ],
)
def test_body_parts(text, words, parts):
    assert body_words_in(text) == words
    assert body_parts_in(text) >= parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("胸部增强CT", True),
        ("胸部平扫", False),
        ("胸部CT", None),
        ("不增强", False),
        ("平扫+增强", True),
        ("肝三期", True),
        ("上腹部 C+", True),
    ],
)
def test_contrast(text, expected):
    assert contrast_in(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CEA 14.6\nHBV DNA：标本已送，未回", "CEA 14.6"),
        ("胃镜：未做。LVEF 60%", "LVEF 60%"),
        ("EGFR待查；ALK阴性", "ALK阴性"),
        ("未见转移", "未见转移"),
    ],
)
def test_what_was_not_done_is_left_out(text, expected):
    assert results_only(text).strip() == expected
