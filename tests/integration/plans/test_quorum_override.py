"""Too few disciplines: signing is blocked, unless the chair says why, which makes no quorum."""

from datetime import timedelta

import pytest
from flask import Flask

from mdt.models.conferences import AgendaItem
from mdt.models.people import User
from mdt.rules.errors import Refused
from tests.board import Board
from tests.plans import LATER, Opinion, conclude
from tests.unit.adapters.pdf_text import page_texts
from tests.world import World

HERE = ("chair", "oncologist", "recorder")


@pytest.fixture
def few(app: Flask, world: World, board: Board) -> Opinion:
    """Two disciplines of the four that the team asks for."""
    opinion = conclude(app, world, board, HERE)
    opinion.put(AgendaItem, AgendaItem.id == opinion.item, quorum_met=False)
    return opinion


def override(browser, opinion, **fields):
    return browser.post(f"/cases/{opinion.case}/plan/override", **fields)


def test_without_quorum_it_is_not_opened(few):
    few.complete()
    with pytest.raises(Refused) as refused:
        few.open()
    assert refused.value.code == "plan_blocked"


def test_the_chair_says_why_and_those_who_were_here_sign(few, person):
    few.complete()
    answer = override(person("chair"), few, reason="other", text="今日大雪，放疗与影像专家未能到会")

    assert answer.status_code == 302
    item = few.row(AgendaItem)
    assert (item.quorum_override, item.quorum_override_text, item.quorum_met) == (
        "other",
        "今日大雪，放疗与影像专家未能到会",
        False,
    )
    few.open()
    signed = few.sign("chair", "oncologist")
    assert (signed.state, few.row(AgendaItem).quorum_met) == ("signed", False)
    words = "".join(page_texts(few.read("clinician").content)).replace("\n", "")
    assert "到会学科2个，要求不少于4个：未达到要求" in words
    assert "今日大雪" in words
    assert "不计为达到法定学科数" in words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "", "text": ""}, "请选择原因"),
        ({"reason": "other", "text": " "}, "需要用文字说明"),
        ({"reason": "consent_urgent_later", "text": "x"}, "选"),
    ],
)
def test_a_reason_is_owed(few, person, fields, words):
    few.complete()
    answer = override(person("chair"), few, **fields)
    assert (answer.status_code, few.row(AgendaItem).quorum_override) == (422, "")
    assert words in answer.text


@pytest.mark.parametrize("username", ["recorder", "coordinator", "oncologist", "clinician"])
def test_only_the_chair_overrides(few, person, username):
    few.complete()
    answer = override(person(username), few, reason="emergency", text="")
    assert (answer.status_code, few.row(AgendaItem).quorum_override) == (403, "")


def test_a_quorum_that_is_met_needs_no_reason(opinion, person):
    opinion.complete()
    answer = override(person("chair"), opinion, reason="emergency", text="")
    assert (answer.status_code, opinion.row(AgendaItem).quorum_override) == (422, "")


def test_a_discipline_whose_only_expert_practised_too_short_is_named(opinion, person):
    opinion.complete()
    young = opinion.world.users["radiologist"]
    opinion.put(User, User.id == young, practice_since=LATER.date() - timedelta(days=300))
    page = person("chair").get(f"/cases/{opinion.case}/plan").text
    assert "孙影像 执业未满3年，不能签名" in page
    assert "说明理由，仍予签署" in page
    override(person("chair"), opinion, reason="unusual_tumour", text="")
    opinion.open()
    signed = opinion.sign("chair", "oncologist", "radiotherapist", "pathologist")
    assert signed.state == "signed"


def test_a_deferral_needs_no_quorum(few):
    few.write(outcome="deferred", deferral_reason="quorum_not_met")
    few.open()
    assert few.sign("chair", "oncologist").state == "signed"
