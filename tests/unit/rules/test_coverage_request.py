"""What is asked of a coverage report, its words, and its table."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mdt.rules.coverage import (
    DEFINITIONS,
    LENIENT,
    STRICT,
    Board,
    BoardUse,
    By,
    CoverageRow,
    Definitions,
    Period,
    StageUse,
    board_use,
    period_name,
    quick_periods,
    read_period,
    read_request,
    report_table,
    source_lines,
    stage_use,
)
from mdt.rules.errors import Invalid
from mdt.rules.staging import judge_register_stage
from tests.unit.rules.coverage_tally import summarise

TODAY = date(2026, 11, 20)
ROW = CoverageRow(
    id="1",
    hospital_code="JX01",
    county_code="360726",
    city_code="360700",
    province_code="360000",
    case_type="new",
    icd10="C34.1",
    diagnosis_date=date(2026, 10, 1),
    iii_plus="yes",
)


def test_nothing_asked_is_this_quarter_by_hospital_strict():
    asked = read_request({}, today=TODAY)
    assert asked.as_arguments() == {
        "from": "2026-10-01",
        "to": "2026-12-31",
        "by": "hospital",
        "definition": "strict",
    }
    assert (asked.other.definition_code, asked.other.other) == ("lenient", asked)


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ({"from": "2026-13-01"}, {"from": "date_iso"}),
        ({"to": "yesterday"}, {"to": "date_iso"}),
        ({"from": "2026-04-01", "to": "2026-03-31"}, {"to": "period_reversed"}),
        ({"by": "ward"}, {"by": "unknown_code"}),
        ({"definition": "generous"}, {"definition": "unknown_code"}),
    ],
)
def test_what_cannot_be_read_is_named(arguments, fields):
    with pytest.raises(Invalid) as refused:
        read_request(arguments, today=TODAY)
    assert refused.value.fields == fields


def test_a_period_of_a_list_may_be_open():
    assert read_period({}) is None
    assert read_period({"from": "2026-01-01"}) == Period(date(2026, 1, 1), date.max)
    with pytest.raises(Invalid):
        read_period({"from": "2026-01-02", "to": "2026-01-01"})


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ((2026, 1, 1), (2026, 12, 31), "2026年", "2026"),
        ((2026, 7, 1), (2026, 9, 30), "2026年第三季度", "Q3 2026"),
        ((2028, 2, 1), (2028, 2, 29), "2028年2月", "February 2028"),
        ((2026, 1, 1), (2026, 3, 30), "2026-01-01 至 2026-03-30", "2026-01-01 to 2026-03-30"),
    ],
)
def test_a_period_has_the_name_that_people_use(first, last, zh, en):
    label = period_name(Period(date(*first), date(*last)))
    assert (label.zh, label.en) == (zh, en)


def test_quick_periods_follow_the_day():
    assert quick_periods(date(2026, 1, 5)) == {
        "this_quarter": Period(date(2026, 1, 1), date(2026, 3, 31)),
        "last_quarter": Period(date(2025, 10, 1), date(2025, 12, 31)),
        "this_year": Period(date(2026, 1, 1), date(2026, 12, 31)),
        "last_year": Period(date(2025, 1, 1), date(2025, 12, 31)),
    }


def _report(numerator, denominator):
    day = date(2026, 10, 2)
    boards = (Board(day, quorum=True, signed=True),)
    rows = [
        CoverageRow(**{**_fields(), "id": str(n), "boards": boards if n < numerator else ()})
        for n in range(denominator)
    ]
    return summarise(
        rows,
        by=By.HOSPITAL,
        period=Period(date(2026, 10, 1), date(2026, 12, 31)),
        definition=DEFINITIONS["strict"],
        on=TODAY,
    )


def _fields():
    return {name: getattr(ROW, name) for name in CoverageRow.__dataclass_fields__}


@pytest.mark.parametrize(
    ("numerator", "denominator", "missing"),
    [(523, 1254, 105), (5, 10, 1), (6, 10, 0), (0, 1, 1), (0, 0, 0), (2, 5, 1)],
)
def test_how_many_more_the_target_takes(numerator, denominator, missing):
    total = _report(numerator, denominator).total
    assert total.short_by == missing
    assert _report(numerator + missing, denominator).total.meets_target is (denominator > 0)


def test_the_table_has_the_figures_and_ends_with_the_total():
    header, rows = report_table(_report(1, 4), "zh")
    assert [len(row) for row in rows] == [len(header)] * 2
    assert rows[0][:5] == ["JX01", "JX01", 1, 4, 0.25]
    assert (rows[1][1], rows[1][2:], rows[1][-1]) == ("合计", rows[0][2:], "否")
    _, empty = report_table(_report(0, 0), "en")
    assert [cell for cell in empty[0] if cell is None] == [None] * 6


def test_a_table_taken_out_says_who_took_it():
    first, second = source_lines(
        _report(1, 4), "郭质控", datetime(2026, 11, 20, 2, 5, tzinfo=UTC), "zh"
    )
    assert first == (
        "导出人：郭质控；导出时间：2026-11-20 10:05；期间：2026年第四季度；口径：严格口径，第1版"
    )
    assert second == DEFINITIONS["strict"].text.zh


@pytest.mark.parametrize(
    ("fields", "use"),
    [
        ({"t": "T1b", "n": "N3", "m": "M0"}, StageUse.DERIVED),
        ({"stage_group": "IIIA"}, StageUse.ENTERED),
        ({"t": "T1b", "n": "N2", "m": "M0"}, StageUse.UNDETERMINED),
        ({}, StageUse.ABSENT),
        ({"stage_group": "IIIA", "stage_basis": "p"}, StageUse.PATHOLOGICAL_WITHOUT_SURGERY),
        ({"stage_group": "IIIA", "stage_basis": "yp"}, StageUse.NOT_INITIAL),
        (
            {
                "stage_group": "IIIA",
                "stage_date": date(2026, 10, 9),
                "first_treatment_date": date(2026, 10, 8),
            },
            StageUse.AFTER_TREATMENT,
        ),
    ],
)
def test_why_a_stage_counts(fields, use):
    row = CoverageRow(**{**_fields(), **fields})
    stage = judge_register_stage(
        icd10=row.icd10, morphology="", system="", edition="", basis=row.stage_basis,
        t=row.t, n=row.n, m=row.m, group=row.stage_group,
    )  # fmt: skip
    assert stage_use(row, stage) is use


@pytest.mark.parametrize(
    ("board", "strict", "lenient"),
    [
        (Board(date(2026, 10, 5), quorum=True, signed=True), "counts", "counts"),
        (Board(date(2026, 10, 20), quorum=True, signed=True), "too_late", "counts"),
        (Board(date(2026, 11, 20), quorum=True, signed=True), "too_late", "past_grace"),
        (Board(date(2026, 10, 5), quorum=False, signed=True), "no_quorum", "no_quorum"),
        (Board(date(2026, 10, 5), quorum=True, signed=False), "unsigned", "unsigned"),
        (Board(date(2026, 10, 5), True, True, deferred=True), "deferred", "deferred"),
        (Board(date(2026, 10, 5), False, True, meeting=False), "no_meeting", "no_meeting"),
    ],
)
def test_why_a_board_counts(board, strict, lenient):
    fields = {**_fields(), "first_treatment_date": date(2026, 10, 8)}
    # A board outside the system is no merit of this one.
    row = CoverageRow(**{**fields, "boards": (board,), "external_mdt_date": date(2026, 10, 2)})
    uses = [board_use(board, row, DEFINITIONS[code]) for code in ("strict", "lenient")]
    assert uses == [BoardUse(strict), BoardUse(lenient)]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(9999, 1, 1), date(9999, 12, 31), "9999年"),
        (date(9999, 10, 1), date(9999, 12, 31), "9999年第四季度"),
        (date(9999, 12, 1), date(9999, 12, 31), "9999年12月"),
        (date(9999, 12, 2), date.max, "9999-12-02 至 9999-12-31"),
        (date.min, date(1, 12, 31), "1年"),
    ],
)
def test_the_ends_of_time_have_a_name(first, last, words):
    assert period_name(Period(first, last)).zh == words


NEW = replace(LENIENT, version="2", valid_from=date(2026, 1, 1))


def test_a_definition_is_the_one_in_force_where_the_period_begins():
    def asked(**arguments):
        return read_request(arguments, today=date(2026, 5, 1), definitions=Definitions((NEW,)))

    before = {"from": "2025-10-01", "to": "2025-12-31"}
    assert asked(definition="lenient").definition is NEW
    assert asked(definition="lenient", **before).definition is LENIENT
    assert asked(definition="lenient@2", **before).definition is NEW
    assert asked(definition="lenient@1").definition == LENIENT
    assert asked().other.definition is NEW
    assert asked(definition="lenient@2").other.definition == STRICT
    beside = asked(definition="strict", beside="lenient@1")
    assert (beside.other.definition, beside.other.other) == (LENIENT, beside)
    assert beside.as_arguments()["beside"] == "lenient@1"
    assert "beside" not in asked().as_arguments()


@pytest.mark.parametrize("name", ["definition", "beside"])
def test_a_version_that_is_not_there_is_refused(name):
    with pytest.raises(Invalid) as refused:
        read_request({name: "strict@2"}, today=date(2026, 5, 1))
    assert refused.value.fields == {name: "unknown_code"}
