"""Telling people on their worklists, and putting what was read away."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import or_, update

from mdt.models.cases import Case
from mdt.models.conferences import Conference
from mdt.models.people import Notice
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import NotFound
from mdt.rules.notices import NoticeKind
from mdt.services.unit_of_work import Work, unit_of_work

_OF_CONFERENCES = (
    NoticeKind.CASE_SCHEDULED,
    NoticeKind.CONFERENCE_CHANGED,
    NoticeKind.CONFERENCE_INVITED,
    NoticeKind.CONFERENCE_MOVED,
)


def tell(
    work: Work,
    people: Iterable[int | None],
    kind: NoticeKind,
    *,
    case: Case | None = None,
    conference: Conference | None = None,
    linked: bool = True,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write one notice for each person but the one who acts.

    ``details`` are numbers, times and codes for the sentence; nothing clinical. ``linked`` is false
    for people who may not open the conference: they only read its number and time. Side effects:
    notice rows.
    """
    said: dict[str, object] = dict(details or {})
    if case is not None:
        said["number"] = case.number
    if conference is not None:
        said["conference"] = conference.number
        said.setdefault("starts_at", conference.starts_at.isoformat())
    actor = work.viewer.user_id if work.viewer else None
    for user_id in sorted({one for one in people if one is not None} - {actor}):
        work.session.add(
            Notice(
                user_id=user_id,
                kind=kind.value,
                case_id=case.id if case else None,
                conference_id=conference.id if conference and linked else None,
                details=dict(said),
                at=work.now,
            )
        )


def settle(work: Work, kind: NoticeKind, case: Case, *, only: int | None = None) -> None:
    """Put away what people were told of a case and need not do any more; ``only`` one person's.

    Side effects: read times.
    """
    statement = update(Notice).where(
        Notice.case_id == case.id, Notice.kind == kind.value, Notice.read_at.is_(None)
    )
    if only is not None:
        statement = statement.where(Notice.user_id == only)
    work.session.execute(statement.values(read_at=work.now))


def settle_conference(work: Work, conference: Conference) -> None:
    """Put away what people were told of a conference that will not be: invitations, times, places.

    Side effects: read times.
    """
    work.session.execute(
        update(Notice)
        .where(
            Notice.kind.in_([kind.value for kind in _OF_CONFERENCES]),
            or_(
                Notice.conference_id == conference.id,
                Notice.details["conference"].as_string() == conference.number,
            ),
            Notice.read_at.is_(None),
        )
        .values(read_at=work.now)
        .execution_options(synchronize_session=False)
    )


def read_notice(viewer: Viewer, notice_id: int, *, now: datetime) -> None:
    """Put a notice away. Side effects: its read time, one audit row."""
    with unit_of_work(viewer, AuditAction.NOTICE_READ, now=now) as work:
        notice = work.session.get(Notice, notice_id)
        if notice is None or notice.user_id != viewer.user_id:
            raise NotFound
        notice.read_at = notice.read_at or now
        work.about(notice)


def read_notices(viewer: Viewer, up_to: int, *, now: datetime) -> None:
    """Put away the viewer's notices up to a number: what the page showed, nothing newer.

    Side effects: read times, one audit row.
    """
    with unit_of_work(viewer, AuditAction.NOTICE_READ, now=now) as work:
        work.session.execute(
            update(Notice)
            .where(Notice.user_id == viewer.user_id, Notice.id <= up_to, Notice.read_at.is_(None))
            .values(read_at=now)
        )
        work.row["data"] = {"up_to": up_to}
