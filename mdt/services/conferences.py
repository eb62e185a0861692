"""A team's conference: planned, changed, moved, cancelled."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from mdt.models.conferences import Conference, Invitation
from mdt.models.regions import Team
from mdt.queries.conferences import (
    get_conference_to_plan,
    leads_team,
    list_invitations,
    list_items,
    lock_conference_to_plan,
)
from mdt.queries.roster import RosterSeat, list_roster
from mdt.rules.access import Role, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.conference import ConferenceState, InvitationAnswer, move_conference
from mdt.rules.content.reasons import LONGEST_CANCEL_REASON, checked_words
from mdt.rules.errors import Invalid, NotFound, Stale
from mdt.rules.events import LiveEventKind
from mdt.rules.notices import NoticeKind
from mdt.rules.scheduling import Change, ConferencePlan, change_of, check_plan
from mdt.services.agenda import cases_on
from mdt.services.invitations import PANEL, add_panel_seat, uninvite
from mdt.services.live_events import RoomWork, room_work
from mdt.services.live_room import check_leads, put_back_open_items
from mdt.services.notices import settle_conference, tell
from mdt.services.unit_of_work import Work, unit_of_work


@dataclass(frozen=True)
class Planned:
    """A plan and the people of the roster to ask, the chair included or not."""

    plan: ConferencePlan
    invited: Collection[int] = ()


def plan_conference(viewer: Viewer, planned: Planned, *, now: datetime) -> Conference:
    """Set up a conference and ask its panel.

    Raises `Invalid`; `NotFound` for a team that is not the viewer's to plan for. Side effects: a
    conference, invitations for the chair and who was chosen, a notice to each, an audit row.
    """
    plan = planned.plan
    with unit_of_work(viewer, AuditAction.CONFERENCE_CREATE, now=now) as work:
        team = work.session.get(Team, plan.team_id)
        if team is None or not leads_team(viewer, plan.team_id):
            raise NotFound
        check_plan(plan, now=now)
        roster = list_roster(team.id, *PANEL)
        chair = _chair(roster, plan.chair_id)
        conference = _add(work, plan, viewer.user_id)
        for seat in _chosen(roster, chair, planned.invited):
            add_panel_seat(work, conference, seat)
        work.about(conference)
        return conference


def _add(work: Work, plan: ConferencePlan, by: int) -> Conference:
    conference = Conference(
        number=uuid.uuid4().hex[:20],
        team_id=plan.team_id,
        title=plan.title,
        starts_at=plan.starts_at,
        minutes=plan.minutes,
        place=plan.place,
        media_link=plan.media_link,
        chair_id=plan.chair_id,
        created_by_id=by,
        created_at=work.now,
    )
    work.session.add(conference)
    work.session.flush()
    # Out of the row's key: unique whoever else plans one at the same moment.
    conference.number = f"C{local_date(work.now).year}-{conference.id:04d}"
    work.session.flush()
    return conference


def _chair(roster: list[RosterSeat], chair_id: int) -> RosterSeat:
    for seat in roster:
        if seat.role is Role.CHAIR and seat.user.id == chair_id:
            return seat
    raise Invalid({"chair_id": "chair_not_of_team"})


def _chosen(
    roster: list[RosterSeat], chair: RosterSeat, invited: Collection[int]
) -> list[RosterSeat]:
    """The chair, then who was chosen, each in one seat."""
    seats = {chair.user.id: chair}
    for seat in roster:
        if seat.user.id in invited and seat.role is not Role.CHAIR:
            seats.setdefault(seat.user.id, seat)
    return list(seats.values())


def plan_of(conference: Conference) -> ConferencePlan:
    """The plan as it stands."""
    return ConferencePlan(
        team_id=conference.team_id,
        starts_at=conference.starts_at,
        minutes=conference.minutes,
        chair_id=conference.chair_id,
        title=conference.title,
        place=conference.place,
        media_link=conference.media_link,
    )


def edit_conference(
    viewer: Viewer, conference_id: int, plan: ConferencePlan, *, version: int, now: datetime
) -> Change:
    """Change a conference that has not begun; the team stays.

    ``version`` is what the page had. Raises `Stale`, `Invalid`, `Refused` once it has begun. Side
    effects: the row, an audit row; a new time asks everybody again and a new place is told, each
    with a notice and a higher calendar sequence; a new chair is asked, the old one no longer.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        if conference.version != version:
            raise Stale
        before = plan_of(conference)
        check_plan(plan, now=now if plan.starts_at != before.starts_at else None)
        _replace_chair(work, conference, plan.chair_id)
        for name in ("starts_at", "minutes", "title", "place", "media_link"):
            setattr(conference, name, getattr(plan, name))
        change = change_of(before, plan)
        if change is not Change.NONE:
            conference.sequence += 1
            _tell_of_change(work, conference, change, before.starts_at)
        work.about(conference, change=change.value)
        return change


