import dataclasses
import hashlib
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.access import Role
from mdt.rules.errors import IllegalTransition, Invalid
from mdt.rules.plan import (
    TRANSITIONS,
    AgreedStage,
    Dissent,
    Outcome,
    PlanDraft,
    PlanState,
    PlanStep,
    content_hash,
    from_content,
    from_json,
    move,
    to_content,
    to_json,
)
from mdt.rules.plan_blocking import Blocker, Circumstances, Signature, blocking, unexplained
from mdt.rules.plan_fields import with_dissent
from mdt.rules.quorum import Attendance, QuorumRule

pytestmark = pytest.mark.unit

RULE = QuorumRule(("medical_oncology", "radiology"), 2)
PRESENT = (
    Attendance(1, 1, "medical_oncology", Role.CHAIR),
    Attendance(2, 1, "radiology", Role.EXPERT),
)
STEP = PlanStep("surgery", "右上肺叶切除", "省级", "胸外科", "2周内")
DISSENT = Dissent(2, "演示乙", "radiology", "sequence", "主张先放疗")
COMPLETE = PlanDraft(
    outcome=Outcome.RECOMMENDED,
    answer="可手术",
    diagnosis="右上肺腺癌",
    stage=AgreedStage("lung_nsclc_9", "9", "c", "T1c", "N2a", "M0", {"grade": "G2"}, "IIB"),
    intent="neoadjuvant",
    steps=(STEP,),
    dissent=(DISSENT,),
)


def blockers(draft, *, attendance=PRESENT, **options):
    signatures = options.pop("signatures", ())
    return blocking(draft, Circumstances(tuple(attendance), RULE, **options), signatures)


def test_complete_plan_is_blocked_by_nothing():
    assert blockers(COMPLETE) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"outcome": None}, (Blocker.NO_OUTCOME,)),
        ({"answer": " "}, (Blocker.NO_QUESTION_ANSWERED,)),
        ({"diagnosis": ""}, (Blocker.NO_DIAGNOSIS,)),
        ({"stage": AgreedStage("lung_nsclc_9", "9", "c")}, (Blocker.NO_STAGE,)),
        ({"stage": AgreedStage()}, ()),
        ({"intent": ""}, (Blocker.NO_INTENT,)),
        ({"steps": ()}, (Blocker.NO_STEPS,)),
        ({"steps": (dataclasses.replace(STEP, when=""),)}, (Blocker.STEP_INCOMPLETE,)),
        ({"dissent": (dataclasses.replace(DISSENT, text=""),)}, (Blocker.DISSENT_INCOMPLETE,)),
        ({"outcome": Outcome.CONDITIONAL}, (Blocker.NO_CONDITION,)),
        ({"outcome": Outcome.CONDITIONAL, "review_point": "EBUS结果出后"}, ()),
        ({"answer": "", "steps": ()}, (Blocker.NO_QUESTION_ANSWERED, Blocker.NO_STEPS)),
    ],
)
def test_recommending_plan_is_blocked_by_what_is_missing(change, expected):
    assert blockers(dataclasses.replace(COMPLETE, **change)) == expected


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (PlanDraft(Outcome.DEFERRED, diagnosis="肺占位"), (Blocker.NO_DEFERRAL_REASON,)),
        (PlanDraft(Outcome.DEFERRED, "other", diagnosis="肺占位"), (Blocker.NO_DEFERRAL_REASON,)),
        (PlanDraft(Outcome.DEFERRED, "other", "家属未到", diagnosis="肺占位"), ()),
        (PlanDraft(Outcome.DEFERRED, "await_pathology", diagnosis="肺占位"), ()),
        (
            PlanDraft(Outcome.INSUFFICIENT_INFORMATION, diagnosis="肺占位"),
            (Blocker.NO_FURTHER_TESTS,),
        ),
        (
            PlanDraft(Outcome.INSUFFICIENT_INFORMATION, diagnosis="肺占位", further_tests="PET-CT"),
            (),
        ),
    ],
)
def test_plan_without_recommendation_needs_its_reason_and_no_steps(draft, expected):
    assert blockers(draft) == expected


def test_a_vote_against_that_the_text_does_not_explain_blocks():
    assert blockers(COMPLETE, against={2}) == ()
    assert blockers(COMPLETE, against={1, 2}) == (Blocker.VOTE_UNEXPLAINED,)
    assert unexplained(COMPLETE, {1, 2}) == {1}
    assert unexplained(dataclasses.replace(COMPLETE, dissent=()), {2}) == {2}


def test_dissent_takes_the_place_of_what_the_same_person_said():
    first = dataclasses.replace(DISSENT, key="d0")
    other = dataclasses.replace(DISSENT, user_id=1, text="主张先手术", key="")
    changed = dataclasses.replace(DISSENT, text="主张不放疗", key="")
    draft = dataclasses.replace(COMPLETE, dissent=(first,))

    assert with_dissent(draft, other).dissent == (first, dataclasses.replace(other, key="u1"))
    assert with_dissent(draft, changed).dissent == (dataclasses.replace(changed, key="d0"),)


