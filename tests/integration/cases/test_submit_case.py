"""Submitting: what gates it, the urgent exception, the hospital's own approval."""

import pytest

from mdt.extensions import db
from mdt.models.attachments import Attachment
from mdt.models.cases import CaseStep
from mdt.models.regions import Agreement, Hospital
from mdt.queries import scope
from tests.board import make_case
from tests.case_kit import CHILD, WHOLE, load, put, rows, save, scan, sign, start, whole


def submit(doctor, app, case_id, **fields):
    sent = {"version": str(load(app, case_id).version), **fields}
    return doctor.post(f"/cases/{case_id}/submit", **sent)


def test_a_whole_case_goes_to_the_team(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    page = doctor.get(f"/cases/{case_id}/submit").text
    assert "能否手术？" in page
    assert "张**" in page
    assert "张三丰" not in page
    answer = submit(doctor, app, case_id)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case_id}")
    case = load(app, case_id)
    assert case.state == "submitted"
    assert case.submitted_at == case.state_since
    assert [(s.action, s.from_state, s.to_state) for s in rows(app, CaseStep)] == [
        ("submit", "draft", "submitted")
    ]
    assert person("coordinator").get(f"/cases/{case_id}").status_code == 200


def test_everything_that_is_sent_stands_on_the_page_and_can_be_changed(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world, phone="13812345678")
    scan(app, case_id, "pathology_report", "活检病理报告.pdf")
    page = doctor.get(f"/cases/{case_id}/submit").text
    assert 'data-unmask-field="phone"' in page
    assert "13812345678" not in page
    assert "<dt>侧别</dt><dd>右侧</dd>" in page
    assert "活检病理报告.pdf" in page
    for section in ("patient", "diagnosis", "stage", "condition", "treatment", "question"):
        assert f'href="/cases/{case_id}/edit#section-{section}">修改' in page
    assert f'href="/cases/{case_id}/attachments">上传与管理' in page


def test_the_team_does_not_see_a_draft(app, world, person):
    case_id = start(person("clinician"), world)
    assert person("coordinator").get(f"/cases/{case_id}").status_code == 404


def test_the_checklist_does_not_gate_submission(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    assert "必备资料还缺" in doctor.get(f"/cases/{case_id}").text
    assert submit(doctor, app, case_id).status_code == 302


def test_consent_with_its_scan_gates(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    save(doctor, case_id, **WHOLE)
    sign(doctor, case_id, "remote")
    sign(doctor, case_id, "privacy")
    scan(app, case_id, "consent_privacy")
    answer = submit(doctor, app, case_id)
    assert answer.status_code == 422
    assert "远程医疗知情同意书：缺少已签署的同意书或其扫描件" in answer.text
    scan(app, case_id, "consent_remote")
    assert submit(doctor, app, case_id).status_code == 302


def test_a_scan_that_was_struck_out_does_not_count(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    with app.app_context():
        wanted = scope.unscoped(
            db.select(Attachment).where(Attachment.kind == "consent_remote"), because="a test"
        )
        found = db.session.scalar(wanted)
        found.struck_at = found.at
        db.session.commit()
    assert submit(doctor, app, case_id).status_code == 422
    assert load(app, case_id).state == "draft"


def test_a_child_needs_a_guardians_consent(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world, id_number=CHILD)
    assert submit(doctor, app, case_id).status_code == 422
    assert sign(doctor, case_id, "guardian", signer="guardian", relation="父亲").status_code == 302
    scan(app, case_id, "consent_guardian")
    assert submit(doctor, app, case_id).status_code == 302


def test_missing_fields_are_listed_with_links(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    answer = submit(doctor, app, case_id)
    assert answer.status_code == 422
    assert f'href="/cases/{case_id}/edit#icd10"' in answer.text
    assert f'href="/cases/{case_id}/edit#question"' in answer.text


def test_an_agreement_that_ended_gates(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    with app.app_context():
        for agreement in db.session.scalars(db.select(Agreement)):
            agreement.valid_to = agreement.valid_from
        db.session.commit()
    answer = submit(doctor, app, case_id)
    assert answer.status_code == 422
    assert "没有在有效期内的合作协议" in answer.text
    assert load(app, case_id).state == "draft"


def exception(reason="consent_urgent_later", text="脊髓压迫，家属在途"):
    return {"use_exception": "1", "exception_reason": reason, "exception_text": text}


def test_an_urgent_case_may_go_first_and_owes_its_papers(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    save(doctor, case_id, **WHOLE, urgency="urgent")
    assert submit(doctor, app, case_id).status_code == 422
    assert submit(doctor, app, case_id, **exception()).status_code == 302
    assert load(app, case_id).urgent_exception == {
        "reason": "consent_urgent_later",
        "text": "脊髓压迫，家属在途",
    }
    assert "待补同意书" in doctor.get(f"/cases/{case_id}").text
    for kind in ("remote", "privacy"):
        sign(doctor, case_id, kind)
        scan(app, case_id, f"consent_{kind}")
    assert "待补同意书" not in doctor.get(f"/cases/{case_id}").text


@pytest.mark.parametrize(
    ("urgency", "said", "words"),
    [
        ("routine", exception(), "只适用于加急或特急"),
        ("urgent", exception(reason=""), "请选择先会诊后补同意书的原因"),
        ("urgent", exception(reason="other", text=" "), "需要用文字说明"),
    ],
)
def test_an_exception_needs_urgency_and_a_reason(app, world, person, urgency, said, words):
    doctor = person("clinician")
    case_id = start(doctor, world)
    save(doctor, case_id, **WHOLE, urgency=urgency)
    answer = submit(doctor, app, case_id, **said)
    assert answer.status_code == 422
    assert words in answer.text
    assert load(app, case_id).state == "draft"


def test_what_was_changed_after_the_summary_is_not_submitted(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    seen = str(load(app, case_id).version)
    save(person("colleague"), case_id, version=int(seen), question="别的问题")
    answer = doctor.post(f"/cases/{case_id}/submit", version=seen)
    assert answer.status_code == 422
    assert "别人刚刚改过这里" in answer.text
    assert load(app, case_id).state == "draft"


def test_through_the_hospitals_own_approval(app, world, person):
    with app.app_context():
        db.session.get(Hospital, world.hospitals["A"]).own_approval = True
        db.session.commit()
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    assert submit(doctor, app, case_id).status_code == 302
    case = load(app, case_id)
    assert (case.state, case.submitted_at) == ("reviewing", None)
    assert person("coordinator").get(f"/cases/{case_id}").status_code == 404


def test_submitting_twice(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    submit(doctor, app, case_id)
    assert submit(doctor, app, case_id).status_code == 409


def test_again_after_a_return(app, world, person):
    doctor = person("clinician")
    case_id = whole(app, doctor, world)
    submit(doctor, app, case_id)
    first = load(app, case_id).submitted_at
    put(app, case_id, state="returned")
    assert submit(doctor, app, case_id).status_code == 302
    case = load(app, case_id)
    assert (case.state, case.submitted_at) == ("submitted", first)


@pytest.mark.parametrize(("who", "status"), [("clinician2", 404), ("approver", 403)])
def test_who_may_not_submit(app, world, person, who, status):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", number="MDT2026-000077").id
        db.session.commit()
    browser = person(who)
    assert browser.get(f"/cases/{case_id}/submit").status_code == status
    assert browser.post(f"/cases/{case_id}/submit").status_code == status
