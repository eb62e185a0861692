"""The quality of registers by hospital, as page and CSV: what is counted, and who reads it."""

from datetime import UTC, date, datetime

import pytest

from mdt.adapters.spreadsheets import read_table
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import Tumour
from mdt.queries.coverage import visible_places
from mdt.queries.register_quality import count_quality
from mdt.rules.coverage import Period
from mdt.services.register_quality import show_quality
from mdt.services.registry import import_register
from tests.counting import count_queries
from tests.integration.reports.conftest import PERIOD
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv
from tests.world import NOW, build_world

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31))
#: Read in on 20 November at ten in China: 21 October is 30 days before, 20 October 31.
ROWS = (
    {},
    {**WOMAN, "diagnosis_date": "2026-10-21", "first_treatment_date": "2026-10-20"},
    {**OTHER_WOMAN, "diagnosis_date": "2026-10-20", "t": "", "n": "", "m": ""},
    {**NOBODY, "mrn": "FUTURE", "diagnosis_date": "2026-12-24", "t": "T1b", "n": "N0"},
    {**NOBODY, "mrn": "AGAIN", "case_type": "复发", "first_treatment_date": "2026-11-05"},
    {**NOBODY, "mrn": "BEFORE", "diagnosis_date": "2026-09-30"},
    {**NOBODY, "mrn": "OF-B", "hospital_code": "T-JX-B"},
)


@pytest.fixture
def registers(read_in, discuss):
    read_in(*ROWS)
    discuss(ROW["id_number"])


def counted(app, world, username="quality", today=date(2026, 11, 20)):
    with app.app_context():
        places = visible_places(world.viewer(username))
        found = count_quality(places, QUARTER, today=today)
        return {one.place.code: (dict(one.counts), one.imported_at) for one in found}


OF_A = {
    "rows": 5, "counted": 4, "staged": 3, "treated": 2, "denominator": 2, "late": 1,
    "treated_first": 1, "future": 1, "died_first": 0, "wrong_sex": 0, "early_edition": 0,
    "unstaged": 1, "untreated": 3,
}  # fmt: skip


def test_each_hospital_is_counted(app, world, registers):
    found = counted(app, world)
    assert found["T-JX-A"] == ({**OF_A, "matched": 1, "unmatched": 1}, NOW)
    assert found["T-JX-B"][0]["rows"] == 1
    assert found["T-JX-B"][1] == NOW
    assert found["T-JX-T"] == ({}, None)


def test_on_postgresql_it_is_the_same(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv(*ROWS), now=NOW)
    assert counted(postgresql_app, world)["T-JX-A"] == ({**OF_A, "matched": 0, "unmatched": 2}, NOW)


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_a_day_ends_at_midnight_in_china(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        late = {"diagnosis_date": "2026-10-20"}
        import_register(
            world.viewer("quality"), rows_to_csv(late),
            now=datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC),
        )  # fmt: skip
        later = {**NOBODY, **late, "mrn": "LATER"}
        import_register(
            world.viewer("quality"), rows_to_csv(later),
            now=datetime(2026, 11, 19, 16, 0, tzinfo=UTC),
        )  # fmt: skip
    assert counted(app, world)["T-JX-A"][0]["late"] == 1


def test_a_decided_duplicate_is_left_out(app, world, registers):
    with app.app_context():
        statement = db.select(Tumour).execution_options(mdt_scoped=True)
        first, second = db.session.scalars(statement.order_by(Tumour.id)).all()[:2]
        second.duplicate_of_id = first.id
        db.session.commit()
    counts = counted(app, world)["T-JX-A"][0]
    assert (counts["rows"], counts["denominator"], counts["treated_first"]) == (4, 1, 0)


def test_the_denominator_is_that_of_coverage(person, app, world, registers):
    body = person("quality").get(f"/reports/coverage.json?{PERIOD}&by=hospital").json
    expected = {row["code"]: row["denominator"] for row in body["rows"]}
    found = counted(app, world)
    assert {code: found[code][0]["denominator"] for code in expected} == expected


def row_of(page, code):
    row = page[page.index(f'data-quality="{code}"') :]
    return " ".join(row[: row.index("</tr>")].split())


