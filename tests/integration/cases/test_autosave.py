"""Writing a case: saved as one types, derived, merged, and refused field by field."""

from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.queries.patients import open_identity
from tests.board import make_case
from tests.case_kit import WHOLE, WOMAN, WRONG, load, rows, save, start


@pytest.fixture
def draft(app, world, person):
    doctor = person("clinician")
    return doctor, start(doctor, world)


def test_fields_are_stored_and_what_follows_is_told(app, draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, **WHOLE)
    assert answer.status_code == 200
    assert answer.json["errors"] == {}
    case = load(app, case_id)
    assert (case.icd10, case.diagnosis_date, case.ecog, case.laterality) == (
        "C34.1",
        date(2026, 11, 1),
        1,
        "2",
    )
    assert (case.stage_group, case.iii_plus) == ("IIIB", "yes")
    assert answer.json["version"] == case.version
    assert answer.json["fields"] == {"stage_group": "IIIB", "iii_plus": "yes"}
    assert answer.json["derived"]["icd10_label"].startswith("上叶")
    assert {"code": "consent_missing", "field": "remote", "section": "consent"} in answer.json[
        "blocks"
    ]
    assert answer.json["sections"]["question"] == "complete"
    assert "IIIB" in answer.json["html"]["stage-result"]


def test_an_identity_number_gives_birth_date_and_sex(app, draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, id_number=WOMAN)
    assert answer.json["fields"] == {"sex": "2"}
    assert load(app, case_id).patient.sex == "2"


def test_a_field_that_cannot_be_right_is_refused_and_the_others_are_stored(app, draft):
    doctor, case_id = draft
    answer = save(
        doctor, case_id, id_number=WRONG, icd10="E11.9", ecog="9", height_cm="很高", labs="正常"
    )
    assert sorted(answer.json["errors"]) == ["ecog", "height_cm", "icd10", "id_number"]
    assert "校验位不对" in answer.json["errors"]["id_number"]
    assert "不是肿瘤编码" in answer.json["errors"]["icd10"]
    case = load(app, case_id)
    assert (case.icd10, case.ecog, case.labs) == ("", None, "正常")
    with app.app_context():
        assert open_identity(case.patient).id_number == "369921196203050015"


def test_lists_numbers_and_empty_values(app, draft):
    doctor, case_id = draft
    save(doctor, case_id, comorbidities=["dm", "hypertension"], height_cm="170.5", kps="80")
    case = load(app, case_id)
    assert (case.comorbidities, case.height_cm, case.kps) == (["dm", "hypertension"], 170.5, 80)
    save(doctor, case_id, comorbidities=[], height_cm="", kps="")
    case = load(app, case_id)
    assert (case.comorbidities, case.height_cm, case.kps) == ([], None, None)


def test_text_that_no_database_takes_is_cleaned(app, draft):
    doctor, case_id = draft
    assert save(doctor, case_id, history="一\x00二\ud800三𠮷").status_code == 200
    assert load(app, case_id).history == "一二三𠮷"


def test_other_columns_are_left_alone(app, world, draft):
    doctor, case_id = draft
    before = load(app, case_id)
    sent = {
        "hospital_id": world.hospitals["B"],
        "state": "signed",
        "number": "MDT2026-000001",
        "version": 99,
        "created_by_id": 5,
        "listing_override": {"reason": "other"},
        "iii_plus": "yes",
        "residence_code": "360100",
        "answers": {"x": 1},
        "labs": "x",
    }
    answer = doctor.post_json(f"/cases/{case_id}/autosave", {"fields": sent, "version": 1})
    assert answer.status_code == 200
    case = load(app, case_id)
    assert (case.hospital_id, case.state, case.number, case.iii_plus, case.listing_override) == (
        before.hospital_id,
        "draft",
        before.number,
        "unknown",
        {},
    )
    assert case.labs == "x"
    assert rows(app, AuditRow, action="case:edit")[-1].data == {"fields": ["labs"], "ignored": 9}


def test_two_people_who_edit_different_fields_lose_nothing(app, draft, person):
    doctor, case_id = draft
    colleague = person("colleague")
    version = load(app, case_id).version
    save(doctor, case_id, version, history="咳嗽两月")
    answer = save(colleague, case_id, version, labs="CEA 12")
    assert answer.status_code == 200
    assert answer.json["fields"] == {"history": "咳嗽两月"}
    case = load(app, case_id)
    assert (case.history, case.labs) == ("咳嗽两月", "CEA 12")


