"""One conference with its agenda and its people, as the viewer's seat may see it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.queries import scope
from mdt.queries.cases import PatientFacts, patient_facts
from mdt.queries.held import unconfirmed_cases
from mdt.queries.live import get_seat, visible_items
from mdt.queries.team_quorum import quorum_rule
from mdt.queries.triage import due_of
from mdt.rules.access import TEAM_DESK_ROLES, Permission, Viewer, may
from mdt.rules.conference import (
    ConferenceState,
    InvitationAnswer,
    Slot,
    planned_times,
    spare_minutes,
)
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.quorum import COUNTING_ROLES, Attendance, QuorumRule
from mdt.rules.scheduling import Expected, Forecast, forecast


@dataclass(frozen=True)
class AgendaLine:
    """A place on the agenda; without ``item`` it is another county's and only its length shows.

    ``due`` is until when the case should be discussed; ``unconfirmed``: images of it name somebody
    of whom nobody has said that this is the patient.
    """

    slot: Slot
    minutes: int
    position: int
    item: AgendaItem | None = None
    case: Case | None = None
    patient: PatientFacts | None = None
    presenter: Invitation | None = None
    observers: tuple[Invitation, ...] = ()
    outlook: Forecast | None = None
    due: datetime | None = None
    unconfirmed: bool = False


@dataclass(frozen=True)
class DisciplineLine:
    """One discipline of the panel and who was asked for it."""

    code: str
    core: bool
    people: tuple[Invitation, ...]


@dataclass(frozen=True)
class ConferencePage:
    """A conference as one seat may see it.

    ``desk``: runs it. ``panel``: was asked to all of it. ``own``: the viewer's own invitations.
    ``disciplines`` and ``others`` (chair without discipline, recorder) are the panel; ``invited``
    is everybody who is asked, to which item ever.
    """

    conference: Conference
    desk: bool
    panel: bool
    own: tuple[Invitation, ...]
    lines: tuple[AgendaLine, ...]
    disciplines: tuple[DisciplineLine, ...]
    others: tuple[Invitation, ...]
    spare: int
    invited: tuple[Invitation, ...]

    @property
    def answer(self) -> InvitationAnswer | None:
        """The viewer's own answer, where they were asked."""
        return InvitationAnswer(self.own[0].answer) if self.own else None

    @property
    def declined(self) -> bool:
        """The viewer will not come, and so sees no case."""
        return not self.desk and self.answer is InvitationAnswer.DECLINED

    @property
    def missing(self) -> tuple[str, ...]:
        """Core disciplines for which nobody is left who might come."""
        return tuple(
            line.code
            for line in self.disciplines
            if line.core and all(one.answer == InvitationAnswer.DECLINED for one in line.people)
        )


def leads_team(viewer: Viewer, team_id: int) -> bool:
    """Coordinator or chair of this team."""
    return team_id in viewer.teams_as(*TEAM_DESK_ROLES)


def get_conference(viewer: Viewer, conference_id: int, *, for_update: bool = False) -> Conference:
    """A conference of the viewer's team, or one to which they are invited; else `NotFound`."""
    statement = scope.conferences(viewer).where(Conference.id == conference_id)
    if for_update:
        statement = statement.with_for_update(of=Conference)
    found: Conference | None = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def live_conference_of(viewer: Viewer, case_id: int) -> int | None:
    """The running conference with this case on its agenda in which the viewer has a seat."""
    found = db.session.scalars(
        scope.agenda_items(viewer)
        .where(
            AgendaItem.case_id == case_id,
            AgendaItem.position > 0,
            Conference.state == ConferenceState.LIVE.value,
        )
        .with_only_columns(AgendaItem.conference_id)
    ).all()
    return next((one for one in found if _has_seat(viewer, one)), None)


def _has_seat(viewer: Viewer, conference_id: int) -> bool:
    try:
        get_seat(viewer, conference_id)
    except NotFound:
        return False
    return may(viewer, Permission.CONFERENCE_JOIN)


def get_conference_to_plan(
    viewer: Viewer, conference_id: int, *, for_update: bool = False
) -> Conference:
    """A conference that the viewer plans; `Forbidden` for who is only invited to it."""
    found = get_conference(viewer, conference_id, for_update=for_update)
    if not leads_team(viewer, found.team_id):
        raise Forbidden
    return found


def lock_conference_to_plan(viewer: Viewer, conference_id: int) -> Conference:
    """The same, locked, where it has not begun; else `Refused`."""
    found = get_conference_to_plan(viewer, conference_id, for_update=True)
    if found.state != ConferenceState.SCHEDULED:
        raise Refused("conference_not_scheduled", state=found.state)
    return found


