"""What a person corrected, and the hospital's next file: nothing is undone, nothing doubled."""

from mdt.queries.patients import Identity
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
