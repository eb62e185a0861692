"""The content files read whole, and refer to one another only by codes that exist."""

import pytest

from mdt.rules.content import (
    Contrast,
    HospitalAttribute,
    Level,
    ReasonList,
    Severity,
    charlson_index,
    check_reason,
    checklist,
    common_items,
    comorbidities,
    conditions,
    content_status,
    demo_cases,
    demo_hospitals,
    discipline,
    disciplines,
    document_types,
    gene_tests,
    hospital_terms,
    intents,
    item_of_base,
    modalities,
    plan_template,
    reason,
    reasons,
    regimens,
    symptoms,
    titles,
    tumour_type,
    tumour_types,
    tumour_types_for,
    urgencies,
    urgency,
)
from mdt.rules.content.status import FILES
from mdt.rules.errors import Invalid, NotFound

pytestmark = pytest.mark.unit

TYPES = [one.code for one in tumour_types()]


def test_the_lists_are_as_long_as_their_files():
    lengths = {
        "comorbidities": len(comorbidities()),
        "conditions": len(conditions()),
        "disciplines": len(disciplines()),
        "document_types": len(document_types()),
        "genes": len(gene_tests()),
        "intents": len(intents()),
        "modalities": len(modalities()),
        "regimens": len(regimens()),
        "symptoms": len(symptoms()),
        "titles": len(titles()),
        "tumour_types": len(tumour_types()),
        "urgencies": len(urgencies()),
        "demo": (len(demo_hospitals()), len(demo_cases())),
    }
    assert lengths == {
        "comorbidities": 47,
        "conditions": 68,
        "disciplines": 52,
        "document_types": 41,
        "genes": 80,
        "intents": 10,
        "modalities": 21,
        "regimens": 223,
        "symptoms": 55,
        "titles": 20,
        "tumour_types": 28,
        "urgencies": 4,
        "demo": (8, 12),
    }


def test_a_term_has_a_label_for_each_locale():
    lung = tumour_type("lung_nsclc")
    assert [lung.label(locale) for locale in ("zh_Hans_CN", "en", "en_GB", "")] == [
        "非小细胞肺癌",
        "Non-small-cell lung cancer",
        "Non-small-cell lung cancer",
        "非小细胞肺癌",
    ]


def test_a_tumour_type_holds_its_staging_and_quorum():
    lung = tumour_type("lung_nsclc")
    found = (
        lung.icd10,
        [(one.table, one.edition, one.default) for one in lung.staging],
        lung.core_disciplines,
        lung.min_disciplines,
        lung.questions[0].code,
        lung.stageable,
        tumour_type("cns").stageable,
    )
    assert found == (
        ("C34", "C33"),
        [("lung_nsclc_9", "9", True), ("lung_nsclc_8", "8", False)],
        ("medical_oncology", "thoracic_surgery", "radiation_oncology", "radiology", "pathology"),
        4,
        "lung_nsclc.q1",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("icd10", "morphology", "expected"),
    [
        ("C34.1", "", ["lung_nsclc", "lung_sclc"]),
        ("C34.1", "8041/3", ["lung_sclc", "lung_nsclc"]),
        ("C16.0", "", ["oesophagus", "stomach", "gist"]),
        ("C16.2", "8936/3", ["gist", "stomach"]),
        ("c50.4", "", ["breast"]),
        ("", "", []),
        ("E11.9", "", []),
    ],
)
def test_types_for_a_site_come_likeliest_first(icd10, morphology, expected):
    assert [one.code for one in tumour_types_for(icd10, morphology)] == expected


@pytest.mark.parametrize("code", TYPES)
def test_a_type_refers_only_to_known_disciplines(code):
    one = tumour_type(code)
    known = {found.code for found in disciplines()}
    assert set(one.core_disciplines + one.optional_disciplines) - known == set()


@pytest.mark.parametrize("code", TYPES)
def test_a_checklist_leaves_out_what_it_replaces_and_names_each_item_once(code):
    items = checklist(code)
    codes = [item.code for item in items]
    assert len(codes) == len(set(codes))
    assert {found.split(".")[0] for found in codes} == {"common", code}
    documents = {one.code for one in document_types()}
    assert {one for item in items for one in item.document_types} - documents == set()
    assert [
        base for item in items for base in item.satisfied_by if item_of_base(base) is None
    ] == []


def test_small_cell_lung_replaces_the_common_electrolytes_by_required_ones():
    found = [
        (item.code, item.level) for item in checklist("lung_sclc") if item.base == "lab_electro"
    ]
    assert found == [("lung_sclc.lab_electro", Level.REQUIRED)]
    assert len(common_items()) == 50


