import pytest

from mdt.rules.staging import (
    iii_plus_of_group,
    judge_register_stage,
    not_applicable,
    tables_for,
    without_stage,
)

pytestmark = pytest.mark.unit

LUNG = {"icd10": "C34.1", "morphology": "8140/3"}


def judge(**row):
    empty = dict.fromkeys(
        ("icd10", "morphology", "system", "edition", "basis", "t", "n", "m", "group"), ""
    )
    return judge_register_stage(**(empty | row))


def side(**row):
    return str(judge(**row).iii_plus)


@pytest.mark.parametrize(
    ("group", "system", "expected"),
    [
        ("ⅢA期", "TNM8", "yes"),
        ("三期", "TNM8", "yes"),
        ("II B", "TNM8", "no"),
        ("IIb", "CNLC", "no"),
        ("IIIa", "CNLC", "yes"),
        ("C", "BCLC", "yes"),
        ("IIEB", "ANN_ARBOR", "no"),
        ("IIIS", "ANN_ARBOR", "yes"),
        ("LD", "VALG", "unknown"),
        ("ED", "VALG", "yes"),
        ("WHO 3级", "CNS_GRADE", "unknown"),
        ("III", "RISS", "yes"),
        ("IIIC1", "FIGO2018", "yes"),
        ("X", "TNM8", "unknown"),
        ("", "TNM8", "unknown"),
        ("C", "BINET", "yes"),
        ("IB", "TNM8", "no"),
        ("III", "CNS_GRADE", "unknown"),
        ("D", "BCLC", "yes"),
        ("B", "BCLC", "no"),
        ("0", "BCLC", "no"),
        ("B", "BINET", "no"),
        ("III", "RAI", "yes"),
        ("3", "RAI", "yes"),
        ("Rai 2", "RAI", "no"),
        ("3", "TNM", "unknown"),
        ("M", "INRGSS", "yes"),
        ("L1", "INRGSS", "no"),
        ("L2", "INRGSS", "unknown"),
        ("MS", "INRGSS", "unknown"),
        ("4S", "INSS", "yes"),
        ("V", "WILMS", "yes"),
        ("II bulky", "Lugano", "no"),
        ("IICm-p53abn", "FIGO", "no"),
        ("II", "ISS", "no"),
        ("IIIA", "Durie-Salmon", "yes"),
        ("IVa", "Masaoka-Koga", "yes"),
        ("occult", "TNM", "unknown"),
        ("0is", "TNM", "no"),
        ("III-IV期", "TNM", "yes"),
        ("II-III期", "TNM", "unknown"),
        ("广泛期", "TNM", "yes"),
        ("undetermined", "TNM", "unknown"),
        ("IIIB", "AJCC 8 / UICC 8", "yes"),
        ("C", "BCLC 2022", "yes"),
        ("C", "", "unknown"),
        ("III", "no such system", "yes"),
    ],
)
def test_labels_by_system(group, system, expected):
    assert iii_plus_of_group(group, system) == expected


def test_categories_come_before_the_group():
    stage = judge(**LUNG, edition="8", t="T4", n="N3", m="M0", group="IB")
    assert (stage.stage, stage.iii_plus, stage.source) == ("IIIC", "yes", "derived")
    assert stage.editions == ("8",)


def test_the_group_counts_where_the_categories_do_not_decide():
    stage = judge(**LUNG, edition="8", t="T1a", n="N0", m="", group="ⅠA2期")
    assert (stage.stage, stage.iii_plus, stage.source) == ("IA2", "no", "entered")


def test_undecided_categories_without_a_group_are_unknown_and_show_what_is_left():
    stage = judge(**LUNG, edition="8", t="T1a", n="N0", m="MX")
    assert (stage.stage, stage.iii_plus, stage.source) == ("undetermined", "unknown", "none")
    assert stage.possible == ("IA1", "IVA", "IVB")


def test_nothing_recorded_is_unknown():
    stage = judge(icd10="C73", morphology="8021/3")
    assert (stage.stage, stage.iii_plus, stage.source) == ("", "unknown", "none")


def test_a_group_is_read_by_its_numeral_whatever_the_site_lists():
    assert side(icd10="C64", group="IIIC") == "yes"
    assert side(icd10="C62.9", group="IS") == "no"
    assert side(icd10="C80", group="Ⅳ期") == "yes"


def test_a_conflict_of_the_data_does_not_change_the_group():
    assert judge(icd10="C18.2", t="Tis", n="N0", m="M1a").stage == "IVA"


@pytest.mark.parametrize("basis", ["y", "yp", "yc", "r", "a", "rp", "?"])
def test_stages_after_treatment_of_recurrence_and_of_autopsy_never_count(basis):
    row = LUNG | {"edition": "8", "t": "T4", "n": "N3", "m": "M0", "group": "IIIC"}
    assert side(**row, basis="c") == "yes"
    assert side(**row, basis=basis) == "unknown"


