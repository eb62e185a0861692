"""Coverage through file, tables and HTTP equals a plain, slow reference, however it is grouped."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdt.extensions import db
from mdt.models.patients import Patient
from mdt.models.people import UserRole
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.coverage import visible_places
from mdt.queries.coverage_figures import Asked, list_behind
from mdt.queries.freeze_rows import live_rows
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import DEFINITIONS, FIGURES, By, CoverageRequest, Period
from mdt.rules.coverage.changes import count_rows, judge_again
from mdt.rules.coverage.definition_fields import fields_as_json
from mdt.services.matching import match_case
from mdt.services.registry import import_register
from mdt.services.reports import show_coverage
from mdt.services.unit_of_work import unit_of_work
from tests.discussions import case_of, hold_board
from tests.fixtures_app import Browser
from tests.register_files import rows_to_csv
from tests.unit.rules.coverage_reference import reference_report
from tests.unit.rules.test_coverage_reference import DAY, HOSPITALS, LUNG, definitions, tumours
from tests.world import NOW, build_world

#: Each example stands four years after the one before, where the calendar is the same.
FOUR_YEARS = timedelta(days=1461)
PLACES = (
    ("360102", "county", "360100"),
    ("220500", "city", "220000"),
    ("220581", "county", "220500"),
)
ANSWERS = {stage[:5]: stage[5] for stage in LUNG}
TEXTS = (
    "hospital_code", "case_type", "icd10", "morphology", "diagnosis_basis", "staging_system",
    "staging_edition", "stage_basis", "t", "n", "m", "stage_group", "first_treatment_type",
)  # fmt: skip
DAYS = (
    "diagnosis_date", "stage_date", "first_treatment_date", "external_mdt_date", "death_date",
)  # fmt: skip
EMERGENCY = {None: "", True: "是", False: "否"}
EMPTY = {"name": "", "id_type": "", "id_number": "", "sex": "", "birth_date": "", "laterality": ""}
#: Each alone; and pairs over time, place and site, of which two share a column.
GROUPINGS = (
    *((by,) for by in By),
    (By.COUNTY, By.MONTH),
    (By.HOSPITAL, By.SITE),
    (By.CITY, By.HOSPITAL),
)
#: Few examples, each with rows enough that every figure has some.
REGISTERS = st.tuples(*(tumours(number) for number in range(25)))
MADE = st.lists(definitions(), min_size=6, max_size=6)
BOUNDED = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


def add_places(world):
    """The hospitals that the rows are drawn for, and a manager who sees them all."""
    for code, level, parent in PLACES:
        db.session.add(Region(code=code, name_zh=code, level=level, parent_code=parent))
        db.session.flush()
    for code, county, city, province in HOSPITALS:
        region = county or city or province
        db.session.add(Hospital(code=code, name_zh=code, region_code=region))
    db.session.add(UserRole(user_id=world.users["quality"], role="quality", region_code="220000"))
    db.session.commit()


def moved(row, by):
    """The same row some days later; its stage is for the tables to judge."""
    days = {name: getattr(row, name) and getattr(row, name) + by for name in DAYS}
    boards = tuple(
        replace(board, date_of_discussion=board.date_of_discussion + by) for board in row.boards
    )
    return replace(row, **days, boards=boards, iii_plus=None)


def write(world, rows, example):
    """Read the rows in as a file, hold their boards; gives the rows as the tables have them."""
    file = rows_to_csv(*(_file_row(row, f"{example}-{row.id}") for row in rows))
    report = import_register(world.viewer("quality"), file, now=NOW)
    assert (report.accepted, report.refused) == (len(rows), ())
    tumours = _tumours(report.id)
    keys = {row.id: tumour for row, tumour in zip(rows, tumours, strict=True)}
    for row in rows:
        # A row that counts for itself is one that nobody has dropped.
        if row.duplicate_of not in {None, row.id}:
            keys[row.id].duplicate_of_id = keys[row.duplicate_of].id
        if row.boards:
            _discuss(world, row, keys[row.id], f"{example}-{row.id}")
    db.session.commit()
    renamed = {id_: str(tumour.id) for id_, tumour in keys.items()}
    # What was discussed of a row that was dropped was discussed of the tumour that is kept.
    dropped = {
        row.id: [one for other in rows if other.duplicate_of == row.id for one in other.boards]
        for row in rows
    }
    return [
        replace(
            row,
            id=renamed[row.id],
            duplicate_of=renamed.get(row.duplicate_of),
            boards=(*row.boards, *dropped[row.id]),
        )
        for row in rows
    ]


def _file_row(row, mrn):
    texts = {name: getattr(row, name) for name in TEXTS}
    days = {name: getattr(row, name) or "" for name in DAYS}
    return {**EMPTY, "mrn": mrn, **texts, **days, "emergency": EMERGENCY[row.emergency]}


def _tumours(import_id):
    statement = db.select(Tumour).where(Tumour.import_id == import_id).order_by(Tumour.id)
    return list(db.session.scalars(statement.execution_options(mdt_scoped=True)))


def _discuss(world, row, tumour, number):
    statement = db.select(Patient).where(Patient.id == tumour.patient_id)
    patient = db.session.scalar(statement.execution_options(mdt_scoped=True))
    case = case_of(
        world, patient, number=number, icd10=row.icd10, diagnosis_date=row.diagnosis_date
    )
    for board in row.boards:
        hold_board(
            world,
            case,
            board.date_of_discussion,
            quorum=board.quorum,
            signed=board.signed,
            deferred=board.deferred,
            meeting=board.meeting,
            disciplines=board.disciplines,
        )
    db.session.commit()
    with unit_of_work(None, AuditAction.CASE_EDIT, now=NOW) as work:
        match_case(work, case)


def expected(rows, asked, on):
    tables = _stored_answers() if asked.made_by else {row.id: _table_answer(row) for row in rows}
    return reference_report(
        rows,
        tables,
        by=asked.by.value,
        by2=asked.by2 and asked.by2.value,
        first=asked.period.first,
        last=asked.period.last,
        definition=fields_as_json(asked.made_by) if asked.made_by else asked.definition_code,
        on=on,
    )


def _stored_answers():
    """What the tables say of each row: by a definition of its own other sites may count as well."""
    statement = scope.unscoped(db.select(Tumour.id, Tumour.iii_plus), because="a test looks at it")
    return {str(id_): answer for id_, answer in db.session.execute(statement)}


def _table_answer(row):
    return ANSWERS[row.staging_edition, row.t, row.n, row.m, row.stage_group]


def check_members(world, rows, asked, on):
    """The tumours behind each figure, on a day that is chosen."""
    now = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    viewer = world.viewer("quality")
    report = show_coverage(viewer, asked, now=now, language="zh").report
    counted = Asked(visible_places(viewer), asked.period, asked.definition, on)
    wanted = expected(rows, asked, on)["rows"]
    found = {
        _key(line.codes, asked): {
            figure: _behind(counted, figure, dict(zip(asked.groupings, line.codes, strict=False)))
            for figure in FIGURES
            if figure in wanted[_key(line.codes, asked)]["members"] or line.count(figure)
        }
        for line in report.rows
    }
    assert found == {code: line["members"] for code, line in wanted.items()}


def _key(codes, asked):
    return codes if asked.by2 else codes[0]


def _behind(counted, figure, rows):
    ids, total = list_behind(counted, figure, rows, offset=0, limit=1000)
    assert len(ids) == total
    return sorted(str(id_) for id_ in ids)


def check_rows(world, asked, on):
    """The rows that a closing would keep add up to the figures, and say why by their facts."""
    viewer = world.viewer("quality")
    counted = Asked(visible_places(viewer), asked.period, asked.definition, on)
    rows = live_rows(counted)
    assert [judge_again(row, asked.definition, on) for row in rows] == rows
    now = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    total = show_coverage(viewer, asked, now=now, language="zh").report.total
    assert count_rows(rows) == {name: number for name, number in total.counts.items() if number}


def check_json(browser, rows, asked):
    """The figures of the contract, over HTTP, as of today."""
    answer = browser.get("/reports/coverage.json", query_string=asked.as_arguments())
    wanted = expected(rows, asked, local_date(datetime.now(UTC)))
    beside = {"code", "name", "code2", "name2", "unmatched_cases"}
    assert {
        _key((row["code"], row.get("code2")), asked): {
            key: value for key, value in row.items() if key not in beside
        }
        for row in answer.json["rows"]
    } == {code: line["figures"] for code, line in wanted["rows"].items()}
    assert answer.json["total"] == wanted["total"]["figures"]


def check(app, world, browser, register, made, example):
    rows = [row for row, _ in register]
    by = FOUR_YEARS * example
    with app.app_context():
        stored = write(world, [moved(row, by) for row in rows], example)
        for definition in DEFINITIONS:
            for groupings in GROUPINGS:
                asked = CoverageRequest(
                    Period(date(2026, 1, 1) + by, DAY + by),
                    groupings[0],
                    definition,
                    by2=groupings[1] if len(groupings) > 1 else None,
                )
                check_members(world, stored, asked, DAY + by + timedelta(days=30))
                check_json(browser, stored, asked)
        for definition in made:
            asked = CoverageRequest(Period(date(2026, 1, 1) + by, DAY + by), made_by=definition)
            check_members(world, stored, asked, DAY + by + timedelta(days=30))
            check_rows(world, asked, DAY + by + timedelta(days=30))


@pytest.fixture
def examples():
    return count()


def test_coverage_equals_the_reference(app, world, examples):
    with app.app_context():
        add_places(world)
    browser = Browser(app, "quality")

    @settings(max_examples=5, **BOUNDED)
    @given(register=REGISTERS, made=MADE)
    def all_agree(register, made):
        check(app, world, browser, register, made, next(examples))

    all_agree()


def test_coverage_equals_the_reference_on_postgresql(postgresql_app, examples):
    with postgresql_app.app_context():
        world = build_world()
        add_places(world)
    browser = Browser(postgresql_app, "quality")

    @settings(max_examples=2, **BOUNDED)
    @given(register=REGISTERS, made=MADE)
    def all_agree(register, made):
        check(postgresql_app, world, browser, register, made, next(examples))

    all_agree()
