import csv

import pytest

from mdt.rules.image_words import WORDS, known_code, known_facts, known_words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("胸部CT平扫", "胸部CT平扫"),
        ("胸部CT平扫（多学科会诊）", "胸部CT平扫 多学科会诊"),
        ("左肺上叶结节 李四", "左肺上叶结节"),
        ("张三丰 胸部平扫 13800138000", "胸部平扫"),
        ("张三丰胸部中平扫", "胸部平扫"),
        ("上腹部增强三期 动脉期1.25mm", "上腹部增强三期 动脉期1.25mm"),
        ("轴位 1", "轴位 1"),
        ("ZHANG SAN CT CHEST", "CT CHEST"),
        ("SMITH^JOHN CHEST PA 19470223", "CHEST PA"),
        ("* T1 AXIAL POST GAD", "T1 AXIAL POST GAD"),
        ("6.14 ROUTINE CHEST/ABD/PELVIS", "6.14 ROUTINE CHEST/ABD/PELVIS"),
        ("t1_vibe_fs_tra_bh_dyn", "t1_vibe_fs_tra_bh_dyn"),
        ("Thorax 5.0 B30f", "Thorax 5.0 B30f"),
        ("ＣＴ　ＣＨＥＳＴ", "CT CHEST"),
        ("GE MEDICAL SYSTEMS", "GE MEDICAL SYSTEMS"),
        ("QZX7TOKEN", ""),
        ("360102195001010011", ""),
        ("19 47 02 23", ""),
        ("13 80 01 38 CT", "13 80 CT"),
        ("", ""),
    ],
)
def test_known_words_stay_and_nothing_else(text: str, kept: str) -> None:
    assert known_words(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("CT, HEAD/BRAIN WO CONTRAST", "CT, HEAD/BRAIN WO CONTRAST"),
        ("CT W/O CONTRAST", "CT W/O CONTRAST"),
        ("李四未做增强", "未增强"),
        ("无造影剂", "无造影剂"),
        ("C- 李四", "C-"),
        ("AX +C", "AX +C"),
    ],
)
def test_what_is_denied_stays_denied(text: str, kept: str) -> None:
    assert known_words(text) == kept


@pytest.mark.parametrize(
    ("code", "kept"), [("CHEST", "CHEST"), ("WHOLE BODY", "WHOLE BODY"), ("CT", "CT"), ("LI", "")]
)
def test_code_is_one_known_word(code: str, kept: str) -> None:
    assert known_code(code) == kept


def test_texts_among_facts_are_cut_down() -> None:
    facts = {
        "rows": 512,
        "manufacturer": "GE 张三",
        "protocol": "ZHANG SAN",
        "notes": ["burned_in"],
    }
    assert known_facts(facts) == {
        "rows": 512,
        "manufacturer": "GE",
        "protocol": "",
        "notes": ["burned_in"],
    }


def test_words_are_written_once_in_capitals() -> None:
    with WORDS.open(encoding="utf-8", newline="") as stream:
        words = [row["word"] for row in csv.DictReader(stream)]
    assert len(words) == len(set(words))
    assert [word for word in words if word != word.upper()] == []
