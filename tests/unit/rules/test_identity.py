from datetime import date

import pytest

from mdt.rules.identity import (
    IdNumber,
    IdProblem,
    age_on,
    check_character,
    check_id_number,
    mask_id_number,
    mask_name,
    mask_phone,
)

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("number", "birth_date", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2"),
        ("440524188001010014", date(1880, 1, 1), "1"),
        ("369921196203050015", date(1962, 3, 5), "1"),
        ("369921196203050023", date(1962, 3, 5), "2"),
        ("229921195509110038", date(1955, 9, 11), "1"),
        ("369931197810301143", date(1978, 10, 30), "2"),
        ("36992119620305004X", date(1962, 3, 5), "2"),
        ("369921201306012058", date(2013, 6, 1), "1"),
    ],
)
def test_valid_number_gives_birth_date_and_sex(number, birth_date, sex):
    assert check_id_number(number, TODAY) == IdNumber(number, birth_date, sex)


@pytest.mark.parametrize(
    "text",
    [
        "36992119620305004x",
        " 36992119620305004X ",
        "３６９９２１１９６２０３０５００４ｘ",
        "369921 19620305 004X",
    ],
)
def test_number_is_normalised_before_it_is_judged(text):
    assert check_id_number(text, TODAY) == IdNumber("36992119620305004X", date(1962, 3, 5), "2")


def with_check(first_17):
    return first_17 + check_character(first_17)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("369921196203050016", IdProblem.CHECK_DIGIT),
        ("369921196203050051", IdProblem.CHECK_DIGIT),
        ("369921620305001", IdProblem.FIFTEEN_DIGITS),
        ("3.69921196203050E+17", IdProblem.LOST_DIGITS),
        ("3.69921E+17", IdProblem.LOST_DIGITS),
        (with_check("36992119620230001"), IdProblem.BIRTH_DATE),
        (with_check("36992120260902001"), IdProblem.FUTURE_BIRTH),
        ("36992119620305001", IdProblem.SHAPE),
        ("3699211962030500155", IdProblem.SHAPE),
        ("3699**********0015", IdProblem.SHAPE),
        ("X69921196203050015", IdProblem.SHAPE),
        ("", IdProblem.SHAPE),
    ],
)
def test_wrong_number_is_named_by_its_own_code(text, problem):
    assert check_id_number(text, TODAY) is problem


def test_birth_on_the_day_itself_is_not_in_the_future():
    number = with_check("36992120260901001")

    assert check_id_number(number, TODAY) == IdNumber(number, TODAY, "1")


@pytest.mark.parametrize("position", range(18))
def test_check_digit_finds_every_single_wrong_digit(position):
    number = "369921196203050015"
    for digit in "0123456789":
        changed = number[:position] + digit + number[position + 1 :]
        valid = isinstance(check_id_number(changed, TODAY), IdNumber)
        assert valid == (changed == number)


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1971, 9, 2), date(2026, 9, 1), 54),
        (date(1971, 9, 1), date(2026, 9, 1), 55),
        (date(2004, 2, 29), date(2025, 2, 28), 20),
        (date(2004, 2, 29), date(2025, 3, 1), 21),
        (date(2026, 9, 1), date(2026, 9, 1), 0),
    ],
)
def test_age_counts_completed_years(born, day, years):
    assert age_on(born, day) == years


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三丰", "张**"), ("李四", "李*"), ("王", "*"), ("", ""), ("𠮷田", "𠮷*")],
)
def test_name_keeps_its_first_character(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("369921196203050015", "3699**********0015"),
        ("369921620305001", "3699*******5001"),
        ("E12345678", "E1*****78"),
        ("12345678", "********"),
    ],
)
def test_id_number_keeps_its_ends(number, masked):
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"), [("13800001234", "138****1234"), ("1234567", "*******")]
)
def test_phone_keeps_its_ends(number, masked):
    assert mask_phone(number) == masked
