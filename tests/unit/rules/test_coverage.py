from dataclasses import replace
from datetime import date, timedelta

import pytest
from babel.numbers import format_percent

from mdt.rules.coverage import (
    LENIENT,
    STRICT,
    Board,
    By,
    CoverageRow,
    Exclusion,
    Judgement,
    Period,
    judge,
    wilson,
)
from tests.unit.rules.coverage_tally import members, summarise

DIAGNOSED = date(2026, 1, 10)
TREATED = date(2026, 1, 20)
REPORTED = date(2026, 3, 31)
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))

ROW = CoverageRow(
    id="t1",
    hospital_code="JX01",
    county_code="360726",
    city_code="360700",
    province_code="360000",
    case_type="new",
    icd10="C34.1",
    diagnosis_date=DIAGNOSED,
    diagnosis_basis="7",
    iii_plus="yes",
)
BOARD = Board(DIAGNOSED, quorum=True, signed=True)


def after_diagnosis(days):
    return DIAGNOSED + timedelta(days=days)


def board_in_time(definition, **changes):
    return judge(replace(ROW, **changes), definition=definition, on=REPORTED).board_in_time


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"case_type": "recurrence"}, Exclusion.RECURRENCE),
        ({"case_type": "retreatment"}, Exclusion.RECURRENCE),
        ({"icd10": "D05.1"}, Exclusion.IN_SITU),
        ({"icd10": "D32.0"}, Exclusion.NOT_MALIGNANT),
        ({"icd10": "D45"}, Exclusion.NOT_MALIGNANT),
        ({"diagnosis_basis": "0"}, Exclusion.DEATH_CERTIFICATE),
        ({"diagnosis_basis": "8"}, Exclusion.DEATH_CERTIFICATE),
        ({"diagnosis_basis": "9"}, None),
        ({"diagnosis_basis": ""}, None),
        ({"icd10": "C70.0"}, Exclusion.NOT_STAGEABLE),
        ({"icd10": "C72.9"}, Exclusion.NOT_STAGEABLE),
        ({"icd10": "C91.100"}, Exclusion.NOT_STAGEABLE),
        ({"icd10": "C95.9"}, Exclusion.NOT_STAGEABLE),
        ({"icd10": "C69.2"}, None),
        ({"icd10": "C73.x00"}, None),
        ({"icd10": "C90.0"}, None),
        ({"icd10": "C96.0"}, None),
        # The first reason that holds.
        ({"case_type": "recurrence", "icd10": "D05.1"}, Exclusion.RECURRENCE),
        ({"icd10": "D05.1", "diagnosis_basis": "0"}, Exclusion.IN_SITU),
        ({"icd10": "C71.9", "diagnosis_basis": "0"}, Exclusion.DEATH_CERTIFICATE),
    ],
)
def test_exclusion(changes, reason):
    judged = judge(replace(ROW, **changes), definition=STRICT, on=REPORTED)

    assert (judged.excluded, judged.in_denominator) == (reason, reason is None)


@pytest.mark.parametrize(
    ("duplicate_of", "duplicate"), [(None, False), ("t1", False), ("t2", True)]
)
def test_duplicate_counts_until_a_person_has_kept_another_row(duplicate_of, duplicate):
    judged = judge(replace(ROW, duplicate_of=duplicate_of), definition=STRICT, on=REPORTED)

    assert (judged.duplicate, judged.in_denominator) == (duplicate, not duplicate)


