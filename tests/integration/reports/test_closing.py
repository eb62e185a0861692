"""What is signed is what was shown, by the definition of what is closed."""

import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.coverage import CoverageFreezeRow
from mdt.models.people import UserRole
from mdt.queries import coverage_freezes as queries
from mdt.queries.coverage_figures import Asked
from mdt.queries.freeze_rows import live_rows, store_rows
from mdt.rules.audit import AuditAction
from mdt.rules.coverage import STRICT, Period
from mdt.services.unit_of_work import unit_of_work
from tests.definition_kit import published
from tests.freeze_kit import (
    DAY,
    check_sums,
    close,
    closed,
    looked_at,
    reasons,
    stored,
)
from tests.register_files import NOBODY, WOMAN
from tests.world import NOW

OTHERS = "数字与您核对的不同"
LIMITED = {"valid_from": "2026-07-01", "all_systems": []}


@pytest.fixture
def rows(read_in):
    read_in({**DAY}, {**WOMAN, **DAY})


def totals(page):
    """The total of the page to close by."""
    return re.search(r"<tfoot>.*?(\d+/\d+)", page, re.DOTALL)[1]


def sealed(page):
    return re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1]


def looks(app):
    with app.app_context():
        looked = db.select(db.func.count()).where(AuditRow.action == AuditAction.REPORT_VIEW)
        return db.session.scalar(looked)


def test_figures_that_nobody_has_seen_are_not_signed(app, person, rows, read_in):
    manager = person("quality")
    seen = looked_at(manager)
    read_in({**NOBODY, **DAY, "mrn": "5"})
    answer = close(manager, seen=seen)
    assert (answer.status_code, OTHERS in answer.text) == (422, True)
    assert (totals(answer.text), stored(app)) == ("0/3", [])
    # The page that says so shows the new ones, and they can be signed.
    assert close(manager, seen=sealed(answer.text)).status_code == 302
    assert [one.figures["total"] for one in stored(app)] == [{"denominator": 3}]


@pytest.mark.parametrize("forged", ["x", "eyJmaWd1cmVzIjoge319.forged"])
def test_figures_that_the_site_has_not_shown_are_not_signed(app, person, rows, forged):
    answer = close(person("quality"), seen=forged)
    assert (answer.status_code, OTHERS in answer.text, stored(app)) == (422, True, [])


def test_figures_of_another_period_or_definition_are_not_signed(app, person, rows):
    manager = person("quality")
    for other in ({"definition": "lenient"}, {"period": "2026-08-01_2026-08-31"}):
        answer = close(manager, seen=looked_at(manager, **other))
        assert (answer.status_code, OTHERS in answer.text) == (422, True), other
    assert stored(app) == []


def test_a_wrong_password_shows_the_same_figures_and_counts_nothing(app, person, rows, read_in):
    manager = person("quality")
    seen = looked_at(manager)
    before = looks(app)
    read_in({**NOBODY, **DAY, "mrn": "5"})
    for _ in range(2):
        answer = close(manager, password="wrong", seen=seen)
        assert (answer.status_code, "密码不正确" in answer.text) == (422, True)
        assert (totals(answer.text), sealed(answer.text)) == ("0/2", seen)
    assert looks(app) == before


def test_who_was_overtaken_by_another_closing_can_sign_after_looking(app, person, rows):
    manager = person("quality")
    closed(manager)
    blind = close(manager)
    assert (blind.status_code, "刚刚被重新关账" in blind.text) == (422, True)
    revision = re.search(r'name="after_revision"[^>]*value="(\d+)"', blind.text)[1]
    again = close(manager, seen=sealed(blind.text), after_revision=revision, reason="补报")
    assert (again.status_code, [one.revision for one in stored(app)]) == (302, [1, 2])


def test_a_province_is_closed_by_its_own_definition_whoever_else_one_answers_for(
    app, world, person, rows
):
    manager = person("quality")
    published(manager, **LIMITED, systems=["FIGO"])
    first = closed(manager)
    with app.app_context():
        jilin = UserRole(user_id=world.users["quality"], role="quality", region_code="220000")
        db.session.add(jilin)
        db.session.commit()
    closed(manager, after_revision="1", reason="补报")
    assert [one.definition_name for one in stored(app)] == ["strict@2", "strict@2"]
    # Nor is anything blamed on a definition that does not hold there.
    assert reasons(manager.get(f"{first}/changes").text) == {}


def test_a_correction_by_hand_is_no_other_definition(app, person, rows):
    manager = person("quality")
    address = closed(manager)
    published(manager, **LIMITED, systems=["TNM", "none"])
    with app.app_context():
        corrected = "UPDATE tumour SET counted_stage = 'no' WHERE id = 1"
        db.session.execute(db.text(corrected))
        db.session.commit()
    page = manager.get(f"{address}/changes").text
    assert reasons(page)[1] == "corrected"
    check_sums(page)


def test_a_closing_that_was_cut_is_never_seen(app, world, person, rows):
    with app.app_context():
        viewer = world.viewer("quality")
        [of] = queries.own_scopes(viewer)
        period = Period(date(2026, 7, 1), date(2026, 9, 30))
        found = live_rows(Asked(queries.places_of(viewer, of), period, STRICT, NOW.date()))
        with unit_of_work(viewer, AuditAction.REPORT_FREEZE, now=NOW) as work:
            cut = queries.reserve_number(work.session)
            store_rows(work.session, cut, found)
    manager = person("quality")
    assert "还没有关账的期间" in manager.get("/reports/freezes").text
    assert manager.get(f"/reports/freezes/{cut}").status_code == 404
    address = closed(manager)
    assert address != f"/reports/freezes/{cut}"
    behind = manager.get(f"{address}/rows?figure=denominator").text
    assert behind.count("data-row-link") == 2
    with app.app_context():
        counted = db.select(db.func.count()).select_from(CoverageFreezeRow)
        assert db.session.scalar(counted.execution_options(mdt_scoped=True)) == 4
