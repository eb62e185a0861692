import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.adapters.pdf_fonts import register_fonts
from mdt.adapters.pdf_layout import BODY, ChineseParagraph, text

pytestmark = pytest.mark.unit

CLOSING, OPENING = "，。；：、！？）》”’…", "（《“‘"


def set_lines(words, width):
    """The text of each line that a paragraph of this width (points) is broken into."""
    register_fonts()
    paragraph = text(words)
    paragraph.wrap(width, 10_000)
    return ["".join(part.text for part in line.words) for line in paragraph.blPara.lines]


def test_lines_break_between_chinese_characters():
    assert set_lines("右上肺叶切除加清扫", 45) == ["右上肺叶", "切除加清", "扫"]


def test_words_and_numbers_stay_whole():
    assert set_lines("右肺cT2aN1M0期腺癌", 56) == ["右肺", "cT2aN1M0", "期腺癌"]
    assert set_lines("约2.4 cm的结节", 40) == ["约2.4 ", "cm的结", "节"]


def test_word_longer_than_a_line_is_divided():
    assert set_lines("a" * 30, 60) == ["a" * 10, "a" * 10, "a" * 10]


def test_no_mark_stands_on_the_wrong_side_of_a_break():
    assert set_lines("肺叶切除，术后化疗", 45) == ["肺叶切", "除，术后", "化疗"]
    assert set_lines("肺叶切（右）术后", 45) == ["肺叶切", "（右）术", "后"]


def test_line_ends_of_the_text_are_kept():
    assert set_lines("一\n\n二", 100) == ["一", "", "二"]


marks = st.text(st.sampled_from("肺癌术后a1 " + CLOSING + OPENING), min_size=1, max_size=60)


@given(marks, st.integers(60, 200))
def test_breaking_loses_nothing_but_double_spaces(words, width):
    assert "".join(set_lines(words, width)) == " ".join(words.split())


@given(st.lists(st.sampled_from(["肺癌", "术后，", "（右）", "《指南》", "EGFR", "、", "3 cm"])))
def test_no_line_of_ordinary_text_begins_or_ends_wrong(parts):
    lines = [line for line in set_lines("肺" + "".join(parts), 90) if line]

    assert [line for line in lines[1:] if line[0] in CLOSING] == []
    assert [line for line in lines[:-1] if line.rstrip()[-1] in OPENING] == []


def test_paragraph_splits_over_pages_without_loss():
    register_fonts()
    words = "肺叶切除，术后化疗 2–3 cycles of EGFR therapy。" * 20
    paragraph = text(words)
    paragraph.wrap(200, 10_000)

    first, rest = paragraph.split(200, BODY.leading * 5)
    rest.wrap(200, 10_000)

    lines = [*first.blPara.lines, *rest.blPara.lines]
    assert isinstance(rest, ChineseParagraph)
    assert len(first.blPara.lines) == 5
    assert "".join(part.text for line in lines for part in line.words) == words
