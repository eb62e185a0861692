"""Actions that must come one after the other, whoever does them."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from mdt.models.base import Model
from mdt.queries.bulk import on_postgresql


def hold_table(session: Session, model: type[Model]) -> None:
    """Inside a unit of work: let writers of this table finish, and have new ones wait for its end.

    Readers go on. SQLite has one writer at a time anyway.
    """
    if on_postgresql(session):
        session.execute(text(f"LOCK TABLE {model.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
