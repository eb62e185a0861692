"""A person's identity number that arrives with one row is that of all rows and cases."""

from datetime import date

import pytest

from mdt.extensions import db
from mdt.queries.patients import Identity
from tests.discussions import person_case
from tests.integration.registry.test_corrected_rows import correct
from tests.register_files import ROW, WOMAN

UNNUMBERED = {"id_number": "", "id_type": ""}
STOMACH = {"icd10": "C16.9", "laterality": ""}


@pytest.fixture
def case_of(app, world):
    def make(hospital, **who):
        with app.app_context():
            identity = Identity(name="张三丰", **who)
            case = person_case(
                world, hospital, identity, number="MDT-1", diagnosis_date=date(2026, 11, 1)
            )
            db.session.commit()
            return case.id

    return make


def test_by_a_file_with_another_tumour(case_of, read_in, links):
    case_id = case_of("B", id_number=ROW["id_number"])
    read_in(UNNUMBERED)
    assert links() == set()
    read_in(STOMACH)
    assert links() == {(1, case_id)}


def test_by_a_correction_of_another_tumour(case_of, person, read_in, links):
    case_id = case_of("B", id_number=ROW["id_number"])
    read_in(UNNUMBERED, {**UNNUMBERED, **STOMACH})
    correct(person("clinician"), 2, id_number=ROW["id_number"], id_type="01")
    assert links() == {(1, case_id)}


def test_a_number_that_was_another_person_s_takes_the_match_away(case_of, person, read_in, links):
    case_id = case_of("B", id_number=ROW["id_number"])
    read_in({})
    assert links() == {(1, case_id)}
    correct(person("clinician"), id_number=WOMAN["id_number"], sex="2")
    assert links() == set()


def test_of_a_case_of_the_own_hospital(case_of, read_in, links):
    case_id = case_of("A", mrn="MRN-1")
    read_in({"hospital_code": "T-JX-B"}, by="clinician2")
    assert links() == set()
    read_in(STOMACH)
    assert links() == {(1, case_id)}
