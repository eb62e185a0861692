"""The chain over the trail: what was closed can be neither changed, removed nor slipped in."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mdt.extensions import db
from mdt.models.audit import AuditBatch, AuditRow
from mdt.rules.audit import AuditAction
from mdt.services import audit_log
from tests.world import NOW, build_world


def fill(app):
    """Rows of three persons' doings."""
    world = build_world()
    for name in ("clinician", "chair", "auditor"):
        audit_log.record_act(world.viewer(name), AuditAction.CASE_SEARCH, now=NOW, count=1)
    return app


@pytest.fixture
def trail(app):
    with app.app_context():
        yield fill(app)


@pytest.fixture(params=["app", "postgresql_app"])
def any_trail(request):
    """The same on either database."""
    app = request.getfixturevalue(request.param)
    with app.app_context():
        yield fill(app)


def tamper(statement):
    """Change a row as somebody with the database in hand would: around the triggers."""
    db.session.execute(text("DROP TRIGGER audit_row_no_update"))
    db.session.execute(text("DROP TRIGGER audit_row_no_delete"))
    db.session.execute(text(statement))
    db.session.commit()


def test_rows_are_chained_and_sound(any_trail):
    first = audit_log.close_batch(now=NOW)
    audit_log.record_act(None, AuditAction.CASE_SEARCH, now=NOW)
    second = audit_log.close_batch(now=NOW)
    assert (first.first_row_id, first.row_count, first.previous_hash) == (1, 3, "0" * 64)
    assert second.previous_hash == first.hash
    assert audit_log.verify() == audit_log.Verdict(batches=2, rows=5, open_rows=1)


def test_nothing_done_closes_nothing(trail):
    assert audit_log.close_batch(now=NOW) is not None
    assert audit_log.close_batch(now=NOW) is None


def test_a_batch_is_no_longer_than_allowed(trail):
    sizes = [audit_log.close_batch(now=NOW, most=2).row_count for _ in range(2)]
    assert sizes == [2, 2]
    assert audit_log.verify().sound


def test_a_batch_is_closed_once_an_hour(trail):
    audit_log.close_due_batch(now=NOW)
    audit_log.record_act(None, AuditAction.CASE_SEARCH, now=NOW)
    audit_log.close_due_batch(now=NOW + audit_log.BATCH_EVERY / 2)
    assert db.session.scalar(db.select(db.func.count(AuditBatch.id))) == 1
    audit_log.close_due_batch(now=NOW + audit_log.BATCH_EVERY)
    assert db.session.scalar(db.select(db.func.count(AuditBatch.id))) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_row SET actor_name = 'nobody' WHERE id = 2",
        "UPDATE audit_row SET address = '10.0.0.1' WHERE id = 1",
        "UPDATE audit_row SET result = 'refused' WHERE id = 3",
        "DELETE FROM audit_row WHERE id = 2",
        "DELETE FROM audit_row WHERE id = 3",
        "UPDATE audit_row SET id = 0 WHERE id = 1",
    ],
)
def test_tampering_is_found_with_its_place(trail, statement):
    audit_log.close_batch(now=NOW)
    tamper(statement)
    verdict = audit_log.verify()
    assert (verdict.sound, verdict.broken_batch, verdict.broken_rows) == (False, 1, (1, 3))


def test_a_row_slipped_in_is_found(trail):
    audit_log.close_batch(now=NOW)
    db.session.add(AuditRow(id=-1, at=NOW, action="case:view"))
    db.session.commit()
    assert audit_log.verify().broken_batch == 1


def test_the_database_itself_refuses_changes(any_trail):
    audit_log.close_batch(now=NOW)
    for table in ("audit_row", "audit_batch"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.execute(text(statement))
            db.session.rollback()
    assert audit_log.verify().sound


def test_writers_and_closers_at_once_leave_a_sound_chain(postgresql_app):
    def act():
        with postgresql_app.app_context():
            for _ in range(15):
                audit_log.record_act(None, AuditAction.CASE_SEARCH, now=NOW)

    def close():
        with postgresql_app.app_context():
            for _ in range(10):
                audit_log.close_batch(now=NOW)

    threads = [threading.Thread(target=work) for work in (act, act, close, act, close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with postgresql_app.app_context():
        while audit_log.close_batch(now=NOW):
            pass
        rows = db.session.scalars(
            db.select(AuditRow.action).where(AuditRow.action == "case:search")
        ).all()
        assert len(rows) == 45
        assert audit_log.verify().sound