@pytest.mark.parametrize(
    ("changes", "iii_plus"),
    [
        ({}, "yes"),
        ({"stage_basis": "c"}, "yes"),
        ({"stage_basis": "c", "stage_date": TREATED, "first_treatment_date": TREATED}, "yes"),
        (
            {"stage_date": TREATED + timedelta(days=1), "first_treatment_date": TREATED},
            "unknown",
        ),
        ({"stage_date": TREATED + timedelta(days=1)}, "yes"),
        ({"first_treatment_date": TREATED}, "yes"),
        ({"stage_basis": "p"}, "unknown"),
        (
            {
                "stage_basis": "p",
                "first_treatment_date": TREATED,
                "first_treatment_type": "surgery",
                "stage_date": TREATED + timedelta(days=9),
            },
            "yes",
        ),
        (
            {
                "stage_basis": "p",
                "first_treatment_date": TREATED,
                "first_treatment_type": "chemotherapy",
            },
            "unknown",
        ),
        ({"stage_basis": "yp"}, "unknown"),
        ({"stage_basis": "yc"}, "unknown"),
        ({"stage_basis": "r"}, "unknown"),
        ({"stage_basis": "a"}, "unknown"),
        ({"stage_basis": "术中"}, "unknown"),
        ({"iii_plus": "no"}, "no"),
        ({"iii_plus": "unknown"}, "unknown"),
    ],
)
def test_stage_that_counts(changes, iii_plus):
    judged = judge(replace(ROW, **changes), definition=STRICT, on=REPORTED)

    assert judged.iii_plus == iii_plus


@pytest.mark.parametrize(
    ("changes", "iii_plus"),
    [
        ({"t": "T1b", "n": "N2", "m": "M0", "staging_edition": "8"}, "yes"),
        ({"t": "T1b", "n": "N2a", "m": "M0", "staging_edition": "9"}, "no"),
        ({"t": "T1b", "n": "N2", "m": "M0"}, "unknown"),
        ({"t": "ypT1b", "n": "N2", "m": "M0", "staging_edition": "8"}, "unknown"),
        ({"stage_group": "Ⅲ期"}, "yes"),
        ({"stage_group": "ⅡB期", "t": "T4", "n": "N0", "m": "M0"}, "yes"),
        ({"icd10": "C73.x00", "t": "T4a", "n": "N1b", "m": "M0", "age": 54}, "no"),
        ({}, "unknown"),
    ],
)
def test_stage_is_asked_of_the_tables_where_the_row_brings_no_answer(changes, iii_plus):
    row = replace(ROW, iii_plus=None, staging_system="TNM", morphology="8260/3", **changes)

    assert judge(row, definition=STRICT, on=REPORTED).iii_plus == iii_plus


@pytest.mark.parametrize(
    ("day", "treated", "strict", "lenient"),
    [
        (after_diagnosis(-20), TREATED, True, True),
        (TREATED - timedelta(days=1), TREATED, True, True),
        (TREATED, TREATED, True, True),
        (TREATED + timedelta(days=1), TREATED, False, True),
        (after_diagnosis(30), TREATED, False, True),
        (after_diagnosis(31), TREATED, False, False),
        (after_diagnosis(31), after_diagnosis(31), True, True),
        (after_diagnosis(31), after_diagnosis(40), True, True),
        (after_diagnosis(300), None, True, True),
    ],
)
def test_conditions_of_time(day, treated, strict, lenient):
    boards = (replace(BOARD, date_of_discussion=day),)

    assert board_in_time(STRICT, boards=boards, first_treatment_date=treated) is strict
    assert board_in_time(LENIENT, boards=boards, first_treatment_date=treated) is lenient
    # A board outside the system meets the same conditions, in the lenient definition alone.
    assert board_in_time(STRICT, external_mdt_date=day, first_treatment_date=treated) is False
    assert board_in_time(LENIENT, external_mdt_date=day, first_treatment_date=treated) is lenient


@pytest.mark.parametrize(
    "change", [{"quorum": False}, {"signed": False}, {"deferred": True}, {"meeting": False}]
)
@pytest.mark.parametrize("definition", [STRICT, LENIENT])
def test_board_that_never_counts(definition, change):
    good, bad = BOARD, replace(BOARD, **change)

    assert board_in_time(definition, boards=(good,)) is True
    assert board_in_time(definition, boards=(bad,)) is False
    assert board_in_time(definition, boards=(bad, good)) is True


