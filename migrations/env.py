"""Alembic's environment: the app's own engine and metadata, on both databases."""

from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON

from mdt.models.base import UTCDateTime

target = current_app.extensions["migrate"].db


def render_item(kind, thing, autogen_context):
    """Write our column types as plain SQLAlchemy: a migration must not follow the models."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON) and not isinstance(thing, JSONB):
        return "JSON"
    return False


def compare_type(migration_context, inspected, column, inspected_type, model_type):
    """Our own types are the plain ones underneath: nothing to compare."""
    if isinstance(model_type, UTCDateTime | JSON):
        return False
    return None


@contextmanager
def rows_let_go(connection):
    """Let SQLite make a table anew to whose rows others refer, and have them checked at the end.

    As https://www.sqlite.org/lang_altertable.html asks for; within a transaction it has no effect.
    """
    if connection.dialect.name != "sqlite":
        yield
        return

    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        # Each migration has been committed by itself.
        if astray := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows refer to what is not there: {astray[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def run_migrations():
    arguments = {
        **current_app.extensions["migrate"].configure_args,
        "render_item": render_item,
        "compare_type": compare_type,
    }
    with target.engine.connect() as connection, rows_let_go(connection):
        context.configure(connection=connection, target_metadata=target.metadata, **arguments)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
