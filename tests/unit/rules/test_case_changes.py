"""Editing a draft: cleaned, checked, and what follows filled in."""

from datetime import date

import pytest

from mdt.rules.case_changes import clean_name, edit_draft, new_draft
from mdt.rules.case_draft import CaseDraft

TODAY = date(2026, 11, 20)
MAN, WOMAN = "369921196203050015", "369921196203050023"


EMPTY = CaseDraft()


def edit(draft=EMPTY, **changes):
    return edit_draft(draft, changes, TODAY)


def test_an_identity_number_gives_birth_date_and_sex():
    found = edit(id_number=" 369921 19620305 004x ").draft
    assert (found.id_number, found.birth_date, found.sex) == (
        "36992119620305004X",
        date(1962, 3, 5),
        "2",
    )


def test_sex_may_be_said_otherwise():
    assert edit(id_number=MAN, sex="2").draft.sex == "2"
    kept = edit(edit(id_number=MAN).draft, sex="2").draft
    assert (kept.sex, kept.id_number) == ("2", MAN)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("369921196203050016", "id_number_check_digit"),
        ("12345", "id_number_shape"),
        ("130503670401001", "id_number_15_digits"),
    ],
)
def test_a_wrong_number_keeps_what_was_there(number, code):
    before = edit(id_number=MAN).draft
    found = edit(before, id_number=number, labs="x")
    assert found.errors == {"id_number": code}
    assert (found.draft.id_number, found.draft.labs) == (MAN, "x")


def test_numbers_of_other_documents_are_not_checked():
    found = edit(id_type="03", id_number="e12345678")
    assert (found.errors, found.draft.id_number) == ({}, "E12345678")


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("c34.1", "C34.1", ""),
        ("C34.100x001", "C34.100x001", ""),
        ("C34.1 上叶，支气管或肺", "C34.1", ""),
        ("", "", ""),
        ("E11.9", "", "icd10_not_neoplasm"),
        ("肺癌", "", "icd10_name_unknown"),
        ("C3X", "", "icd10_unreadable"),
        ("C34.12", "", "icd10_unreadable"),
        ("甲状腺恶性肿瘤", "C73", ""),
        ("甲状腺", "C73", ""),
        ("上叶，支气管或肺", "C34.1", ""),
        ("Upper lobe, bronchus or lung", "C34.1", ""),
    ],
)
def test_codes(text, code, error):
    found = edit(icd10=text)
    assert (found.draft.icd10, found.errors.get("icd10", "")) == (code, error)


@pytest.mark.parametrize("kind", ["", "居民身份证"])
def test_a_number_without_a_known_kind_is_a_cards(kind):
    before = CaseDraft(id_type=kind)
    assert edit(before, id_number="369921196203050016").errors == {
        "id_number": "id_number_check_digit"
    }
    assert edit(before, id_number=MAN).draft.id_type == "01"


def test_a_code_gives_the_tumour_type_where_none_is_chosen():
    assert edit(icd10="C61").draft.tumour_type == "prostate"
    chosen = CaseDraft(tumour_type="lung_sclc")
    assert edit(chosen, icd10="C34.1").draft.tumour_type == "lung_sclc"


@pytest.mark.parametrize(
    ("name", "error"),
    [("张", "name_short"), ("甲" * 31, "name_long"), ("𠮷𡘙", None), ("", None)],
)
def test_names(name, error):
    assert edit(name=name).errors.get("name") == error


def test_one_kind_of_dot_in_names():
    assert clean_name(" 买买提•艾山 ") == "买买提·艾山"


def test_names_that_are_no_fields_are_left_out():
    assert edit(state="signed", hospital_id=3).draft == CaseDraft()


def test_a_new_draft_has_its_usual_table():
    draft = new_draft(team_id=4, tumour_type="stomach")
    assert (draft.team_id, draft.tumour_type, draft.staging_table) == (4, "stomach", "stomach_c")
