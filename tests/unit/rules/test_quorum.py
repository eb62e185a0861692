from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.access import Role
from mdt.rules.quorum import (
    CHAIR_SLOT,
    Attendance,
    Quorum,
    QuorumRule,
    SignatureState,
    SignerNeed,
    may_sign,
    quorum,
    required_signers,
    signature_state,
)

pytestmark = pytest.mark.unit

CORE = ("medical_oncology", "thoracic_surgery", "radiology")
FILL = {"endoscopy": frozenset({"respiratory", "gastroenterology"})}


def people(*disciplines, role=Role.EXPERT):
    return [Attendance(n, 1, d, role) for n, d in enumerate(disciplines, start=1)]


def test_quorum_counts_core_disciplines_and_names_the_missing():
    rule = QuorumRule(CORE, 2)

    assert quorum(people("radiology", "medical_oncology"), rule) == Quorum(
        True, frozenset({"radiology", "medical_oncology"}), ("thoracic_surgery",), {}
    )
    assert quorum(people("radiology", "pathology"), rule) == Quorum(
        False,
        frozenset({"radiology", "pathology"}),
        ("medical_oncology", "thoracic_surgery"),
        {},
    )


def test_quorum_asks_for_more_disciplines_than_the_core_has():
    rule = QuorumRule(CORE, 4)

    assert not quorum(people(*CORE), rule).met
    assert not quorum(people(*CORE, "radiology"), rule).met
    assert quorum(people(*CORE, "pathology"), rule).met


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.RECORDER, Role.CLINICIAN, "presenter"])
def test_quorum_does_not_count_who_gives_no_opinion(role):
    assert quorum(people(*CORE, role=role), QuorumRule(CORE, 3)).present == frozenset()
    assert quorum(people(*CORE), QuorumRule(CORE, 3)).met


def test_quorum_counts_a_person_once_for_one_discipline():
    rule = QuorumRule(("endoscopy", "respiratory"), 2, FILL)
    one, two = people("respiratory"), people("respiratory", "respiratory", "radiology")

    assert quorum(one, rule).missing == ("endoscopy",)
    assert quorum(two, rule) == Quorum(
        True, frozenset({"respiratory", "radiology"}), (), {"endoscopy": "respiratory"}
    )
    assert quorum([*one, *one], rule).missing == ("endoscopy",)


def test_stand_in_moves_where_it_is_needed():
    rule = QuorumRule(("a", "b"), 1, {"a": frozenset({"x"}), "b": frozenset({"x", "y"})})

    assert quorum(people("y", "x"), rule).missing == ()
    assert quorum(people("x", "y"), rule).filled_by == {"a": "x", "b": "y"}


def test_signers_are_the_chair_and_one_for_each_core_discipline_present():
    present = [
        Attendance(1, 1, "thoracic_surgery", Role.CHAIR),
        Attendance(2, 1, "radiology", Role.EXPERT),
        Attendance(3, 2, "radiology", Role.EXPERT),
        Attendance(4, 1, "nutrition", Role.EXPERT),
        Attendance(5, 9, "medical_oncology", Role.CLINICIAN),
    ]

    assert required_signers(present, QuorumRule(CORE, 2)) == (
        SignerNeed(CHAIR_SLOT, frozenset({1})),
        SignerNeed("thoracic_surgery", frozenset({1})),
        SignerNeed("radiology", frozenset({2, 3})),
    )


def test_who_stood_in_for_a_discipline_signs_for_it_alone():
    rule = QuorumRule(("endoscopy", "respiratory"), 2, FILL)

    needs = required_signers(people("respiratory", "respiratory"), rule)

    assert needs == (
        SignerNeed(CHAIR_SLOT, frozenset()),
        SignerNeed("endoscopy", frozenset({1})),
        SignerNeed("respiratory", frozenset({2})),
    )


def test_signatures_complete_when_no_slot_is_owed():
    needs = (
        SignerNeed(CHAIR_SLOT, frozenset({1})),
        SignerNeed("thoracic_surgery", frozenset({1})),
        SignerNeed("radiology", frozenset({2, 3})),
    )

    assert signature_state(needs, []) == SignatureState(
        (), (CHAIR_SLOT, "thoracic_surgery", "radiology"), False
    )
    assert signature_state(needs, [1]) == SignatureState((1,), ("radiology",), False)
    assert signature_state(needs, [1, 3, 8]) == SignatureState((1, 3), (), True)


def test_chair_who_did_not_come_is_owed_for_ever():
    needs = required_signers(people(*CORE), QuorumRule(CORE, 2))

    assert signature_state(needs, [1, 2, 3]).owed == (CHAIR_SLOT,)
    assert signature_state((), [1]).complete is False


@pytest.mark.parametrize(
    ("since", "on", "allowed"),
    [
        (date(2023, 11, 21), date(2026, 11, 21), True),
        (date(2023, 11, 22), date(2026, 11, 21), False),
        (date(2024, 2, 29), date(2027, 2, 28), False),
        (date(2024, 2, 29), date(2027, 3, 1), True),
        (None, date(2026, 11, 21), False),
    ],
)
def test_signing_needs_three_full_years_of_practice(since, on, allowed):
    assert may_sign(since, on) is allowed


codes = st.sampled_from("abcde")
rules = st.builds(
    QuorumRule,
    st.lists(codes, unique=True, max_size=5).map(tuple),
    st.integers(0, 5),
    st.dictionaries(codes, st.frozensets(codes, max_size=3), max_size=4),
)
attendances = st.lists(
    st.builds(Attendance, st.integers(1, 6), st.just(1), codes, st.sampled_from(Role)), max_size=8
)


@given(attendances, rules, codes)
def test_one_more_expert_never_breaks_a_quorum(present, rule, discipline):
    more = [*present, Attendance(99, 1, discipline, Role.EXPERT)]

    assert quorum(more, rule).met >= quorum(present, rule).met
    assert len(quorum(more, rule).missing) <= len(quorum(present, rule).missing)


@given(attendances, rules)
def test_each_signer_asked_for_was_there_and_counts(present, rule):
    counting = {person.user_id for person in present if person.counts}
    needs = required_signers(present, rule)

    assert all(need.user_ids <= counting for need in needs)
    assert all(need.user_ids for need in needs[1:])
    assert [need.slot for need in needs[1:]] == [
        core for core in rule.core_disciplines if core not in quorum(present, rule).missing
    ]