def test_quorum_and_chair_block_unless_deferred_or_overridden():
    expert_only = PRESENT[1:]
    deferred = PlanDraft(Outcome.DEFERRED, "quorum_not_met", diagnosis="肺占位")

    assert blockers(COMPLETE, attendance=expert_only) == (Blocker.NO_CHAIR, Blocker.NO_QUORUM)
    assert blockers(COMPLETE, attendance=PRESENT[:1]) == (Blocker.NO_QUORUM,)
    assert blockers(COMPLETE, attendance=PRESENT[:1], quorum_overridden=True) == ()
    assert blockers(deferred, attendance=PRESENT[:1]) == ()


def test_not_yet_concluded_and_a_deferring_addendum_block():
    deferred = PlanDraft(Outcome.DEFERRED, "await_pathology", diagnosis="肺占位")

    assert blockers(COMPLETE, concluded=False) == (Blocker.NOT_CONCLUDED,)
    assert blockers(deferred, amends=True) == (Blocker.ADDENDUM_DEFERS,)
    assert blockers(COMPLETE, amends=True) == ()


def test_who_has_practised_too_short_cannot_give_the_signature_that_is_asked_for():
    assert blockers(COMPLETE, able={1, 2}) == ()
    assert blockers(COMPLETE, able={1}) == (Blocker.NO_ABLE_SIGNER,)
    assert blockers(COMPLETE, able={1}, quorum_overridden=True) == ()
    assert blockers(COMPLETE, able={2}, quorum_overridden=True) == (Blocker.NO_CHAIR,)


def test_signature_of_another_text_blocks():
    same = Signature(1, content_hash(COMPLETE))
    other = Signature(2, content_hash(dataclasses.replace(COMPLETE, answer="不可手术")))

    assert blockers(COMPLETE, signatures=[same]) == ()
    assert blockers(COMPLETE, signatures=[same, other]) == (Blocker.SIGNATURE_OF_OTHER_TEXT,)


def test_every_move_is_allowed_by_the_table_or_refused():
    for current, target in product(PlanState, PlanState):
        if target in TRANSITIONS[current]:
            assert move(current, target) is target
        else:
            with pytest.raises(IllegalTransition):
                move(current, target)


def test_signed_plan_never_changes():
    assert TRANSITIONS[PlanState.SIGNED] == frozenset()
    assert TRANSITIONS[PlanState.WITHDRAWN] == frozenset()


def test_hash_is_that_of_the_canonical_form():
    draft = PlanDraft(Outcome.DEFERRED, "await_pathology", stage=AgreedStage(factors={"b": "1"}))
    canonical = (
        '{"alternative":"","answer":"","basis":"","deferral_reason":"await_pathology",'
        '"deferral_text":"","diagnosis":"","dissent":[],"format":1,"further_tests":"",'
        '"imaging_review":"","intent":"","outcome":"deferred","pathology_review":"",'
        '"patient_wish":"","review_point":"","stage":{"classification":"","edition":"",'
        '"factors":{"b":"1"},"m":"","n":"","stage_group":"","t":"","table":""},"steps":[]}'
    )

    assert to_json(draft) == canonical
    assert content_hash(draft) == hashlib.sha256(canonical.encode()).hexdigest()
    assert content_hash(dataclasses.replace(draft, basis=" ")) != content_hash(draft)


def test_hash_does_not_depend_on_the_order_of_factors():
    stage = AgreedStage(factors={"psa": "12", "grade": "3"})
    turned = AgreedStage(factors={"grade": "3", "psa": "12"})

    assert content_hash(PlanDraft(stage=stage)) == content_hash(PlanDraft(stage=turned))


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
drafts = st.builds(
    PlanDraft,
    outcome=st.none() | st.sampled_from(Outcome),
    diagnosis=words,
    stage=st.builds(AgreedStage, t=words, factors=st.dictionaries(words, words, max_size=3)),
    steps=st.lists(st.builds(PlanStep, words, words, words, words, words), max_size=3).map(tuple),
    dissent=st.lists(st.builds(Dissent, st.integers(), words, words, words, words), max_size=2).map(
        tuple
    ),
)


@given(drafts)
def test_plan_survives_its_json(draft):
    assert from_json(to_json(draft)) == draft
    assert from_content(to_content(draft)) == draft


@given(drafts, st.sampled_from([RULE, QuorumRule((), 0)]))
def test_blocking_never_raises(draft, rule):
    found = blocking(draft, Circumstances(PRESENT, rule))

    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format":2,"outcome":null}',
        '{"format":1,"outcome":"cured"}',
        '{"format":1,"outcome":null,"diagnosis":5}',
        '{"format":1,"outcome":null,"colour":"red"}',
        '{"format":1,"outcome":null,"steps":[{"what":"x"}]}',
        '{"format":1,"outcome":null,"stage":{"t":1}}',
    ],
)
def test_unknown_content_is_refused_and_never_dropped(text):
    with pytest.raises(Invalid) as refused:
        from_json(text)

    assert set(refused.value.fields) == {"plan"}
