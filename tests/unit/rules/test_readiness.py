"""The checklist held against a case: which light, which sentence, what keeps it from the agenda."""

from datetime import date, timedelta

import pytest

from mdt.rules.completeness import Completeness
from mdt.rules.content import demo_cases
from mdt.rules.demo_drafts import demo_marks, demo_readiness, submission_day
from mdt.rules.errors import NotFound
from mdt.rules.evidence import Document, Evidence, Series
from mdt.rules.readiness import Light, Readiness, readiness

pytestmark = pytest.mark.unit

DAY = date(2026, 9, 15)
FACTS = {"age": 62, "sex": "M", "stageable": True, "stage_numeral": 3, "iii_plus": "yes"}


def at(days):
    return DAY - timedelta(days=days)


def look(base, evidence=None, *, facts=FACTS, marks=None, tumour_type="lung_nsclc"):
    """The light and sentence of one base; ``None`` where it is not asked for."""
    found = readiness(tumour_type, facts, evidence or Evidence(), marks or {}, DAY)
    states = [state for state in found.items if state.item.base == base]
    return (states[0].light.value, states[0].sentence.value) if states else None


REPORTS = {"CT": "ct_report", "MR": "mr_report", "PT": "pet_report"}


def series(*, modality="CT", part="CHEST", text="", contrast=True, on=None, **more):
    """A series and its report."""
    found = Series(modality, part, text, contrast, on or at(7), **more)
    report = Document(REPORTS[modality], found.taken_on)
    return Evidence(series=(found,), documents=(report,))


def both(*parts):
    """The evidence of several."""
    return Evidence(
        series=tuple(one for part in parts for one in part.series),
        documents=tuple(one for part in parts for one in part.documents),
    )


def document(kind, title="", on=None):
    return Evidence(documents=(Document(kind, on or at(7), title),))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(), ("red", "missing")),
        (series(), ("green", "present")),
        (series(part="", text="胸部增强扫描"), ("green", "present")),
        (series(part="", text="Thorax C+"), ("green", "present")),
        (series(part="", text="胸椎 增强"), ("red", "missing")),
        (series(part="CHESTABDPELVIS"), ("green", "present")),
        (series(part="ABDOMEN"), ("red", "missing")),
        (series(modality="MR"), ("red", "missing")),
        (series(contrast=False), ("red", "contrast_lacking")),
        (series(contrast=None, text="胸部平扫"), ("red", "contrast_lacking")),
        (series(contrast=None), ("amber", "contrast_unknown")),
        (series(contrast=None, text="胸部增强"), ("green", "present")),
        (series(on=at(42)), ("green", "present")),
        (series(on=at(43)), ("red", "too_old")),
        (Evidence(series=(Series("CT", "CHEST", "", True, None),)), ("amber", "date_unknown")),
        (document("ct_report", "胸部增强CT"), ("amber", "report_only")),
        (document("ct_report", "胸部CT"), ("amber", "contrast_unknown")),
        (document("ct_report", "上腹部增强CT"), ("red", "missing")),
        (document("mr_report", "胸部增强MR"), ("red", "missing")),
        (document("ct_report", "胸部增强CT", at(50)), ("red", "too_old")),
    ],
)
def test_a_contrast_ct_of_the_chest(evidence, expected):
    assert look("ct_chest", evidence) == expected