@pytest.mark.parametrize(
    ("changes", "on", "pending"),
    [
        ({}, after_diagnosis(30), True),
        ({}, after_diagnosis(31), False),
        ({"first_treatment_date": TREATED}, after_diagnosis(30), False),
        ({"boards": (BOARD,)}, after_diagnosis(30), False),
        ({"iii_plus": "unknown"}, after_diagnosis(30), False),
        ({"iii_plus": "no"}, after_diagnosis(30), False),
    ],
)
def test_pending(changes, on, pending):
    assert judge(replace(ROW, **changes), definition=STRICT, on=on).pending is pending


def test_board_outside_the_system_ends_the_wait_in_the_lenient_definition_alone():
    row = replace(ROW, external_mdt_date=DIAGNOSED)

    judged = {it.code: judge(row, definition=it, on=after_diagnosis(3)) for it in (STRICT, LENIENT)}

    assert judged == {
        "strict": Judgement(iii_plus="yes", pending=True),
        "lenient": Judgement(iii_plus="yes", board_in_time=True),
    }


def tumours(count, **changes):
    return [replace(ROW, id=f"{changes}{number}", **changes) for number in range(count)]


def report(rows, by=By.HOSPITAL, definition=STRICT, on=REPORTED, **more):
    return summarise(rows, by=by, period=QUARTER, definition=definition, on=on, **more)


def test_report_has_the_shape_and_the_figures_of_the_contract():
    late = date(2026, 3, 15)
    rows = [
        *tumours(11, boards=(BOARD,)),
        *tumours(11, first_treatment_date=TREATED),
        *tumours(2, diagnosis_date=late),
        *tumours(2, iii_plus="unknown"),
        *tumours(1, iii_plus="unknown", boards=(BOARD,)),
        *tumours(1, case_type="recurrence"),
        *tumours(5, iii_plus="no"),
        *tumours(3, duplicate_of="another"),
        *tumours(1, diagnosis_date=date(2025, 12, 31)),
        *tumours(1, diagnosis_date=date(2026, 4, 1)),
    ]
    figures = {
        "numerator": 11,
        "denominator": 24,
        "rate": 0.4583,
        "ci_low": 0.2789,
        "ci_high": 0.6493,
        "unstaged": 3,
        "low": 0.4231,
        "high": 0.48,
        "pending": 2,
        "excluded": {"recurrence": 1},
        "signed_without_meeting": 0,
        "meets_target": False,
    }

    assert report(rows, names={"JX01": "某县人民医院"}).as_json("en") == {
        "definition": {"code": "strict", "version": "1", "text": STRICT.text.en},
        "period": {"from": "2026-01-01", "to": "2026-03-31"},
        "by": "hospital",
        "target": 0.5,
        "rows": [{"code": "JX01", "name": "某县人民医院", **figures}],
        "total": figures,
    }


def test_no_denominator_has_no_rate_and_misses_the_target():
    total = report(tumours(2, iii_plus="unknown", boards=(BOARD,))).total

    assert total.as_json() == {
        "numerator": 0,
        "denominator": 0,
        "rate": None,
        "ci_low": None,
        "ci_high": None,
        "unstaged": 2,
        "low": None,
        "high": None,
        "pending": 0,
        "excluded": {},
        "signed_without_meeting": 0,
        "meets_target": False,
    }


@pytest.mark.parametrize(
    ("numerator", "denominator", "meets"), [(1, 2, False), (50, 100, False), (51, 101, True)]
)
def test_exactly_half_does_not_meet_the_target(numerator, denominator, meets):
    rows = tumours(numerator, boards=(BOARD,)) + tumours(denominator - numerator)

    assert report(rows).total.meets_target is meets


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate"),
    [(1, 32, 0.0312), (3, 32, 0.0938), (5, 32, 0.1562), (2, 3, 0.6667)],
)
def test_rate_is_rounded_half_to_even(numerator, denominator, rate):
    rows = tumours(numerator, boards=(BOARD,)) + tumours(denominator - numerator)

    assert report(rows).total.rate == rate


