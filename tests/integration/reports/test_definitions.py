"""A province makes its own versions of the definitions; reports are made by them from a day on."""

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy.exc import DatabaseError

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.coverage import CoverageDefinition
from mdt.services.coverage_definitions import draft_definition
from tests.counting import count_queries
from tests.definition_kit import FIELDS, PAGE, drafted, published, seen_in
from tests.integration.reports.conftest import PERIOD
from tests.register_files import NOBODY, WOMAN
from tests.world import NOW, build_world

JSON = f"/reports/coverage.json?{PERIOD}"


def drafts(app):
    with app.app_context():
        return {row.id: row for row in db.session.scalars(db.select(CoverageDefinition))}


@pytest.fixture
def rows(read_in):
    """Three tumours of stage III or above: one with a board outside, one that was an emergency."""
    read_in(
        {"external_mdt_date": "2026-11-03"},
        {**WOMAN, "emergency": "是"},
        {**NOBODY, "mrn": "7", "hospital_code": "T-JX-B"},
    )


def test_whom_to_discuss_follows_the_definition(person, rows):
    manager = person("quality")
    for_days = "可讨论（{} 天内）"
    assert for_days.format(30) in manager.get("/registry/not-discussed").text
    published(manager, pending_days="45")
    page = manager.get("/registry/not-discussed").text
    assert (for_days.format(45) in page, for_days.format(30) in page) == (True, False)
    assert "未超过 60%" in page


def test_a_published_version_is_in_force_from_its_day_on(app, person, rows):
    manager = person("quality")
    before = manager.get(JSON).json
    assert before["definition"]["version"] == "1"
    assert (before["total"]["numerator"], before["total"]["denominator"]) == (0, 3)
    published(manager)

    now = manager.get(JSON).json
    assert (now["definition"]["code"], now["definition"]["version"]) == ("strict", "2")
    assert (now["total"]["numerator"], now["total"]["denominator"]) == (1, 2)
    assert (now["target"], now["total"]["excluded"]) == (0.6, {"emergency": 1})
    assert "急诊" in now["definition"]["text"]
    # Asked for by its name the former stands as it was; so does every period of before.
    assert manager.get(f"{JSON}&definition=strict@1").json["total"] == before["total"]
    earlier = "from=2026-09-30&to=2026-12-31"
    report = manager.get(f"/reports/coverage.json?{earlier}").json
    assert report["definition"]["version"] == "1"
    assert manager.get(f"{JSON}&definition=lenient").json["definition"]["version"] == "1"
    # Everybody in the province asks by it, nobody in another.
    assert person("quality-hospital").get(JSON).json["definition"]["version"] == "2"
    assert person("quality-jilin").get(JSON).json["definition"]["version"] == "1"
    assert person("quality-jilin").get(f"{JSON}&definition=strict@2").status_code == 422


def test_exports_print_the_version_that_made_them(person, rows):
    manager = person("quality")
    plain = manager.get(f"/reports/coverage.csv?{PERIOD}").text
    published(manager)
    made = manager.get(f"/reports/coverage.csv?{PERIOD}").text
    assert ("第1版" in plain, "剔除：急诊" in plain, "达标（>50%）" in plain) == (True, False, True)
    assert ("第2版" in made, "剔除：急诊" in made, "达标（>60%）" in made) == (True, True, True)
    pdf = manager.get(f"/reports/coverage.pdf?{PERIOD}&definition=strict@2")
    assert pdf.headers["Content-Disposition"].count("strict-2") > 0


def test_the_list_behind_a_figure_is_by_the_same_version(person, rows):
    manager = person("quality")
    published(manager)
    for name, cell, number in (
        ("strict@2", "excluded:emergency", 1),
        ("strict", "excluded:emergency", 1),
        ("strict@1", "excluded:emergency", 0),
        ("strict@2", "numerator", 1),
        ("strict@1", "numerator", 0),
    ):
        page = manager.get(f"/reports/coverage/list?{PERIOD}&definition={name}&cell={cell}").text
        assert page.count("data-row-link") == number, (name, cell)


