import pytest

from tests.unit.rules.register_rows import ENGLISH, NO_HISTOLOGY, warned

BARE_STAGE = dict.fromkeys(
    ("staging_system", "staging_edition", "stage_basis", "t", "n", "m", "stage_group"), ""
)


@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        ({}, []),
        (BARE_STAGE, []),
        ({"stage_date": "2026-09-10"}, []),
        ({"stage_date": "2026-09-11"}, [("stage_date", "stage_after_treatment")]),
        ({"stage_basis": ""}, []),
        ({"stage_basis": "?"}, [("stage_basis", "stage_basis_unknown")]),
        ({"stage_basis": "p"}, [("stage_basis", "stage_pathological_without_surgery")]),
        ({"stage_basis": "p", "first_treatment_type": "手术", "stage_date": "2026-09-20"}, []),
        ({"stage_basis": "yp"}, [("stage_basis", "stage_not_initial")]),
        ({"t": "ypT2a"}, [("t", "stage_not_initial")]),
        ({"stage_group": "ypIIIB"}, [("stage_group", "stage_not_initial")]),
        ({"t": "cT2a"}, []),
        ({"t": "2a", "n": "2b", "m": "0"}, []),
        ({"t": "cT2aN2bM0", "n": "", "m": ""}, []),
        ({"t": "TX", "stage_group": ""}, []),
        ({"t": "T2z", "stage_group": ""}, [("t", "stage_category_unreadable")]),
        ({"n": "N9", "stage_group": ""}, [("n", "stage_category_unreadable")]),
        ({"m": "有转移", "stage_group": ""}, [("m", "stage_category_unreadable")]),
        ({"stage_group": "ⅢＡ"}, [("stage_group", "stage_group_against_tnm")]),
        ({"stage_group": "三期"}, []),
        ({"stage_group": "IVC"}, [("stage_group", "stage_group_against_site")]),
        ({"stage_group": "晚期"}, [("stage_group", "stage_group_unreadable")]),
        ({"staging_edition": "8", "n": "N2"}, [("stage_group", "stage_group_against_tnm")]),
        ({"staging_edition": "5"}, [("staging_edition", "staging_edition_against_site")]),
        (
            {"diagnosis_date": "2024-12-01", "stage_date": "2024-12-31"},
            [("staging_edition", "staging_edition_against_date")],
        ),
        ({"staging_system": "WHO分级"}, [("staging_system", "staging_system_unknown")]),
        ({"staging_system": "CNLC"}, [("staging_system", "staging_system_against_site")]),
        ({"staging_system": "VALG", "stage_group": "广泛期"}, []),
        ({"icd10": "C22.0", "staging_system": "CNLC", "stage_group": "IIIa"}, []),
        ({"icd10": "C22.0", "staging_system": "BCLC", "stage_group": "C"}, []),
        ({"icd10": "C83.3", "staging_system": "Lugano", "stage_group": "IIIS"} | NO_HISTOLOGY, []),
        (
            {"icd10": "C83.3", "stage_group": "III"} | NO_HISTOLOGY,
            [("staging_system", "staging_system_against_site")],
        ),
    ],
)
def test_stage_against_site_date_or_itself_is_a_warning(change, warnings):
    assert warned(ENGLISH | change) == warnings
