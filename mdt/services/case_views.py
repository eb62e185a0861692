"""Opening a case, which is recorded."""

from datetime import datetime

from mdt.models.cases import Case
from mdt.queries.cases import CasePage, get_case, get_case_for, search_cases
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import unit_of_work


def open_case(
    viewer: Viewer, case_id: int, *, page: str, now: datetime, permission: Permission | None = None
) -> Case:
    """A case to show on a page; with a permission, only if the viewer may do this with it.

    Raises `NotFound`, `Forbidden`, `IllegalTransition` as `mdt.queries.cases.get_case_for` does.
    Side effects: an audit row that says which page.
    """
    with unit_of_work(viewer, AuditAction.CASE_VIEW, now=now) as work:
        if permission is None:
            case = get_case(viewer, case_id)
        else:
            case = get_case_for(viewer, case_id, permission)
        work.about(case, case_id=case.id, page=page)
        return case


def find_cases(viewer: Viewer, text: str, *, now: datetime) -> CasePage:
    """Cases by exact number, name, identity number or record number.

    Side effects: an audit row with how many were found; what was looked for stays out of it.
    """
    with unit_of_work(viewer, AuditAction.CASE_SEARCH, now=now) as work:
        found = search_cases(viewer, text)
        work.row["object_type"] = "case_file"
        work.row["data"] = {"found": found.total}
        return found
