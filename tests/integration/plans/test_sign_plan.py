"""Sending an opinion out, signing it, and what follows from the last signature."""

from datetime import timedelta

import pytest

from mdt.models.audit import AuditRow
from mdt.models.cases import Case, CaseStep
from mdt.models.conferences import AgendaItem
from mdt.models.people import Notice, SignInFailure, User
from mdt.models.plans import Signature
from mdt.rules.plan import content_hash
from mdt.services.plan_desk import draft_in
from tests.page_forms import press
from tests.plans import LATER, SIGNERS
from tests.world import PASSWORD


def sign(browser, opinion, revision, password=PASSWORD):
    path = f"/cases/{opinion.case}/plan/sign"
    return browser.post(path, revision=revision.id, password=password)


def notices(opinion, kind):
    return {row.user_id for row in opinion.rows(Notice, Notice.kind == kind)}


def test_opening_fixes_the_text_and_asks_the_signers(opinion, person):
    draft = opinion.complete()
    answer = person("recorder").post(f"/cases/{opinion.case}/plan/open", revision=draft.id)

    assert answer.status_code == 302
    opened = opinion.revision()
    assert (opened.id, opened.state) == (draft.id, "signing")
    assert opened.content_hash == content_hash(draft_in(opened))
    asked = {opinion.world.users[name] for name in SIGNERS}
    assert notices(opinion, "plan_signature_owed") == asked


def test_opening_is_refused_while_something_is_missing(opinion, person):
    opinion.complete(intent="")
    answer = person("chair").post(
        f"/cases/{opinion.case}/plan/open", revision=opinion.revision().id
    )
    assert (answer.status_code, opinion.revision().state) == (422, "draft")
    assert "请选择治疗目的" in answer.text
    assert "还有内容未完成" in answer.text


@pytest.mark.parametrize(
    ("username", "status"), [("clinician", 403), ("clinician2", 403), ("oncologist", 403)]
)
def test_only_chair_coordinator_and_recorder_open(opinion, person, username, status):
    draft = opinion.complete()
    answer = person(username).post(f"/cases/{opinion.case}/plan/open", revision=draft.id)
    assert (answer.status_code, opinion.revision().state) == (status, "draft")


def test_a_signature_after_the_password(opinion, person):
    opinion.complete()
    revision = opinion.open()
    answer = sign(person("oncologist"), opinion, revision)

    assert answer.status_code == 302
    stored = opinion.revision()
    assert [(s.user_id, s.role, s.discipline, s.content_hash) for s in stored.signatures] == [
        (opinion.world.users["oncologist"], "expert", "medical_oncology", revision.content_hash)
    ]
    assert (stored.state, opinion.row(Case).state) == ("signing", "concluded")


def test_a_wrong_password_changes_nothing_and_counts(opinion, person):
    opinion.complete()
    revision = opinion.open()
    doctor = person("oncologist")
    answer = sign(doctor, opinion, revision, "not the password")

    assert (answer.status_code, opinion.rows(Signature)) == (422, [])
    assert "密码不正确" in answer.text
    assert len(opinion.rows(SignInFailure)) == 1
    for _ in range(4):
        sign(doctor, opinion, revision, "not the password")
    answer = sign(doctor, opinion, revision)
    assert (answer.status_code, opinion.rows(Signature)) == (422, [])
    assert "尝试次数过多" in answer.text


def test_a_wrong_password_is_in_the_trail_with_the_person_and_the_case(opinion, person):
    opinion.complete()
    revision = opinion.open()
    doctor = person("oncologist")
    for _ in range(6):
        sign(doctor, opinion, revision, "not the password")

    rows = opinion.rows(AuditRow, AuditRow.result == "refused")
    user = opinion.world.users["oncologist"]
    assert {(r.actor_id, r.actor_name, r.action, r.case_id) for r in rows} == {
        (user, "oncologist", "plan:sign", opinion.case)
    }
    assert [r.data for r in rows] == [{"reason": "password_wrong"}] * 5 + [
        {"reason": "sign_in_throttled"}
    ]


def test_no_password_is_asked_for_again(opinion, person):
    opinion.complete()
    answer = sign(person("oncologist"), opinion, opinion.open(), "")
    assert (answer.status_code, opinion.rows(Signature)) == (422, [])
    assert "请输入登录密码" in answer.text


@pytest.mark.parametrize(
    ("username", "status"),
    [("clinician", 403), ("clinician2", 403), ("recorder", 403), ("coordinator", 403)],
)
def test_who_is_not_asked_does_not_sign(opinion, person, username, status):
    opinion.complete()
    answer = sign(person(username), opinion, opinion.open())
    assert (answer.status_code, opinion.rows(Signature)) == (status, [])


def test_an_expert_of_another_case_finds_nothing(opinion, person):
    opinion.complete()
    revision = opinion.open()
    expert = person("oncologist")
    answer = expert.post("/cases/9999/plan/sign", revision=revision.id, password=PASSWORD)
    assert answer.status_code == 404