def test_a_row_says_by_which_version_it_counts(person, rows):
    manager = person("quality")
    published(manager, all_systems=[], systems=["FIGO"])
    page = manager.get("/registry/1").text
    assert [words in page for words in ("严格口径（第2版）", "宽松口径", "宽松口径（第")] == [
        True, True, False,
    ]  # fmt: skip
    assert "口径不采用该分期系统，按分期未明统计。" in page
    published(manager, stage_rule="clinical_only")
    assert "口径不采用该分期系统" not in manager.get("/registry/1").text


def test_two_definitions_stand_beside_each_other(person, rows):
    manager = person("quality")
    published(manager)
    page = manager.get(f"/reports/coverage?{PERIOD}&definition=strict@1&beside=strict@2").text
    body = page[page.index('id="beside-title"') :]
    assert [name in body for name in ("剔除", "本系统以外的讨论", "目标", "采用的分期")] == [
        True, True, True, False,
    ]  # fmt: skip
    pairs = {part.split('"')[0]: part.split("</tr>")[0] for part in body.split('data-pair="')[1:]}
    assert list(pairs) == ["T-JX-A", "T-JX-B", ""]
    assert [("+100.0" in pairs["T-JX-A"]), ("+50.0" in pairs[""])] == [True, True]
    links = re.findall(r'href="([^"]+)">(\d+)<', pairs["T-JX-A"])
    assert [("definition=strict%401" in url, number) for url, number in links] == [
        (True, "2"), (False, "1"), (False, "1"),
    ]  # fmt: skip
    for url, number in links:
        assert manager.get(unescape(url)).text.count("data-row-link") == int(number)
    assert manager.get(f"/reports/coverage?{PERIOD}&beside=strict@9").status_code == 422


def test_a_draft_shows_what_it_would_change_before_it_is_published(person, read_in):
    last = {"diagnosis_date": "2026-08-05"}
    read_in({**last, "external_mdt_date": "2026-08-06"}, {**WOMAN, **last, "emergency": "是"})
    manager = person("quality")
    _, page = drafted(manager)
    effect = page[page.index('id="effect-title"') :]
    assert "2026年第三季度" in effect
    assert ("0/2" in effect, "1/1" in effect, "+100.0" in effect) == (True, True, True)
    # The draft itself changes nothing.
    report = manager.get("/reports/coverage.json?from=2026-07-01&to=2026-09-30").json
    assert (report["definition"]["version"], report["total"]["denominator"]) == ("1", 2)


def test_a_published_version_is_never_changed(app, person, rows):
    manager = person("quality")
    address, page = drafted(manager)
    seen = seen_in(page)
    assert manager.post(f"{address}/publish", seen=seen).status_code == 302
    again = manager.post(address, **{**FIELDS, "target": "90"})
    assert (again.status_code, "已经发布" in again.text) == (422, True)
    assert manager.post(f"{address}/publish", seen=seen).status_code == 409
    assert manager.post(f"{address}/discard").status_code == 409
    [row] = drafts(app).values()
    assert (row.version, row.fields["target"]) == (2, "3/5")


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_the_database_itself_keeps_what_was_published(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        from_world(app)
        db.session.execute(db.text("UPDATE coverage_definition SET valid_from = '2027-01-01'"))
        db.session.execute(
            db.text("UPDATE coverage_definition SET version = 2, published_at = made_at")
        )
        db.session.commit()
        for statement in (
            "UPDATE coverage_definition SET valid_from = '2026-01-01'",
            "DELETE FROM coverage_definition",
        ):
            with pytest.raises(DatabaseError, match="a published coverage_definition is final"):
                db.session.execute(db.text(statement))
            db.session.rollback()


def from_world(app):
    world = build_world()
    draft_definition(world.viewer("quality"), "strict@1", now=NOW)


def test_a_version_is_published_as_it_was_seen(person, rows):
    manager = person("quality")
    address, page = drafted(manager)
    manager.post(address, **{**FIELDS, "target": "70"})
    refused = manager.post(f"{address}/publish", seen=seen_in(page))
    assert (refused.status_code, "刚刚被别人改过" in refused.text) == (409, True)
    assert manager.post(f"{address}/publish", seen=seen_in(refused.text)).status_code == 302


def test_a_draft_can_be_thrown_away(app, person):
    manager = person("quality")
    address, _ = drafted(manager)
    assert manager.post(f"{address}/discard").location == PAGE
    assert drafts(app) == {}
    assert manager.get(address).status_code == 404


def test_a_new_version_starts_as_the_one_that_it_is_based_on(app, person):
    manager = person("quality")
    published(manager, min_disciplines="4", systems=["TNM", "none"], all_systems=[])
    manager.post(PAGE, based_on="strict@2")
    first, second = drafts(app).values()
    assert second.fields == first.fields
    assert (second.fields["min_disciplines"], second.fields["systems"]) == (4, ["TNM", "none"])
    assert (second.based_on, second.version) == ("strict@2", None)
    assert second.valid_from == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"valid_from": ""}, "请填写此项"),
        ({"target": "100"}, "0 与 100 之间"),
        ({"grace_days": "-1"}, "0 至 366"),
        ({"min_disciplines": "x"}, "有 1 处需要修改"),
        ({"all_systems": [], "systems": []}, "至少选一个分期系统"),
        ({"stage_rule": "other"}, "有 1 处需要修改"),
        ({"exclusions": ["other"]}, "有 1 处需要修改"),
    ],
)
def test_what_no_definition_may_say_is_refused_at_its_field(app, person, changes, words):
    manager = person("quality")
    address, _ = drafted(manager)
    answer = manager.post(address, **{**FIELDS, **changes})
    assert (answer.status_code, words in answer.text) == (422, True)
    [row] = drafts(app).values()
    assert row.fields["target"] == "3/5"


