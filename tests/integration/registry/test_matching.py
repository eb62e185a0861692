"""Register rows and cases find each other, whichever comes first and wherever they are."""

from datetime import UTC, date, datetime

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.tumours import Tumour
from mdt.queries.patients import Identity, new_patient
from mdt.rules.audit import AuditAction
from mdt.services.matching import match_case
from mdt.services.unit_of_work import unit_of_work
from tests.case_kit import load, put, save, whole
from tests.discussions import case_of, person_case
from tests.register_files import ROW
from tests.world import NOW

WHO = Identity(name="张三丰", id_number=ROW["id_number"])


@pytest.fixture
def case_for(app, world):
    def make(hospital="A", who=WHO, number="MDT-1", **columns):
        with app.app_context():
            case = person_case(world, hospital, who, number=number, **columns)
            db.session.commit()
            return case.id

    return make


def match(app, case_id, **changes):
    """What the services of cases do when a case is sent or changed."""
    with app.app_context(), unit_of_work(None, AuditAction.CASE_EDIT, now=NOW) as work:
        statement = db.select(Case).where(Case.id == case_id).execution_options(mdt_scoped=True)
        case = work.session.scalar(statement)
        for name, value in changes.items():
            setattr(case, name, value)
        return match_case(work, case)


@pytest.mark.parametrize("hospital", ["A", "B"])
def test_a_row_that_comes_second_finds_the_case(read_in, links, case_for, hospital):
    case_id = case_for(hospital)
    report = read_in({}, {"icd10": "C16.9"})
    assert report.matched == 1
    assert links() == {(1, case_id)}
    assert read_in({}, {"icd10": "C16.9"}).matched == 1


@pytest.mark.parametrize("hospital", ["A", "B"])
def test_a_case_that_comes_second_finds_the_row(app, read_in, links, case_for, hospital):
    read_in({}, {"icd10": "C16.9"})
    read_in({"hospital_code": "T-JX-B"}, by="clinician2")
    case_id = case_for(hospital)
    assert links() == set()
    assert match(app, case_id) == [1, 3]
    assert links() == {(1, case_id), (3, case_id)}


@pytest.mark.parametrize(
    "columns",
    [
        {"who": Identity(name="张三丰", id_number="369921196203050023")},
        {"icd10": "C50.1"},
        {"laterality": "1"},
        {"state": "draft"},
        {"state": "withdrawn"},
    ],
)
def test_another_person_site_side_or_an_unsent_case_is_no_match(read_in, links, case_for, columns):
    case_for(**columns)
    assert read_in({}).matched == 0
    assert links() == set()


@pytest.mark.parametrize(
    ("columns", "matches"),
    [
        ({"diagnosis_date": date(2025, 11, 1)}, True),
        ({"diagnosis_date": date(2025, 10, 31)}, False),
        ({"diagnosis_date": date(2027, 11, 1)}, True),
        ({"diagnosis_date": date(2027, 11, 2)}, False),
        ({"created_at": datetime(2025, 11, 1, 4, tzinfo=UTC)}, True),
        # Already the day after in China.
        ({"created_at": datetime(2025, 10, 31, 17, tzinfo=UTC)}, True),
        ({"created_at": datetime(2025, 10, 31, 4, tzinfo=UTC)}, False),
        ({"created_at": datetime(2021, 5, 1, tzinfo=UTC)}, False),
        (
            {"created_at": datetime(2021, 5, 1, tzinfo=UTC), "diagnosis_date": date(2026, 9, 1)},
            True,
        ),
    ],
)
def test_a_diagnosis_more_than_a_year_apart_is_another_tumour(
    app, read_in, links, case_for, columns, matches
):
    case_id = case_for(**columns)
    assert read_in({}).matched == int(matches)
    found = {(1, case_id)} if matches else set()
    assert links() == found
    match(app, case_id)
    assert links() == found


def test_a_corrected_diagnosis_date_finds_the_row(app, world, person, read_in, links):
    read_in({}, {"icd10": "C16.9", "laterality": ""})
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    version = str(load(app, case_id).version)
    assert doctor.post(f"/cases/{case_id}/submit", version=version).status_code == 302
    put(app, case_id, state="returned")
    before = load(app, case_id).version
    save(doctor, case_id, version=before, diagnosis_date="2021-03-01")
    assert links() == set()
    save(doctor, case_id, version=before + 1, diagnosis_date="2026-10-20")
    assert links() == {(1, case_id)}


def test_a_corrected_case_leaves_the_row_that_it_no_longer_is(app, read_in, links, case_for):
    read_in({}, {"icd10": "C16.9"})
    case_id = case_for()
    match(app, case_id)
    assert match(app, case_id, icd10="C16.2") == [2]
    assert links() == {(2, case_id)}
    assert match(app, case_id, icd10="") == []
    assert links() == set()


def test_a_corrected_row_leaves_the_case_that_it_no_longer_is(read_in, links, case_for):
    case_for(laterality="2")
    assert read_in({"laterality": "双侧"}).matched == 1
    report = read_in({"laterality": "左"})
    assert (report.accepted, report.matched, links()) == (1, 0, set())


def test_without_a_number_a_case_is_matched_inside_the_hospital_alone(app, world, links, read_in):
    with app.app_context():
        identity = Identity(name="张三丰", birth_date=date(1962, 3, 5), mrn="MRN-1")
        patient = new_patient(world.hospitals["A"], identity, "1", now=NOW)
        db.session.add(patient)
        case_id = case_of(world, patient, number="MDT-1").id
        person_case(world, "B", identity, number="MDT-2")
        db.session.commit()
    read_in({"id_number": ""})
    assert links() == {(1, case_id)}


def test_a_draft_begun_from_a_row_keeps_it_through_the_next_import(app, world, links, read_in):
    read_in({})
    with app.app_context():
        tumour = db.session.scalar(db.select(Tumour).execution_options(mdt_scoped=True))
        patient_id = tumour.patient_id
        case = case_of(
            world,
            type("Known", (), {"id": patient_id, "hospital_id": tumour.hospital_id}),
            number="MDT-1",
            state="draft",
        )
        db.session.commit()
        case_id = case.id
    match(app, case_id)
    read_in({"t": "T3"})
    assert links() == {(1, case_id)}


def test_a_case_is_matched_as_it_is_sent_and_as_it_is_corrected(app, world, person, read_in, links):
    read_in({}, {"icd10": "C16.9", "laterality": ""})
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    save(doctor, case_id, version=load(app, case_id).version, question="能否手术？")
    assert links() == set()
    version = str(load(app, case_id).version)
    assert doctor.post(f"/cases/{case_id}/submit", version=version).status_code == 302
    assert links() == {(1, case_id)}
    put(app, case_id, state="returned")
    before = load(app, case_id).version
    answer = save(doctor, case_id, version=before, laterality="1")
    assert (answer.status_code, load(app, case_id).version) == (200, before + 1)
    assert links() == set()
    save(doctor, case_id, version=before + 1, icd10="C16.2")
    assert links() == {(2, case_id)}
