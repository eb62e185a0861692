"""Phone links: a person's own ones, those that a phone names, and what came by each."""

from datetime import datetime

from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Upload
from mdt.models.phone_links import PhoneLink
from mdt.queries import scope
from mdt.queries.cases import get_case
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound

_BECAUSE = "what the phone holds says which"
_OWN = "the person's own links"


def find_by_code(code_hash: str, *, for_update: bool = False) -> PhoneLink | None:
    """The link whose code holds this token, living or not."""
    statement = select(PhoneLink).where(PhoneLink.code_hash == code_hash)
    if for_update:
        statement = statement.with_for_update()
    return db.session.scalar(scope.unscoped(statement, because=_BECAUSE))


def find_by_secret(secret_hash: str) -> PhoneLink | None:
    """The link that this phone opened, living or not."""
    statement = select(PhoneLink).where(PhoneLink.secret_hash == secret_hash)
    return db.session.scalar(scope.unscoped(statement, because=_BECAUSE))


def get_link(viewer: Viewer, case_id: int, link_id: int, *, for_update: bool = False) -> PhoneLink:
    """A link that this person made for this case; raise `NotFound`."""
    get_case(viewer, case_id)
    statement = select(PhoneLink).where(
        PhoneLink.id == link_id,
        PhoneLink.case_id == case_id,
        PhoneLink.by_user_id == viewer.user_id,
    )
    if for_update:
        statement = statement.with_for_update()
    found = db.session.scalar(scope.unscoped(statement, because=_OWN))
    if found is None:
        raise NotFound
    return found


def living_links(viewer: Viewer, case_id: int, *, now: datetime) -> list[PhoneLink]:
    """Links of this person to a case, just found, whose time is not over; the newest first."""
    statement = (
        select(PhoneLink)
        .where(
            PhoneLink.by_user_id == viewer.user_id,
            PhoneLink.case_id == case_id,
            PhoneLink.ended_at.is_(None),
            PhoneLink.expires_at > now,
        )
        .order_by(PhoneLink.id.desc())
    )
    return list(db.session.scalars(scope.unscoped(statement, because=_OWN)))


def count_sent(link: PhoneLink) -> int:
    """Photographs that were begun by a link, whatever became of them."""
    statement = select(func.count(Upload.id)).where(
        Upload.by_user_id == link.by_user_id,
        Upload.case_id == link.case_id,
        Upload.phone_link_id == link.id,
    )
    return db.session.scalar(scope.unscoped(statement, because=_OWN)) or 0


def count_arrived(link: PhoneLink) -> int:
    """Photographs of a link that are in the case now."""
    statement = select(func.count(Attachment.id)).where(
        Attachment.case_id == link.case_id, Attachment.phone_link_id == link.id
    )
    return db.session.scalar(scope.unscoped(statement, because=_OWN)) or 0


def is_of_link(upload_id: str, link_id: int) -> bool:
    """Whether an upload came by this link."""
    statement = select(Upload.id).where(Upload.id == upload_id, Upload.phone_link_id == link_id)
    return db.session.scalar(scope.unscoped(statement, because=_BECAUSE)) is not None