def test_only_the_manager_of_a_province_draws_up_versions(app, person, county_manager):
    address, page = drafted(person("quality"))
    posts = [
        (PAGE, {"based_on": "strict@1"}),
        (address, FIELDS),
        (f"{address}/publish", {"seen": seen_in(page)}),
        (f"{address}/discard", {}),
    ]
    for name, status in (
        ("quality-hospital", 403),
        (county_manager, 403),
        ("clinician", 403),
        ("auditor", 403),
    ):
        someone = person(name)
        assert [someone.post(url, **data).status_code for url, data in posts] == [status] * 4
        assert someone.get(address).status_code == status
    # The manager of another province: its own list, and nothing of this one's draft.
    other = person("quality-jilin")
    assert [other.post(url, **data).status_code for url, data in posts[1:]] == [404] * 3
    assert "草稿" not in other.get(PAGE).text
    assert person("quality-hospital").get(PAGE).status_code == 200
    assert person("clinician").get(PAGE).status_code == 403
    [row] = drafts(app).values()
    assert (row.version, row.province_code) == (None, "360000")


def test_a_version_that_is_not_there_is_no_base(app, person):
    for name in ("strict@7", "", "other"):
        assert person("quality").post(PAGE, based_on=name).status_code == 422
    assert drafts(app) == {}


def test_drafting_and_publishing_are_in_the_trail(app, person):
    published(person("quality"))
    with app.app_context():
        statement = db.select(AuditRow.action, AuditRow.data).where(
            AuditRow.object_type == "coverage_definition",
            AuditRow.action.startswith("definition"),
        )
        written = [tuple(row) for row in db.session.execute(statement.order_by(AuditRow.id))]
    assert written == [
        ("definition:edit", {"definition": "strict@1"}),
        ("definition:edit", {"definition": "strict"}),
        ("definition:publish", {"definition": "strict@2", "days": "2026-10-01"}),
    ]
    page = person("auditor").get("/audit?action=definition:publish").text
    assert "口径 严格口径（第2版）" in page


def test_the_list_costs_the_same_however_many_versions(app, person):
    manager = person("quality")
    published(manager)
    with count_queries(app) as one:
        manager.get(PAGE)
    published(manager)
    published(manager, based_on="lenient@1")
    with count_queries(app) as three:
        page = manager.get(PAGE).text
    assert len(three) == len(one)
    assert [name in page for name in ('"strict@3"', '"lenient@2"')] == [True, True]
    assert page.count("现行</span>") == 2
