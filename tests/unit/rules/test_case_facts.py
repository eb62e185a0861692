"""What follows from the fields of a case for the checklist."""

from datetime import date

import pytest

from mdt.rules.case_draft import CaseDraft
from mdt.rules.case_facts import (
    case_evidence,
    case_facts,
    histology_group,
    planned_modalities,
    stage_numeral,
)
from mdt.rules.conditions import AtLeast
from mdt.rules.intake import ConsentPaper

pytestmark = pytest.mark.unit

DAY = date(2026, 9, 15)


@pytest.mark.parametrize(
    ("group", "numeral"),
    [
        ("IIIA", 3),
        ("ⅢA期", 3),
        ("IV", 4),
        ("IVA1", 4),
        ("IIE", 2),
        ("0is", 0),
        ("Ⅲa", 3),
        ("I", 1),
        ("limited", None),
        ("局限期", None),
        ("INTERMEDIATE", None),
        ("C", None),
        ("", None),
    ],
)
def test_stage_numeral(group, numeral):
    assert stage_numeral(group) == numeral


@pytest.mark.parametrize(
    ("morphology", "group"),
    [
        ("8140/3", "adenocarcinoma"),
        ("8070/3", "squamous"),
        ("8345/3", "medullary"),
        ("8021/3", "anaplastic"),
        ("9440/3", "glioma"),
        ("9680/3", "aggressive"),
        ("8041/3", None),
        ("", None),
    ],
)
def test_histology_group(morphology, group):
    assert histology_group(morphology) == group


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("拟直接行右上肺叶切除，术后按病理辅助化疗。", ("surgery", "chemotherapy")),
        ("拟先化疗，不做放疗。", ("chemotherapy",)),
        ("同步放化疗", ("chemoradiotherapy", "chemotherapy")),
        ("先TACE，再靶向和免疫", ("targeted", "immunotherapy", "intervention")),
        ("观察", ()),
    ],
)
def test_planned_modalities(plan, expected):
    assert planned_modalities(plan) == expected


def test_an_empty_form_knows_nothing_but_what_goes_without_saying():
    assert case_facts(CaseDraft(), (), DAY) == {
        "iii_plus": "unknown",
        "case_type": "new",
        "treated_before": False,
        "phase": "before_treatment",
        "disciplines": (),
    }


def test_facts_of_a_filled_form():
    draft = CaseDraft(
        sex="2",
        birth_date=date(1978, 4, 7),
        tumour_type="breast",
        icd10="C50.4",
        morphology="8500/3",
        diagnosis_basis="7",
        t="T2",
        n="N1",
        m="M0",
        stage_group="IIB",
        iii_plus="no",
        comorbidities=("dm", "family_history"),
        labs="HBsAg 阳性",
        molecular="ER 80%，HER2（2+）",
        treatment_so_far="无",
        own_plan="拟手术",
        symptoms=("breast_lump",),
        answers={"fertility_wish": True},
    )
    papers = (ConsentPaper("remote", "relative", DAY, scanned=True),)
    assert case_facts(draft, papers, DAY) == {
        "age": 48,
        "sex": "F",
        "consent_by": "relative",
        "icd10": "C50.4",
        "morphology": "8500/3",
        "behaviour": "3",
        "histology_group": "adenocarcinoma",
        "diagnosis_basis": "7",
        "symptom": ("breast_lump",),
        "comorbidity": ("dm", "family_history"),
        "family_history": True,
        "disciplines": (),
        "stageable": True,
        "stage_numeral": 2,
        "iii_plus": "no",
        "t_major": 2,
        "n_positive": True,
        "n_suspected": "N1",
        "case_type": "new",
        "treated_before": False,
        "phase": "before_treatment",
        "planned_modalities": AtLeast(("surgery",)),
        "marker.HER2": "2+",
        "lab.hbsag": "positive",
        "fertility_wish": True,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"case_type": "recurrence"}, (True, None)),
        ({"treatment_so_far": "外院化疗2周期"}, (True, None)),
        ({"treatment_so_far": "未做抗肿瘤治疗"}, (False, "before_treatment")),
        ({"first_treatment_date": date(2026, 9, 1)}, (True, None)),
        ({"first_treatment_date": DAY, "stage_basis": "p"}, (True, "post_operative")),
    ],
)
def test_whether_treated_before(changes, expected):
    facts = case_facts(CaseDraft(**changes), (), DAY)
    assert (facts["treated_before"], facts.get("phase")) == expected


@pytest.mark.parametrize(
    ("changes", "entered", "partly"),
    [
        ({}, set(), set()),
        ({"question": "手术？", "own_plan": "手术"}, {"cl_question"}, set()),
        ({"question": "手术？"}, set(), {"cl_question"}),
        ({"height_cm": 168.0, "weight_kg": 61.0}, {"cl_hw"}, set()),
        ({"height_cm": 168.0}, set(), {"cl_hw"}),
        ({"examination": "身高168 cm，体重61 kg"}, {"cl_exam", "cl_hw"}, set()),
        ({"ecog": 0}, {"sc_ecog"}, set()),
        ({"comorbidity_text": "无"}, {"cl_comorb", "sc_charlson"}, set()),
        ({"stage_date": DAY}, set(), {"cl_stage"}),
        (
            {"staging_table": "lung_sclc_valg", "stage_group": "limited", "stage_date": DAY},
            set(),
            {"cl_stage"},
        ),
        (
            {
                "staging_table": "lung_sclc_9",
                "stage_group": "IIIA",
                "stage_date": DAY,
                "iii_plus": "yes",
            },
            {"cl_stage"},
            set(),
        ),
    ],
)
def test_fields_fill_items(changes, entered, partly):
    evidence = case_evidence(CaseDraft(**changes), (), (), DAY)
    assert (set(evidence.entered), set(evidence.partly)) == (entered, partly)
    assert set(evidence.entered.values()) <= {DAY}
