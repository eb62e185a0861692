"""The facts behind a person's worklist, in as many queries for many lines as for one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.plans import FollowUp
from mdt.models.regions import Hospital
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.queries.case_readiness import readiness_by_case
from mdt.queries.cases import PatientFacts, patient_facts, sees_identity
from mdt.queries.conferences import expected, leads_team
from mdt.queries.coverage_distance import list_distances
from mdt.queries.readings import count_unread
from mdt.queries.register_imports import list_under_way
from mdt.queries.team_quorum import quorum_rule
from mdt.queries.worklist_plans import list_plan_facts
from mdt.rules import worklist as rules
from mdt.rules.access import Permission, Role, Viewer, may
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseState
from mdt.rules.conference import ConferenceState, InvitationAnswer
from mdt.rules.coverage import Reach
from mdt.rules.reading import is_reader
from mdt.rules.registry.importing import ImportState
from mdt.rules.scheduling import Outlook, forecast
from mdt.rules.worklist import (
    CaseFact,
    ConferenceFact,
    Task,
    TaskKind,
    ordered,
)

_QUEUE_STATES = (CaseState.SUBMITTED, CaseState.ACCEPTED, CaseState.DEFERRED)
_OPEN_CONFERENCES = (ConferenceState.SCHEDULED.value, ConferenceState.LIVE.value)
_ADMINISTRATION = (
    (Permission.PLACES_MANAGE, TaskKind.MANAGE_PLACES),
    (Permission.ACCOUNT_MANAGE, TaskKind.MANAGE_ACCOUNTS),
    (Permission.AUDIT_READ, TaskKind.READ_AUDIT),
)


@dataclass(frozen=True)
class Worklist:
    """Tasks in their order, and the rows that they are about, by number.

    ``patients`` has the cases of the viewer's own hospitals, masked; ``at`` is when it was asked.
    """

    tasks: tuple[Task, ...]
    cases: dict[int, Case]
    conferences: dict[int, Conference]
    patients: dict[int, PatientFacts]
    at: datetime


def get_worklist(viewer: Viewer) -> Worklist:
    """Everything that this person must do now, most urgent first."""
    now = viewer.as_of
    own, approving, queue = _own_cases(viewer), _approving(viewer), _queue(viewer)
    conferences, conference_facts = _conferences(viewer)
    plans, plan_cases = list_plan_facts(viewer)
    tasks = ordered(
        [
            *rules.clinician_tasks(_own_facts(own, local_date(now)), now),
            *rules.approver_tasks(_facts(approving), now),
            *rules.coordinator_tasks(_facts(queue), now),
            *rules.conference_tasks(conference_facts, now),
            *rules.plan_tasks(plans),
            *_register_files(viewer),
            *_quality(viewer),
            *(Task(kind, rules.Band.LATER) for needed, kind in _ADMINISTRATION
              if may(viewer, needed)),
        ]
    )  # fmt: skip
    cases = {case.id: case for case in (*own, *approving, *queue, *plan_cases)}
    spoken_of = {task.case_id for task in tasks}
    patients = {
        case.id: patient_facts(viewer, case)
        for case in (*own, *approving)
        if case.id in spoken_of and sees_identity(viewer, case)
    }
    return Worklist(tasks, cases, {one.id: one for one in conferences}, patients, now)


def _own_cases(viewer: Viewer) -> Sequence[Case]:
    """Cases that the viewer has sent or begun, and that wait for the viewer."""
    hospitals = viewer.hospitals_as(Role.CLINICIAN)
    if not hospitals:
        return ()
    return db.session.scalars(
        scope.cases(viewer)
        .where(
            Case.hospital_id.in_(hospitals),
            Case.created_by_id == viewer.user_id,
            Case.state.not_in([CaseState.WITHDRAWN.value, CaseState.CLOSED.value]),
        )
        .options(joinedload(Case.patient), selectinload(Case.consents))
        .order_by(Case.id)
    ).all()


def _own_facts(cases: Sequence[Case], today: date) -> list[CaseFact]:
    excepted = [case for case in cases if case.urgent_exception]
    owes = {number: one.owes for number, one in readiness_by_case(excepted, today=today).items()}
    after = [case.id for case in cases if case.state in {CaseState.ADOPTED, CaseState.FOLLOWING}]
    next_on = _next_follow_up(after)
    return [_fact(case, owes.get(case.id, 0), next_on.get(case.id)) for case in cases]


def _next_follow_up(case_ids: Collection[int]) -> dict[int, date | None]:
    """The next day that the newest report of each case names."""
    rows = db.session.execute(
        scope.scoped_children(
            select(FollowUp.case_id, FollowUp.next_on)
            .where(FollowUp.case_id.in_(case_ids))
            .order_by(FollowUp.seen_on, FollowUp.id),
            of="case",
        )
    )
    return {row[0]: row[1] for row in rows}


def _fact(case: Case, owes: int = 0, next_on: date | None = None) -> CaseFact:
    return CaseFact(
        id=case.id,
        state=CaseState(case.state),
        since=case.state_since,
        urgency=case.urgency,
        submitted_at=case.submitted_at,
        due_on=case.due_on,
        owes=owes,
        next_on=next_on,
    )


def _facts(cases: Iterable[Case]) -> list[CaseFact]:
    return [_fact(case) for case in cases]


def _approving(viewer: Viewer) -> Sequence[Case]:
    hospitals = viewer.hospitals_as(Role.APPROVER)
    if not hospitals:
        return ()
    return db.session.scalars(
        scope.cases(viewer)
        .where(Case.hospital_id.in_(hospitals), Case.state == CaseState.REVIEWING.value)
        .options(joinedload(Case.patient))
        .order_by(Case.id)
    ).all()


def _queue(viewer: Viewer) -> Sequence[Case]:
    teams = viewer.teams_as(Role.COORDINATOR)
    if not teams:
        return ()
    return db.session.scalars(
        scope.cases(viewer)
        .where(
            Case.team_id.in_(teams),
            Case.submitted_at.is_not(None),
            Case.state.in_([state.value for state in _QUEUE_STATES]),
        )
        .order_by(Case.id)
    ).all()


def _conferences(viewer: Viewer) -> tuple[Sequence[Conference], list[ConferenceFact]]:
    """Coming and running conferences of the viewer, and how the viewer stands to each."""
    conferences = db.session.scalars(
        scope.conferences(viewer)
        .where(Conference.state.in_(_OPEN_CONFERENCES))
        .options(selectinload(Conference.invitations))
        .order_by(Conference.starts_at)
    ).all()
    items: dict[int, int] = defaultdict(int)
    for conference_id in db.session.scalars(
        scope.agenda_items(viewer)
        .where(
            AgendaItem.conference_id.in_([one.id for one in conferences]), AgendaItem.position > 0
        )
        .with_only_columns(AgendaItem.conference_id)
    ):
        items[conference_id] += 1
    unread = count_unread(viewer) if is_reader(viewer) else {}
    return conferences, [
        replace(_conference(viewer, one, items[one.id]), unread=unread.get(one.id, 0))
        for one in conferences
    ]


def _conference(viewer: Viewer, conference: Conference, cases: int) -> ConferenceFact:
    invited = [one for one in conference.invitations if one.withdrawn_at is None]
    own = [one for one in invited if one.user_id == viewer.user_id]
    arranges = conference.team_id in viewer.teams_as(Role.COORDINATOR)
    return ConferenceFact(
        id=conference.id,
        state=ConferenceState(conference.state),
        starts_at=conference.starts_at,
        answer=InvitationAnswer(own[0].answer) if own else None,
        presents=any(one.role == "presenter" for one in own),
        leads=leads_team(viewer, conference.team_id),
        arranges=arranges,
        unanswered=len({one.user_id for one in invited if one.answer == InvitationAnswer.PENDING}),
        short=arranges and _short(conference, invited),
        empty=not cases,
    )


def _short(conference: Conference, invited: Sequence[Invitation]) -> bool:
    """Even if nobody else declines there is no quorum."""
    panel = [one for one in invited if one.item_id is None]
    found = forecast(expected(panel), quorum_rule(conference.team))
    return found.outlook is Outlook.SHORT


def _register_files(viewer: Viewer) -> tuple[Task, ...]:
    """Register files that the viewer sent and that are not over yet."""
    if not may(viewer, Permission.REGISTRY_IMPORT):
        return ()
    under_way = [ImportState(one.state) for one in list_under_way(viewer)]
    return rules.register_file_tasks(under_way)


def _quality(viewer: Viewer) -> tuple[Task, ...]:
    """A quality manager's lists, and hospitals whose register is out of date."""
    if Role.QUALITY not in viewer.roles:
        return ()
    rows: Sequence[datetime | None] = db.session.scalars(
        scope.unscoped(
            select(func.max(RegisterImport.at))
            .select_from(Hospital)
            .outerjoin(
                RegisterImport,
                and_(
                    RegisterImport.hospital_id == Hospital.id,
                    RegisterImport.state == ImportState.DONE.value,
                ),
            )
            .where(Hospital.active, scope.register_hospital_visible(viewer))
            .group_by(Hospital.id),
            because="bounded by register_hospital_visible",
        )
    ).all()
    distances = list_distances(viewer, today=local_date(viewer.as_of))
    below = sum(one.distance.reach not in {Reach.MET, Reach.NOTHING} for one in distances)
    return rules.quality_tasks(
        rows,
        below=below,
        may_import=may(viewer, Permission.REGISTRY_IMPORT),
        now=viewer.as_of,
    )