def _replace_chair(work: Work, conference: Conference, chair_id: int) -> None:
    if chair_id == conference.chair_id:
        return
    seat = _chair(list_roster(conference.team_id, Role.CHAIR), chair_id)
    for one in list_invitations(conference.id):
        if one.role == Role.CHAIR and one.user_id == conference.chair_id:
            uninvite(work, conference, one)
    conference.chair_id = chair_id
    add_panel_seat(work, conference, seat)


def _tell_of_change(work: Work, conference: Conference, change: Change, before: datetime) -> None:
    invitations = list_invitations(conference.id)
    kind = NoticeKind.CONFERENCE_CHANGED
    if change is Change.MOVED:
        kind = NoticeKind.CONFERENCE_MOVED
        for one in invitations:
            one.answer, one.answered_at = InvitationAnswer.PENDING.value, None
    tell_everybody(work, conference, invitations, kind, {"before": before.isoformat()})


def tell_everybody(
    work: Work,
    conference: Conference,
    invitations: Collection[Invitation],
    kind: NoticeKind,
    details: Mapping[str, object] | None = None,
) -> None:
    """A notice to each invited person, and to each doctor whose case is on the agenda.

    Who is not invited hears by the case: the conference's page is not theirs to open.
    """
    invited = {one.user_id for one in invitations}
    tell(work, invited, kind, conference=conference, details=details)
    told = set(invited)
    for case in cases_on(work, list_items(conference.id)):
        if case.created_by_id not in told:
            told.add(case.created_by_id)
            tell(
                work,
                {case.created_by_id},
                kind,
                case=case,
                conference=conference,
                linked=False,
                details=details,
            )


def _tell_cancelled(
    work: Work, conference: Conference, invitations: Collection[Invitation], reason: str
) -> None:
    """The reason to everybody; the doctor of a case also reads which one goes back to the queue."""
    said = {"reason": reason}
    kind = NoticeKind.CONFERENCE_CANCELLED
    cases = cases_on(work, list_items(conference.id))
    doctors = {case.created_by_id for case in cases}
    invited = {one.user_id for one in invitations}
    tell(work, invited - doctors, kind, conference=conference, details=said)
    for case in cases:
        doctor = case.created_by_id
        tell(
            work,
            {doctor},
            NoticeKind.CASE_CONFERENCE_CANCELLED,
            case=case,
            conference=conference,
            linked=doctor in invited,
            details=said,
        )


def cancel_conference(viewer: Viewer, conference_id: int, reason: str, *, now: datetime) -> None:
    """Cancel a conference that has not begun; its cases go back to the queue.

    Raises `Invalid` without a reason, `IllegalTransition` once it has begun. Side effects: items,
    cases and conference move, events for who waits in the room, notices, an audit row.
    """
    words = checked_words(reason, longest=LONGEST_CANCEL_REASON, missing="required")
    get_conference_to_plan(viewer, conference_id)
    with room_work(
        viewer, conference_id, f"cancel-{conference_id}", now=now,
        action=AuditAction.CONFERENCE_CANCEL,
    ) as room:  # fmt: skip
        if not room.events:
            check_leads(viewer, room)
            _cancel(room, words)


def _cancel(room: RoomWork, reason: str) -> None:
    conference = room.conference
    target = move_conference(ConferenceState(conference.state), ConferenceState.CANCELLED)
    invitations = list_invitations(conference.id)
    settle_conference(room.work, conference)
    _tell_cancelled(room.work, conference, invitations, reason)
    put_back_open_items(room)
    conference.state = target.value
    conference.cancel_reason = reason
    conference.sequence += 1
    room.add(LiveEventKind.STATE, None, {"state": target.value})
    room.work.about(conference)