def test_an_imaging_item_says_what_it_wants():
    item = next(one for one in checklist("lung_nsclc") if one.base == "ct_chest")
    assert (item.modalities, item.body_parts, item.contrast, item.max_age_days) == (
        ("CT",),
        ("CHEST", "THORAX"),
        Contrast.REQUIRED,
        42,
    )


@pytest.mark.parametrize("code", TYPES)
def test_a_plan_template_has_steps_in_order_and_known_words(code):
    template = plan_template(code)
    assert [step.order for step in template.steps] == sorted(step.order for step in template.steps)
    assert {step.modality for step in template.steps} - {one.code for one in modalities()} == set()
    assert [flag.code for flag in template.flags[:7]] == [f"common.f{n}" for n in range(1, 8)]


def test_a_flag_has_its_question_in_both_languages():
    flag = plan_template("lung_nsclc").flags[0]
    assert (flag.severity, flag.question("zh"), flag.question("en")) == (
        Severity.WARN,
        "体力状况能否承受，是否先支持治疗并短期复评？",
        "Can the patient bear it; supportive care and early re-evaluation first?",
    )


@pytest.mark.parametrize("one", ReasonList)
def test_every_list_of_reasons_can_be_read(one):
    found = reasons(one)
    assert len(found) >= 10
    assert len({reason.code for reason in found}) == len(found)


def test_a_reason_says_whether_it_must_be_explained():
    found = [reason("return_reasons", code) for code in ("consent_missing", "other")]
    assert [(one.label_zh, one.needs_text) for one in found] == [
        ("知情同意缺失或不合格", False),
        ("其他（填写说明）", True),
    ]


def test_urgency_has_target_hours():
    assert {one.code: one.target_hours for one in urgencies()} == {
        "routine": 72,
        "soon": 48,
        "urgent": 24,
        "critical": 4,
    }


@pytest.mark.parametrize(
    ("read", "arguments"),
    [
        (tumour_type, ("nose",)),
        (checklist, ("nose",)),
        (plan_template, ("nose",)),
        (discipline, ("astrology",)),
        (reasons, ("excuses",)),
        (reasons, ("urgency",)),
        (reason, ("return_reasons", "mood")),
        (urgency, ("yesterday",)),
    ],
)
def test_an_unknown_code_is_not_found(read, arguments):
    with pytest.raises(NotFound) as caught:
        read(*arguments)
    assert caught.value.code == "unknown_code"


@pytest.mark.parametrize("attribute", HospitalAttribute)
def test_hospital_attributes_have_words(attribute):
    assert all(term.label_zh and term.label_en for term in hospital_terms(attribute))


@pytest.mark.parametrize(
    ("codes", "age", "index"),
    [
        ((), None, 0),
        (("copd", "dm"), None, 2),
        (("dm", "dm_organ"), None, 2),
        (("liver_mild", "liver_severe"), None, 3),
        (("copd", "hypertension"), 62, 3),
        (("copd",), 85, 5),
        (("copd",), 30, 1),
    ],
)
def test_the_charlson_index_counts_the_heavier_of_two_that_exclude_each_other(codes, age, index):
    assert charlson_index(codes, age) == index


@pytest.mark.parametrize("file", FILES)
def test_no_file_claims_to_be_signed(file):
    status = content_status(file)
    assert (status.signed, status.label("en"), status.label("zh")) == (
        False,
        "needs sign-off by a clinician",
        "须经临床医师审核签字后方可启用",
    )


@pytest.mark.parametrize(
    ("code", "text", "how", "wrong"),
    [
        ("other", "因为", {}, {}),
        ("other", " ", {}, {"text": "reason_text_required"}),
        ("nothing", "", {}, {"reason": "reason_required"}),
        ("", "", {"words_owed": True},
         {"reason": "reason_required", "text": "reason_text_required"}),
        ("other", "因为", {"among": {"another"}}, {"reason": "reason_required"}),
        ("other", "因为", {"among": {"other"}, "words_owed": True}, {}),
    ],
)  # fmt: skip
def test_a_reason_is_of_its_list_and_has_the_words_it_owes(code, text, how, wrong):
    if not wrong:
        check_reason(ReasonList.OVERRIDE, code, text, **how)
        return
    with pytest.raises(Invalid) as refused:
        check_reason(ReasonList.OVERRIDE, code, text, **how)
    assert refused.value.fields == wrong
