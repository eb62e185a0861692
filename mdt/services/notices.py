"""Telling people on their worklists, inside the running unit of work."""

from collections.abc import Iterable, Mapping

from mdt.models.cases import Case
from mdt.models.conferences import Conference
from mdt.models.people import Notice
from mdt.rules.notices import NoticeKind
from mdt.services.unit_of_work import Work


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