def test_what_is_shown_is_rounded_once():
    # 4 / 19 is 21.05... %: by way of four decimals it would become 21.0 %.
    rows = tumours(4, boards=(BOARD,)) + tumours(15)
    total = report(rows).total

    assert (total.rate, total.exact.rate) == (0.2105, 4 / 19)
    assert format_percent(total.exact.rate, "0.0%", locale="en") == "21.1%"


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [
        (11, 24, (0.2789, 0.6493)),
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (1, 1, (0.2065, 1.0)),
    ],
)
def test_interval_after_wilson(successes, trials, interval):
    assert wilson(successes, trials) == interval


def test_opinion_signed_with_no_meeting_stands_beside():
    alone = replace(BOARD, meeting=False)
    rows = [
        *tumours(1, boards=(alone,)),
        *tumours(1, boards=(alone, BOARD)),
        *tumours(1, boards=(replace(alone, signed=False),)),
        *tumours(1, boards=(alone,), iii_plus="no"),
    ]

    total = report(rows).total

    assert (total.numerator, total.denominator) == (1, 3)
    assert total.count("signed_without_meeting") == 1
    assert members(rows, period=QUARTER, definition=STRICT, on=REPORTED)[
        "signed_without_meeting"
    ] == [rows[0].id]


def test_every_figure_names_the_tumours_behind_it():
    ids = {
        "numerator": replace(ROW, id="discussed", boards=(BOARD,)),
        "pending": replace(ROW, id="waiting", diagnosis_date=date(2026, 3, 20)),
        "unstaged": replace(ROW, id="unstaged", iii_plus="unknown"),
        "below": replace(ROW, id="early", iii_plus="no"),
        "recurrence": replace(ROW, id="again", case_type="recurrence"),
        "in_situ": replace(ROW, id="in situ", icd10="D05.1"),
    }

    assert members(ids.values(), period=QUARTER, definition=STRICT, on=REPORTED) == {
        "numerator": ["discussed"],
        "denominator": ["discussed", "waiting"],
        "below": ["early"],
        "unstaged": ["unstaged"],
        "unstaged_with_board": [],
        "pending": ["waiting"],
        "signed_without_meeting": [],
        "excluded:recurrence": ["again"],
        "excluded:in_situ": ["in situ"],
    }


PLACES = [
    ROW,
    replace(ROW, id="t2", hospital_code="JX02", icd10="C16.9"),
    replace(ROW, id="t3", hospital_code="JX03", county_code="", diagnosis_date=date(2026, 2, 1)),
    replace(ROW, id="t4", hospital_code="JX04", county_code="", city_code="", icd10="D05.1"),
]


@pytest.mark.parametrize(
    ("by", "lines"),
    [
        (
            By.HOSPITAL,
            [("JX01", "JX01"), ("JX02", "JX02"), ("JX03", "JX03"), ("JX04", "JX04")],
        ),
        (By.COUNTY, [("360000", "江西省"), ("360700", "赣州市"), ("360726", "安远县")]),
        (By.CITY, [("360000", "江西省"), ("360700", "赣州市")]),
        (By.PROVINCE, [("360000", "江西省")]),
        (By.YEAR, [("2026", "2026年")]),
        (By.QUARTER, [("2026-Q1", "2026年第1季度")]),
        (By.MONTH, [("2026-01", "2026年1月"), ("2026-02", "2026年2月")]),
        (
            By.SITE,
            [("stomach", "胃"), ("lung", "气管、支气管和肺"), ("in_situ", "原位肿瘤")],
        ),
    ],
)
def test_rows_of_a_report(by, lines):
    found = report(PLACES, by=by)

    assert [(line.code, line.name) for line in found.rows] == lines


def test_names_follow_the_language_and_those_that_are_given_win():
    english = report(PLACES, by=By.COUNTY, language="en", names={"360726": "Own name"})

    assert [line.name for line in english.rows] == ["Jiangxi Province", "Ganzhou City", "Own name"]


def test_site_outside_the_scheme_stands_under_other():
    lines = report([replace(ROW, icd10="D17.0")], by=By.SITE).rows

    assert [(line.code, line.name, line.excluded) for line in lines] == [
        ("other", "其他", {"not_malignant": 1})
    ]
