"""The requesting doctor's decision on a signed opinion."""

import pytest

from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.plans import Adoption
from mdt.services.plans import amend_plan
from tests.page_forms import press
from tests.plans import SIGNERS


def adopt(browser, opinion, revision, **fields):
    path = f"/cases/{opinion.case}/follow-up/adopt"
    return browser.post(path, revision=revision.id, **{"text": "", "reason": "", **fields})


def test_the_page_shows_what_was_signed_and_who_is_liable(opinion, person):
    opinion.signed()
    page = person("clinician").get(f"/cases/{opinion.case}/follow-up")
    assert page.status_code == 200
    assert "含铂双药2周期" in page.text
    assert "并由邀请方承担相应责任" in page.text
    rows = opinion.rows(AuditRow, AuditRow.action == "case:view")
    assert [row.data["page"] for row in rows] == ["follow-up"]


def test_the_page_names_the_patient_and_asks_before_it_counts(opinion, person):
    opinion.signed()
    page = person("clinician").get(f"/cases/{opinion.case}/follow-up").text
    banner = page.split('class="case-banner"')[1].split("</p>")[0]
    for words in ("张**", "男", opinion.row(Case).number):
        assert words in banner
    assert "张三丰" not in page
    form = page.split('/follow-up/adopt"')[1].split("</form>")[0]
    assert 'data-confirm="受邀方意见供邀请方参考' in form


def test_each_answer_has_its_own_reasons(opinion, person):
    opinion.signed()
    page = person("clinician").get(f"/cases/{opinion.case}/follow-up").text
    groups = page.split("<optgroup")[1:3]
    assert ['data-show-for="decision=partial"' in one for one in groups] == [True, False]
    assert ['data-show-for="decision=none"' in one for one in groups] == [False, True]
    assert ['value="partial_local_limits"' in one for one in groups] == [True, False]
    assert ['value="not_adopted_patient"' in one for one in groups] == [False, True]
    assert '<option value=""></option>' not in page


def test_adopted_in_full(opinion, person):
    signed = opinion.signed()
    answer = adopt(person("clinician"), opinion, signed, decision="full")

    assert answer.status_code == 302
    (row,) = opinion.rows(Adoption)
    assert (row.revision_id, row.decision, row.reason_code, row.by_user_id) == (
        signed.id,
        "full",
        "full",
        opinion.world.users["clinician"],
    )
    assert opinion.row(Case).state == "adopted"


def test_adopted_in_part_says_why(opinion, person):
    signed = opinion.signed()
    doctor = person("clinician")
    adopt(
        doctor, opinion, signed, decision="partial", reason="partial_local_limits", text="放疗转市"
    )
    (row,) = opinion.rows(Adoption)
    assert (row.decision, row.reason_code, row.text) == (
        "partial",
        "partial_local_limits",
        "放疗转市",
    )
    assert "部分采纳：本院条件所限" in doctor.get(f"/cases/{opinion.case}/follow-up").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "请选择"),
        ({"decision": "maybe"}, "请选择"),
        ({"decision": "partial", "reason": "partial_local_limits"}, "请填写此项"),
        ({"decision": "none", "reason": "partial_local_limits", "text": "x"}, "不在列表中"),
    ],
)
def test_a_decision_without_its_reason_is_refused(opinion, person, fields, words):
    signed = opinion.signed()
    answer = adopt(person("clinician"), opinion, signed, **fields)
    assert (answer.status_code, opinion.rows(Adoption)) == (422, [])
    assert words in answer.text


@pytest.mark.parametrize(
    ("username", "status"), [("clinician2", 404), ("chair", 403), ("approver", 403)]
)
def test_who_may_not(opinion, person, username, status):
    signed = opinion.signed()
    answer = adopt(person(username), opinion, signed, decision="full")
    assert (answer.status_code, opinion.rows(Adoption)) == (status, [])


def test_one_decision_for_each_opinion(opinion, person):
    signed = opinion.signed()
    doctor = person("clinician")
    adopt(doctor, opinion, signed, decision="full")
    answer = adopt(doctor, opinion, signed, decision="none", reason="not_adopted", text="x")
    assert (answer.status_code, len(opinion.rows(Adoption))) == (422, 1)
    assert "不能重复" in answer.text


def test_an_unsigned_opinion_is_not_adopted(opinion, person):
    opinion.complete()
    draft = opinion.revision()
    answer = adopt(person("clinician"), opinion, draft, decision="full")
    assert (answer.status_code, opinion.rows(Adoption)) == (422, [])
    page = person("clinician").get(f"/cases/{opinion.case}/follow-up")
    assert "还没有可采纳的诊疗意见书" in page.text


def test_an_addendum_asks_again(opinion, person):
    first = opinion.signed()
    doctor = person("clinician")
    adopt(doctor, opinion, first, decision="full")
    opinion.act(amend_plan, "chair", opinion.case, "补充")
    opinion.open()
    second = opinion.sign(*SIGNERS)

    page = doctor.get(f"/cases/{opinion.case}/follow-up").text
    assert "请对新的一版重新确认" in page
    assert adopt(doctor, opinion, first, decision="full").status_code == 422
    assert adopt(doctor, opinion, second, decision="full").status_code == 302
    assert [row.revision_id for row in opinion.rows(Adoption)] == [first.id, second.id]
    assert opinion.row(Case).state == "adopted"


def test_the_form_of_the_page_does_it(opinion, person):
    opinion.signed()
    page = f"/cases/{opinion.case}/follow-up"
    answer = press(person("clinician"), page, f"{page}/adopt", decision="full")
    assert (answer.status_code, len(opinion.rows(Adoption))) == (302, 1)
