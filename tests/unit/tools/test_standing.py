"""What an earlier start has left is seen without starting the app."""

import sqlite3
from contextlib import closing

import pytest

from tools import standing, steps


@pytest.fixture
def instance(tmp_path, monkeypatch):
    """An instance's folder; ``run(sql, ...)`` writes into its database."""
    monkeypatch.setenv("MDT_INSTANCE", str(tmp_path))
    monkeypatch.delenv("MDT_DATABASE_URL", raising=False)

    def run(*statements, values=()):
        with closing(sqlite3.connect(tmp_path / "mdt.sqlite3")) as database:
            for statement in statements:
                database.execute(statement, values if "?" in statement else ())
            database.commit()

    return run


def newest():
    names = sorted(file.name for file in (steps.ROOT / "migrations/versions").glob("0*.py"))
    return names[-1].partition("_")[0]


def test_nothing_is_there_at_first(instance):
    assert (standing.database_is_current(), standing.demo_is_loaded()) == (False, False)
    instance()
    assert (standing.database_is_current(), standing.demo_is_loaded()) == (False, False)


@pytest.mark.parametrize(("version", "current"), [("0001", False), ("newest", True)])
def test_a_database_is_current_at_the_newest_migration(instance, version, current):
    number = newest() if version == "newest" else version
    instance(
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES (?)",
        values=(number,),
    )
    assert standing.database_is_current() is current


def test_the_demo_is_there_once_it_was_loaded_to_its_end(instance):
    instance("CREATE TABLE audit_row (action TEXT)", "INSERT INTO audit_row VALUES ('case:edit')")
    assert not standing.demo_is_loaded()
    instance("INSERT INTO audit_row VALUES ('demo:load')")
    assert standing.demo_is_loaded()


def test_of_another_database_nothing_is_known(instance, monkeypatch):
    instance("CREATE TABLE audit_row (action TEXT)", "INSERT INTO audit_row VALUES ('demo:load')")
    monkeypatch.setenv("MDT_DATABASE_URL", "postgresql://somewhere/mdt")
    assert not standing.demo_is_loaded()
