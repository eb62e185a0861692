"""A row that others are decided to be duplicates of counts the boards of them all."""

import pytest

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.services.registry import import_register
from tests.fixtures_app import Browser
from tests.integration.registry.test_duplicates import AT_B, AT_T, QUEUE, decide_all
from tests.integration.registry.test_match_decisions import (
    MISTYPED,
    case_for,
    decide,
    decision_id,
    figures,
)
from tests.register_files import rows_to_csv
from tests.world import NOW, build_world

__all__ = ["case_for"]


@pytest.fixture
def facts(app, register):
    """``facts()`` gives what is noted of boards with each row."""
    return lambda: register("board_on", "board_after", "opinion_on", "opinion_alone")


@pytest.fixture
def linked(app, person, read_in, case_for):
    """One tumour in the lists of A and B; A's row was linked by hand with a case in time."""
    case_for(MISTYPED)
    read_in({}, AT_B, by="quality")
    assert decide(person("clinician"), "linked").status_code == 302


def test_a_match_by_hand_counts_for_the_row_that_is_kept(person, linked, facts):
    before = facts()
    manager = person("quality")
    assert figures(person) == (1, 2, 0)
    assert decide_all(manager, [1, 2], keep="2").status_code == 302
    assert figures(person) == (1, 1, 0)
    assert facts()[1] == before[0]
    assert manager.post(f"{QUEUE}/1/revoke").status_code == 302
    assert (figures(person), facts()) == ((1, 2, 0), before)


def test_a_match_by_hand_on_a_dropped_row_moves_the_rate_at_once(app, person, read_in, case_for):
    case_for(MISTYPED)
    read_in({}, AT_B, by="quality")
    assert decide_all(person("quality"), [1, 2], keep="2").status_code == 302
    assert figures(person) == (0, 1, 1)
    doctor = person("clinician")
    assert decide(doctor, "linked").status_code == 302
    assert figures(person) == (1, 1, 0)
    assert doctor.post(f"/registry/match/{decision_id(app)}/revoke").status_code == 302
    assert figures(person) == (0, 1, 1)


def test_boards_follow_to_the_row_that_counts_in_the_end(person, read_in, case_for, facts):
    case_for(MISTYPED)
    read_in({}, AT_B, AT_T, by="quality")
    decide(person("clinician"), "linked")
    manager = person("quality")
    assert decide_all(manager, [1, 2, 3], keep="3").status_code == 302
    assert [row[0] is None for row in facts()] == [False, True, False]
    assert figures(person) == (1, 1, 0)


def test_the_kept_row_is_shown_as_discussed(person, linked):
    manager = person("quality")
    decide_all(manager, [1, 2], keep="2")
    assert "2026-11-10" in manager.get("/registry/2").text


def test_recounting_finds_nothing_else(app, person, linked, facts):
    decide_all(person("quality"), [1, 2], keep="2")
    before = facts()
    answer = app.test_cli_runner().invoke(args=["registry", "recount"])
    assert (answer.output, facts()) == ("0 rows brought up to date.\n", before)
    with app.app_context():
        db.session.execute(db.update(Tumour).where(Tumour.id == 2).values(board_on=None))
        db.session.commit()
    answer = app.test_cli_runner().invoke(args=["registry", "recount"])
    assert (answer.output, facts()) == ("1 rows brought up to date.\n", before)


def test_the_same_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv({}, AT_B), now=NOW)
    manager = Browser(postgresql_app, "quality")
    assert decide_all(manager, [1, 2], keep="2").status_code == 302
    assert manager.get("/registry/2").status_code == 200
