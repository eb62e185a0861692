"""A period is closed with rows and figures, and signed."""

import re

import pytest
from sqlalchemy.exc import DatabaseError

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.coverage import CoverageFreezeRow
from mdt.services.registry import import_register
from tests.counting import count_queries
from tests.definition_kit import published
from tests.fixtures_app import Browser
from tests.freeze_kit import (
    DAY,
    NEW,
    QUARTER,
    check_sums,
    close,
    closed,
    stored,
)
from tests.register_files import NOBODY, rows_to_csv
from tests.world import NOW, build_world

REPORT = "from=2026-07-01&to=2026-09-30"


def test_a_closed_period_keeps_its_figures_and_its_rows(app, person, rows, read_later):
    manager = person("quality")
    address = closed(manager)
    page = manager.get(address).text
    assert ("第1次关账，郭质控 于" in page, "今天的数字与关账时相同" in page) == (True, True)
    read_later({**NOBODY, **DAY, "mrn": "5"})
    page = manager.get(address).text
    assert "今天的数字与关账时不同" in page
    total = page.split('data-frozen=""')[1]
    frozen, live = re.findall(r"/(?:<[^>]+>)?(\d+)", total)[:1], "0/5" in total
    assert (frozen, live) == (["4"], True)
    [freeze] = stored(app)
    assert (freeze.definition_name, freeze.revision, freeze.region_code) == (
        "strict@1", 1, "360000",
    )  # fmt: skip
    assert freeze.figures["total"] == {"denominator": 4}
    # Each frozen number opens its list, as it was.
    for figure, hospital, number in (
        ("denominator", "", 4),
        ("denominator", "T-JX-B", 1),
        ("numerator", "", 0),
    ):
        shown = manager.get(f"{address}/rows?figure={figure}&hospital={hospital}")
        assert shown.text.count("data-row-link") == number
    assert manager.get(f"{address}/rows?figure=denominator&hospital=T-JX-T").status_code == 404
    assert manager.get(f"{address}/rows?figure=other").status_code == 404


def test_the_report_of_a_closed_period_says_so(person, rows, read_later):
    manager = person("quality")
    assert "data-frozen-total" not in manager.get(f"/reports/coverage?{REPORT}").text
    address = closed(manager)
    page = manager.get(f"/reports/coverage?{REPORT}").text
    assert ("第1次关账" in page, "，今天相同" in page, address in page) == (True, True, True)
    read_later({**NOBODY, **DAY, "mrn": "5", "external_mdt_date": "2026-08-04"})
    page = manager.get(f"/reports/coverage?{REPORT}").text
    assert ("与关账时不同" in page, "0/4" in page) == (True, True)
    # Neither another period nor another definition was closed, nor anything of A alone.
    for query in ("from=2026-07-01&to=2026-08-31", f"{REPORT}&definition=lenient"):
        assert "data-frozen-total" not in manager.get(f"/reports/coverage?{query}").text
    of_a = person("quality-hospital").get(f"/reports/coverage?{REPORT}").text
    assert "data-frozen-total" not in of_a


def test_who_corrects_a_row_of_a_closed_period_is_told_that_its_figures_stay(person, rows):
    doctor, words = person("clinician"), "这条记录的确诊日期在已关账的期间内"
    assert words not in doctor.get("/registry/1/edit").text
    closed(person("quality"))
    page = doctor.get("/registry/1/edit").text
    assert (words in page, "2026年第三季度，江西省" in page) == (True, True)
    assert words not in doctor.get("/registry/new").text


def test_another_version_is_not_held_against_a_closed_period(person, rows):
    manager = person("quality")
    address = closed(manager)
    published(manager, valid_from="2026-07-01", outside_boards="y")
    page = manager.get(f"/reports/coverage?{REPORT}").text
    assert ("关账按另一版口径" in page, "与关账时不同" in page, address in page) == (
        True,
        False,
        True,
    )
    page = manager.get(f"/reports/coverage?{REPORT}&definition=strict@1").text
    assert ("关账按另一版口径" in page, "，今天相同" in page) == (False, True)


def test_closing_asks_for_the_password_and_for_a_period_that_is_over(app, person, rows):
    manager = person("quality")
    assert manager.get(f"{NEW}?scope=region:360000&period={QUARTER}").status_code == 200
    for changes, words in (
        ({"password": "wrong"}, "密码不正确"),
        ({"password": ""}, "请输入登录密码"),
        ({"period": "2026-07-01_2026-09-29"}, "整月、整季度或整年"),
        ({"period": "2099-01-01_2099-03-31"}, "还没有结束"),
        ({"period": "x"}, "日期无法识别"),
        ({"period": ""}, "整月、整季度或整年"),
        ({"definition": "strict@9"}, "取值无法识别"),
    ):
        answer = close(manager, **changes)
        assert (answer.status_code, words in answer.text) == (422, True), changes
    assert stored(app) == []


