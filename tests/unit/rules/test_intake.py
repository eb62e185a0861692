"""Sections of the form, what gates submission, what the exception leaves to be made good."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mdt.rules.case_draft import CaseDraft, SectionCode, draft_fields, section_of, sections
from mdt.rules.content import demo_cases, urgencies
from mdt.rules.demo_drafts import demo_consents, demo_draft, submission_day
from mdt.rules.intake import (
    Block,
    ConsentPaper,
    Debt,
    UrgentException,
    days_left,
    due_at,
    needed_consents,
    section_state,
    submission_blocks,
    submission_debts,
)
from mdt.rules.intake_warnings import (
    draft_warnings,
    performance_agrees,
    phone_plausible,
    side_conflict,
)

pytestmark = pytest.mark.unit

DAY = date(2026, 9, 15)
WHOLE = replace(demo_draft(demo_cases()[0]), team_id=1)


def paper(kind, signer="patient", *, scanned=True, withdrawn=False):
    return ConsentPaper(kind, signer, DAY, scanned=scanned, withdrawn=withdrawn)


BOTH = (paper("remote"), paper("privacy"))


def blocks(draft=WHOLE, consents=BOTH, *, agreement_valid=True, exception=None):
    found = submission_blocks(
        draft, consents, agreement_valid=agreement_valid, day=DAY, urgent_exception=exception
    )
    return [(one.code, one.field) for one in found]


def test_the_sections_hold_every_field_once():
    held = [one.code for section in sections() for one in section.fields]
    assert sorted(held) == sorted(set(draft_fields()) - {"answers", "iii_plus"})
    assert [section.code for section in sections()] == list(SectionCode)
    assert section_of("ecog") == SectionCode.CONDITION


@pytest.mark.parametrize(
    ("section", "draft", "expected"),
    [
        ("patient", CaseDraft(), ("empty", ("name", "id_number", "sex", "birth_date"))),
        ("patient", CaseDraft(name="演示甲"), ("started", ("id_number", "sex", "birth_date"))),
        (
            "patient",
            CaseDraft(name="演示甲", id_type="98", sex="1", birth_date=DAY),
            ("complete", ()),
        ),
        (
            "diagnosis",
            CaseDraft(),
            (
                "empty",
                ("tumour_type", "icd10", "diagnosis_text", "diagnosis_date", "diagnosis_basis"),
            ),
        ),
        ("diagnosis", replace(WHOLE, icd10="C50.4", laterality=""), ("started", ("laterality",))),
        ("stage", CaseDraft(), ("empty", ())),
        (
            "stage",
            CaseDraft(tumour_type="lung_nsclc"),
            ("empty", ("staging_table", "stage_group", "stage_date")),
        ),
        ("stage", CaseDraft(tumour_type="cns"), ("complete", ())),
        (
            "stage",
            CaseDraft(tumour_type="lung_nsclc", staging_table="lung_nsclc_9", stage_text="ⅢA"),
            ("started", ("stage_date",)),
        ),
        (
            "condition",
            CaseDraft(kps=80),
            ("started", ("comorbidities", "chief_complaint", "history", "examination")),
        ),
        # Lists come from the table as lists, empty or not.
        (
            "condition",
            CaseDraft(symptoms=[], comorbidities=[]),
            ("empty", ("ecog", "comorbidities", "chief_complaint", "history", "examination")),
        ),
        ("treatment", CaseDraft(), ("empty", ("patient_preference", "own_plan"))),
        (
            "treatment",
            CaseDraft(case_type="recurrence", own_plan="化疗"),
            ("started", ("treatment_so_far", "patient_preference")),
        ),
        ("question", CaseDraft(), ("empty", ("question", "team_id"))),
        ("question", CaseDraft(question=" \n", team_id=1), ("started", ("question",))),
        *((code, WHOLE, ("complete", ())) for code in list(SectionCode)[:6]),
    ],
)
def test_how_far_a_section_is(section, draft, expected):
    found = section_state(draft, section, day=DAY)
    assert (found.status.value, found.missing) == expected


@pytest.mark.parametrize(("files", "expected"), [(0, ("empty", ("files",))), (3, ("complete", ()))])
def test_the_section_of_files(files, expected):
    found = section_state(WHOLE, "files", day=DAY, files=files)
    assert (found.status.value, found.missing) == expected


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ((), ("empty", ("remote", "privacy"))),
        ((paper("remote"),), ("started", ("privacy",))),
        (BOTH, ("complete", ())),
    ],
)
def test_the_section_of_consent(consents, expected):
    found = section_state(WHOLE, "consent", day=DAY, consents=consents)
    assert (found.status.value, found.missing) == expected


@pytest.mark.parametrize(
    ("birth_date", "consents", "expected"),
    [
        (date(1964, 3, 18), (), ["remote", "privacy"]),
        (date(2008, 9, 15), (), ["remote", "privacy"]),
        (date(2008, 9, 16), (), ["remote", "privacy", "guardian"]),
        (date(2013, 6, 17), (), ["remote", "privacy", "guardian"]),
        (date(1964, 3, 18), (paper("remote", "relative"),), ["remote", "privacy", "guardian"]),
        (
            date(1964, 3, 18),
            (paper("remote", "relative", withdrawn=True),),
            ["remote", "privacy"],
        ),
    ],
)
def test_which_papers_are_needed(birth_date, consents, expected):
    found = needed_consents(replace(WHOLE, birth_date=birth_date), consents, DAY)
    assert [kind.value for kind in found] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"consents": ()}, [("consent_missing", "remote"), ("consent_missing", "privacy")]),
        (
            {"consents": (paper("remote", scanned=False), paper("privacy"))},
            [("consent_missing", "remote")],
        ),
        (
            {"consents": (paper("remote"), paper("privacy", withdrawn=True))},
            [("consent_missing", "privacy")],
        ),
        (
            {"draft": replace(WHOLE, birth_date=date(2013, 6, 17))},
            [("consent_missing", "guardian")],
        ),
        ({"agreement_valid": False}, [("agreement_missing", "team_id")]),
        (
            {"draft": replace(WHOLE, team_id=None), "agreement_valid": False},
            [("field_required", "team_id")],
        ),
        ({"draft": replace(WHOLE, question="")}, [("field_required", "question")]),
        ({"draft": replace(WHOLE, sex="0")}, [("field_required", "sex")]),
        # What the checklist wants does not gate submission.
        ({"draft": replace(WHOLE, ecog=None, kps=None, stage_date=None)}, []),
    ],
)
def test_what_gates_submission(changes, expected):
    assert blocks(**changes) == expected


URGENT = replace(WHOLE, urgency="urgent")


@pytest.mark.parametrize(
    ("draft", "exception", "agreement_valid", "expected"),
    [
        (URGENT, UrgentException("consent_urgent_later"), True, []),
        (
            URGENT,
            UrgentException("consent_urgent_later"),
            False,
            [("agreement_missing", "team_id")],
        ),
        (URGENT, UrgentException(""), True, [("exception_reason_required", "urgent_exception")]),
        (
            URGENT,
            UrgentException("mood"),
            True,
            [("exception_reason_required", "urgent_exception")],
        ),
        (
            URGENT,
            UrgentException("other", " "),
            True,
            [("exception_text_required", "urgent_exception")],
        ),
        (URGENT, UrgentException("other", "家属在途中"), True, []),
        (WHOLE, UrgentException("emergency"), True, [("exception_not_urgent", "urgency")]),
    ],
)
def test_the_urgent_exception_stands_in_for_papers_only(
    draft, exception, agreement_valid, expected
):
    found = blocks(draft, (), agreement_valid=agreement_valid, exception=exception)
    assert found == expected


def test_the_exception_leaves_a_debt_until_the_papers_are_there():
    found = [submission_debts(URGENT, held, day=DAY) for held in ((), BOTH[:1], BOTH)]
    assert found == [
        (Debt("consent_owed", "remote"), Debt("consent_owed", "privacy")),
        (Debt("consent_owed", "privacy"),),
        (),
    ]


def test_a_block_says_where_to_put_it_right():
    found = submission_blocks(replace(WHOLE, icd10=""), (), agreement_valid=True, day=DAY)
    assert found == (
        Block("field_required", "icd10", SectionCode.DIAGNOSIS),
        Block("consent_missing", "remote", SectionCode.CONSENT),
        Block("consent_missing", "privacy", SectionCode.CONSENT),
    )


@pytest.mark.parametrize("case", demo_cases(), ids=lambda case: case["id"])
def test_demo_cases_are_gated_by_the_consents_that_they_lack(case):
    found = submission_blocks(
        replace(demo_draft(case), team_id=1),
        demo_consents(case),
        agreement_valid=True,
        day=submission_day(case),
    )
    lacking = {
        "demo06": ["remote"],
        "demo07": ["privacy"],
        "demo08": ["guardian"],
        "demo12": ["guardian"],
    }
    assert [one.field for one in found] == lacking.get(case["id"], [])


SENT = datetime(2026, 9, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("urgency", "hours", "expected"),
    [
        ("routine", 0, 3),
        ("routine", 1, 2),
        ("routine", 49, 0),
        ("routine", 72, 0),
        ("routine", 73, -1),
        ("urgent", 1, 0),
        ("critical", 5, -1),
    ],
)
def test_days_left(urgency, hours, expected):
    assert days_left(SENT, urgency, SENT + timedelta(hours=hours)) == expected


def test_the_target_goes_by_urgency():
    hours = {
        one.code: (due_at(SENT, one.code) - SENT).total_seconds() / 3600 for one in urgencies()
    }
    assert hours == {"routine": 72, "soon": 48, "urgent": 24, "critical": 4}


def test_questions_are_the_lines_that_are_not_blank():
    assert CaseDraft(question="手术？\n\n 放疗？ ").questions == ("手术？", "放疗？")


@pytest.mark.parametrize(
    ("ecog", "kps", "expected"),
    [
        (0, 90, True),
        (0, 80, True),
        (0, 70, False),
        (1, 80, True),
        (1, 60, True),
        (1, 50, False),
        (3, 40, True),
        (3, 90, False),
        (4, 10, True),
        (5, 0, False),
        (None, 80, True),
        (2, None, True),
    ],
)
def test_ecog_against_karnofsky(ecog, kps, expected):
    assert performance_agrees(ecog, kps) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"id_number": "369921196203050016"}, [("id_number_check_digit", "id_number")]),
        ({"birth_date": date(1964, 3, 19)}, [("birth_date_differs_from_id", "birth_date")]),
        ({"sex": "2"}, [("sex_differs_from_id", "sex")]),
        ({"id_type": "03", "id_number": "E1234567"}, []),
        ({"icd10": "C53.9"}, [("sex_does_not_fit_site", "icd10")]),
        ({"icd10": "C78.0"}, [("metastasis_as_diagnosis", "icd10")]),
        ({"diagnosis_date": date(2026, 9, 16)}, [("date_in_future", "diagnosis_date")]),
        (
            {"first_treatment_date": date(2026, 9, 1)},
            [
                ("treated_before_diagnosis", "first_treatment_date"),
                ("staged_after_treatment", "stage_date"),
            ],
        ),
        ({"diagnosis_date": date(1960, 1, 1)}, [("diagnosed_before_birth", "diagnosis_date")]),
        ({"ecog": 3}, [("ecog_kps_differ", "kps")]),
        ({"phone": "123"}, [("phone_implausible", "phone")]),
    ],
)
def test_warnings(changes, expected):
    found = draft_warnings(replace(WHOLE, **changes), DAY)
    assert [(one.code, one.field) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("13812345678", True),
        ("138 1234 5678", True),
        ("138-1234-5678（女儿）", True),
        ("０７９７－３７２１２３４", True),
        ("(0797)3721234转8012", True),
        ("+86 138 1234 5678", True),
        ("3721234、13812345678", True),
        ("123", False),
        ("138123456789012", False),
        ("不详", False),
    ],
)
def test_phone_numbers_that_may_be_one(text, expected):
    assert phone_plausible(text) is expected


def test_the_child_of_the_demo_data_does_not_smoke():
    child = next(case for case in demo_cases() if case["id"] == "demo12")
    found = draft_warnings(demo_draft(child), date(2026, 10, 3))
    assert [(one.code, one.section.value) for one in found] == [
        ("habit_implausible_for_age", "condition")
    ]


@pytest.mark.parametrize(
    ("laterality", "texts", "expected"),
    [
        ("2", ["左乳肿块穿刺", "左腋窝淋巴结穿刺", "乳腺X线"], True),
        ("1", ["左乳肿块穿刺"], False),
        ("2", ["左乳肿块穿刺", "右乳X线"], False),
        ("2", ["左乳肿块，右乳未见异常"], False),
        ("9", ["左乳肿块穿刺"], False),
        ("1", [], False),
    ],
)
def test_the_side_against_the_reports(laterality, texts, expected):
    assert side_conflict(laterality, texts) is expected


def test_the_wrong_side_of_the_demo_data_is_seen():
    case = next(case for case in demo_cases() if case["id"] == "demo04")
    titles = [one["title_zh"] for one in case["reports"]]
    found = draft_warnings(demo_draft(case), date(2026, 9, 12), report_texts=titles)
    assert [(one.code, one.field) for one in found] == [("side_differs_from_reports", "laterality")]
