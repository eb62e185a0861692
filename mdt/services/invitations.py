"""Who is asked to a conference, and what they say."""

from collections.abc import Collection
from datetime import datetime, timedelta

from mdt.adapters.calendar_invites import Contact, Invite, conference_ics
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.people import User
from mdt.queries.conferences import (
    get_conference,
    get_conference_to_plan,
    list_invitations,
    list_items,
    lock_conference_to_plan,
)
from mdt.queries.roster import RosterSeat, list_observers, list_roster
from mdt.rules.access import Role, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.conference import (
    CONFERENCE_TRANSITIONS,
    ConferenceState,
    InvitationAnswer,
    answer_invitation,
)
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.notices import NoticeKind
from mdt.services.live_seats import end_lost_seats
from mdt.services.notices import tell
from mdt.services.unit_of_work import Work, unit_of_work

#: Seats of the roster that are asked to a whole conference.
PANEL = (Role.CHAIR, Role.EXPERT, Role.RECORDER)
#: Seat of who presents one case; not a role that anybody holds for good.
PRESENTER = "presenter"
#: Nobody reads mail there; calendars want an address.
_MAIL = "mdt.invalid"


def add_panel_seat(work: Work, conference: Conference, seat: RosterSeat) -> Invitation:
    """Ask a person of the roster to all items, inside the running work."""
    return _invite(work, conference, seat.user, seat.role.value, seat.discipline)


def invite_to_item(
    work: Work,
    conference: Conference,
    item: AgendaItem,
    user: User,
    role: str,
    *,
    told: bool = False,
) -> Invitation:
    """Ask a person to one item, inside the running work; ``told`` where another notice says so."""
    return _invite(work, conference, user, role, user.discipline, item, told=told)


def _invite(
    work: Work,
    conference: Conference,
    user: User,
    role: str,
    discipline: str | None,
    item: AgendaItem | None = None,
    *,
    told: bool = False,
) -> Invitation:
    """A person who has answered for this conference needs not answer again for another item."""
    others = [one for one in list_invitations(conference.id) if one.user_id == user.id]
    answered = next((one for one in others if one.answer != InvitationAnswer.PENDING), None)
    invitation = Invitation(
        conference_id=conference.id,
        user_id=user.id,
        role=role,
        discipline=discipline,
        item_id=item.id if item else None,
        answer=answered.answer if answered else InvitationAnswer.PENDING.value,
        answered_at=answered.answered_at if answered else None,
    )
    work.session.add(invitation)
    work.session.flush()
    if not others and not told:
        tell(work, {user.id}, NoticeKind.CONFERENCE_INVITED, conference=conference)
    return invitation


def uninvite(work: Work, conference: Conference, invitation: Invitation) -> None:
    """Ask a person no longer, inside the running work; they hear of it if that was all."""
    invitation.withdrawn_at = work.now
    work.session.flush()
    work.after_commit(lambda: end_lost_seats([conference.id]))
    left = {one.user_id for one in list_invitations(conference.id)}
    if invitation.user_id not in left:
        tell(
            work,
            {invitation.user_id},
            NoticeKind.INVITATION_WITHDRAWN,
            conference=conference,
            linked=False,
        )


def _inviting(viewer: Viewer, conference_id: int) -> Conference:
    """A conference of the viewer's to which people may still be asked."""
    conference = get_conference_to_plan(viewer, conference_id, for_update=True)
    if not CONFERENCE_TRANSITIONS[ConferenceState(conference.state)]:
        raise Refused("conference_over", state=conference.state)
    return conference