@pytest.mark.parametrize(
    "changed",
    [
        {"t": "ypT4"},
        {"t": "yT4"},
        {"t": "y4"},
        {"n": "ypN3"},
        {"m": "rM0"},
        {"t": "aT4"},
        {"group": "yp IIIC"},
        {"group": "rⅢ期"},
        {"group": "ycT4N3M0"},
    ],
)
def test_nor_do_they_by_a_prefix(changed):
    row = LUNG | {"edition": "8", "t": "cT4", "n": "N3", "m": "cM0", "group": "cIIIC"}
    assert side(**row) == "yes"
    assert side(**row | changed) == "unknown"


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("8", "yes"),
        ("9", "no"),
        ("", "unknown"),
        ("第九版", "no"),
        ("AJCC 8", "yes"),
        ("7", "unknown"),
    ],
)
def test_the_edition_is_the_row_s_and_without_one_all_must_agree(edition, expected):
    assert side(icd10="C11.9", edition=edition, t="T2", n="N2", m="M0") == expected


def test_without_an_edition_the_group_decides_what_the_editions_dispute():
    stage = judge(icd10="C11.9", t="T2", n="N2", m="M0", group="III")
    assert (stage.iii_plus, stage.source, stage.editions) == ("yes", "entered", ("9", "8"))


def test_the_edition_may_stand_in_the_system():
    row = {"icd10": "C11.9", "t": "T3", "n": "N0", "m": "M0"}
    assert side(**row, system="TNM8") == "yes"
    assert side(**row, system="TNM9") == "no"


def test_breast_counts_by_its_anatomic_groups():
    stage = judge(icd10="C50.9", morphology="8500/3", t="T2", n="N1", m="M0")
    assert (stage.stage, stage.iii_plus) == ("IIB", "no")


def test_clinical_and_pathological_tables_go_by_the_basis():
    row = {"icd10": "C16.3", "morphology": "8140/3", "t": "T4a", "n": "N0", "m": "M0"}
    assert (judge(**row).stage, judge(**row).iii_plus) == ("IIB", "no")
    assert judge(**row, basis="c") == judge(**row)
    assert (judge(**row, basis="p").stage, judge(**row, basis="p").iii_plus) == ("IIB", "no")
    nodes = row | {"n": "N1"}
    assert (judge(**nodes, basis="c").stage, judge(**nodes, basis="p").stage) == ("III", "IIIA")


@pytest.mark.parametrize(
    ("age", "morphology", "expected"),
    [
        (40, "8260/3", "no"),
        (60, "8260/3", "yes"),
        (None, "8260/3", "unknown"),
        (40, "8021/3", "yes"),
        (40, "8345/3", "yes"),
        (40, "", "unknown"),
        (55, "8260/3", "yes"),
        (54, "8260/3", "no"),
    ],
)
def test_thyroid_goes_by_age_and_histology(age, morphology, expected):
    row = {"icd10": "C73", "t": "T4b", "n": "N1", "m": "M1"}
    assert side(**row, morphology=morphology, age=age) == expected


@pytest.mark.parametrize(
    ("morphology", "expected"),
    [("8070/3", "no"), ("8140/3", "yes"), ("", "unknown"), ("8000/3", "unknown")],
)
def test_oesophagus_without_histology_needs_both_tables_to_agree(morphology, expected):
    row = {"icd10": "C15.4", "t": "T3", "n": "N0", "m": "M0", "basis": "c"}
    assert side(**row, morphology=morphology) == expected


def test_oropharynx_without_p16_needs_all_tables_to_agree():
    row = {"icd10": "C09.9", "morphology": "8070/3", "m": "M0", "edition": "8"}
    assert side(**row, t="T1", n="N1") == "unknown"
    assert side(**row | {"morphology": "8085/3"}, t="T1", n="N1") == "no"
    assert side(**row | {"morphology": "8086/3"}, t="T1", n="N1") == "yes"
    assert side(**row, t="T4", n="N2") == "yes"


def test_prostate_needs_what_the_register_has_not_so_the_group_counts():
    row = {"icd10": "C61", "t": "T2a", "n": "N0", "m": "M0"}
    assert side(**row) == "unknown"
    assert side(**row, group="IIB") == "no"
    assert side(**row | {"t": "T3a"}) == "yes"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"system": "CNLC", "group": "Ⅱb"}, ("IIb", "no", "entered")),
        ({"system": "CNLC", "group": "IIIa"}, ("IIIa", "yes", "entered")),
        ({"system": "BCLC", "group": "C"}, ("C", "yes", "entered")),
        ({"system": "TNM", "t": "T4", "n": "N0", "m": "M0"}, ("IIIB", "yes", "derived")),
        (
            {"system": "CNLC", "group": "Ib", "t": "T4", "n": "N0", "m": "M0"},
            ("Ib", "no", "entered"),
        ),
        ({"system": "CNLC", "t": "T4", "n": "N0", "m": "M0"}, ("IIIB", "yes", "derived")),
    ],
)
def test_liver_goes_by_the_system_of_the_row(row, expected):
    stage = judge(icd10="C22.0", morphology="8170/3", **row)
    assert (stage.stage, stage.iii_plus, stage.source) == expected


