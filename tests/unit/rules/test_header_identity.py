"""The person in a header against the patient of the case."""

from datetime import date

import pytest

from mdt.pinyin import readings
from mdt.rules.header_identity import (
    KnownPatient,
    Match,
    compare_identity,
    differs,
    sounds_like,
    to_confirm,
    to_show,
    without_identity,
    years_before,
)
from mdt.rules.imaging import DicomPatient

CARD, WOMAN, WRONG = "369921196203050015", "369921196203050023", "369921196203050016"
CASE = KnownPatient("张三丰", "1", date(1962, 3, 5), CARD, readings("张三丰"))
SAME, DIFFERS, UNKNOWN = Match.SAME, Match.DIFFERS, Match.UNKNOWN
OTHER, SOUND = Match.OTHER_SCRIPT, Match.SAME_SOUND


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (
            DicomPatient(name="张三丰", sex="M", birth_date=date(1962, 3, 5), id=CARD),
            [SAME, SAME, SAME, SAME],
        ),
        (DicomPatient(name="张^三丰", sex="M", id="MRN77"), [SAME, SAME, UNKNOWN, UNKNOWN]),
        (
            DicomPatient(name="李四", sex="F", birth_date=date(1962, 5, 3), id=WOMAN),
            [DIFFERS, DIFFERS, DIFFERS, DIFFERS],
        ),
        (DicomPatient(name="ZHANG^SANFENG", sex="O"), [SOUND, UNKNOWN, UNKNOWN, UNKNOWN]),
        (DicomPatient(name="ZHANG^SAN"), [OTHER, UNKNOWN, UNKNOWN, UNKNOWN]),
        (DicomPatient(name="アイウエオ"), [OTHER, UNKNOWN, UNKNOWN, UNKNOWN]),
        (DicomPatient(), [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
    ],
)
def test_each_field_is_compared(header, matches):
    found = compare_identity(header, CASE)
    assert [one.match for one in found] == matches
    assert differs(found) == (DIFFERS in matches)
    assert to_confirm(found) == bool({DIFFERS, OTHER} & set(matches))
    assert to_show(found) == bool({DIFFERS, OTHER, SOUND} & set(matches))


@pytest.mark.parametrize(
    ("number", "others", "shown", "match"),
    [
        (CARD, (), CARD, SAME),
        ("3699 2119-6203050015", (), CARD, SAME),
        ("MRN77", (WOMAN, CARD), CARD, SAME),
        ("369921620305001", (), "369921620305001", SAME),
        ("MRN77", (WOMAN,), WOMAN, DIFFERS),
        (WOMAN, (), WOMAN, DIFFERS),
        # The check character is wrong, or there is none: a number of the hospital's own.
        (WRONG, (), "", UNKNOWN),
        ("202611050000012345", (), "", UNKNOWN),
        ("369921620305002", (), "", UNKNOWN),
    ],
)
def test_a_number_of_a_card_is_compared_wherever_it_stands(number, others, shown, match):
    header = DicomPatient(id=number, other_ids=others)
    found = compare_identity(header, CASE)[3]
    assert (found.header, found.case, found.match) == (shown, CARD, match)


def test_a_case_without_a_number_of_a_card_contradicts_none():
    for number in ("", "E12345678"):
        case = KnownPatient("张三丰", "1", None, number)
        assert compare_identity(DicomPatient(id=CARD), case)[3].match is UNKNOWN
    passport = compare_identity(DicomPatient(id="E12345678"), case)[3]
    assert (passport.header, passport.match) == ("E12345678", SAME)


@pytest.mark.parametrize(
    ("latin", "name", "alike"),
    [
        ("ZHANG^SAN", "张三", True),
        ("San Zhang", "张三", True),
        ("zhāng sān", "张三", True),
        ("ZhangSan", "张三丰", False),
        ("LI^SI", "张三", False),
        ("ZHANG^S", "张三", False),
        ("QIU^YING", "仇英", True),
        ("SHAN^XIONGXIN", "单雄信", True),
        ("OUYANG^XIU", "欧阳修", True),
        ("Xiu Ouyang", "欧阳修", True),
        ("LV^BU", "吕布", True),
        ("LYU^BU", "吕布", True),
        ("LU^BU", "吕布", True),
        ("Lü^Bu", "吕布", True),
        ("LI^BU", "吕布", False),
        ("AYIGULI MAIMAITI", "阿依古丽·买买提", True),
        ("WANG^YAN", "王䶮", True),
        ("12345", "张三", False),
        ("", "张三", False),
    ],
)
def test_pinyin_is_known_by_its_sound(latin, name, alike):
    assert sounds_like(latin, readings(name)) is alike


def test_a_character_without_a_reading_is_left_to_a_person():
    assert readings("王\U0002ebf0") == (frozenset({"wang", "yu"}), frozenset())
    assert sounds_like("WANG", readings("王\U0002ebf0")) is False


@pytest.mark.parametrize(
    ("taken_on", "diagnosed_on", "years"),
    [
        (date(2004, 1, 19), date(2026, 11, 10), 22),
        (date(2025, 11, 10), date(2026, 11, 10), 1),
        (date(2025, 11, 11), date(2026, 11, 10), 0),
        (date(2026, 11, 20), date(2026, 11, 10), 0),
        (None, date(2026, 11, 10), 0),
        (date(2004, 1, 19), None, 0),
    ],
)
def test_how_much_older_a_study_is_than_the_diagnosis(taken_on, diagnosed_on, years):
    assert years_before(taken_on, diagnosed_on) == years


def test_what_the_case_does_not_say_is_unknown():
    header = DicomPatient(name="张三丰", sex="M", birth_date=date(1962, 3, 5))
    found = compare_identity(header, KnownPatient("", "9", None))
    assert [one.match for one in found] == [UNKNOWN] * 4


def test_two_latin_names_are_compared():
    header = DicomPatient(name="Smith^John")
    assert compare_identity(header, KnownPatient("SMITH John", "1", None))[0].match is SAME


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("张三丰 胸部CT", "* 胸部CT"),
        ("CT MRN77", "CT *"),
        ("CT X9", "CT *"),
        ("Zhang^San CT", "* CT"),
        ("CT", "CT"),
    ],
)
def test_a_description_loses_the_patient(text, left):
    patient = DicomPatient(name="张三丰", name_dicom="Zhang^San", id="MRN77", other_ids=("X9",))
    assert without_identity(text, patient) == left