WHOLE, HOLE, TORN = Completeness(60), Completeness(57, missing=3), Completeness(30, missing=28)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (series(part="胸部"), ("green", "present")),
        (series(part="", study="胸部CT平扫+增强"), ("green", "present")),
        (series(part="", protocol="Thorax Routine"), ("green", "present")),
        # The series' own words go before the study's.
        (series(part="", text="上腹部", study="胸部CT"), ("red", "missing")),
        (series(contrast=None, study="胸部CT增强"), ("green", "present")),
        (series(contrast=None, study="胸部CT平扫+增强"), ("amber", "contrast_unknown")),
        (series(contrast=None, protocol="Thorax C+"), ("green", "present")),
        (series(contrast=None, text="Thin Slice"), ("amber", "contrast_unknown")),
        (series(contrast=None, text="C-Spine Thorax"), ("amber", "contrast_unknown")),
        (series(text="胸部定位像"), ("red", "missing")),
        (series(text="Chest Topogram"), ("red", "missing")),
        (series(whole=WHOLE), ("green", "present")),
        (series(whole=HOLE), ("amber", "slices_missing")),
        (series(whole=TORN), ("red", "series_torn")),
        (series(whole=Completeness(61, doubled=1)), ("amber", "slices_doubled")),
        (both(series(whole=TORN), series(whole=WHOLE)), ("green", "present")),
    ],
)
def test_what_headers_and_places_say(evidence, expected):
    assert look("ct_chest", evidence) == expected


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, ("amber", "pictures_only")),
        (Document("ct_report", at(7)), ("green", "present")),
        (Document("ct_report", at(7), "胸部CT报告"), ("green", "present")),
        (Document("ct_report", None, "CT报告"), ("green", "present")),
        (Document("ct_report", at(37)), ("green", "present")),
        (Document("ct_report", at(38)), ("amber", "pictures_only")),
        (Document("ct_report", at(7), "上腹部CT报告"), ("amber", "pictures_only")),
        (Document("mr_report", at(7)), ("amber", "pictures_only")),
    ],
)
def test_pictures_want_their_report(report, expected):
    evidence = Evidence(series=series().series, documents=(report,) if report else ())
    assert look("ct_chest", evidence) == expected


@pytest.mark.parametrize(
    ("thickness", "expected"),
    [
        (None, ("green", "present")),
        (1.5, ("green", "present")),
        (2.0, ("amber", "slices_thick")),
        (16.0, ("amber", "slices_thick")),
    ],
)
def test_slices_are_as_thin_as_the_checklist_says(thickness, expected):
    evidence = series(thickness=thickness)
    assert look("ct_chest_hr", evidence) == expected
    # Where it says nothing, nothing is judged.
    assert look("ct_chest", evidence) == ("green", "present")


def test_the_newest_picture_counts():
    old, new = series(on=at(90)), series(on=at(3))
    assert look("ct_chest", both(old, new)) == ("green", "present")
    assert look("ct_chest", both(new, old)) == ("green", "present")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (series(part="CHESTABDPELVIS"), ("green", "present")),
        (series(part="CHEST"), ("amber", "incomplete")),
        (
            both(series(part="CHEST"), series(part="ABDOMEN"), series(part="PELVIS")),
            ("green", "present"),
        ),
        (series(part="HEAD"), ("red", "missing")),
        (series(modality="PT", part="WHOLEBODY"), ("green", "present")),
    ],
)
def test_chest_abdomen_and_pelvis_are_complete_together(evidence, expected):
    assert look("ct_cap", evidence, tumour_type="rectum") == expected


def test_half_of_a_substitute_stands_for_nothing():
    abdomen = series(part="ABDOMEN")
    assert look("ct_chest_plain", abdomen, tumour_type="pancreas") == ("red", "missing")
    assert look("us_abd", abdomen, tumour_type="breast") == ("green", "present")


