"""What a seat has fetched ahead of a conference, as its browser says."""

from datetime import datetime

from mdt.models.preparations import Preparation
from mdt.queries.preparations import find_own, get_to_prepare
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, Refused
from mdt.services.unit_of_work import unit_of_work


def note_prepared(
    viewer: Viewer, conference_id: int, case_id: int, pictures: str, ready: int, *, now: datetime
) -> Preparation:
    """Note how many pictures of a case are there.

    Raises `NotFound` for a case that the viewer does not see in this conference, `Invalid` for more
    than there are, `Refused` where ``pictures`` are not those of the case any more. Side effects:
    the row of this seat; no audit row, as each series that is fetched has its own.
    """
    with unit_of_work(viewer, AuditAction.SERIES_PREPARE, now=now) as work:
        work.silent = True
        case = get_to_prepare(viewer, conference_id, case_id)
        if pictures != case.pictures:
            raise Refused("pictures_changed")
        if not 0 <= ready <= case.total:
            raise Invalid({"ready": "text_expected"})
        row = find_own(viewer, [case_id]).get(case_id)
        if row is None:
            row = Preparation(case_id=case_id, user_id=viewer.user_id)
            work.session.add(row)
        row.ready, row.pictures, row.at = ready, pictures, now
        return row
