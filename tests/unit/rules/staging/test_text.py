import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.staging import StageText, printed_categories, printed_group, read_stage_text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("raw", "group", "numeral"),
    [
        ("ⅢA期", "IIIA", "III"),
        ("三期", "III", "III"),
        ("ⅢＡ", "IIIA", "III"),
        ("ＩＩＩ", "III", "III"),
        ("III期B", "IIIB", "III"),
        ("II B", "IIB", "II"),
        ("IIIa1", "IIIA1", "III"),
        ("3期", "III", "III"),
        ("iii", "III", "III"),
        ("Ⅳ", "IV", "IV"),
        ("iv期", "IV", "IV"),
        ("３Ａ期", "IIIA", "III"),
        ("三A期", "IIIA", "III"),
        ("第四期", "IV", "IV"),
        ("0期", "0", "0"),
        ("0is", "0is", "0"),
        ("0a", "0a", "0"),
        ("IVA1", "IVA1", "IV"),
        ("IIIC1(i)", "IIIC1(i)", "III"),
        ("III-A期", "IIIA", "III"),
        ("IIEB", "IIEB", "II"),
        ("IIIS", "IIIS", "III"),
        ("II bulky", "II bulky", "II"),
        ("Ⅱ期伴大包块", "II bulky", "II"),
        ("IICm-p53abn", "IICM-P53ABN", "II"),
        ("IS", "IS", "I"),
        ("临床分期：ⅢB期", "IIIB", "III"),
        ("AJCC 8 IIIA", "IIIA", "III"),
        ("AJCC第八版ⅡB期", "IIB", "II"),
        ("FIGO 2018 IIIC1期", "IIIC1", "III"),
        ("CNLC Ⅲa期", "IIIA", "III"),
        ("R-ISS III期", "III", "III"),
        ("Ann Arbor IIIB", "IIIB", "III"),
        ("Stage IIA", "IIA", "II"),
        ("右肺腺癌ⅢA期", "IIIA", "III"),
        ("非小细胞肺癌Ⅳ期", "IV", "IV"),
        ("IIIA/IIIB", "III", "III"),
        ("II-III期", "II-III", ""),
        ("局限期", "limited", ""),
        ("LD", "limited", ""),
        ("广泛期", "extensive", ""),
        ("ED", "extensive", ""),
        ("小细胞肺癌广泛期", "extensive", ""),
        ("extensive stage", "extensive", ""),
        ("隐匿性癌", "occult", ""),
        ("C", "C", ""),
        ("BCLC-C期", "C", ""),
        ("L2", "L2", ""),
        ("MS", "MS", ""),
    ],
)
def test_groups_as_they_arrive(raw, group, numeral):
    read = read_stage_text(raw)
    assert (read.raw, read.group, read.numeral) == (raw, group, numeral)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "X",
        "不详",
        "未分期",
        "WHO 3级",
        "WHO III级",
        "WHO Ⅳ",
        "胶质瘤 WHO 三级",
        "III级",
        "低分化 Ⅲ级",
        "G3",
        "3",
        "三",
        "13期",
        "十三期",
        "晚期",
        "非III期",
        "除外Ⅳ期",
        "IIII",
        "I think",
        "VI",
        "cT2bN0M0",
    ],
)
def test_what_is_no_group(raw):
    read = read_stage_text(raw)
    assert (read.raw, read.group, read.numeral) == (raw, "", "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("cT2bN0M0", StageText("", "c", "T2b", "N0", "M0")),
        ("T2bN0M0", StageText("", "", "T2b", "N0", "M0")),
        ("ｃＴ４ Ｎ２ Ｍ１ａ", StageText("", "c", "T4", "N2", "M1a")),
        ("pT1a(mi)N0(i+)cM0", StageText("", "p", "T1a(mi)", "N0(i+)", "M0")),
        ("Tis(DCIS)N0M0", StageText("", "", "Tis(DCIS)", "N0", "M0")),
        ("TaN0M0", StageText("", "", "Ta", "N0", "M0")),
        ("TX, NX, MX", StageText("", "", "TX", "NX", "MX")),
        ("ypT2N1M0", StageText("", "yp", "T2", "N1", "M0")),
        ("ycT2N1M0", StageText("", "yc", "T2", "N1", "M0")),
        ("yT2", StageText("", "yp", "T2")),
        ("rT2N1M0", StageText("", "r", "T2", "N1", "M0")),
        ("aT2", StageText("", "a", "T2")),
        ("cT2ypN0", StageText("", "yp", "T2", "N0")),
        ("N1", StageText("", n="N1")),
        ("cM0", StageText("", "c", m="M0")),
        ("cT2N1M0 ⅡB期", StageText("", "c", "T2", "N1", "M0", "IIB", "II")),
        ("IIIA期（T2N2M0）", StageText("", "", "T2", "N2", "M0", "IIIA", "III")),
        ("pIIIA", StageText("", "p", group="IIIA", numeral="III")),
        ("yp III期", StageText("", "yp", group="III", numeral="III")),
        ("rⅣ", StageText("", "r", group="IV", numeral="IV")),
        ("复发Ⅳ期", StageText("", "r", group="IV", numeral="IV")),
        ("新辅助治疗后Ⅱ期", StageText("", "yp", group="II", numeral="II")),
        ("术后病理分期ⅢA", StageText("", "p", group="IIIA", numeral="III")),
    ],
)
def test_categories_and_prefixes(raw, expected):
    read = read_stage_text(raw)
    fields = ("prefix", "t", "n", "m", "group", "numeral")
    assert [getattr(read, f) for f in fields] == [getattr(expected, f) for f in fields]


@given(
    st.text(alphabet="cpyraTNMX01234abisIV期三Ⅲ级WHO()- ,癌", max_size=14) | st.text(max_size=14)
)
def test_any_text_is_read_without_an_error(raw):
    assert read_stage_text(raw).numeral in {"", "0", "I", "II", "III", "IV"}


@pytest.mark.parametrize(
    ("raw", "system", "printed"),
    [
        ("ⅢB", "TNM", "IIIB"),
        ("ⅢB", "", "IIIB"),
        ("Ⅲ期", "TNM", "III"),
        ("IIIb", "TNM", "IIIB"),
        ("III B期", "TNM", "IIIB"),
        ("ⅣA", "FIGO", "IVA"),
        ("ⅠA3", "TNM", "IA3"),
        ("IIIa", "CNLC", "IIIa"),
        ("0a", "TNM", "0a"),
        ("局限期", "VALG", "局限期"),
        ("三期", "TNM", "三期"),
        ("", "TNM", ""),
    ],
)
def test_a_group_is_printed_as_the_tables_write_it(raw, system, printed):
    assert printed_group(raw, system) == printed


def test_categories_are_printed_without_blanks_inside():
    assert printed_categories("c T2b", "N1", "Ｍ0") == "cT2b N1 M0"
    assert printed_categories("T2b", "", "M0", prefix="c") == "cT2b M0"
    assert printed_categories("", "", "", prefix="c") == ""
