"""Whoever is against is heard: a vote is explained before signing, a signer may say no."""

import re

import pytest

from mdt.models.audit import AuditRow
from mdt.models.people import Notice
from mdt.models.plans import Signature
from tests.page_forms import press
from tests.plans import SITE
from tests.unit.adapters.pdf_text import page_texts
from tests.world import PASSWORD

OWED = "孙影像投了反对票，请把其不同意见写入"
SAID = {"kind": "sequence", "text": "应先做纵隔放疗"}


def words_of(opinion, username="clinician"):
    return "".join(page_texts(opinion.read(username).content)).replace("\n", "")


def page_of(opinion, browser):
    return browser.get(f"/cases/{opinion.case}/plan").text


def send_out(opinion, browser):
    return browser.post(f"/cases/{opinion.case}/plan/open", revision=opinion.revision().id)


def differ(opinion, browser, revision, **fields):
    path = f"/cases/{opinion.case}/plan/dissent"
    return browser.post(path, revision=revision.id, **{**SAID, **fields})


def dissent_of(opinion, username):
    return {
        "dissent.d1.user_id": str(opinion.world.users[username]),
        "dissent.d1.kind": "sequence",
        "dissent.d1.text": "应先做纵隔放疗",
    }


def test_a_vote_against_without_its_reason_is_not_sent_out(opinion, person):
    opinion.complete()
    opinion.vote("radiologist", "against")
    chair = person("chair")
    assert OWED in page_of(opinion, chair)

    answer = send_out(opinion, chair)
    assert (answer.status_code, opinion.revision().state) == (422, "draft")
    assert OWED in answer.text
    assert "投反对票而未写明不同意见：孙影像" in words_of(opinion)
    assert "无不同意见" not in words_of(opinion)


def test_with_the_reason_by_name_it_is(opinion, person):
    opinion.complete(**dissent_of(opinion, "radiologist"))
    opinion.vote("radiologist", "against")
    assert send_out(opinion, person("chair")).status_code == 302
    assert opinion.revision().state == "signing"


def test_the_reason_of_somebody_else_does_not_count(opinion, person):
    opinion.complete(**dissent_of(opinion, "radiotherapist"))
    opinion.vote("radiologist", "against")
    assert send_out(opinion, person("chair")).status_code == 422


@pytest.mark.parametrize("choice", ["for", "abstain"])
def test_the_last_vote_counts(opinion, person, choice):
    opinion.complete()
    opinion.vote("radiologist", "against")
    opinion.vote("radiologist", choice)
    chair = person("chair")
    assert "反对票" not in page_of(opinion, chair)
    assert send_out(opinion, chair).status_code == 302


def test_the_check_list_follows_the_typing(opinion, person):
    opinion.complete()
    opinion.vote("radiologist", "against")
    answer = person("recorder").post_json(
        f"/cases/{opinion.case}/plan/fields",
        {"fields": dissent_of(opinion, "radiologist"), "version": opinion.revision().version},
    )
    assert answer.json["blocks"] == []


def test_a_signer_who_does_not_agree_sends_it_back_with_the_reason(opinion, person):
    opinion.complete()
    old = opinion.open()
    opinion.sign("oncologist")
    answer = differ(opinion, person("radiologist"), old)

    assert answer.status_code == 302
    first, second = opinion.revisions()
    assert (first.state, len(first.signatures), first.content["dissent"]) == ("withdrawn", 1, [])
    assert (second.state, second.signatures) == ("draft", [])
    user = opinion.world.users["radiologist"]
    assert second.content["dissent"] == [
        {
            "user_id": user,
            "name": "孙影像",
            "discipline": "radiology",
            "key": f"u{user}",
            **SAID,
        }
    ]
    told = opinion.rows(Notice, Notice.kind == "plan_dissented")
    assert {n.user_id for n in told} == {opinion.world.users[n] for n in ("chair", "recorder")}
    told = opinion.rows(Notice, Notice.kind == "plan_taken_back")
    assert [n.user_id for n in told] == [opinion.world.users["oncologist"]]
    row = opinion.rows(AuditRow, AuditRow.action == "plan:edit")[-1]
    assert (row.actor_id, row.case_id, row.data) == (
        user,
        opinion.case,
        {"withdrawn": old.id, "signatures": 1, "reason": "sequence"},
    )


