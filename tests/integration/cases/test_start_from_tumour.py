"""A case out of the register: filled in, matched with its row, and begun only once."""

from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.tumours import Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.patients import Identity, new_patient, open_identity
from tests.case_kit import load, start
from tests.world import NOW


@pytest.fixture
def tumour(app, world):
    with app.app_context():
        patient = new_patient(
            world.hospitals["A"],
            Identity("李四光", "01", "369921196203050023", date(1962, 3, 5)),
            "2",
            now=NOW,
        )
        db.session.add(patient)
        row = Tumour(
            hospital_id=world.hospitals["A"],
            patient_id=patient.id,
            row_key="1",
            row_hash="1",
            icd10="C34.2",
            site3="C34",
            morphology="8140/3",
            laterality="2",
            case_type="new",
            diagnosis_date=date(2026, 10, 1),
            diagnosis_basis="7",
            stage_basis="c",
            t="T3",
            n="N2a",
            m="M0",
            stage_group="ⅢA期",
            stage_date=date(2026, 10, 3),
            iii_plus="yes",
            created_at=NOW,
            updated_at=NOW,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def cases(app):
    with app.app_context():
        found = scope.unscoped(db.select(Case), because="a test looks")
        return list(db.session.scalars(found))


def test_filled_with_what_the_row_holds(app, world, person, tumour):
    doctor = person("clinician")
    assert doctor.get(f"/cases/new?tumour={tumour}").status_code == 200
    answer = doctor.post(f"/cases/new?tumour={tumour}", team_id=str(world.team))
    assert answer.status_code == 302
    [row] = cases(app)
    case = load(app, row.id)
    assert (case.icd10, case.laterality, case.diagnosis_date, case.diagnosis_basis) == (
        "C34.2",
        "2",
        date(2026, 10, 1),
        "7",
    )
    assert (case.tumour_type, case.team_id) == ("lung_nsclc", world.team)
    assert (case.t, case.n, case.m, case.stage_group, case.iii_plus, case.stage_text) == (
        "T3",
        "N2a",
        "M0",
        "IIIA",
        "yes",
        "ⅢA期",
    )
    with app.app_context():
        assert open_identity(case.patient).name == "李四光"
        matched = db.session.execute(db.select(TumourCase.tumour_id, TumourCase.case_id)).all()
    assert [tuple(one) for one in matched] == [(tumour, case.id)]
    assert doctor.get(answer.headers["Location"]).status_code == 200


def test_begun_only_once(app, world, person, tumour):
    first = person("clinician").post(f"/cases/new?tumour={tumour}", team_id=str(world.team))
    second = person("colleague").post(f"/cases/new?tumour={tumour}", team_id=str(world.team))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(cases(app)) == 1


def test_another_hospitals_row(app, world, person, tumour):
    other = person("clinician2")
    assert other.get(f"/cases/new?tumour={tumour}").status_code == 404
    assert other.post(f"/cases/new?tumour={tumour}").status_code == 404
    assert other.get("/cases/new?tumour=999").status_code == 404
    assert cases(app) == []


def test_wrong_role_and_wrong_team(app, world, person, tumour):
    assert person("quality").post(f"/cases/new?tumour={tumour}").status_code == 403
    answer = person("clinician").post(f"/cases/new?tumour={tumour}", team_id="999")
    assert answer.status_code == 422
    assert "合作协议" in answer.text
    assert cases(app) == []


def test_the_patient_of_the_register_is_the_patient_of_the_case(app, world, person, tumour):
    doctor = person("clinician")
    doctor.post(f"/cases/new?tumour={tumour}", team_id=str(world.team))
    [from_register] = cases(app)
    by_hand = start(doctor, world, id_number="369921196203050023", name="李四光")
    assert load(app, by_hand).patient_id == from_register.patient_id
