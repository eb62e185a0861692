"""How many bytes of files a hospital's cases hold."""

from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.cases import Case
from mdt.queries import scope


def hospital_bytes(hospital_id: int) -> int:
    """What was sent, documents and images; copies that are made of them are not counted."""
    return sum(
        db.session.scalar(
            scope.unscoped(
                select(func.coalesce(func.sum(table.size), 0))
                .join(Case, Case.id == table.case_id)
                .where(Case.hospital_id == hospital_id),
                because="a figure of the hospital's own",
            )
        )
        or 0
        for table in (Attachment, Instance)
    )
