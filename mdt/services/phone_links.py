"""Photographs from a phone without an account: a code on the case's page, ten minutes, one phone.

Whatever the phone does is done in the name of the person who made the code, by that person's rights
of this moment: sign-out, a lost role or a locked case end the link without anybody having to think
of it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from mdt.models.phone_links import PhoneLink
from mdt.queries import phone_links as queries
from mdt.queries.cases import get_case
from mdt.queries.people import get_user, viewer_of
from mdt.rules.access import Viewer
from mdt.rules.attachments import SIZE_LIMITS, FileRefused, Kind, Refusal
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, Invalid, MdtError, NotFound, Refused
from mdt.rules.phone_links import (
    LIFE,
    MOST_PHOTOGRAPHS,
    UPLOAD_LIFE,
    LinkState,
    PhoneLinkOver,
    link_state,
    seconds_left,
)
from mdt.rules.uploads import UploadOffer
from mdt.services import uploads
from mdt.services.accounts import living_among, token_hash
from mdt.services.attachments import FileResult, check_may_add
from mdt.services.file_intake import Description
from mdt.services.quota import check_room
from mdt.services.unit_of_work import Work, audit_row, subject_of, unit_of_work

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class MadeLink:
    """A link just made. ``token`` goes into the code and is known to nobody afterwards."""

    id: int
    token: str


@dataclass(frozen=True)
class Visit:
    """A phone that may send photographs now, as ``viewer``, the person who made the link."""

    link_id: int
    case_id: int
    viewer: Viewer
    expires_at: datetime


@dataclass(frozen=True)
class Caller:
    """A phone that opens a link. ``key`` is what it made up; asking again it says the same."""

    key: str
    address: str
    browser: str = ""


@dataclass(frozen=True)
class LinkProgress:
    """What the person who made a link is told of it."""

    id: int
    state: LinkState
    left: int
    arrived: int
    opened_at: datetime | None
    browser: str


def make_link(viewer: Viewer, case_id: int, *, now: datetime) -> MadeLink:
    """Let one phone take photographs into a case for ten minutes.

    Who may attach files to it, signed in: `NotFound`, `Forbidden` or `Refused` otherwise. Side
    effects: a row, an audit row; links that this person made for the case before end, each with an
    audit row of its own.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with unit_of_work(viewer, AuditAction.PHONE_MAKE, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        check_room(case.hospital_id)
        if viewer.session_id is None:
            raise Forbidden
        for before in queries.living_links(viewer, case.id, now=now):
            before.ended_at = now
            ended = audit_row(viewer, AuditAction.PHONE_END, now, **subject_of(before))
            ended.case_id = case.id
            work.session.add(ended)
        link = PhoneLink(
            case_id=case.id,
            by_user_id=viewer.user_id,
            session_id=viewer.session_id,
            code_hash=token_hash(token),
            browser="",
            at=now,
            expires_at=now + LIFE,
        )
        work.session.add(link)
        work.about(link, case_id=case.id)
    return MadeLink(link.id, token)


def open_link(token: str, caller: Caller, *, now: datetime) -> str:
    """Take up the link of a code; gives the secret for the phone's cookie.

    The first phone has it; the same phone may ask again. Raises `PhoneLinkOver`, the same whatever
    is wrong. Side effects: the row, one audit row with the phone's address, refused or not.
    """
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    with unit_of_work(None, AuditAction.PHONE_OPEN, now=now) as work:
        link = queries.find_by_code(token_hash(token), for_update=True)
        opener = token_hash(caller.key)
        visit = _visit(link, caller.address, now)
        work.row.update(address=caller.address)
        if link is not None:
            work.about(link, case_id=link.case_id)
        if link is None or visit is None or link.opener_hash not in {None, opener}:
            _refuse(work, link, visit)
        else:
            _be_opened(work, link, visit, opener)
            link.secret_hash = token_hash(secret)
            link.browser = caller.browser[:200]
    if visit is None or work.row.get("result") == "refused":
        raise PhoneLinkOver
    return secret


def _refuse(work: Work, link: PhoneLink | None, visit: Visit | None) -> None:
    reason = "unknown" if link is None else "over" if visit is None else "used"
    work.row["result"] = "refused"
    work.row.setdefault("data", {})["reason"] = f"phone_{reason}"


def _be_opened(work: Work, link: PhoneLink, visit: Visit, opener: str) -> None:
    link.opened_at = link.opened_at or work.now
    link.opener_hash = opener
    work.viewer = visit.viewer


def find_visit(secret: str, address: str, *, now: datetime) -> Visit | None:
    """Whose phone this is and what it may do now; nothing once the link has ended."""
    link = queries.find_by_secret(token_hash(secret)) if secret else None
    return _visit(link, address, now)


def _visit(link: PhoneLink | None, address: str, now: datetime) -> Visit | None:
    """The link as a visit, where it lives: by its time, its person's sign-in and their rights."""
    if link is None or link_state(link.expires_at, None, link.ended_at, now) is LinkState.OVER:
        return None
    user = get_user(link.by_user_id)
    if user is None or not user.active or not living_among([link.session_id], now=now):
        return None
    viewer = viewer_of(user, now=now, session_id=link.session_id, address=address)
    try:
        check_may_add(viewer, get_case(viewer, link.case_id))
    except MdtError:
        return None
    return Visit(link.id, link.case_id, viewer, link.expires_at)


def link_progress(viewer: Viewer, case_id: int, link_id: int, *, now: datetime) -> LinkProgress:
    """How a link of this person's own stands; raise `NotFound`."""
    link = queries.get_link(viewer, case_id, link_id)
    alive = _visit(link, "", now) is not None
    return LinkProgress(
        link.id,
        link_state(link.expires_at, link.opened_at, link.ended_at, now)
        if alive
        else LinkState.OVER,
        seconds_left(link.expires_at, now) if alive else 0,
        queries.count_arrived(link),
        link.opened_at,
        link.browser,
    )


def running_link(viewer: Viewer, case_id: int, *, now: datetime) -> LinkProgress | None:
    """The link of this person to a case, just found, that still lives."""
    found = queries.living_links(viewer, case_id, now=now)
    progress = link_progress(viewer, case_id, found[0].id, now=now) if found else None
    return progress if progress and progress.state is not LinkState.OVER else None


def end_link(viewer: Viewer, case_id: int, link_id: int, *, now: datetime) -> None:
    """End a link, by the person who made it or by its phone; raise `NotFound`.

    Side effects: row, one audit row; none for one that has ended already.
    """
    with unit_of_work(viewer, AuditAction.PHONE_END, now=now) as work:
        link = queries.get_link(viewer, case_id, link_id, for_update=True)
        if link.ended_at is not None or link.expires_at <= now:
            work.silent = True
            return
        link.ended_at = now
        work.about(link, case_id=case_id)


def begin_photograph(visit: Visit, offer: UploadOffer, *, now: datetime) -> uploads.UploadState:
    """Make room for a photograph, as `mdt.services.uploads.begin_upload`.

    Raises `Refused("phone_too_many")` after so many, `FileRefused` for what cannot be a picture.
    """
    if offer.bundle:
        raise FileRefused(Refusal.IMAGE_OTHER_FORMAT)
    if offer.length > SIZE_LIMITS[Kind.JPEG]:
        raise FileRefused(Refusal.TOO_LARGE)

    def admit() -> None:
        link = queries.get_link(visit.viewer, visit.case_id, visit.link_id, for_update=True)
        if queries.count_sent(link) >= MOST_PHOTOGRAPHS:
            raise Refused("phone_too_many", most=MOST_PHOTOGRAPHS)

    return uploads.begin_upload(
        visit.viewer,
        visit.case_id,
        offer,
        now=now,
        life=UPLOAD_LIFE,
        phone_link_id=visit.link_id,
        admit=admit,
    )


def check_photograph(visit: Visit, upload_id: str) -> None:
    """Raise `NotFound` unless this upload was begun by this very phone."""
    if not queries.is_of_link(upload_id, visit.link_id):
        raise NotFound


def take_photograph(
    visit: Visit, upload_id: str, description: Description, *, now: datetime
) -> tuple[FileResult, ...]:
    """Attach a photograph that is whole, as `mdt.services.uploads.take_upload`.

    Raises `Invalid` without a type: there is no file name to guess it from.
    """
    check_photograph(visit, upload_id)
    if not description.kind:
        raise Invalid({"kind": "document_kind_unknown"})
    return uploads.take_upload(visit.viewer, visit.case_id, upload_id, description, now=now)


def count_left(visit: Visit) -> int:
    """How many more photographs this phone may send."""
    link = queries.get_link(visit.viewer, visit.case_id, visit.link_id)
    return max(0, MOST_PHOTOGRAPHS - queries.count_sent(link))
