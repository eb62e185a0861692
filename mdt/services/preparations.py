"""What a seat has fetched ahead of a conference, as its browser says."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from mdt.models.preparations import Preparation
from mdt.queries.bulk import on_postgresql
from mdt.queries.preparations import get_to_prepare
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, Refused
from mdt.services.unit_of_work import unit_of_work


def note_prepared(
    viewer: Viewer, conference_id: int, case_id: int, pictures: str, ready: int, *, now: datetime
) -> None:
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
        said = {"ready": ready, "pictures": pictures, "at": now}
        seat = {"case_id": case_id, "user_id": viewer.user_id}
        # Two pages of one person may both begin to say it.
        insert = postgresql.insert if on_postgresql(work.session) else sqlite.insert
        work.session.execute(
            insert(Preparation)
            .values(**seat, **said)
            .on_conflict_do_update(index_elements=list(seat), set_=said)
        )