def test_small_cell_lung_cancer_by_extent_and_by_categories():
    row = {"icd10": "C34.3", "morphology": "8041/3", "system": "VALG"}
    assert side(**row, group="广泛期") == "yes"
    limited = judge(**row, group="局限期")
    assert (limited.stage, limited.iii_plus, limited.source) == ("limited", "unknown", "entered")
    assert side(**row, group="局限期", t="T4", n="N3", m="M0") == "yes"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"edition": "2018", "t": "T1b1", "n": "N1", "m": "M0"}, "yes"),
        ({"edition": "", "t": "T1b1", "n": "N1", "m": "M0"}, "yes"),
        ({"edition": "8", "t": "T1b1", "n": "N1", "m": "M0"}, "unknown"),
        ({"edition": "2009", "t": "T1b1", "n": "N1", "m": "M0", "group": "IB1"}, "no"),
    ],
)
def test_figo_editions_are_known_by_their_year(row, expected):
    assert side(icd10="C53.9", system="FIGO", **row) == expected


def test_other_systems():
    assert side(icd10="C83.3", system="ANN_ARBOR", group="IVB期") == "yes"
    assert side(icd10="C90.0", system="RISS", group="II") == "no"
    assert side(icd10="C90.0", system="ISS", group="Ⅲ期") == "yes"


@pytest.mark.parametrize(
    "row",
    [
        {"t": "cT4N3M0"},
        {"group": "cT4N3M0"},
        {"t": "4", "n": "3", "m": "0"},
        {"t": "t4", "n": "cN3"},
        {"group": "IA1 (T4N3M0)"},
    ],
)
def test_categories_are_read_wherever_they_stand(row):
    assert judge(**LUNG, edition="8", **row).source == "derived"
    assert side(**LUNG, edition="8", **row) == "yes"


def test_a_tumour_of_another_kind_is_not_staged_by_the_table_of_its_site():
    row = {"icd10": "C16.1", "t": "T3", "n": "N0", "m": "M0"}
    assert judge(**row, morphology="8140/3").stage == "IIB"
    assert judge(**row, morphology="9680/3").source == "none"
    assert judge(**row, morphology="8936/3").possible == ("IB", "IIIA")


@pytest.mark.parametrize(
    ("icd10", "morphology", "expected"),
    [
        ("C34.1", "8140/3", ["lung_nsclc_9", "lung_nsclc_8"]),
        ("C34.100x001", "8041/3", ["lung_sclc_9", "lung_sclc_8", "lung_sclc_valg"]),
        ("c341", "8140/3", ["lung_nsclc_9", "lung_nsclc_8"]),
        ("C22.0", "", ["liver_cnlc", "liver_bclc", "liver_hcc"]),
        ("C20.x00", "", ["colorectal"]),
        ("C18.1", "", []),
        ("C05.1", "8086/3", ["oropharynx_hpv_neg"]),
        ("C05.0", "", ["oral_cavity"]),
        ("C24", "", ["bile_duct_perihilar", "bile_duct_distal", "ampulla"]),
        ("C16.2", "8936/3", ["gist_gastric"]),
        ("C25.1", "8150/3", ["pancreas_net"]),
        ("C48.0", "", ["soft_tissue_retroperitoneum"]),
        ("C48.1", "", ["ovary_8"]),
        ("C16.2", "9680/3", ["lymphoma_lugano"]),
        ("C41.2", "9220/3", []),
        ("C71.1", "9440/3", []),
        ("", "", []),
        ("", "8140/3", []),
    ],
)
def test_tables_for_a_diagnosis_best_first(icd10, morphology, expected):
    assert [found.key for found in tables_for(icd10, morphology)] == expected


@pytest.mark.parametrize(
    ("icd10", "morphology", "expected"),
    [
        ("C92.0", "", True),
        ("C71.9", "", True),
        ("C75.1", "", True),
        ("C41.4", "", True),
        ("D12.6", "", True),
        ("", "9440/3", True),
        ("C83.0", "9823/3", False),
        ("C34.1", "8140/3", False),
        ("C90.0", "9732/3", False),
        ("C90.3", "9734/3", True),
        ("D05.1", "8500/2", False),
        ("", "", False),
    ],
)
def test_diagnoses_without_stage_groups(icd10, morphology, expected):
    assert not_applicable(icd10, morphology) is expected


def test_what_is_used_instead_of_a_stage_is_said():
    assert without_stage("C71.9").use_en == "WHO CNS grade"