def test_closing_again_makes_a_revision_with_a_reason(app, person, rows, read_later):
    manager = person("quality")
    first = closed(manager)
    read_later({**NOBODY, **DAY, "mrn": "5"})
    # Neither without having seen the one before, nor without saying why.
    blind = close(manager)
    assert (blind.status_code, "刚刚被重新关账" in blind.text) == (422, True)
    silent = close(manager, after_revision="1", reason=" ")
    assert (silent.status_code, "请写明重新关账的原因" in silent.text) == (422, True)
    second = closed(manager, after_revision="1", reason="乙院补报一例")
    one, two = stored(app)
    assert (two.revision, two.supersedes_id, two.reason) == (2, one.id, "乙院补报一例")
    assert (one.figures["total"], two.figures["total"]) == ({"denominator": 4}, {"denominator": 5})
    assert "这不是最新的一次" in manager.get(first).text
    page = manager.get(second).text
    assert ("乙院补报一例" in page, f"{first}/changes?until={two.id}" in page) == (True, True)
    between = manager.get(f"{first}/changes?until={two.id}").text
    found = check_sums(between)
    assert {name: line["III期及以上（分母）"] for name, line in found.items()} == {
        "then": 4, "new": 1, "now": 5,
    }  # fmt: skip
    # Back in time there is no way, nor to what is no revision of the same.
    assert manager.get(f"{second}/changes?until={one.id}").status_code == 404
    other = closed(manager, definition="lenient")
    assert manager.get(f"{first}/changes?until={other.rpartition('/')[2]}").status_code == 404


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_the_database_itself_keeps_what_was_closed(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv(DAY), now=NOW)
    closed(Browser(app, "quality"))
    with app.app_context():
        for statement in (
            "UPDATE coverage_freeze SET hospital_id = 1",
            "DELETE FROM coverage_freeze",
            "UPDATE coverage_freeze_row SET hospital_id = 1",
            "DELETE FROM coverage_freeze_row",
        ):
            with pytest.raises(DatabaseError, match="is append-only"):
                db.session.execute(db.text(statement))
            db.session.rollback()
        counted = db.select(db.func.count()).select_from(CoverageFreezeRow)
        assert db.session.scalar(counted.execution_options(mdt_scoped=True)) == 1


def test_everybody_closes_and_sees_the_own_scope_alone(app, world, person, rows, county_manager):
    of_province = closed(person("quality"))
    hospital = {"scope": f"hospital:{world.hospitals['A']}"}
    of_hospital = closed(person("quality-hospital"), **hospital)
    of_county = closed(person(county_manager), scope="region:360726")
    seen = {
        "quality": (200, 200, 200),
        "quality-hospital": (404, 200, 404),
        county_manager: (404, 200, 200),
        "quality-jilin": (404, 404, 404),
        "clinician": (403, 403, 403),
        "auditor": (403, 403, 403),
    }
    for name, statuses in seen.items():
        someone = person(name)
        pages = (of_province, of_hospital, of_county)
        assert tuple(someone.get(url).status_code for url in pages) == statuses, name
        for more in ("changes", "rows?figure=denominator"):
            found = tuple(someone.get(f"{url}/{more}").status_code for url in pages)
            assert found == statuses, (name, more)
    # Nobody closes what somebody else answers for, be it inside the own region.
    assert close(person("quality-jilin")).status_code == 404
    assert close(person("quality"), **hospital).status_code == 404
    assert close(person("clinician"), **hospital).status_code == 403
    assert [one.figures["total"] for one in stored(app)] == [
        {"denominator": 4}, {"denominator": 3}, {"denominator": 3},
    ]  # fmt: skip


def test_rows_are_named_inside_the_own_hospital_alone(world, person, rows):
    hospital = {"scope": f"hospital:{world.hospitals['A']}"}
    own = closed(person("quality-hospital"), **hospital)
    above = closed(person("quality"))
    named = person("quality-hospital").get(f"{own}/rows?figure=denominator").text
    unnamed = person("quality").get(f"{above}/rows?figure=denominator").text
    assert ("MRN-1" in named, "MRN-1" in unnamed) == (True, False)


def test_closing_and_closing_again_are_in_the_trail(app, person, rows):
    manager = person("quality")
    closed(manager)
    close(manager, after_revision="1", reason="x", password="wrong")
    closed(manager, after_revision="1", reason="病理分期更正")
    with app.app_context():
        statement = (
            db.select(AuditRow.action, AuditRow.result, AuditRow.data)
            .where(AuditRow.action.in_(["report:freeze", "report:reopen"]))
            .order_by(AuditRow.id)
        )
        written = [tuple(row) for row in db.session.execute(statement)]
    data = {"definition": "strict@1", "rows": 4}
    assert [(action, data) for action, _, data in written] == [
        ("report:freeze", {**data, "revision": 1}),
        ("report:reopen", {"reason": "password_wrong"}),
        ("report:reopen", {**data, "revision": 2}),
    ]


def test_the_list_costs_the_same_however_many_periods(app, world, person, rows, county_manager):
    manager = person("quality")
    closed(manager)
    with count_queries(app) as one:
        manager.get("/reports/freezes")
    closed(manager, definition="lenient")
    closed(person("quality-hospital"), scope=f"hospital:{world.hospitals['A']}")
    closed(person(county_manager), scope="region:360726")
    with count_queries(app) as four:
        page = manager.get("/reports/freezes").text
    assert len(four) == len(one)
    assert page.count("data-row-link") == 4


def test_a_month_and_a_year_can_be_closed_too(app, person, rows):
    manager = person("quality")
    closed(manager, period="2026-08-01_2026-08-31")
    closed(manager, period="2025-01-01_2025-12-31")
    assert [one.figures["total"] for one in stored(app)] == [{"denominator": 4}, {}]