@pytest.mark.parametrize(
    ("base", "evidence", "expected"),
    [
        ("path_report", document("pathology_report"), ("green", "present")),
        ("path_report", document("ct_report"), ("red", "missing")),
        ("ihc_pdl1", document("ihc_report", "PD-L1免疫组化"), ("green", "present")),
        ("ihc_pdl1", document("ihc_report"), ("amber", "unconfirmed")),
        ("ihc_pdl1", Evidence(notes="PD-L1 20%"), ("amber", "report_lacking")),
        ("ihc_pdl1", Evidence(notes="PD-L1 待回"), ("red", "missing")),
        ("lab_cbc", Evidence(notes="血红蛋白 131 g/L"), ("amber", "report_lacking")),
        ("lab_cbc", document("lab_report"), ("red", "missing")),
        ("lab_cbc", document("lab_report", "血常规"), ("green", "present")),
        ("lab_cbc", document("lab_report", "血常规", at(15)), ("red", "too_old")),
        (
            "lab_cbc",
            Evidence(documents=(Document("lab_report", at(3), "化验单"),), notes="WBC 6.4"),
            ("green", "present"),
        ),
        ("sc_nrs2002", Evidence(notes="NRS2002 4分"), ("green", "present")),
        ("sc_ecog", Evidence(entered={"sc_ecog": DAY}), ("green", "present")),
        ("sc_ecog", Evidence(entered={"sc_kps": DAY}), ("green", "present")),
        ("sc_ecog", Evidence(entered={"sc_ecog": at(15)}), ("red", "too_old")),
        ("cl_stage", Evidence(partly=frozenset({"cl_stage"})), ("amber", "incomplete")),
        ("dc_consent", document("consent_remote"), ("green", "present")),
    ],
)
def test_documents_texts_and_fields(base, evidence, expected):
    assert look(base, evidence) == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(), ("red", "missing")),
        (document("molecular_report"), ("amber", "unconfirmed")),
        (Evidence(notes="EGFR 19del"), ("amber", "incomplete")),
        (
            Evidence(notes="EGFR ALK ROS1 RET MET BRAF KRAS NTRK HER2扩增 均阴性"),
            ("amber", "report_lacking"),
        ),
        (
            Evidence(
                documents=(Document("molecular_report", at(7)),),
                notes="EGFR ALK ROS1 RET MET BRAF KRAS NTRK HER2扩增 均阴性",
            ),
            ("green", "present"),
        ),
    ],
)
def test_genes(evidence, expected):
    facts = {**FACTS, "histology_group": "adenocarcinoma"}
    assert look("mol_lung", evidence, facts=facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"iii_plus": "yes"}, ("red", "missing")),
        ({"iii_plus": "no", "symptom": ("cough",)}, None),
        ({"iii_plus": "no", "symptom": ("headache",)}, ("red", "missing")),
        ({"iii_plus": "unknown"}, ("amber", "condition_unknown")),
        # The required item does not hold, the recommended one of the same base does.
        ({"iii_plus": "no", "symptom": (), "stage_numeral": 1}, ("amber", "missing")),
    ],
)
def test_the_strictest_item_of_a_base_speaks(facts, expected):
    facts = {"stage_numeral": 2, **facts}
    assert look("mr_brain", facts=facts) == expected


def test_an_unknown_condition_says_what_to_ask():
    found = readiness("lung_nsclc", {}, Evidence(), {}, DAY)
    asked = {state.item.base: state.ask for state in found.items if state.applies is None}
    assert (asked["mr_brain"], asked["sc_g8"], asked["pet_ct"]) == (
        ("symptom", "iii_plus"),
        ("age",),
        ("intent",),
    )


@pytest.mark.parametrize(
    ("base", "marks", "facts", "expected"),
    [
        ("path_report", {"lung_nsclc.path_report": "present"}, FACTS, ("green", "marked_present")),
        ("path_report", {"path_report": "present"}, FACTS, ("green", "marked_present")),
        ("path_report", {"path_report": "not_available"}, FACTS, ("red", "not_available")),
        ("path_report", {"path_report": "not_applicable"}, FACTS, ("red", "missing")),
        ("pet_ct", {"pet_ct": "not_applicable"}, FACTS, None),
        ("pet_ct", {"pet_ct": "not_available"}, FACTS, ("amber", "not_available")),
        ("dc_consent", {"dc_consent": "present"}, FACTS, ("red", "missing")),
        ("dc_gene", {"dc_gene": "present"}, {"age": 40}, ("green", "marked_present")),
    ],
)
def test_marks(base, marks, facts, expected):
    assert look(base, facts=facts, marks=marks) == expected


