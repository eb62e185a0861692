import dataclasses
from datetime import date

import pytest

from mdt.rules.errors import Invalid
from mdt.rules.followup import (
    ADOPTION_REASONS,
    LIABILITY,
    Adoption,
    AdoptionDecision,
    Execution,
    FollowUp,
    StepReport,
    StepResult,
    Vital,
    check_adoption,
    check_followup,
)

pytestmark = pytest.mark.unit

SIGNED, TODAY = date(2026, 10, 9), date(2026, 11, 21)
RECORD = FollowUp(
    on=date(2026, 11, 10),
    execution=Execution.ONGOING,
    vital=Vital.ALIVE,
    ecog=1,
    treatment_started_on=date(2026, 10, 13),
    treatment_type="chemotherapy",
    next_on=date(2026, 12, 8),
)


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ((StepReport("a1", StepResult.DONE),), {}),
        ((StepReport("a1", StepResult.NOT, "financial"),), {}),
        ((StepReport("a1", StepResult.PARTLY),), {"steps.a1.reason": "required"}),
        ((StepReport("a1", StepResult.NOT, "weather"),), {"steps.a1.reason": "not_a_choice"}),
        ((StepReport("a1", StepResult.DONE, "financial"),), {"steps.a1.reason": "not_expected"}),
        ((StepReport("a1", StepResult.NOT, "other"),), {"text": "required"}),
    ],
)
def test_a_step_that_was_not_done_says_why(steps, wrong):
    if wrong:
        assert wrong_fields({"steps": steps}) == wrong
        return
    record = dataclasses.replace(RECORD, steps=steps)
    assert check_followup(record, today=TODAY, signed_on=SIGNED) is record


def wrong_fields(change):
    with pytest.raises(Invalid) as refused:
        check_followup(dataclasses.replace(RECORD, **change), today=TODAY, signed_on=SIGNED)
    return refused.value.fields


@pytest.mark.parametrize(
    ("adoption", "wrong"),
    [
        (Adoption(AdoptionDecision.FULL, "full"), {}),
        (Adoption(AdoptionDecision.PARTIAL, "partial_local_limits", "TACE转市级"), {}),
        (Adoption(AdoptionDecision.NONE, "not_adopted_patient", "患者不同意"), {}),
        (Adoption(AdoptionDecision.PARTIAL, "partial_local_limits", " "), {"text": "required"}),
        (Adoption(AdoptionDecision.NONE, "not_adopted"), {"text": "required"}),
        (Adoption(AdoptionDecision.FULL, "partial"), {"reason": "not_a_choice"}),
        (
            Adoption(AdoptionDecision.NONE, "full"),
            {"reason": "not_a_choice", "text": "required"},
        ),
    ],
)
def test_adoption_needs_a_reason_of_its_kind_and_words_unless_full(adoption, wrong):
    if not wrong:
        assert check_adoption(adoption) is adoption
        return
    with pytest.raises(Invalid) as refused:
        check_adoption(adoption)
    assert refused.value.fields == wrong


def test_each_adoption_reason_goes_with_one_decision():
    reasons = [code for codes in ADOPTION_REASONS.values() for code in codes]

    assert len(reasons) == len(set(reasons)) == 10


def test_liability_lies_with_the_requesting_hospital_in_both_languages():
    assert LIABILITY["zh"].endswith("由邀请方承担相应责任。")
    assert "requesting hospital decides" in LIABILITY["en"]


def test_complete_followup_is_kept():
    assert check_followup(RECORD, today=TODAY, signed_on=SIGNED) is RECORD


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"on": date(2026, 10, 8)}, {"on": "before_opinion"}),
        ({"on": date(2026, 11, 22)}, {"on": "in_future"}),
        ({"next_on": date(2026, 11, 10)}, {"next_on": "not_after_report"}),
        ({"treatment_started_on": date(2026, 12, 1)}, {"treatment_started_on": "in_future"}),
        ({"treatment_started_on": None}, {"treatment_started_on": "required"}),
        ({"ecog": 5}, {"ecog": "out_of_range"}),
        ({"reason": "financial"}, {"reason": "not_expected"}),
        ({"execution": Execution.STOPPED}, {"reason": "required"}),
        ({"execution": Execution.STOPPED, "reason": "weather"}, {"reason": "not_a_choice"}),
        ({"execution": Execution.CHANGED, "reason": "other"}, {"text": "required"}),
        ({"died_on": date(2026, 11, 1)}, {"died_on": "not_expected"}),
        ({"vital": Vital.LOST}, {"ecog": "not_expected"}),
        (
            {"vital": Vital.DEAD},
            {"died_on": "required", "ecog": "not_expected", "next_on": "not_expected"},
        ),
        (
            {"vital": Vital.DEAD, "ecog": None, "next_on": None, "died_on": date(2026, 11, 11)},
            {"died_on": "after_report"},
        ),
    ],
)
def test_followup_names_each_wrong_field(change, wrong):
    assert wrong_fields(change) == wrong


def test_death_is_recorded_with_its_day():
    record = dataclasses.replace(
        RECORD,
        execution=Execution.STOPPED,
        reason="patient_died",
        vital=Vital.DEAD,
        ecog=None,
        next_on=None,
        died_on=date(2026, 11, 9),
    )

    assert check_followup(record, today=TODAY, signed_on=SIGNED) is record
