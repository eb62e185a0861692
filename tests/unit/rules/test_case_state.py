"""Every state against every action: what is not in this table is refused."""

import pytest

from mdt.rules.access import Role
from mdt.rules.case_state import (
    EDITABLE,
    LISTED,
    LOCKED,
    OPEN,
    QUEUE,
    TERMINAL,
    CaseAction,
    CaseState,
    actions_from,
    find_action,
    holder,
    move,
    offered_actions,
    path,
    submission_action,
)
from mdt.rules.content import reasons
from mdt.rules.errors import IllegalTransition

pytestmark = pytest.mark.unit

MOVES = {
    ("draft", "submit"): ("submitted", "clinician"),
    ("draft", "submit_for_approval"): ("reviewing", "clinician"),
    ("draft", "withdraw"): ("withdrawn", "clinician"),
    ("reviewing", "approve"): ("submitted", "approver"),
    ("reviewing", "return"): ("returned", "approver"),
    ("reviewing", "withdraw"): ("withdrawn", "clinician"),
    ("submitted", "accept"): ("accepted", "coordinator"),
    ("submitted", "return"): ("returned", "coordinator"),
    ("submitted", "decline"): ("declined", "coordinator"),
    ("submitted", "defer"): ("deferred", "coordinator"),
    ("submitted", "withdraw"): ("withdrawn", "clinician"),
    ("returned", "submit"): ("submitted", "clinician"),
    ("returned", "submit_for_approval"): ("reviewing", "clinician"),
    ("returned", "withdraw"): ("withdrawn", "clinician"),
    ("accepted", "schedule"): ("scheduled", "coordinator"),
    ("accepted", "return"): ("returned", "coordinator"),
    ("accepted", "defer"): ("deferred", "coordinator"),
    ("accepted", "withdraw"): ("withdrawn", "clinician"),
    ("deferred", "accept"): ("accepted", "coordinator"),
    ("deferred", "return"): ("returned", "coordinator"),
    ("deferred", "withdraw"): ("withdrawn", "clinician"),
    ("scheduled", "start"): ("discussing", "chair"),
    ("scheduled", "put_back"): ("accepted", "coordinator"),
    ("scheduled", "withdraw"): ("withdrawn", "clinician"),
    ("discussing", "conclude"): ("concluded", "chair"),
    ("discussing", "defer"): ("deferred", "chair"),
    ("discussing", "pause"): ("scheduled", "chair"),
    ("discussing", "put_back"): ("accepted", "chair"),
    ("concluded", "sign"): ("signed", "chair"),
    ("concluded", "reopen"): ("discussing", "chair"),
    ("concluded", "defer"): ("deferred", "chair"),
    ("signed", "adopt"): ("adopted", "clinician"),
    ("adopted", "follow"): ("following", "clinician"),
    ("adopted", "close"): ("closed", "clinician"),
    ("following", "close"): ("closed", "clinician"),
}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("action", CaseAction)
def test_every_state_with_every_action(state, action):
    expected = MOVES.get((state.value, action.value))
    if expected is None:
        with pytest.raises(IllegalTransition) as caught:
            move(state, action)
        assert caught.value.details == {"state": state.value, "action": action.value}
    else:
        found = find_action(state, action)
        assert (move(state, action).value, found.role.value) == expected


def test_the_buttons_of_a_state_are_its_ways_out():
    drawn = {
        (state.value, action.code.value): (action.target.value, action.role.value)
        for state in CaseState
        for action in actions_from(state)
    }
    assert drawn == MOVES


def test_texts_from_the_database_are_states_too():
    assert (move("submitted", "accept"), [one.code for one in actions_from("signed")]) == (
        CaseState.ACCEPTED,
        [CaseAction.ADOPT],
    )


@pytest.mark.parametrize(
    ("own_approval", "expected"),
    [(True, ["submit_for_approval", "withdraw"]), (False, ["submit", "withdraw"])],
)
def test_a_hospital_submits_in_its_own_way(own_approval, expected):
    offered = offered_actions("draft", own_approval=own_approval)
    assert [action.code.value for action in offered] == expected
    assert submission_action(own_approval) == expected[0]


def test_reasons_are_asked_for_where_the_other_side_must_know():
    lists = {
        (state.value, action.code.value): action.reason_list
        for state in CaseState
        for action in actions_from(state)
        if action.needs_reason
    }
    assert lists == {
        ("reviewing", "return"): "return_reasons",
        ("submitted", "return"): "return_reasons",
        ("submitted", "decline"): "decline_reasons",
        ("submitted", "defer"): "deferral_reasons",
        ("accepted", "return"): "return_reasons",
        ("accepted", "defer"): "deferral_reasons",
        ("deferred", "return"): "return_reasons",
        ("discussing", "defer"): "deferral_reasons",
        ("concluded", "defer"): "deferral_reasons",
    }
    assert all(reasons(name) for name in lists.values())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", "H......."),
        ("reviewing", "H......."),
        ("returned", "H......."),
        ("withdrawn", "X......."),
        ("submitted", "DH......"),
        ("declined", "DX......"),
        ("deferred", "DH......"),
        ("accepted", "DDH....."),
        ("scheduled", "DDDH...."),
        ("discussing", "DDDH...."),
        ("concluded", "DDDDH..."),
        ("signed", "DDDDDH.."),
        ("adopted", "DDDDDDH."),
        ("following", "DDDDDDDH"),
        ("closed", "DDDDDDDD"),
    ],
)
def test_where_a_case_stands_on_the_path(state, expected):
    letters = {"here": "H", "done": "D", "ahead": ".", "stopped": "X"}
    assert "".join(letters[one.progress] for one in path(state)) == expected
    assert [one.step.value for one in path(state)] == [
        "draft",
        "submitted",
        "accepted",
        "scheduled",
        "discussed",
        "signed",
        "adopted",
        "followed",
    ]


def test_who_holds_a_case():
    holders = {state.value: holder(state) for state in CaseState}
    assert holders == {
        "draft": Role.CLINICIAN,
        "reviewing": Role.APPROVER,
        "submitted": Role.COORDINATOR,
        "returned": Role.CLINICIAN,
        "declined": None,
        "accepted": Role.COORDINATOR,
        "deferred": Role.COORDINATOR,
        "scheduled": Role.COORDINATOR,
        "discussing": Role.CHAIR,
        "concluded": Role.CHAIR,
        "signed": Role.CLINICIAN,
        "adopted": Role.CLINICIAN,
        "following": Role.CLINICIAN,
        "closed": None,
        "withdrawn": None,
    }


def test_the_groups():
    groups = {
        name: " ".join(state for state in CaseState if state in group)
        for name, group in {
            "editable": EDITABLE,
            "queue": QUEUE,
            "listed": LISTED,
            "locked": LOCKED,
            "terminal": TERMINAL,
        }.items()
    }
    assert groups == {
        "editable": "draft returned",
        "queue": "submitted accepted deferred",
        "listed": "scheduled discussing concluded signed adopted following closed",
        "locked": "declined signed adopted following closed withdrawn",
        "terminal": "declined closed withdrawn",
    }
    assert set(CaseState) == OPEN | TERMINAL
    assert not OPEN & TERMINAL


def test_every_state_can_be_reached_and_every_open_one_left_for_good():
    reached, frontier = {CaseState.DRAFT}, [CaseState.DRAFT]
    while frontier:
        for action in actions_from(frontier.pop()):
            if action.target not in reached:
                reached.add(action.target)
                frontier.append(action.target)
    assert reached == set(CaseState)
