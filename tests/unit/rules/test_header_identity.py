"""The person in a header against the patient of the case."""

from datetime import date

import pytest

from mdt.rules.header_identity import (
    KnownPatient,
    Match,
    compare_identity,
    differs,
    to_check,
    without_identity,
    years_before,
)
from mdt.rules.imaging import DicomPatient

CASE = KnownPatient("张三丰", "1", date(1962, 3, 5))
SAME, DIFFERS, UNKNOWN = Match.SAME, Match.DIFFERS, Match.UNKNOWN
OTHER = Match.OTHER_SCRIPT


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (DicomPatient(name="张三丰", sex="M", birth_date=date(1962, 3, 5)), [SAME] * 3),
        (DicomPatient(name="张^三丰", sex="M"), [SAME, SAME, UNKNOWN]),
        (DicomPatient(name="李四", sex="F", birth_date=date(1962, 5, 3)), [DIFFERS] * 3),
        (DicomPatient(name="ZHANG^SANFENG", sex="O"), [OTHER, UNKNOWN, UNKNOWN]),
        (DicomPatient(), [UNKNOWN] * 3),
    ],
)
def test_each_field_is_compared(header, matches):
    found = compare_identity(header, CASE)
    assert [one.match for one in found] == matches
    assert differs(found) == (DIFFERS in matches)
    assert to_check(found) == (DIFFERS in matches or OTHER in matches)


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
    assert [one.match for one in found] == [UNKNOWN] * 3


def test_two_latin_names_are_compared():
    header = DicomPatient(name="Smith^John")
    assert compare_identity(header, KnownPatient("SMITH John", "1", None))[0].match is SAME


@pytest.mark.parametrize(
    ("text", "left"),
    [("张三丰 胸部CT", "* 胸部CT"), ("CT MRN77", "CT *"), ("Zhang^San CT", "* CT"), ("CT", "CT")],
)
def test_a_description_loses_the_patient(text, left):
    patient = DicomPatient(name="张三丰", name_dicom="Zhang^San", id="MRN77")
    assert without_identity(text, patient) == left
