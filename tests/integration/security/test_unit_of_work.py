"""One action, one transaction: whole or not at all, alone, and audited."""

import threading

import pytest
from sqlalchemy.exc import DBAPIError

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.people import User
from mdt.queries import scope
from mdt.queries.prepared import Prepared
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import unit_of_work
from tests.world import NOW, World


class Boom(Exception):
    """Something nobody expected."""


@pytest.fixture
def inside(app, world: World):
    """The app's context with the world in it."""
    with app.app_context():
        yield world


def rename(name):
    user = db.session.scalars(db.select(User).where(User.username == "clinician")).one()
    user.name = name


def stored_name():
    db.session.rollback()
    return db.session.scalar(db.select(User.name).where(User.username == "clinician"))


def audit_rows():
    return db.session.scalar(db.select(db.func.count(AuditRow.id)))


def test_an_action_is_written_with_its_row_and_then_told(inside):
    told = []
    with unit_of_work(inside.viewer("secadmin"), AuditAction.ACCOUNT_EDIT, now=NOW) as work:
        rename("新名字")
        work.after_commit(lambda: told.append(stored_name()))
        assert told == []
    assert told == ["新名字"]
    row = db.session.scalars(db.select(AuditRow)).one()
    assert (row.action, row.actor_name, row.at) == ("account:edit", "secadmin", NOW)


def test_an_error_leaves_nothing_and_tells_nobody(inside):
    told = []

    def act():
        with unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW) as work:
            rename("新名字")
            work.after_commit(lambda: told.append(1))
            work.session.flush()
            raise Boom

    with pytest.raises(Boom):
        act()
    assert (stored_name(), audit_rows(), told) == ("林县医", 0, [])
    with unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW):
        rename("另一个")
    assert stored_name() == "另一个"


def test_a_row_that_cannot_be_audited_is_not_written(inside):
    db.session.execute(
        db.text(
            "CREATE TRIGGER full BEFORE INSERT ON audit_row BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    )
    db.session.commit()

    def act():
        with unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW):
            rename("新名字")

    with pytest.raises(DBAPIError, match="full"):
        act()
    assert stored_name() == "林县医"


def test_units_do_not_nest(inside):
    def act():
        with (
            unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW),
            unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW),
        ):
            rename("新名字")

    with pytest.raises(RuntimeError, match="do not nest"):
        act()
    assert (stored_name(), audit_rows()) == ("林县医", 0)


def test_a_step_that_fails_after_the_commit_undoes_nothing(inside, caplog):
    told = []

    def fail():
        raise Boom

    with unit_of_work(None, AuditAction.ACCOUNT_EDIT, now=NOW) as work:
        rename("新名字")
        work.after_commit(fail)
        work.after_commit(lambda: told.append(1))
    assert (stored_name(), told) == ("新名字", [1])
    assert "a step after the commit failed" in caplog.text


def test_a_query_past_the_scope_is_loud(inside):
    with pytest.raises(scope.UnscopedQuery, match="Case"):
        db.session.scalars(db.select(Case)).all()
    with pytest.raises(ValueError, match="say why"):
        scope.unscoped(db.select(Case), because="")
    for prepared in (db.select(Case.id), db.select(User.id).union(db.select(Case.id))):
        with pytest.raises(scope.UnscopedQuery, match="Case"):
            Prepared(prepared)
    assert db.session.scalars(scope.unscoped(db.select(Case), because="a test")).all() == []
    assert db.session.scalars(scope.cases(inside.viewer("clinician"))).all() == []


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_many_writers_at_once_all_succeed(request, database):
    """On SQLite a transaction that reads first and then writes would find the database locked."""
    app = request.getfixturevalue(database)
    failures = []

    def act(number):
        with app.app_context():
            try:
                for turn in range(20):
                    audit_rows()
                    with unit_of_work(None, AuditAction.CASE_SEARCH, now=NOW) as work:
                        work.row["object_id"] = f"{number}-{turn}"
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert (failures, audit_rows()) == ([], 120)
