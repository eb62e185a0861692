"""The distance of each hospital to the target, above the list of those not discussed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mdt.queries.coverage_distance import list_distances
from mdt.queries.registry import list_not_discussed
from mdt.services.registry import import_register
from tests.counting import count_queries
from tests.register_files import NOBODY, OTHER_WOMAN, WOMAN, rows_to_csv
from tests.world import NOW, build_world

#: Deep in a quarter, so that some of its tumours are past their days.
TODAY = date(2026, 12, 20)


def ago(days):
    return (TODAY - timedelta(days=days)).isoformat()


def tumour(mrn, days, **changes):
    return {**NOBODY, "mrn": mrn, "diagnosis_date": ago(days), **changes}


#: Of A 5: in its days, past them, treated, dead, with a board outside. Of B one in time.
ROWS = (
    tumour("WAITS", 3),
    tumour("LATE", 40),
    tumour("TREATED", 20, first_treatment_date=ago(10), first_treatment_type="手术"),
    tumour("DEAD", 20, death_date=ago(1)),
    tumour("OUTSIDE", 20, external_mdt_date=ago(10)),
    tumour("LAST QUARTER", 85),
    tumour("UNSTAGED", 5, t="", n="", m=""),
    tumour("EARLY", 5, t="T1b", n="N0"),
    tumour("RECURRENCE", 5, case_type="复发"),
    tumour("OF-B", 5, hospital_code="T-JX-B"),
)


@pytest.fixture
def quarter(read_in):
    read_in(*ROWS, by="quality")


def figures(app, world, username, **how):
    with app.app_context():
        return {
            one.place.code: (
                one.distance.line.denominator, one.distance.waiting, one.distance.overdue,
                one.distance.line.short_by, one.distance.reach.value,
            )
            for one in list_distances(world.viewer(username), today=TODAY, **how)
        }  # fmt: skip


def test_those_count_who_can_still_be_discussed_in_this_quarter(app, world, quarter):
    found = figures(app, world, "quality")
    assert found["T-JX-A"] == (5, 1, 1, 3, "out_of_reach")
    assert found["T-JX-B"] == (1, 1, 0, 1, "in_time")
    assert found["T-JX-T"] == (0, 0, 0, 0, "nothing")
    assert next(iter(found)) == "T-JX-B"


def test_they_are_those_of_the_list_whose_stage_is_known(app, world, quarter):
    with app.app_context():
        viewer = world.viewer("quality")
        lines = list_not_discussed(viewer, today=TODAY).lines
        known = [
            line
            for line in lines
            if line.judged.in_denominator and line.tumour.diagnosis_date >= date(2026, 10, 1)
        ]
        distances = [one.distance for one in list_distances(viewer, today=TODAY)]
    assert sum(one.waiting for one in distances) == sum(line.days_left >= 0 for line in known) == 2
    assert sum(one.overdue for one in distances) == sum(line.days_left < 0 for line in known) == 1


@pytest.mark.parametrize(
    ("username", "codes"),
    [
        ("quality", {"T-JX-A", "T-JX-B", "T-JX-T"}),
        ("quality-hospital", {"T-JX-A"}),
        ("clinician", {"T-JX-A"}),
    ],
)
def test_hospitals_are_those_of_the_viewer(app, world, quarter, username, codes):
    assert set(figures(app, world, username)) == codes
    others = figures(app, world, username, hospital="T-JX-B")
    assert set(others) == codes & {"T-JX-B"}


def test_on_postgresql_it_is_the_same(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv(*ROWS), now=NOW)
    found = figures(postgresql_app, world, "quality")
    assert found["T-JX-A"] == (5, 1, 1, 3, "out_of_reach")


def today_rows():
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    return [{"diagnosis_date": day}, {**WOMAN, "diagnosis_date": day, "hospital_code": "T-JX-B"}]


def test_the_page_says_how_far_and_whether_it_can_be_met(person, read_in):
    read_in(*today_rows(), by="quality")
    page = person("quality").get("/registry/not-discussed").text
    row = page[page.index('data-distance="T-JX-A"') :]
    words = " ".join(row[: row.index("</tr>")].split())
    assert 'class="is-small"' in page
    assert "0.0% <span" in words
    assert "再讨论 30 天内的 1 例即可" in words
    assert 'href="/registry/not-discussed?hospital=T-JX-A"' in words
    one = person("quality").get("/registry/not-discussed?hospital=T-JX-B").text
    assert ('data-distance="T-JX-B"' in one, 'data-distance="T-JX-A"' in one) == (True, False)
    assert "查看全部机构" in one
    own = person("clinician").get("/registry/not-discussed").text
    assert ('data-distance="T-JX-A"' in own, "?hospital=" in own) == (True, False)
    elsewhere = person("clinician").get("/registry/not-discussed?hospital=T-JX-B").text
    assert "data-distance" not in elsewhere
    assert person("coordinator").get("/registry/not-discussed").status_code == 403


def test_an_empty_quarter_says_so(person):
    page = person("clinician").get("/registry/not-discussed").text
    assert "本季度台账没有III期及以上的病例" in page


def test_the_page_asks_the_same_number_of_questions_however_many(app, person, read_in):
    rows = today_rows()
    read_in(rows[0], by="quality")
    manager = person("quality")
    manager.get("/registry/not-discussed")
    with count_queries(app) as one:
        manager.get("/registry/not-discussed")
    read_in(*rows, {**OTHER_WOMAN, "diagnosis_date": rows[0]["diagnosis_date"]}, by="quality")
    with count_queries(app) as three:
        manager.get("/registry/not-discussed")
    assert len(three) == len(one)