def invite_panel(
    viewer: Viewer, conference_id: int, user_ids: Collection[int], *, now: datetime
) -> None:
    """Ask people of the roster to the whole conference; who was asked before is left alone.

    Raises `Invalid` for somebody outside the roster. Side effects: invitations, a notice to each,
    an audit row.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = _inviting(viewer, conference_id)
        roster = {one.user.id: one for one in list_roster(conference.team_id, *reversed(PANEL))}
        if not user_ids or not set(user_ids) <= set(roster):
            raise Invalid({"people": "not_of_roster" if user_ids else "required"})
        here = {one.user_id for one in list_invitations(conference.id) if one.item_id is None}
        asked = [
            _as_member(work, conference, roster[user_id])
            for user_id in dict.fromkeys(user_ids)
            if user_id not in here
        ]
        work.about(conference, invited=[one.user_id for one in asked])


def _as_member(work: Work, conference: Conference, seat: RosterSeat) -> Invitation:
    """There is one chair: another chair of the team sits in the panel as an expert."""
    role = Role.EXPERT if seat.role is Role.CHAIR else seat.role
    return _invite(work, conference, seat.user, role.value, seat.discipline)


def invite_observer(
    viewer: Viewer, conference_id: int, item_id: int, user_id: int, *, now: datetime
) -> None:
    """Let a person listen to one item. Side effects: an invitation, a notice, an audit row."""
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = _inviting(viewer, conference_id)
        item = next((one for one in list_items(conference.id) if one.id == item_id), None)
        if item is None:
            raise NotFound
        people = {one.id: one for one in list_observers(conference.team, local_date(now))}
        if user_id not in people:
            raise Invalid({"observer": "not_an_observer"})
        here = [one for one in list_invitations(conference.id) if one.user_id == user_id]
        if not any(one.item_id in {None, item_id} for one in here):
            invite_to_item(work, conference, item, people[user_id], Role.OBSERVER.value)
        work.about(conference, case_id=item.case_id, observer=user_id)


def uninvite_person(
    viewer: Viewer, conference_id: int, invitation_id: int, *, now: datetime
) -> None:
    """Ask somebody no longer, before the conference begins. The chair is replaced instead.

    Side effects: the invitation, a notice, an audit row.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        found = next(
            (one for one in list_invitations(conference.id) if one.id == invitation_id), None
        )
        if found is None:
            raise NotFound
        if found.role == Role.CHAIR:
            raise Refused("chair_is_replaced")
        if found.role == PRESENTER:
            _leave_unpresented(conference.id, found)
        uninvite(work, conference, found)
        work.about(conference, withdrawn=found.user_id)


def _leave_unpresented(conference_id: int, invitation: Invitation) -> None:
    for item in list_items(conference_id):
        if item.id == invitation.item_id and item.presenter_id == invitation.user_id:
            item.presenter_id = None


def answer(viewer: Viewer, conference_id: int, said: str, *, now: datetime) -> InvitationAnswer:
    """Say whether one comes; it holds for all items to which one is asked.

    Raises `NotFound` for who is not asked, `Refused` once the conference has begun. Side effects:
    the answers, an audit row.
    """
    if said not in set(InvitationAnswer) - {InvitationAnswer.PENDING}:
        raise Invalid({"answer": "answer_required"})
    with unit_of_work(viewer, AuditAction.CONFERENCE_ANSWER, now=now) as work:
        conference = get_conference(viewer, conference_id, for_update=True)
        own = [one for one in list_invitations(conference.id) if one.user_id == viewer.user_id]
        if not own:
            raise NotFound
        state = ConferenceState(conference.state)
        for one in own:
            current = InvitationAnswer(one.answer)
            one.answer = answer_invitation(current, InvitationAnswer(said), conference=state).value
            one.answered_at = now
        work.after_commit(lambda: end_lost_seats([conference.id]))
        work.about(conference, answer=said)
        return InvitationAnswer(said)


def calendar_file(
    viewer: Viewer, conference_id: int, *, summary: str, url: str, now: datetime
) -> bytes:
    """The conference as a calendar file for this person: time and place, nothing clinical.

    ``summary`` is the line that calendars show; the conference's own title is left out, because
    it lies about in calendars of others.
    """
    conference = get_conference(viewer, conference_id)
    return conference_ics(
        Invite(
            uid=f"{conference.number}@mdt",
            starts_at=conference.starts_at,
            duration=timedelta(minutes=conference.minutes),
            summary=summary,
            location=conference.place,
            url=url,
            organiser=Contact(conference.team.hospital.name_zh, f"noreply@{_MAIL}"),
            stamped_at=now,
            sequence=conference.sequence,
            attendees=(Contact(viewer.name, f"user-{viewer.user_id}@{_MAIL}"),),
            cancelled=conference.state == ConferenceState.CANCELLED,
        )
    )