def test_what_was_said_is_printed_when_it_is_signed_after_all(opinion, person):
    opinion.complete()
    differ(opinion, person("radiologist"), opinion.open())
    opinion.open()
    opinion.sign(site=SITE)
    assert "应先做纵隔放疗" in words_of(opinion)
    assert "无不同意见" not in words_of(opinion)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": ""}, "请选择原因"),
        ({"kind": "none"}, "不是有效的选择"),
        ({"text": " "}, "请填写此项"),
        ({"text": "长" * 4001}, "文字过长"),
        ({"text": "不同意\U0001f600"}, "无法打印的字符"),
    ],
)
def test_a_reason_is_owed(opinion, person, fields, words):
    opinion.complete()
    revision = opinion.open()
    answer = differ(opinion, person("radiologist"), revision, **fields)
    assert (answer.status_code, opinion.revision().state) == (422, "signing")
    assert words in answer.text


def test_who_has_signed_asks_the_chair(opinion, person):
    opinion.complete()
    revision = opinion.open()
    opinion.sign("oncologist")
    answer = differ(opinion, person("oncologist"), revision)
    assert (answer.status_code, len(opinion.rows(Signature))) == (422, 1)
    assert "您已签名" in answer.text
    assert opinion.revision().state == "signing"


@pytest.mark.parametrize(
    ("username", "status"), [("recorder", 403), ("clinician", 403), ("clinician2", 403)]
)
def test_only_who_is_asked_to_sign_differs_here(opinion, person, username, status):
    opinion.complete()
    revision = opinion.open()
    answer = differ(opinion, person(username), revision)
    assert (answer.status_code, opinion.revision().state) == (status, "signing")


def test_the_door_stands_beside_the_signature(opinion, person):
    opinion.complete()
    opinion.open()
    browser, page = person("radiologist"), f"/cases/{opinion.case}/plan"
    assert "提出不同意见" in page_of(opinion, browser)
    assert press(browser, page, f"{page}/dissent", **SAID).status_code == 302
    assert opinion.revision().content["dissent"][0]["text"] == SAID["text"]


def test_the_print_names_who_has_signed_and_who_is_asked(opinion, person):
    opinion.complete()
    revision = opinion.open()
    person("oncologist").post(
        f"/cases/{opinion.case}/plan/sign", revision=revision.id, password=PASSWORD
    )
    words = words_of(opinion)
    assert "尚未签署完成，仅供核对" in words
    owed = words.partition("待签名：")[2]
    assert "放疗科（郑放疗）" in owed
    assert "影像科（孙影像）" in owed
    assert "肿瘤内科" not in owed


def test_what_nobody_wrote_is_left_open(opinion, person):
    opinion.signed(site=SITE)
    page = page_of(opinion, person("chair"))
    for label in ("需补充的检查", "备选方案", "复评时间点"):
        assert re.search(rf"<dt>{label}</dt><dd><span class=\"quiet\">未填写</span>", page)
    assert "备选方案：未填写" in words_of(opinion)


def test_a_group_with_a_name_is_named(opinion, person):
    opinion.complete(**{"stage.t": "TX", "stage.n": "N0", "stage.m": "M0"})
    opinion.write(**{"stage.stage_group": "occult"})
    page = page_of(opinion, person("chair"))
    assert '<option value="occult" selected>隐匿性癌</option>' in page
    assert "隐匿性癌" in words_of(opinion)
    assert "occult" not in words_of(opinion)
