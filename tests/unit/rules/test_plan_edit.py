"""Several people write one opinion: what merges, what conflicts, what is refused."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.plan import AgreedStage, Dissent, Outcome, PlanDraft, PlanStep
from mdt.rules.plan_edit import Edited, Typist, apply_changes, changed_since, top_level
from mdt.rules.plan_fields import Attendee, draft_of, leaves, with_keys
from mdt.rules.plan_stage import derived_group, differs, iii_plus_of, settle
from mdt.rules.staging import IiiPlus

pytestmark = pytest.mark.unit

PEOPLE = {7: Attendee("郑放疗", "radiation_oncology")}
STEPS = (
    PlanStep("surgery", "肺叶切除", "省级", "胸外科", "2周内", key="a1"),
    PlanStep("follow_up", "随访", "县级", "县医院", "每3月", key="b2"),
)
STAGE = AgreedStage("lung_nsclc_9", "9", "c", "T2a", "N2b", "M0", {}, "IIIB")
DRAFT = PlanDraft(diagnosis="右上肺腺癌", stage=STAGE, steps=STEPS)


def edit(draft: PlanDraft, changes: dict[str, Any], *, versions=None, user=1, base=3) -> Edited:
    return apply_changes(draft, versions or {}, changes, Typist(user, base, base + 1), PEOPLE)


def test_a_typed_field_is_stored_with_its_version_and_author():
    found = edit(DRAFT, {"answer": "可手术\r\n先取材"})

    assert found.draft == dataclasses.replace(DRAFT, answer="可手术\n先取材")
    assert (found.versions, found.changed) == ({"answer": [4, 1]}, ("answer",))


def test_two_people_in_two_fields_merge():
    first = edit(DRAFT, {"answer": "可手术"}, user=1)
    second = apply_changes(first.draft, first.versions, {"basis": "指南"}, Typist(2, 3, 5), PEOPLE)

    assert (second.draft.answer, second.draft.basis) == ("可手术", "指南")
    assert second.conflicts == {}


def test_two_people_in_one_field_conflict_and_nothing_is_taken():
    first = edit(DRAFT, {"answer": "可手术"}, user=1)
    second = apply_changes(
        first.draft,
        first.versions,
        {"answer": "不可手术", "basis": "指南"},
        Typist(2, 3, 5),
        PEOPLE,
    )

    assert second.conflicts == {"answer": "可手术"}
    assert (second.draft, second.versions) == (first.draft, first.versions)


@pytest.mark.parametrize(
    ("text", "user", "base"), [("可手术", 2, 3), ("不可手术", 1, 3), ("不可手术", 2, 4)]
)
def test_no_conflict_with_the_same_text_with_oneself_or_after_having_seen_it(text, user, base):
    first = edit(DRAFT, {"answer": "可手术"}, user=1)
    second = apply_changes(
        first.draft, first.versions, {"answer": text}, Typist(user, base, 5), PEOPLE
    )

    assert (second.conflicts, second.draft.answer) == ({}, text)


def test_a_repeated_edit_changes_nothing():
    once = edit(DRAFT, {"answer": "可手术", "steps.c3.what": "化疗"})
    again = apply_changes(
        once.draft,
        once.versions,
        {"answer": "可手术", "steps.c3.what": "化疗"},
        Typist(1, 3, 5),
        PEOPLE,
    )

    assert (again.draft, again.versions, again.changed) == (once.draft, once.versions, ())


def test_typing_into_a_new_row_adds_it():
    found = edit(DRAFT, {"steps.c3.modality": "chemotherapy", "steps.c3.what": "含铂双药"})

    assert found.draft.steps == (
        *STEPS,
        PlanStep("chemotherapy", "含铂双药", "", "", "", key="c3"),
    )
    assert found.changed == (
        "steps.c3.modality",
        "steps.c3.what",
        "steps.c3.when",
        "steps.c3.where",
        "steps.c3.who",
        "steps.order",
    )


def test_rows_are_moved_and_taken_out():
    moved = edit(DRAFT, {"steps.order": "b2,a1"})
    assert [s.key for s in moved.draft.steps] == ["b2", "a1"]
    assert [s.key for s in edit(DRAFT, {"steps.a1": None}).draft.steps] == ["b2"]


def test_an_order_that_knows_less_or_more_loses_no_row():
    found = edit(DRAFT, {"steps.order": ["zz", "b2"]})
    assert [s.key for s in found.draft.steps] == ["b2", "a1"]


def test_a_row_that_somebody_wrote_in_meanwhile_is_not_taken_out():
    versions = {"steps.a1.when": [4, 2]}
    found = edit(DRAFT, {"steps.a1": None}, versions=versions, user=1, base=3)
    assert found.draft == DRAFT
    own = edit(DRAFT, {"steps.a1": None}, versions=versions, user=2, base=3)
    assert [s.key for s in own.draft.steps] == ["b2"]


def test_the_whole_list_may_be_given_as_it_is_stored():
    rows = [
        {"key": "b2", "modality": "follow_up", "what": "随访", "where": "县级", "who": "县医院"},
        {"modality": "nutrition", "what": "营养筛查"},
    ]
    found = edit(DRAFT, {"steps": rows})

    assert found.draft.steps == (
        PlanStep("follow_up", "随访", "县级", "县医院", "", key="b2"),
        PlanStep("nutrition", "营养筛查", "", "", "", key="r4x1"),
    )


def test_dissent_names_an_attendee_and_nobody_else():
    found = edit(
        DRAFT,
        {"dissent.d1.user_id": "7", "dissent.d1.kind": "sequence", "dissent.d1.text": "先放疗"},
    )
    assert found.draft.dissent == (
        Dissent(7, "郑放疗", "radiation_oncology", "sequence", "先放疗", key="d1"),
    )
    assert edit(DRAFT, {"dissent.d1.user_id": "8"}).errors == {"dissent.d1.user_id": "not_a_choice"}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("outcome", "cured", "not_a_choice"),
        ("intent", "hope", "not_a_choice"),
        ("deferral_reason", "x", "not_a_choice"),
        ("steps.a1.modality", "magic", "not_a_choice"),
        ("dissent.d1.kind", "none", "not_a_choice"),
        ("stage.table", "nowhere", "not_a_choice"),
        ("stage.t", "T9", "not_a_choice"),
        ("stage.factors.psa", "1", "not_a_choice"),
        ("stage.stage_group", "XVII", "not_a_choice"),
        ("stage.classification", "z", "not_a_choice"),
        ("answer", "长" * 4001, "too_long"),
        ("steps.a1.who", "长" * 301, "too_long"),
        ("answer", ["x"], "text_expected"),
        ("answer", True, "text_expected"),
        ("steps.order", [1], "text_expected"),
        ("stage.edition", "8", "unknown_field"),
        ("steps.a1.key", "x", "unknown_field"),
        ("steps.A-1.what", "x", "unknown_field"),
        ("steps.order.what", "x", "unknown_field"),
        ("colour", "red", "unknown_field"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_and_the_rest_taken(name, value, code):
    found = edit(DRAFT, {name: value, "basis": "指南"})

    assert found.errors == {name: code}
    assert found.draft.basis == "指南"


def test_more_rows_than_a_plan_can_have_are_refused():
    steps = tuple(dataclasses.replace(STEPS[0], key=f"k{n}") for n in range(30))
    found = edit(dataclasses.replace(DRAFT, steps=steps), {"steps.new.what": "再一步"})
    assert found.errors == {"steps.new.what": "too_many_rows"}


def test_control_characters_and_half_characters_are_dropped():
    assert edit(DRAFT, {"answer": "可\x00手\ud800术\t好\n"}).draft.answer == "可手术\t好\n"


def test_group_follows_the_categories_until_somebody_chooses_one():
    assert derived_group(STAGE) == "IIIB"
    followed = edit(DRAFT, {"stage.n": "N0"})
    assert (followed.draft.stage.stage_group, followed.changed) == (
        "IB",
        ("stage.n", "stage.stage_group"),
    )
    chosen = edit(DRAFT, {"stage.stage_group": "IIIA"})
    kept = apply_changes(chosen.draft, chosen.versions, {"stage.n": "N0"}, Typist(1, 4, 5), PEOPLE)
    assert kept.draft.stage.stage_group == "IIIA"


def test_another_table_brings_its_edition_and_drops_what_it_does_not_know():
    found = edit(DRAFT, {"stage": {"table": "lung_nsclc_8"}})

    assert found.draft.stage == AgreedStage(
        "lung_nsclc_8", "8", STAGE.classification, "T2a", "", "M0", {}, ""
    )
    assert edit(DRAFT, {"stage.table": ""}).draft.stage == AgreedStage(classification="c")


def test_a_group_without_a_table_is_words():
    bare = dataclasses.replace(DRAFT, stage=AgreedStage())
    found = edit(bare, {"stage.stage_group": "广泛期"})
    assert found.draft.stage == AgreedStage(stage_group="广泛期")


def test_side_of_three_is_that_of_the_agreed_group():
    assert iii_plus_of(STAGE) is IiiPlus.YES
    assert iii_plus_of(dataclasses.replace(STAGE, stage_group="IB")) is IiiPlus.NO
    assert iii_plus_of(AgreedStage()) is IiiPlus.UNKNOWN
    assert differs(dataclasses.replace(STAGE, n="N0"), STAGE) is True
    assert differs(STAGE, STAGE) is False
    assert settle(STAGE, STAGE) == STAGE


def test_changed_since_and_parts():
    assert changed_since({"answer": [4, 1], "basis": [2, 1]}, 3) == {"answer"}
    assert top_level(("steps.a1.what", "steps.order", "stage.t")) == ("stage", "steps")


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
keys = st.sampled_from(["a1", "b2", "c3"])
names = st.one_of(
    st.sampled_from(["answer", "basis", "stage.t", "stage.table", "steps.order", "outcome"]),
    st.builds("steps.{}.what".format, keys),
    st.builds("steps.{}".format, keys),
)


@given(st.lists(st.dictionaries(names, words | st.none(), max_size=4), max_size=6))
def test_any_sequence_of_edits_leaves_an_opinion_that_survives_being_taken_apart(edits):
    draft, versions = DRAFT, {}
    for number, changes in enumerate(edits):
        found = apply_changes(draft, versions, changes, Typist(1, number, number + 1), PEOPLE)
        draft, versions = found.draft, found.versions
    assert draft_of(leaves(draft), PEOPLE, draft) == draft
    assert len({s.key for s in draft.steps}) == len(draft.steps)


def test_rows_without_keys_get_them():
    bare = PlanDraft(Outcome.RECOMMENDED, steps=(dataclasses.replace(STEPS[0], key=""),))
    assert with_keys(bare).steps[0].key == "s0"
