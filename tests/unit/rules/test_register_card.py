from datetime import date

import pytest

from mdt.rules.registry.card import CardFrame, CardPerson, card_sections, residence
from mdt.rules.registry.columns import COLUMNS

pytestmark = pytest.mark.unit

FRAME = CardFrame("A-1", "安远示范医院", "林县医", date(2026, 11, 22))
EMPTY = dict.fromkeys(COLUMNS, "")


def fields(cells=(), stage="", person=None, frame=FRAME):
    sections = card_sections({**EMPTY, **dict(cells)}, stage, person or CardPerson("1", 64), frame)
    return {label: value for section in sections for label, value in section.fields}


@pytest.mark.parametrize(
    ("cells", "label", "value"),
    [
        ({"icd10": "C34.1"}, "诊断部位", "上叶，支气管或肺的恶性肿瘤"),
        ({"icd10": "C34.1"}, "ICD-10 编码", "C34.1"),
        ({"morphology": "8140/3"}, "ICD-O-3 形态学编码", "M8140/3"),
        ({"morphology": "8140/33"}, "病理学类型", "腺癌NOS"),
        ({"laterality": "2"}, "侧别", "右侧"),
        ({"laterality": "9"}, "侧别", ""),
        ({"staging_system": "TNM", "staging_edition": "9"}, "分期系统", "TNM分期 第9版"),
        ({"staging_system": "新分期"}, "分期系统", "新分期"),
        ({"t": "T2a", "n": "N2b", "m": "M0"}, "确诊时 T N M", "T2a N2b M0"),
        ({"first_treatment_type": "surgery"}, "首次治疗方式", "手术"),
        ({}, "职业", ""),
        ({}, "死亡原因", ""),
    ],
)
def test_a_field_says_what_the_row_says(cells, label, value):
    assert fields(cells)[label] == value


def test_the_group_is_the_entered_one_or_the_derived_one():
    assert fields({"stage_group": "ⅢB", "staging_system": "TNM"}, "IIIA")["确诊时分期"] == "IIIB"
    assert fields({}, "IIIA")["确诊时分期"] == "IIIA"


def test_what_is_not_for_the_reader_says_so():
    hidden = CardFrame("A-1", "安远示范医院", "", date(2026, 11, 22), shown=False)
    found = fields(frame=hidden)
    assert {found[name] for name in ("姓名", "证件号码", "现住址", "联系电话")} == {"（已去标识）"}
    assert (found["性别"], found["诊断时年龄"]) == ("男性", "64 岁")


@pytest.mark.parametrize(
    ("code", "words"),
    [("360726", "江西省赣州市安远县"), ("999999", "999999"), ("", "")],
)
def test_a_region_is_written_out(code, words):
    assert residence(code) == words