def test_the_page_shows_shares_with_their_lists_and_definitions(person, registers):
    manager = person("quality")
    page = manager.get(f"/reports/quality?{PERIOD}").text
    row = row_of(page, "T-JX-A")
    for expected in ("75.0%", "40.0%", "50.0%", "20.0%", "cell=unstaged&amp;row=T-JX-A"):
        assert expected in row
    assert "从未导入" in row_of(page, "T-JX-T")
    assert 'aria-current="page">数据质量' in page
    assert "台账没有“未治疗”一栏" in page
    listed = "/reports/coverage/list?from=2026-10-01&to=2026-12-31&cell=unstaged&row=T-JX-A"
    assert manager.get(listed).status_code == 200
    assert 'href="/reports/quality"' in manager.get("/reports/coverage").text


@pytest.mark.parametrize(
    ("username", "codes"),
    [
        ("quality", ["T-JX-A", "T-JX-B", "T-JX-T"]),
        ("quality-hospital", ["T-JX-A"]),
        ("recorder", ["T-JX-A"]),
    ],
)
def test_hospitals_are_those_of_the_viewer(app, world, registers, county_manager, username, codes):
    with app.app_context():
        found = show_quality(world.viewer(username), QUARTER, now=NOW, language="zh")
    assert [line.code for line in found.lines] == codes


@pytest.mark.parametrize("path", ["/reports/quality", "/reports/quality.csv"])
def test_it_is_for_quality_managers_alone(person, registers, path):
    for username in ("clinician", "approver", "coordinator", "auditor"):
        assert person(username).get(path).status_code == 403
    assert person("quality").get(path).status_code == 200


def test_days_that_cannot_be_read_are_named(person):
    manager = person("quality")
    answer = manager.get("/reports/quality?from=2026-12-31&to=2026-10-01")
    assert (answer.status_code, 'id="to-error"' in answer.text) == (422, True)
    assert 'name="from" value="2026-12-31"' in answer.text
    assert manager.get("/reports/quality.csv?from=2026-13-01").status_code == 422
    for period in ("from=0001-01-01&to=9999-12-31", "from=2020-01-01&to=2020-03-31"):
        assert manager.get(f"/reports/quality?{period}").status_code == 200
    assert "这一期间的台账中没有记录" in manager.get(f"/reports/quality?{period}").text


def test_the_csv_says_who_took_it_out_and_is_audited(app, person, registers):
    manager = person("quality")
    manager.get(f"/reports/quality?{PERIOD}")
    answer = manager.get(f"/reports/quality.csv?{PERIOD}")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="quality-2026-10-01-2026-12-31.csv"'
    )
    rows = list(read_table(answer.data).rows)
    assert rows[0].cells["名称"] == "安远示范医院（虚构）"
    assert (rows[0].cells["记录"], rows[0].cells["有分期"]) == ("5", "0.75")
    assert rows[4].cells["代码"].startswith("导出人：郭质控；导出时间：")
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action.startswith("report:"))
        looked, taken = db.session.scalars(statement.order_by(AuditRow.id)).all()
    assert (looked.action, taken.action) == ("report:view", "report:export")
    assert looked.object_type == taken.object_type == "RegisterQuality"
    assert taken.data == {"from": "2026-10-01", "to": "2026-12-31", "kind": "csv"}


def test_it_asks_the_same_number_of_questions_however_much(app, person, read_in):
    read_in(ROWS[0])
    manager = person("quality")
    manager.get(f"/reports/quality?{PERIOD}")
    with count_queries(app) as one:
        manager.get(f"/reports/quality?{PERIOD}")
    read_in(*ROWS[1:])
    with count_queries(app) as many:
        manager.get(f"/reports/quality?{PERIOD}")
    assert len(many) == len(one)


def test_the_page_and_the_file_in_english(person, registers):
    manager = person("quality")
    manager.get("/language/en")
    page = manager.get(f"/reports/quality?{PERIOD}").text
    row = row_of(page, "T-JX-A")
    assert ("Anyuan Example Hospital" in row, "ago" in row or "Today" in row) == (True, True)
    assert "Late: rows first entered more than 30 days after the diagnosis" in page
    assert read_table(manager.get(f"/reports/quality.csv?{PERIOD}").data).header[2] == "Rows"
