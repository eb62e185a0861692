"""Starting a case: whom to ask, about what, and who the patient is."""

import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.regions import Agreement
from mdt.queries.patients import open_identity
from tests.case_kit import CHILD, MAN, WRONG, all_cases, load, rows, save, start


def identity(app, case_id):
    case = load(app, case_id)
    with app.app_context():
        return open_identity(case.patient)


def test_a_draft_begins_with_what_follows_from_the_identity_number(app, world, person):
    case_id = start(
        person("clinician"), world, name=" 买买提•艾山 ", id_number="36992119620305004x"
    )
    case, who = load(app, case_id), identity(app, case_id)
    assert (case.state, case.hospital_id, case.team_id) == (
        "draft",
        world.hospitals["A"],
        world.team,
    )
    assert (case.tumour_type, case.staging_table) == ("lung_nsclc", "lung_nsclc_9")
    assert (who.name, who.id_number, who.birth_date) == (
        "买买提·艾山",
        "36992119620305004X",
        date(1962, 3, 5),
    )
    assert case.patient.sex == "2"
    assert case.number == f"MDT{case.created_at.year}-{case_id:06d}"
    assert [row.case_id for row in rows(app, AuditRow, action="case:create")] == [case_id]


def test_a_name_beyond_the_basic_plane_survives(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world, name="𠮷𡘙")
    assert identity(app, case_id).name == "𠮷𡘙"
    assert "𠮷𡘙" in doctor.get(f"/cases/{case_id}/edit").text


def test_the_hospitals_patient_with_the_same_number_is_taken(app, world, person):
    first = start(person("clinician"), world)
    second = start(person("colleague"), world)
    other_hospital = start(person("clinician2"), world)
    patients = [load(app, one).patient_id for one in (first, second, other_hospital)]
    assert patients[0] == patients[1]
    assert patients[2] != patients[0]


def test_another_name_for_a_known_number_is_told_and_not_taken(app, world, person):
    start(person("clinician"), world)
    colleague = person("colleague")
    second = start(colleague, world, name="张三峰")
    assert identity(app, second).name == "张三丰"
    assert "已登记为另一姓名" in colleague.get(f"/cases/{second}/edit").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id_number": WRONG}, "校验位不对"),
        ({"id_number": "130503670401001"}, "15位旧号码"),
        ({"id_number": ""}, "请填写此项"),
        ({"name": "张"}, "姓名至少2个字"),
    ],
)
def test_bad_input_comes_back_at_the_field(app, world, person, fields, words):
    doctor = person("clinician")
    sent = {
        "ask": f"{world.team}:lung_nsclc",
        "id_number": MAN,
        "name": "张三丰",
        **fields,
    }
    answer = doctor.post("/cases/new", **sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert all_cases(app) == []


@pytest.fixture
def _no_agreement(app, world):
    with app.app_context():
        for agreement in db.session.scalars(db.select(Agreement)):
            agreement.valid_to = agreement.valid_from
        db.session.commit()


def test_tumour_types_are_grouped_by_system(world, person):
    page = person("clinician").get("/cases/new").text
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    assert len(groups) == len({name for name, _ in groups}) > 0
    assert f'value="{world.team}:lung_nsclc"' in dict(groups)["胸部"]
    case_id = start(person("clinician"), world)
    form = person("clinician").get(f"/cases/{case_id}/edit").text
    groups = dict(re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', form, re.DOTALL))
    assert 'value="cervix"' in groups["妇科"]
    assert 'selected value="lung_nsclc"' in groups["胸部"]


@pytest.mark.usefixtures("_no_agreement")
def test_without_an_agreement_nobody_can_be_asked(app, world, person):
    doctor = person("clinician")
    assert "没有在有效期内的合作协议" in doctor.get("/cases/new").text
    sent = {"ask": f"{world.team}:lung_nsclc", "id_number": MAN, "name": "张三丰"}
    assert doctor.post("/cases/new", **sent).status_code == 422
    assert all_cases(app) == []


@pytest.mark.parametrize("who", ["approver", "coordinator", "quality", "sysadmin", "observer"])
def test_only_clinicians_start_cases(person, who):
    browser = person(who)
    assert browser.get("/cases/new").status_code == 403
    assert browser.post("/cases/new", name="张三丰").status_code == 403


def test_more_fields_than_the_form_has_change_nothing(app, world, person):
    case_id = start(
        person("clinician"),
        world,
        hospital_id=str(world.hospitals["B"]),
        state="accepted",
        created_by_id="5",
    )
    case = load(app, case_id)
    assert (case.hospital_id, case.state, case.created_by_id) == (
        world.hospitals["A"],
        "draft",
        world.users["clinician"],
    )


def test_a_patient_without_a_card(app, world, person):
    case_id = start(
        person("clinician"),
        world,
        id_type="98",
        id_number="",
        sex="2",
        birth_date="1970-02-03",
    )
    assert (load(app, case_id).patient.sex, identity(app, case_id).birth_date) == (
        "2",
        date(1970, 2, 3),
    )


def test_a_corrected_number_is_another_person_where_the_patient_is_shared(app, world, person):
    doctor = person("clinician")
    first, second = start(doctor, world), start(doctor, world)
    answer = save(doctor, second, version=load(app, second).version, id_number=CHILD)
    assert answer.status_code == 200
    assert identity(app, first).id_number == MAN
    assert identity(app, second).id_number == CHILD
    assert load(app, second).patient_id != load(app, first).patient_id
