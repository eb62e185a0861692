import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.adapters import pdf_fonts
from mdt.adapters.pdf_fonts import (
    BOLD,
    REGULAR,
    FontsNotInstalled,
    MissingGlyph,
    markup,
    missing_characters,
    printable,
    register_fonts,
    runs,
)

pytestmark = pytest.mark.unit


def test_rare_names_and_medical_signs_can_be_printed():
    text = "王𬭩 李䶮 𠮷田 𫓧 㛃 ≥≤±×℃‰μβ Ⅲ ① ☑".replace("☑", "✓")

    assert missing_characters(text) == set()
    assert missing_characters("10⁹/L ¹⁸F CO₂") == set()


def test_characters_that_no_font_has_are_named_and_refused():
    assert missing_characters("张\ue000三\U0001f600") == {"\ue000", "\U0001f600"}
    for refuse in (markup, runs):
        with pytest.raises(MissingGlyph) as refused:
            refuse("张\ue000三\U0001f600")
        assert refused.value.details == {"characters": "\ue000\U0001f600"}
        assert refused.value.code == "missing_glyph"


def test_rare_character_is_taken_from_a_fallback():
    assert runs("示范𠮷乙") == [(REGULAR, "示范"), ("NotoSansJP", "𠮷"), (REGULAR, "乙")]
    assert runs("𠮷乙", bold=True) == [("NotoSansJP-Bold", "𠮷"), (BOLD, "乙")]


def test_markup_escapes_and_breaks_lines():
    assert markup("a<b>&\r\nc") == "a&lt;b&gt;&amp;<br/>c"
    assert markup("10⁹/L CO₂") == "10<super>9</super>/L CO<sub>2</sub>"
    assert markup("是", bold=True) == '<font name="NotoSansSC-Bold">是</font>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", "a b"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u200bb\ufeffc\u202ed\x00e", "abcde"),
        ("辻\U000e0100葛\ufe00", "辻葛"),
        ("3\u2009kg", "3 kg"),
    ],
)
def test_what_has_no_shape_is_normalised(text, expected):
    assert printable(text) == expected


@given(st.text(max_size=40))
def test_text_is_printed_whole_or_refused(text):
    missing = missing_characters(text)
    if missing:
        with pytest.raises(MissingGlyph):
            markup(text)
    else:
        assert markup(text).count("<br/>") == printable(text).count("\n")


def test_fonts_that_are_not_installed_are_an_error_of_the_installation(tmp_path, monkeypatch):
    pdf_fonts._load.cache_clear()
    monkeypatch.setattr(pdf_fonts, "FOLDER", tmp_path)
    try:
        with pytest.raises(FontsNotInstalled):
            register_fonts()
    finally:
        pdf_fonts._load.cache_clear()


def test_what_cannot_be_printed_is_marked_and_all_else_stays():
    assert pdf_fonts.marked("腺癌😀𠮷\n10⁹/L") == "腺癌〓𠮷\n10⁹/L"
