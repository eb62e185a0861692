from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.access import Role
from mdt.rules.conference import (
    ANSWER_TRANSITIONS,
    CONFERENCE_TRANSITIONS,
    ITEM_TRANSITIONS,
    ConferenceState,
    InvitationAnswer,
    ItemState,
    Slot,
    Step,
    answer_invitation,
    answers_after_move,
    left_over,
    move_conference,
    move_item,
    planned_times,
    reordered,
    sees_every_item,
    spare_minutes,
)
from mdt.rules.errors import IllegalTransition, Invalid, Refused

pytestmark = pytest.mark.unit

BEGIN = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def test_conference_moves_by_the_table_or_not_at_all():
    for current, target in product(ConferenceState, ConferenceState):
        if target in CONFERENCE_TRANSITIONS[current]:
            assert move_conference(current, target) is target
        else:
            with pytest.raises(IllegalTransition):
                move_conference(current, target)


def test_item_of_a_live_conference_moves_by_the_table_or_not_at_all():
    for current, target in product(ItemState, ItemState):
        if target in ITEM_TRANSITIONS[current]:
            assert move_item(current, target, conference=ConferenceState.LIVE) is target
        else:
            with pytest.raises(IllegalTransition):
                move_item(current, target, conference=ConferenceState.LIVE)


@pytest.mark.parametrize(
    "conference", [s for s in ConferenceState if s is not ConferenceState.LIVE]
)
def test_case_is_discussed_in_a_live_conference_only(conference):
    waiting, discussing = ItemState.WAITING, ItemState.DISCUSSING

    assert move_item(waiting, discussing, conference=ConferenceState.LIVE) is discussing
    with pytest.raises(IllegalTransition):
        move_item(waiting, discussing, conference=conference)
    assert move_item(waiting, ItemState.DEFERRED, conference=conference) is ItemState.DEFERRED


def test_left_over_items_are_undiscussed():
    items = dict(enumerate(ItemState))

    assert left_over(items) == {0: ItemState.UNDISCUSSED, 1: ItemState.UNDISCUSSED}


def test_planned_times_follow_one_another():
    middle = BEGIN + timedelta(minutes=20)
    end = BEGIN + timedelta(minutes=35)

    assert planned_times(BEGIN, [(8, 20), (3, 15)]) == (
        Slot(8, BEGIN, middle),
        Slot(3, middle, end),
    )
    assert planned_times(BEGIN, []) == ()
    assert (spare_minutes(60, [20, 15]), spare_minutes(30, [20, 15])) == (25, -5)


@pytest.mark.parametrize("minutes", [-5, 0, 181])
def test_planned_times_refuse_impossible_minutes(minutes):
    with pytest.raises(Invalid) as refused:
        planned_times(BEGIN, [(1, minutes)])

    assert refused.value.fields == {"minutes": "out_of_range"}


def test_reordered_moves_one_place_and_stops_at_the_ends():
    assert reordered([1, 2, 3], 2, Step.UP) == (2, 1, 3)
    assert reordered([1, 2, 3], 2, Step.DOWN) == (1, 3, 2)
    assert reordered([1, 2, 3], 1, Step.UP) == (1, 2, 3)
    assert reordered([1, 2, 3], 3, Step.DOWN) == (1, 2, 3)
    with pytest.raises(Invalid):
        reordered([1, 2, 3], 4, Step.UP)


@given(st.permutations(range(5)), st.integers(1, 3))
def test_up_undoes_down_inside_the_list(order, place):
    moved = reordered(order, order[place], Step.DOWN)

    assert reordered(moved, order[place], Step.UP) == tuple(order)


def test_answers_change_until_the_conference_begins():
    for current, answer in product(InvitationAnswer, InvitationAnswer):
        if answer in ANSWER_TRANSITIONS[current] | {current}:
            new = answer_invitation(current, answer, conference=ConferenceState.SCHEDULED)
            assert new is answer
        else:
            with pytest.raises(IllegalTransition):
                answer_invitation(current, answer, conference=ConferenceState.SCHEDULED)


@pytest.mark.parametrize(
    "state", [ConferenceState.LIVE, ConferenceState.CLOSED, ConferenceState.CANCELLED]
)
def test_answers_are_refused_afterwards(state):
    with pytest.raises(Refused) as refused:
        answer_invitation(InvitationAnswer.PENDING, InvitationAnswer.ACCEPTED, conference=state)

    assert refused.value.code == "conference_not_open_to_answers"


def test_a_moved_conference_asks_everybody_again():
    assert answers_after_move([4, 9]) == {
        4: InvitationAnswer.PENDING,
        9: InvitationAnswer.PENDING,
    }


def test_panel_sees_every_item_and_presenters_do_not():
    seeing = {role for role in Role if sees_every_item(role)}

    assert seeing == {Role.CHAIR, Role.COORDINATOR, Role.EXPERT, Role.RECORDER}
