"""The stage of a case in its form: tables offered, text read, the group that follows."""

from dataclasses import replace
from datetime import date

import pytest

from mdt.rules.case_draft import CaseDraft
from mdt.rules.case_stage import (
    StageHint,
    StageSource,
    judge_case_stage,
    offered_tables,
    settle_stage,
    suggest_table,
)

LUNG = CaseDraft(
    tumour_type="lung_nsclc",
    icd10="C34.1",
    diagnosis_date=date(2026, 11, 1),
    staging_table="lung_nsclc_9",
    stage_basis="c",
)
STAGED = replace(LUNG, t="T2b", n="N3", m="M0", stage_group="IIIB", iii_plus="yes")


@pytest.mark.parametrize(
    ("draft", "table"),
    [
        (replace(LUNG, staging_table=""), "lung_nsclc_9"),
        (replace(LUNG, staging_table="", diagnosis_date=date(2024, 5, 1)), "lung_nsclc_8"),
        (replace(LUNG, staging_table="lung_nsclc_8"), "lung_nsclc_8"),
        (CaseDraft(tumour_type="stomach", icd10="C16.3"), "stomach_c"),
        (CaseDraft(tumour_type="stomach", staging_table="stomach_c", stage_basis="p"), "stomach_p"),
        (CaseDraft(tumour_type="liver_hcc", icd10="C22.0"), "liver_cnlc"),
        (CaseDraft(tumour_type="biliary", icd10="C23"), "gallbladder"),
        (CaseDraft(tumour_type="cns", icd10="C71.1"), ""),
    ],
)
def test_suggested_table(draft, table):
    assert suggest_table(draft) == table


def test_tables_of_the_tumour_type_are_offered():
    keys = [offer.table.key for offer in offered_tables("lung_nsclc", "C34.1")]
    assert keys == ["lung_nsclc_9", "lung_nsclc_8"]


def test_the_group_follows_the_categories():
    settled = settle_stage(LUNG, replace(LUNG, t="T2b", n="N3", m="M0"))
    assert (settled.stage_group, settled.iii_plus) == ("IIIB", "yes")
    changed = settle_stage(settled, replace(settled, n="N0"))
    assert (changed.stage_group, changed.iii_plus) == ("IIA", "no")


def test_what_is_unknown_leaves_the_group_open():
    settled = settle_stage(STAGED, replace(STAGED, m=""))
    assert (settled.stage_group, settled.iii_plus) == ("", "yes")


def test_a_chosen_group_stays_and_owes_a_reason():
    chosen = settle_stage(STAGED, replace(STAGED, stage_group="IIIA"))
    assert chosen.stage_group == "IIIA"
    stage = judge_case_stage(chosen)
    assert (stage.deviates, stage.source, stage.derived_group) == (
        True,
        StageSource.ENTERED,
        "IIIB",
    )
    assert stage.hints == (StageHint.DEVIATION_REASON_OWED,)
    kept = settle_stage(chosen, replace(chosen, t="T2a"))
    assert kept.stage_group == "IIIA"
    assert settle_stage(kept, replace(kept, stage_group="")).stage_group == "IIIB"


def test_the_reason_goes_when_the_group_agrees_again():
    chosen = replace(STAGED, stage_group="IIIA", stage_deviation_reason="imaging_review")
    assert settle_stage(chosen, chosen).stage_deviation_reason == "imaging_review"
    agreed = settle_stage(chosen, replace(chosen, stage_group="IIIB"))
    assert agreed.stage_deviation_reason == ""


def test_a_text_fills_the_categories_and_stays_raw():
    settled = settle_stage(LUNG, replace(LUNG, stage_text="ｃＴ２ｂＮ３Ｍ０"))
    assert (settled.t, settled.n, settled.m) == ("T2b", "N3", "M0")
    assert (settled.stage_text, settled.stage_group) == ("ｃＴ２ｂＮ３Ｍ０", "IIIB")


def test_a_text_that_grows_replaces_what_it_had_filled():
    begun = settle_stage(LUNG, replace(LUNG, stage_text="cT2"))
    assert begun.t == "T2"
    assert settle_stage(begun, replace(begun, stage_text="cT2bN0M0")).t == "T2b"


def test_a_text_does_not_overwrite_a_chosen_category():
    chosen = replace(LUNG, t="T4")
    settled = settle_stage(chosen, replace(chosen, stage_text="cT2bN3M0"))
    assert settled.t == "T4"
    assert StageHint.TEXT_DIFFERS in judge_case_stage(settled).hints


@pytest.mark.parametrize(("text", "side"), [("ⅢA期", "yes"), ("三期", "yes"), ("Ⅱ期", "no")])
def test_a_group_is_read_from_text_alone(text, side):
    plain = CaseDraft(tumour_type="other_solid", icd10="C45.0")
    settled = settle_stage(plain, replace(plain, stage_text=text))
    assert settled.iii_plus == side
    assert judge_case_stage(settled).source == StageSource.TEXT


def test_text_that_says_nothing_is_told():
    odd = settle_stage(LUNG, replace(LUNG, stage_text="晚期？"))
    assert StageHint.TEXT_UNREAD in judge_case_stage(odd).hints


@pytest.mark.parametrize(
    ("table", "diagnosed", "hints"),
    [
        ("lung_nsclc_9", date(2024, 5, 1), (StageHint.EDITION_NOT_YET,)),
        ("lung_nsclc_8", date(2026, 5, 1), (StageHint.EDITION_OUTDATED,)),
        ("lung_nsclc_9", date(2026, 5, 1), ()),
        ("lung_nsclc_8", None, ()),
    ],
)
def test_edition_against_the_day_of_diagnosis(table, diagnosed, hints):
    draft = replace(LUNG, staging_table=table, diagnosis_date=diagnosed)
    assert judge_case_stage(draft).hints == hints


def test_conflicts_of_the_categories_are_shown():
    draft = replace(LUNG, t="Tis", n="N1", m="M0")
    assert len(judge_case_stage(draft).conflicts) == 1


def test_factors_that_the_table_does_not_ask_for_are_dropped():
    thyroid = CaseDraft(tumour_type="thyroid", icd10="C73", staging_table="thyroid_differentiated")
    said = {"age_group": "<55", "shoe_size": "41"}
    settled = settle_stage(thyroid, replace(thyroid, stage_factors=said))
    assert settled.stage_factors == {"age_group": "<55"}
    moved = settle_stage(settled, replace(settled, staging_table="thyroid_medullary"))
    assert moved.stage_factors == {}