def get_conference_page(viewer: Viewer, conference_id: int) -> ConferencePage:
    """The conference with agenda and people; `NotFound` where it is not the viewer's."""
    conference = get_conference(viewer, conference_id)
    desk = leads_team(viewer, conference.team_id)
    invitations = list_invitations(conference.id)
    own = tuple(one for one in invitations if one.user_id == viewer.user_id)
    shown = visible_items(viewer, conference.id)
    lines = _agenda(viewer, conference, shown, invitations)
    panel = [one for one in invitations if one.item_id is None]
    return ConferencePage(
        conference=conference,
        desk=desk,
        panel=desk or any(one.item_id is None for one in own),
        own=own,
        lines=lines,
        disciplines=_by_discipline(conference.team.core_disciplines, panel),
        others=tuple(one for one in panel if not _stands_for(one)),
        spare=spare_minutes(conference.minutes, [line.minutes for line in lines]),
        invited=tuple(invitations),
    )


def list_invitations(conference_id: int) -> Sequence[Invitation]:
    """Everybody who is invited now, in the order of invitation; the caller bounds what shows."""
    return db.session.scalars(
        scope.scoped_children(
            select(Invitation)
            .where(Invitation.conference_id == conference_id, Invitation.withdrawn_at.is_(None))
            .order_by(Invitation.id),
            of="conference",
        )
    ).all()


def list_items(conference_id: int) -> Sequence[AgendaItem]:
    """The agenda in its order, for a conference that was loaded through its scope."""
    return db.session.scalars(
        scope.scoped_children(
            select(AgendaItem)
            .where(AgendaItem.conference_id == conference_id, AgendaItem.position > 0)
            .order_by(AgendaItem.position),
            of="conference",
        )
    ).all()


def _agenda(
    viewer: Viewer,
    conference: Conference,
    shown: frozenset[int],
    invitations: Sequence[Invitation],
) -> tuple[AgendaLine, ...]:
    items = list_items(conference.id)
    slots = planned_times(conference.starts_at, [(one.id, one.minutes) for one in items])
    cases = _cases(viewer, [one.case_id for one in items if one.id in shown])
    unconfirmed = unconfirmed_cases(cases)
    rule = quorum_rule(conference.team)
    lines = []
    for slot, item in zip(slots, items, strict=True):
        case = cases.get(item.case_id) if item.id in shown else None
        if case is None:
            hidden = Slot(0, slot.starts_at, slot.ends_at)
            lines.append(AgendaLine(hidden, item.minutes, item.position))
            continue
        invited = [one for one in invitations if one.item_id in {None, item.id}]
        line = _line(viewer, slot, item, case, invited, rule)
        lines.append(replace(line, unconfirmed=case.id in unconfirmed))
    return tuple(lines)


def _line(
    viewer: Viewer,
    slot: Slot,
    item: AgendaItem,
    case: Case,
    invited: Sequence[Invitation],
    rule: QuorumRule,
) -> AgendaLine:
    presenters = [one for one in invited if one.role == "presenter"]
    return AgendaLine(
        slot,
        item.minutes,
        item.position,
        item,
        case,
        patient_facts(viewer, case),
        next((one for one in presenters if one.user_id == item.presenter_id), None),
        tuple(one for one in invited if one.role == "observer"),
        forecast(expected(invited), rule),
        due_of(case),
    )


def _cases(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Case]:
    rows = db.session.scalars(
        scope.cases(viewer).where(Case.id.in_(case_ids)).options(joinedload(Case.patient))
    )
    return {case.id: case for case in rows}


def expected(invitations: Sequence[Invitation]) -> list[Expected]:
    """Invited people as the forecast takes them."""
    return [
        Expected(
            Attendance(one.user_id, one.user.hospital_id or 0, one.discipline or "", one.role),
            InvitationAnswer(one.answer),
        )
        for one in invitations
    ]


def _stands_for(one: Invitation) -> bool:
    return one.role in COUNTING_ROLES and bool(one.discipline)


def _by_discipline(core: Sequence[str], panel: Sequence[Invitation]) -> tuple[DisciplineLine, ...]:
    """Core disciplines first, asked or not; then the others that were asked."""
    counting = [one for one in panel if _stands_for(one)]
    further = dict.fromkeys(one.discipline or "" for one in counting)
    return tuple(
        DisciplineLine(code, code in core, tuple(one for one in counting if one.discipline == code))
        for code in (*core, *(code for code in further if code not in core))
    )


def list_listable_cases(viewer: Viewer, team_id: int) -> Sequence[Case]:
    """Accepted cases of a team that wait for an agenda, the longest waiting first."""
    return db.session.scalars(
        scope.cases(viewer)
        .where(Case.team_id == team_id, Case.state == "accepted")
        .options(joinedload(Case.patient), selectinload(Case.consents), selectinload(Case.steps))
        .order_by(Case.submitted_at, Case.id)
    ).all()
