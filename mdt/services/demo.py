"""The mark that the demo data is whole."""

from datetime import datetime

from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import unit_of_work


def mark_demo_loaded(*, now: datetime) -> None:
    """Write the audit row by which ``/readyz`` knows. Side effects: that row."""
    with unit_of_work(None, AuditAction.DEMO_LOAD, now=now) as work:
        work.row["object_type"] = "demo"
