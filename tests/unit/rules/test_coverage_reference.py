"""The product's coverage equals a plain reference over generated registers."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from mdt.rules.coverage import (
    DEFINITIONS,
    STRICT,
    Board,
    By,
    CoverageRow,
    Definition,
    Exclusion,
    Period,
    matrix_of,
)
from mdt.rules.coverage.definition_fields import StageRule, check_fields, fields_as_json
from tests.unit.rules.coverage_reference import reference_report
from tests.unit.rules.coverage_tally import codes, members, summarise

DAY = date(2026, 3, 31)

# Hospital, county, city, province: a county hospital, a city's, a province's.
HOSPITALS = (
    ("JX01", "360726", "360700", "360000"),
    ("JX02", "360726", "360700", "360000"),
    ("JX03", "360102", "360100", "360000"),
    ("JX04", "", "360700", "360000"),
    ("JX05", "", "", "360000"),
    ("JL01", "220581", "220500", "220000"),
)

# Lung C34: edition, T, N, M, group as the register has them, and whether III or above.
LUNG = (
    ("8", "T1b", "N2", "M0", "", "yes"),
    ("9", "T1b", "N2a", "M0", "", "no"),
    ("9", "T1b", "N2b", "M0", "", "yes"),
    ("", "T1b", "N2", "M0", "", "unknown"),
    ("", "T1b", "N3", "M0", "", "yes"),
    ("", "T1b", "N0", "M0", "", "no"),
    ("8", "T4", "N0", "M0", "IB", "yes"),
    ("8", "T1b", "N0", "M0", "IIIA", "no"),
    ("8", "", "", "", "ⅢA期", "yes"),
    ("", "", "", "", "三期", "yes"),
    ("9", "", "", "", "IIB", "no"),
    ("9", "TX", "NX", "M0", "", "unknown"),
    ("", "", "", "", "", "unknown"),
    ("8", "ypT1b", "N2", "M0", "", "unknown"),
)

near = st.integers(-60, 5).map(lambda days: DAY + timedelta(days=days))
after_diagnosis = st.sampled_from([-40, -1, 0, 1, 14, 29, 30, 31, 60])
maybe_offset = st.none() | after_diagnosis


@cache
def mostly(usual, *others):
    """The usual value in three draws of four, so that most rows reach the last rules.

    Made once for the same values: it takes longer than to draw one.
    """
    return st.sampled_from([usual] * 3 * len(others) + list(others))


GOOD = Board(DAY, quorum=True, signed=True)
FLAWS = ({"quorum": False}, {"signed": False}, {"deferred": True}, {"meeting": False})

# Drawn from again and again (see `mostly`).
board_flaws = st.sampled_from([{}] * 3 * len(FLAWS) + list(FLAWS))
board_days = st.lists(after_diagnosis, max_size=2)
board_disciplines = st.integers(3, 5)
hospitals = st.sampled_from(HOSPITALS)
diagnosis_days = near | st.sampled_from([date(2025, 12, 31), date(2026, 1, 1), DAY])
stages = st.sampled_from(LUNG)
precomputed_stages = st.sampled_from([None, "yes", "no", "unknown"])
treatments = st.sampled_from(["surgery", "surgery", "chemotherapy", ""])
register_lengths = st.integers(0, 12)


@st.composite
def boards(draw, diagnosed):
    days = draw(board_days)
    return tuple(
        replace(
            GOOD,
            date_of_discussion=diagnosed + timedelta(days=days_after),
            disciplines=draw(board_disciplines),
            **draw(board_flaws),
        )
        for days_after in days
    )


@st.composite
def definitions(draw):
    """A definition that a province might make: any fields, in any combination."""
    systems = draw(st.none() | st.sets(st.sampled_from(["TNM", "FIGO", "none"]), min_size=1))
    fields = {
        "stage_rule": draw(st.sampled_from(list(StageRule))),
        "systems": systems and frozenset(systems),
        "grace_days": draw(st.none() | st.sampled_from([0, 14, 30, 60])),
        "outside_boards": draw(st.booleans()),
        "opinions_alone": draw(st.booleans()),
        "min_disciplines": draw(st.sampled_from([0, 0, 4, 5])),
        "exclusions": draw(st.frozensets(st.sampled_from(list(Exclusion)))),
        "early_death_days": draw(st.sampled_from([0, 7, 30])),
        "pending_days": draw(st.sampled_from([0, 30, 60])),
        "target": draw(st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction("0.605")])),
    }
    definition = Definition(
        code=draw(st.sampled_from(["strict", "lenient"])), version="2", **fields
    )
    check_fields(definition)
    return definition


@st.composite
def tumours(draw, number):
    """A row, and what the staging tables say of its stage."""
    hospital, county, city, province = draw(hospitals)
    diagnosed = draw(diagnosis_days)
    icd10 = draw(mostly("C34.1", "C91.1", "C71.9", "D05.1", "D45", "D17.0", "C34.100x001"))
    edition, t, n, m, group, answer = draw(stages)

    def day(offset):
        return None if offset is None else diagnosed + timedelta(days=offset)

    treated = day(draw(maybe_offset))
    staged = draw(mostly(None, -5, 0, 1, 14, 15))
    precomputed = draw(precomputed_stages)
    row = CoverageRow(
        id=f"t{number}",
        hospital_code=hospital,
        county_code=county,
        city_code=city,
        province_code=province,
        case_type=draw(mostly("new", "recurrence", "retreatment")),
        icd10=icd10,
        diagnosis_date=diagnosed,
        morphology="8140/3",
        diagnosis_basis=draw(mostly("7", "2", "", "0", "8")),
        staging_system=draw(mostly("TNM", "", "FIGO")),
        staging_edition=edition,
        stage_basis=draw(mostly("c", "", "p", "yp", "r", "a", "?")),
        t=t,
        n=n,
        m=m,
        stage_group=group,
        stage_date=day(staged),
        first_treatment_date=treated,
        first_treatment_type=draw(treatments) if treated else "",
        emergency=draw(mostly(None, True, False)),
        death_date=day(draw(mostly(None, -1, 0, 7, 8, 30, 31))),
        external_mdt_date=day(draw(mostly(None, -40, 0, 15, 30, 31))),
        # Twice the same patient, perhaps moved to another hospital: undecided, kept, or dropped.
        duplicate_of=draw(mostly(None, f"t{number}", "t0")),
        boards=draw(boards(diagnosed)),
        iii_plus=precomputed,
    )
    return row, precomputed or answer


_tumours = cache(tumours)


@st.composite
def registers(draw):
    drawn = [draw(_tumours(number)) for number in range(draw(register_lengths))]
    return [row for row, _ in drawn], {row.id: answer for row, answer in drawn}


def _product(rows, by, by2=None, **asked):
    def line(one, of_line):
        found = members(of_line, **asked)
        return {"figures": one.as_json(), "members": {k: sorted(ids) for k, ids in found.items()}}

    report = summarise(rows, by=by, by2=by2, **asked)
    return {
        "rows": {
            one.codes if by2 else one.code: line(
                one, [row for row in rows if _in(row, one, by, by2)]
            )
            for one in report.rows
        },
        "total": line(report.total, rows),
    }


def _in(row, one, *groupings):
    return codes(row, *groupings) == one.codes[: 2 if groupings[1] else 1]


@settings(max_examples=200, deadline=None)
@given(register=registers(), on=st.sampled_from([DAY, DAY + timedelta(days=30)]))
def test_coverage_equals_the_reference(register, on):
    rows, tables = register
    period = Period(date(2026, 1, 1), DAY)
    for code, definition in DEFINITIONS.items():
        for by in By:
            found = _product(rows, by, period=period, definition=definition, on=on)

            assert found == reference_report(
                rows,
                tables,
                by=by.value,
                first=period.first,
                last=period.last,
                definition=code,
                on=on,
            ), (code, by)


@settings(max_examples=200, deadline=None)
@given(register=registers(), pair=st.permutations(list(By)))
def test_coverage_by_two_groupings_equals_the_reference(register, pair):
    rows, tables = register
    period, by, by2 = Period(date(2026, 1, 1), DAY), pair[0], pair[1]
    for code, definition in DEFINITIONS.items():
        found = _product(rows, by, by2, period=period, definition=definition, on=DAY)

        assert found == reference_report(
            rows,
            tables,
            by=by.value,
            by2=by2.value,
            first=period.first,
            last=period.last,
            definition=code,
            on=DAY,
        ), (code, by, by2)


@settings(max_examples=50, deadline=None)
@given(register=registers(), pair=st.permutations(list(By)))
def test_the_matrix_adds_up_both_ways(register, pair):
    rows, _ = register
    asked = {"period": Period(date(2026, 1, 1), DAY), "definition": STRICT, "on": DAY}
    matrix = matrix_of(summarise(rows, by=pair[0], by2=pair[1], **asked))
    down, across = (summarise(rows, by=by, **asked) for by in pair[:2])

    assert [(one.sums.code, one.sums.counts) for one in matrix.rows] == [
        (one.code, one.counts) for one in down.rows
    ]
    assert [(one.code2, one.counts) for one in matrix.columns] == [
        (one.code, one.counts) for one in across.rows
    ]


@settings(max_examples=50, deadline=None)
@given(register=registers())
def test_rows_add_up_to_the_total_however_they_are_grouped(register):
    rows, _ = register
    for by in By:
        report = summarise(
            rows,
            by=by,
            period=Period(date(2026, 1, 1), DAY),
            definition=DEFINITIONS["strict"],
            on=DAY,
        )
        for key, count in report.total.counts.items():
            assert sum(line.count(key) for line in report.rows) == count


@settings(max_examples=50, deadline=None)
@given(register=registers())
def test_lenient_counts_all_that_strict_counts(register):
    rows, _ = register
    found = {
        code: members(
            rows, period=Period(date(2025, 1, 1), date(2027, 1, 1)), definition=it, on=DAY
        )
        for code, it in DEFINITIONS.items()
    }
    strict, lenient = found["strict"], found["lenient"]

    assert set(strict["numerator"]) <= set(lenient["numerator"])
    assert strict["denominator"] == lenient["denominator"]


@settings(max_examples=300, deadline=None)
@given(register=registers(), definition=definitions(), on=st.sampled_from([DAY, date(2026, 5, 1)]))
def test_coverage_by_any_definition_equals_the_reference(register, definition, on):
    rows, tables = register
    # What is excluded by version 1 may count here, and the stages drawn are those of lungs.
    rows = [replace(row, iii_plus=tables[row.id]) for row in rows]
    period = Period(date(2026, 1, 1), DAY)
    found = _product(rows, By.HOSPITAL, period=period, definition=definition, on=on)

    assert found == reference_report(
        rows,
        tables,
        by="hospital",
        first=period.first,
        last=period.last,
        definition=fields_as_json(definition),
        on=on,
    )
