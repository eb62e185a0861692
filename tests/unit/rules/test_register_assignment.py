"""Which row of a file is which tumour on file."""

from dataclasses import replace
from datetime import date

import pytest

from mdt.rules.registry.assignment import Primary, assign, sides_agree
from mdt.rules.registry.persons import Known, Person, person_of
from tests.unit.rules.register_rows import ROW

LUNG = Primary("a", "C34.1", "8140/3", "2", "new", date(2026, 9, 1))


def other(digest="b", **changes):
    return replace(LUNG, digest=digest, **changes)


@pytest.mark.parametrize(
    "row",
    [
        other(),
        other(icd10="C34.3"),
        other(morphology="8070/3"),
        other(case_type="recurrence"),
        other(laterality="9"),
        other(laterality=""),
        other(laterality="3"),
        other(diagnosis_date=date(2026, 10, 31)),
        other(diagnosis_date=date(2026, 7, 3)),
        other(diagnosis_date=date(2026, 9, 2), icd10="C34.9"),
    ],
)
def test_a_correction_takes_the_place_of_the_row_on_file(row):
    assert assign([row], [LUNG]) == [0]


@pytest.mark.parametrize(
    "row",
    [
        other(laterality="1"),
        other(diagnosis_date=date(2026, 11, 1)),
        other(diagnosis_date=date(2026, 7, 2)),
        other(diagnosis_date=date(2026, 9, 2), laterality="9"),
        other(diagnosis_date=date(2026, 9, 2), case_type="recurrence"),
    ],
)
def test_what_cannot_be_a_correction_is_another_tumour(row):
    assert assign([row], [LUNG]) == [None]


def test_rows_of_one_file_are_as_many_tumours():
    rows = [LUNG, other(diagnosis_date=date(2026, 9, 20)), other("c", icd10="C34.3")]
    assert assign(rows, []) == [None, None, None]
    assert assign(rows, rows) == [0, 1, 2]
    assert assign(rows[::-1], rows) == [2, 1, 0]


def test_the_same_row_is_found_before_any_correction():
    near = other(diagnosis_date=date(2026, 9, 20))
    corrected = other("c", diagnosis_date=date(2026, 9, 21))
    assert assign([corrected, LUNG], [LUNG, near]) == [1, 0]


def test_in_doubt_a_row_is_another_tumour():
    near, far = other(diagnosis_date=date(2026, 9, 5)), other("c", diagnosis_date=date(2026, 8, 20))
    assert assign([far], [LUNG, near]) == [None]
    assert assign([near, far], [LUNG]) == [None, None]
    one, two = other("d", icd10="C34.2"), other("e", icd10="C34.3")
    assert assign([other("f", icd10="C34.8")], [one, two]) == [None]


def test_a_name_alone_is_no_ground_for_a_corrected_date():
    moved = other(diagnosis_date=date(2026, 9, 2))
    assert assign([moved], [LUNG], person_known=False) == [None]
    assert assign([other()], [LUNG], person_known=False) == [0]


def test_sides_contradict_only_left_and_right():
    sides = ["", "1", "2", "3", "9"]
    apart = {(one, two) for one in sides for two in sides if not sides_agree(one, two)}
    assert apart == {("1", "2"), ("2", "1")}


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, Known.NUMBER),
        ({"id_number": ""}, Known.RECORD),
        ({"id_number": "无"}, Known.RECORD),
        ({"id_number": "0000000"}, Known.RECORD),
        ({"id_number": "123456"}, Known.RECORD),
        ({"id_number": "7890123"}, Known.RECORD),
        ({"id_number": "987654"}, Known.RECORD),
        ({"id_number": "111111"}, Known.RECORD),
        ({"id_number": "123457"}, Known.NUMBER),
        ({"id_number": "3.69921E+17"}, Known.RECORD),
        ({"id_number": "E12345678"}, Known.NUMBER),
        ({"id_number": "", "mrn": "00"}, Known.NAME_AND_BIRTH),
        ({"id_number": "", "mrn": "", "birth_date": None}, Known.NAME),
        ({"id_number": "", "mrn": "无", "name": "张**"}, Known.NOTHING),
        ({"id_number": "", "mrn": "", "name": ""}, Known.NOTHING),
    ],
)
def test_what_tells_a_person_apart(changes, known):
    assert person_of(replace(ROW, **changes)).known is known


def test_people_are_one_only_where_the_surest_fact_is_one():
    born = date(1962, 3, 5)
    assert Person("甲", "1", "", born, "1").key == Person("乙", "1", "9", None, "").key
    assert Person("甲", "", "9", born, "1").key != Person("乙", "", "9", born, "1").key
    assert Person("甲", "", "", born, "1").key != Person("甲", "", "", None, "1").key
