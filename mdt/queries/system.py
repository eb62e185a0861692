"""Whether the tables and, in demo, the demo data are there."""

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.people import User
from mdt.rules.audit import AuditAction


def is_ready(*, demo: bool) -> bool:
    """Tables answer; in demo the demo data was loaded whole (its audit row is written last)."""
    try:
        if demo:
            return demo_loaded()
        db.session.scalar(select(func.count(User.id)))
    except DBAPIError:
        db.session.rollback()
        return False
    return True


def demo_loaded() -> bool:
    """Whether ``demo load`` has run to its end."""
    row = select(AuditRow.id).where(AuditRow.action == AuditAction.DEMO_LOAD.value).limit(1)
    return db.session.scalar(row) is not None


def has_accounts() -> bool:
    """Whether anybody has an account."""
    return db.session.scalar(select(User.id).limit(1)) is not None