def test_two_people_who_edit_the_same_field_get_both_texts(app, draft, person):
    doctor, case_id = draft
    colleague = person("colleague")
    version = load(app, case_id).version
    save(doctor, case_id, version, history="咳嗽两月", labs="CEA 12")
    answer = save(colleague, case_id, version, history="咯血一周")
    assert answer.status_code == 409
    current = load(app, case_id).version
    assert answer.json["version"] == current
    assert answer.json["fields"] == {"history": "咳嗽两月", "labs": "CEA 12"}
    assert load(app, case_id).history == "咳嗽两月"
    assert save(colleague, case_id, current, history="咳嗽两月，咯血一周").status_code == 200
    assert load(app, case_id).history == "咳嗽两月，咯血一周"


def test_an_answer_that_was_lost_is_no_conflict_with_oneself(app, draft):
    doctor, case_id = draft
    version = load(app, case_id).version
    save(doctor, case_id, version, history="咳嗽")
    assert save(doctor, case_id, version, history="咳嗽两月").status_code == 200
    assert load(app, case_id).history == "咳嗽两月"


def test_a_team_that_may_not_be_asked_is_refused(app, draft):
    doctor, case_id = draft
    team = load(app, case_id).team_id
    answer = save(doctor, case_id, team_id="999")
    assert "合作协议" in answer.json["errors"]["team_id"]
    assert load(app, case_id).team_id == team


def test_another_hospitals_case_is_not_found(draft, person):
    _, case_id = draft
    other = person("clinician2")
    assert other.get(f"/cases/{case_id}/edit").status_code == 404
    assert save(other, case_id, labs="x").status_code == 404


@pytest.mark.parametrize("who", ["approver", "coordinator", "chair", "quality"])
def test_who_may_not_write(draft, person, who):
    _, case_id = draft
    assert save(person(who), case_id, labs="x").status_code == 403


@pytest.mark.parametrize("body", [[], {"fields": 3}, {"version": 1}, "x"])
def test_an_unreadable_request(draft, body):
    doctor, case_id = draft
    answer = doctor.post_json(f"/cases/{case_id}/autosave", body)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "unreadable_request")


@pytest.mark.parametrize("state", ["submitted", "scheduled", "signed", "withdrawn"])
def test_what_has_been_sent_is_no_longer_written(app, world, person, state):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state=state, number="MDT2026-000077").id
        db.session.commit()
    doctor = person("clinician")
    answer = save(doctor, case_id, labs="x")
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "case_not_editable")
    assert load(app, case_id).labs == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("reviewing", "请联系医务科退回补正"),
        ("submitted", "请联系会诊团队退回补正；不再需要会诊时可撤回"),
        ("scheduled", "病例已排期"),
        ("signed", "意见已签署"),
        ("withdrawn", "需要时请新建病例"),
    ],
)
@pytest.mark.parametrize("step", ["edit", "submit"])
def test_an_old_address_of_the_form_leads_to_the_case_and_says_why(
    app, world, person, state, words, step
):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state=state, number="MDT2026-000077").id
        db.session.commit()
    doctor = person("clinician")
    answer = doctor.get(f"/cases/{case_id}/{step}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case_id}")
    assert words in doctor.get(f"/cases/{case_id}").text


def test_a_refused_step_leads_back_to_the_case(app, world, person):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="signed", number="MDT2026-000077").id
        db.session.commit()
    answer = person("approver").post(f"/cases/{case_id}/approve")
    assert answer.status_code == 409
    assert f'href="/cases/{case_id}">返回病例' in answer.text


def test_a_site_may_be_typed_by_its_name(app, draft):
    doctor, case_id = draft
    assert save(doctor, case_id, icd10="直肠").json["fields"]["icd10"] == "C20"
    assert load(app, case_id).icd10 == "C20"
    said = save(doctor, case_id, icd10="肺癌").json["errors"]["icd10"]
    assert said.startswith("请从列表中选择编码或部位名称。相近的有：C34 支气管和肺恶性肿瘤；")
    assert load(app, case_id).icd10 == "C20"


def test_what_to_look_at_again_stands_at_its_field(draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, diagnosis_date="2999-01-01", phone="123")
    assert answer.json["errors"] == {}
    assert answer.json["warnings"] == {
        "diagnosis_date": "日期晚于今天，请核对。",
        "phone": "电话号码的位数不像手机或固定电话，请核对。",
    }
    assert (
        '<a href="#diagnosis_date">确诊日期</a>：日期晚于今天'
        in answer.json["html"]["warnings-diagnosis"]
    )
    page = doctor.get(f"/cases/{case_id}/edit").text
    assert 'data-warning-for="diagnosis_date">日期晚于今天，请核对。</p>' in page
    assert 'data-warning-for="stage_date" hidden></p>' in page
    assert "确诊日期</a>：日期晚于今天" in doctor.get(f"/cases/{case_id}/submit").text