@pytest.mark.parametrize(
    ("basis", "report", "grounds"),
    [
        ("2", None, ("red", "missing")),
        ("7", ("red", "missing"), None),
    ],
)
def test_a_clinical_diagnosis_of_the_liver_wants_its_grounds_and_no_histology(
    basis, report, grounds
):
    facts = {**FACTS, "diagnosis_basis": basis}
    found = [
        look(base, facts=facts, tumour_type="liver_hcc")
        for base in ("path_report", "no_histology_reason")
    ]
    assert found == [report, grounds]


def test_what_blocks_is_red_and_nothing_else():
    found = readiness("lung_nsclc", FACTS, Evidence(), {}, DAY)
    assert [state.item.code for state in found.blocking] == [
        state.item.code for state in found.items if state.light == Light.RED
    ]
    assert (found.ready, found.light, found.count("green")) == (False, Light.RED, 0)
    assert len({state.item.base for state in found.items}) == len(found.items)


def test_a_case_with_nothing_to_ask_is_ready():
    assert (Readiness(()).ready, Readiness(()).light) == (True, Light.GREEN)


def test_an_unknown_tumour_type_is_not_found():
    with pytest.raises(NotFound):
        readiness("nose", FACTS, Evidence(), {}, DAY)


CASES = [pytest.param(case, id=case["id"]) for case in demo_cases()]
REQUIRED_AND_MISSING = {
    "demo01": {
        "common.sc_nrs2002",
        "lung_nsclc.ebus",
        "lung_nsclc.mol_lung",
        "lung_nsclc.pet_ct",
    },
    "demo02": set(),
    "demo03": {
        "common.sc_nrs2002",
        "liver_hcc.cl_antiviral",
        "liver_hcc.lab_hbvdna",
        "liver_hcc.no_histology_reason",
        "liver_hcc.varices",
    },
    "demo04": {
        "breast.cl_photo",
        "breast.ct_chest_plain",
        "breast.mol_her2_fish",
        "breast.us_abd",
    },
    "demo05": {"rectum.fn_stoma", "rectum.mr_rectum"},
    "demo06": {"common.dc_consent", "stomach.laparoscopy"},
    "demo07": {"common.dc_privacy"},
    "demo08": {
        "common.cl_wish",
        "common.dc_guardian.not_told",
        "pancreas.no_histology_reason",
    },
    # The SCC value is typed and its report is not attached: to be confirmed, not blocking.
    "demo09": set(),
    # A VALG stage is entered and decides nothing: to be completed, not blocking.
    "demo10": set(),
    "demo11": {"oesophagus.fn_swallow"},
    "demo12": {"common.dc_guardian", "sarcoma.path_review"},
}


@pytest.mark.parametrize("case", CASES)
def test_the_checklist_finds_what_a_demo_case_lacks(case):
    found = {state.item.code for state in demo_readiness(case, {}).open_items}
    assert set(case["missing_items"]) - found == set()


@pytest.mark.parametrize("case", CASES)
def test_with_the_rest_vouched_for_only_that_keeps_it_from_the_agenda(case):
    found = {state.item.code for state in demo_readiness(case, demo_marks(case)).blocking}
    assert found == REQUIRED_AND_MISSING[case["id"]]


def test_what_a_demo_case_holds_is_seen():
    case = demo_cases()[0]
    found = {state.item.base: state for state in demo_readiness(case, {}).items}
    seen = {
        base: (found[base].sentence.value, found[base].on)
        for base in ("ct_chest", "ct_abd", "path_report", "fn_lung", "lab_cea", "cl_hw")
    }
    assert seen == {
        "ct_chest": ("report_only", date(2026, 9, 8)),
        "ct_abd": ("report_only", date(2026, 9, 8)),
        "path_report": ("present", date(2026, 9, 14)),
        "fn_lung": ("report_lacking", None),
        "lab_cea": ("report_lacking", None),
        "cl_hw": ("present", submission_day(case)),
    }