def test_three_years_of_practice_are_asked_for(opinion, person):
    opinion.complete()
    revision = opinion.open()
    young = opinion.world.users["oncologist"]
    opinion.put(User, User.id == young, practice_since=LATER.date() - timedelta(days=700))
    answer = sign(person("oncologist"), opinion, revision)
    assert (answer.status_code, opinion.rows(Signature)) == (422, [])
    assert "未满3年" in answer.text


def test_signing_twice_is_signing_once(opinion, person):
    opinion.complete()
    revision = opinion.open()
    doctor = person("oncologist")
    assert [sign(doctor, opinion, revision).status_code for _ in range(2)] == [302, 302]
    assert len(opinion.rows(Signature)) == 1


def test_the_last_signature_makes_it_final(opinion):
    revision = opinion.signed()

    assert (revision.state, revision.signed_at) == ("signed", LATER)
    assert len(revision.verify_code) == 19
    assert {s.user_id for s in revision.signatures} == {opinion.world.users[n] for n in SIGNERS}
    assert (opinion.row(Case).state, opinion.row(Case).signed_at) == ("signed", LATER)
    assert [step.action for step in opinion.rows(CaseStep)] == ["sign"]
    assert notices(opinion, "plan_signed") == {opinion.world.users["clinician"]}
    owed = opinion.rows(Notice, Notice.kind == "plan_signature_owed")
    assert {row.read_at for row in owed} == {LATER}


def test_four_of_five_are_not_enough(opinion):
    opinion.complete()
    opinion.open()
    assert opinion.sign(*SIGNERS[:4]).state == "signing"


def test_a_deferral_sends_the_case_back_with_its_reason(opinion):
    revision = opinion.signed(
        outcome="deferred",
        deferral_reason="await_pathology",
        deferral_text="等待会诊切片",
        **{"steps.a1": None, "steps.b2": None},
    )

    assert revision.state == "signed"
    assert opinion.row(Case).state == "deferred"
    assert opinion.row(AgendaItem).state == "deferred"
    step = opinion.rows(CaseStep)[-1]
    assert (step.action, step.reason_list, step.reason_code, step.text) == (
        "defer",
        "deferral_reasons",
        "await_pathology",
        "等待会诊切片",
    )
    assert opinion.row(Case).signed_at is None


def test_taking_back_keeps_the_old_text_with_its_signatures(opinion, person):
    opinion.complete()
    old = opinion.open()
    opinion.sign("oncologist")
    answer = person("chair").post(f"/cases/{opinion.case}/plan/back", revision=old.id)

    assert answer.status_code == 302
    first, second = opinion.revisions()
    assert (first.state, len(first.signatures)) == ("withdrawn", 1)
    assert (second.state, second.number, second.signatures) == ("draft", 2, [])
    assert second.content == first.content
    assert notices(opinion, "plan_taken_back") == {opinion.world.users["oncologist"]}


def test_the_withdrawn_text_cannot_be_signed_any_more(opinion, person):
    opinion.complete()
    old = opinion.open()
    person("chair").post(f"/cases/{opinion.case}/plan/back", revision=old.id)
    answer = sign(person("oncologist"), opinion, old)
    assert (answer.status_code, opinion.rows(Signature)) == (422, [])
    assert "不在签署中" in answer.text


def test_an_expert_does_not_take_it_back(opinion, person):
    opinion.complete()
    revision = opinion.open()
    answer = person("oncologist").post(f"/cases/{opinion.case}/plan/back", revision=revision.id)
    assert (answer.status_code, opinion.revision().state) == (403, "signing")


def test_what_is_out_for_signing_is_not_edited(opinion, person):
    opinion.complete()
    revision = opinion.open()
    answer = person("recorder").post_json(
        f"/cases/{opinion.case}/plan/fields",
        {"fields": {"answer": "改一下"}, "version": revision.version},
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "plan_not_open")
    assert opinion.revision().content == revision.content


def test_a_case_that_is_taken_up_again_is_not_signed(opinion, person):
    opinion.complete()
    revision = opinion.open()
    opinion.put(AgendaItem, AgendaItem.id == opinion.item, state="discussing")
    answer = sign(person("oncologist"), opinion, revision)
    assert (answer.status_code, opinion.rows(Signature)) == (422, [])


def test_the_forms_of_the_page_do_it(opinion, person):
    opinion.complete()
    chair, page = person("chair"), f"/cases/{opinion.case}/plan"
    assert press(chair, page, f"{page}/open").status_code == 302
    assert opinion.revision().state == "signing"
    assert press(chair, page, f"{page}/sign", password=PASSWORD).status_code == 302
    assert len(opinion.rows(Signature)) == 1
    assert press(chair, page, f"{page}/back").status_code == 302
    assert opinion.revision().number == 2
