"""Who the rows of the own register are of: found by name or number, shown whole; both recorded."""

from datetime import datetime

from mdt.queries import registry as queries
from mdt.queries.patients import Identity, open_identity
from mdt.queries.register_search import search_register
from mdt.queries.registry import RegisterPage
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import Forbidden
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


def unmask_register_patient(viewer: Viewer, tumour_id: int, *, now: datetime) -> Identity:
    """Show the whole identity behind a row of the own hospital, which is recorded.

    Raises `NotFound` for a row out of sight, `Forbidden` above the own hospital.
    """
    with unit_of_work(viewer, AuditAction.PATIENT_UNMASK, now=now) as work:
        tumour = queries.get_tumour(viewer, tumour_id)
        if not queries.shows_names(viewer, tumour.hospital_id):
            raise Forbidden
        work.about(tumour.patient, tumour_id=tumour.id)
        return open_identity(tumour.patient)
