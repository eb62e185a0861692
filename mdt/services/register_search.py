"""Finding a person's rows in the own register, which is recorded."""

from datetime import datetime

from mdt.queries.register_search import search_register
from mdt.queries.registry import RegisterPage
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.services.unit_of_work import unit_of_work


def find_rows(viewer: Viewer, text: str, *, now: datetime) -> RegisterPage:
    """Rows of the own register by exact name, identity number or record number.

    Side effects: an audit row with how many were found; what was looked for stays out of it.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_SEARCH, now=now) as work:
        found = search_register(viewer, text, today=local_date(now))
        work.row["object_type"] = "tumour"
        work.row["data"] = {"found": found.total}
        return found
