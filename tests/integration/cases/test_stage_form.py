"""The stage as it is chosen, typed and derived."""

import pytest

from tests.case_kit import load, save, start


@pytest.fixture
def draft(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    save(doctor, case_id, icd10="C34.1", diagnosis_date="2026-11-01")
    return doctor, case_id


def test_the_categories_of_the_table_are_choices(draft):
    doctor, case_id = draft
    page = doctor.get(f"/cases/{case_id}/edit").text
    for option in ("T1mi", "N2b", "M1c2", "IIIC", "lung_nsclc_8"):
        assert f'<option value="{option}"' in page.replace("<option selected", "<option")


def test_a_stage_text_is_read_and_kept_raw(app, draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, stage_text="ｃＴ２ｂＮ３Ｍ０")
    assert answer.json["fields"] == {
        "t": "T2b",
        "n": "N3",
        "m": "M0",
        "stage_group": "IIIB",
        "iii_plus": "yes",
    }
    assert load(app, case_id).stage_text == "ｃＴ２ｂＮ３Ｍ０"
    assert "stage-choices" in answer.json["html"]


def test_another_group_than_the_derived_one_owes_a_reason(app, draft):
    doctor, case_id = draft
    save(doctor, case_id, t="T2b", n="N3", m="M0")
    answer = save(doctor, case_id, stage_group="IIIA")
    assert answer.json["deviates"] is True
    assert "请选择原因" in answer.json["html"]["stage-result"]
    answer = save(doctor, case_id, stage_deviation_reason="imaging_review")
    assert "影像复阅后改变" in answer.json["html"]["stage-result"]
    case = load(app, case_id)
    assert (case.stage_group, case.stage_deviation_reason) == ("IIIA", "imaging_review")


def test_conflicts_and_hints_are_shown(draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, t="Tis", n="N1", m="M0", staging_table="lung_nsclc_8")
    shown = answer.json["html"]["stage-result"]
    assert "原位癌合并淋巴结转移" in shown
    assert "更新的分期版本" in shown


def test_another_tumour_type_brings_its_tables(app, draft):
    doctor, case_id = draft
    answer = save(doctor, case_id, tumour_type="colon", icd10="C18.2")
    assert load(app, case_id).staging_table == "colorectal"
    assert answer.json["fields"] == {"staging_table": "colorectal"}
    assert "colorectal" in answer.json["html"]["stage-choices"]


def test_factors_go_into_the_group(app, draft):
    doctor, case_id = draft
    save(doctor, case_id, tumour_type="thyroid", icd10="C73")
    body = {"t": "T4a", "n": "N1a", "m": "M0", "factor.age_group": "<55", "factor.x": "y"}
    answer = doctor.post_json(f"/cases/{case_id}/autosave", {"fields": body, "version": 1})
    assert answer.json["errors"] == {}
    case = load(app, case_id)
    assert (case.stage_factors, case.stage_group) == ({"age_group": "<55"}, "I")
    assert doctor.get(f"/cases/{case_id}/edit").text.count('name="factor.age_group"') == 1


def test_the_light_answer_while_one_chooses(person):
    quality = person("quality")
    answer = quality.get("/staging/derive.json?table=lung_nsclc_9&t=T2b&n=N3&m=M0")
    assert answer.json == {
        "stage": "IIIB",
        "words": "IIIB",
        "possible": ["IIIB"],
        "major": "III",
        "iii_plus": "yes",
        "conflicts": [],
    }


def test_the_light_answer_for_an_unknown_table_or_nobody(app, person):
    assert person("clinician").get("/staging/derive.json?table=moon").status_code == 404
    assert app.test_client().get("/staging/derive.json").status_code == 401


def test_codes_are_listed_in_both_languages(person):
    codes = {row[0]: row[1:] for row in person("clinician").get("/codes/icd10.json").json}
    assert codes["C34.1"][0].startswith("上叶")
    assert "lobe" in codes["C34.1"][1].lower()
