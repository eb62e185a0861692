"""A conference's plan, its changes, and whom to expect."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mdt.rules.conference import InvitationAnswer
from mdt.rules.errors import Invalid
from mdt.rules.quorum import Attendance, QuorumRule
from mdt.rules.scheduling import (
    Change,
    ConferencePlan,
    Expected,
    Outlook,
    change_of,
    check_plan,
    forecast,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PLAN = ConferencePlan(1, NOW + timedelta(days=1), 60, 5)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"starts_at": NOW}, {"starts_on": "starts_in_past"}),
        ({"minutes": 9}, {"minutes": "conference_minutes"}),
        ({"minutes": 481}, {"minutes": "conference_minutes"}),
        ({"media_link": "javascript:alert(1)"}, {"media_link": "link_not_web"}),
        ({"media_link": "https://"}, {"media_link": "link_not_web"}),
        ({"media_link": "https://[::1"}, {"media_link": "link_not_web"}),
        ({"title": "长" * 121}, {"title": "too_long"}),
    ],
)
def test_a_plan_says_what_is_wrong_with_it(changes, wrong):
    with pytest.raises(Invalid) as refused:
        check_plan(replace(PLAN, **changes), now=NOW)
    assert refused.value.fields == wrong


def test_a_plan_in_order_is_returned():
    plan = replace(PLAN, media_link="https://meet.example.org/room")
    assert check_plan(plan, now=NOW) == plan
    past = replace(PLAN, starts_at=NOW - timedelta(hours=1))
    assert check_plan(past, now=None) == past


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Change.NONE),
        ({"title": "周五"}, Change.NONE),
        ({"place": "三号会议室"}, Change.DETAILS),
        ({"media_link": "https://meet.example.org"}, Change.DETAILS),
        ({"minutes": 90}, Change.MOVED),
        ({"starts_at": NOW + timedelta(days=2), "place": "三号会议室"}, Change.MOVED),
    ],
)
def test_what_an_edit_means_to_the_invited(changes, expected):
    assert change_of(PLAN, replace(PLAN, **changes)) is expected


@pytest.mark.parametrize(
    ("surgeon", "expected"),
    [
        (InvitationAnswer.ACCEPTED, Outlook.MET),
        (InvitationAnswer.TENTATIVE, Outlook.POSSIBLE),
        (InvitationAnswer.PENDING, Outlook.POSSIBLE),
        (InvitationAnswer.DECLINED, Outlook.SHORT),
    ],
)
def test_the_quorum_to_be_expected_follows_from_the_answers(surgeon, expected):
    rule = QuorumRule(("thoracic_surgery", "pathology"), 2)
    people = [
        Expected(Attendance(1, 1, "thoracic_surgery", "expert"), surgeon),
        Expected(Attendance(2, 1, "pathology", "expert"), InvitationAnswer.ACCEPTED),
        Expected(Attendance(3, 1, "radiology", "presenter"), InvitationAnswer.ACCEPTED),
    ]
    assert forecast(people, rule).outlook is expected
