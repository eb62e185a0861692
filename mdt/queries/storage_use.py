"""How many bytes of files a hospital's cases hold."""

from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.cases import Case
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.queries import scope

_BECAUSE = "a figure of the hospital's own"


def hospital_bytes(hospital_id: int) -> int:
    """What was sent, documents and images, and the served form of images."""
    return _in_cases(hospital_id) + _in_inbox(hospital_id)


def _in_inbox(hospital_id: int) -> int:
    statement = (
        select(func.coalesce(func.sum(InboxObject.size), 0))
        .join(InboxStudy, InboxStudy.id == InboxObject.study_id)
        .where(InboxStudy.hospital_id == hospital_id)
    )
    return db.session.scalar(scope.unscoped(statement, because=_BECAUSE)) or 0


def _in_cases(hospital_id: int) -> int:
    served = func.coalesce(Instance.served_size, 0)
    return sum(
        db.session.scalar(
            scope.unscoped(
                select(func.coalesce(func.sum(size), 0))
                .select_from(table)
                .join(Case, Case.id == table.case_id)
                .where(Case.hospital_id == hospital_id),
                because=_BECAUSE,
            )
        )
        or 0
        for table, size in ((Attachment, Attachment.size), (Instance, Instance.size + served))
    )
