"""What a person corrected, and the hospital's next file: nothing is undone, nothing doubled."""

import html
import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.queries.patients import Identity
from tests.discussions import person_case
from tests.integration.registry.test_entry import edit, rows, seen_of
from tests.register_files import ROW, WOMAN

__all__ = ["rows"]


def correct(doctor, number=1, **changes):
    """Correct a row, having looked at what looks wrong."""
    answer = edit(doctor, number, **changes)
    if answer.status_code == 409:
        answer = edit(doctor, number, **changes, seen=seen_of(answer.text))
    assert answer.status_code == 302
    return doctor.get(answer.location).text


def outcome(report):
    return report.accepted, report.unchanged, len(report.refused)


def test_a_corrected_site_is_not_doubled_by_the_same_file(person, read_in, register):
    read_in({}, WOMAN)
    correct(person("clinician"), icd10="C50.1")
    assert outcome(read_in({}, WOMAN)) == (0, 2, 0)
    assert register("icd10", "row_hash")[0][0] == "C50.1"
    assert len(register("id")) == 2


def test_a_corrected_number_is_not_doubled_by_the_same_file(person, read_in, rows):
    read_in({})
    correct(person("clinician"), id_number=WOMAN["id_number"], sex="2")
    assert outcome(read_in({})) == (0, 1, 0)
    assert [row[4].id_number for row in rows()] == [WOMAN["id_number"]]


def test_a_row_that_says_something_new_is_not_taken_for_the_corrected_one(
    person, read_in, register
):
    """Another row of the person at the corrected site; the corrected row's own comes after it."""
    read_in({})
    correct(person("clinician"), icd10="C50.1")
    breast = {"icd10": "C50.1", "t": "T3"}
    assert outcome(read_in(breast, {})) == (1, 1, 0)
    assert register("icd10", "t") == [("C50.1", "T2a"), ("C50.1", "T3")]


def test_a_correction_is_named_by_its_file_no_more_than_once(person, read_in):
    read_in({})
    correct(person("clinician"), diagnosis_date="20261105")
    report = read_in({})
    assert (report.unchanged, list(report.warnings)) == (1, [])


def test_two_persons_of_one_row_in_turn(person, read_in, rows):
    """A row moved to the other person stays there, and neither file row makes a third."""
    read_in({}, WOMAN)
    correct(person("clinician"), id_number=WOMAN["id_number"], name="李四娘", sex="2")
    before = rows()
    assert outcome(read_in({}, WOMAN)) == (0, 2, 0)
    assert rows() == before


OF_CASE = "该患者已有会诊病例，下列各项以病例中的为准，没有改动："
OF_PATIENT = "记录已归入台账中证件号码相同的患者，下列各项以该患者已登记的为准，没有改动："
DONE = "已更正"


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"name": "张三峰"}, "姓名"),
        ({"residence_code": "360726"}, "现住址区划"),
        ({"id_number": "", "id_type": "", "birth_date": "19620306"}, "出生日期"),
        ({"id_number": "", "id_type": "", "birth_date": "", "sex": "2"}, "性别"),
        ({"id_type": "02"}, "证件类型"),
    ],
)
def test_what_a_case_says_of_the_person_stays_and_is_named(
    app, world, person, read_in, rows, changes, label
):
    with app.app_context():
        who = Identity(
            name="张三丰", id_type="01", id_number=ROW["id_number"], birth_date=date(1962, 3, 5)
        )
        person_case(world, "A", who, number="MDT-1")
        db.session.commit()
    read_in({})
    before = rows()
    page = correct(person("clinician"), **changes)
    assert rows() == before
    assert (label in kept_in(page, OF_CASE), DONE in page) == (True, False)


def test_the_rest_of_such_a_correction_is_said_to_be_done(app, world, person, read_in, register):
    with app.app_context():
        person_case(world, "A", Identity(name="张三丰", id_number=ROW["id_number"]), number="M-1")
        db.session.commit()
    read_in({})
    page = correct(person("clinician"), name="张三峰", t="T1b")
    assert (kept_in(page, OF_CASE), DONE in page) == (["姓名"], True)
    assert register("t") == [("T1b",)]


def test_a_row_moved_to_a_patient_without_a_case_says_so(person, read_in, rows):
    read_in({}, {**WOMAN, "icd10": "C50.1"})
    page = correct(
        person("clinician"), id_number=WOMAN["id_number"], name="李四妹", sex="2", mrn="MRN-9"
    )
    assert ("会诊病例，下列" in page, DONE in page) == (False, True)
    assert kept_in(page, OF_PATIENT) == ["姓名", "病案号"]
    assert {row[3] for row in rows()} == {rows()[1][3]}


def kept_in(page, sentence):
    """The columns that a page says were not taken."""
    found = re.search(f"{sentence}([^。]*)。", html.unescape(page))
    return found[1].split("、") if found else []
