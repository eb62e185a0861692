"""The coordinator's queue: cases put to the viewer's teams that wait for a decision or a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import joinedload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case, CaseStep
from mdt.queries import scope
from mdt.queries.case_readiness import CaseReadiness, readiness_by_case
from mdt.queries.cases import PatientFacts, patient_facts
from mdt.rules.access import TEAM_DESK_ROLES, Viewer
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction, CaseState
from mdt.rules.intake import due_at
from mdt.rules.worklist import deferred_until, end_of_day

#: The queue's groups, in the order in which they are worked on.
GROUPS = (CaseState.SUBMITTED, CaseState.ACCEPTED, CaseState.DEFERRED, CaseState.RETURNED)
_DECIDING = frozenset({CaseAction.RETURN, CaseAction.DEFER, CaseAction.PUT_BACK})


@dataclass(frozen=True)
class QueueLine:
    """A case in the queue.

    ``due`` is the target from submission, or the day that was set with a return or a deferral;
    ``listings`` counts how often it was put on an agenda; ``last`` is the step that sent it back.
    """

    case: Case
    patient: PatientFacts
    due: datetime | None
    readiness: CaseReadiness
    listings: int
    last: CaseStep | None


@dataclass(frozen=True)
class QueueGroup:
    """Cases of one state, what falls due first at the top."""

    state: CaseState
    lines: tuple[QueueLine, ...]


def list_queue(viewer: Viewer) -> tuple[QueueGroup, ...]:
    """Cases of the viewer's teams by state; every group is there, empty or not."""
    cases = db.session.scalars(
        scope.cases(viewer)
        .where(
            Case.team_id.in_(viewer.teams_as(*TEAM_DESK_ROLES)),
            Case.submitted_at.is_not(None),
            Case.state.in_([state.value for state in GROUPS]),
        )
        .options(
            joinedload(Case.patient),
            selectinload(Case.steps),
            selectinload(Case.consents),
        )
        .order_by(Case.id)
    ).all()
    lines = queue_lines(viewer, cases, today=local_date(viewer.as_of))
    return tuple(
        QueueGroup(state, tuple(sorted((x for x in lines if x.case.state == state), key=_order)))
        for state in GROUPS
    )


def queue_lines(viewer: Viewer, cases: Sequence[Case], *, today: date) -> tuple[QueueLine, ...]:
    """Lines for cases that were loaded for this viewer with patient, steps and consents."""
    found = readiness_by_case(cases, today=today)
    return tuple(
        QueueLine(
            case,
            patient_facts(viewer, case),
            due_of(case),
            found[case.id],
            sum(step.action == CaseAction.SCHEDULE for step in case.steps),
            next((step for step in reversed(case.steps) if step.action in _DECIDING), None),
        )
        for case in cases
    )


def due_of(case: Case) -> datetime | None:
    """Until when the next step is due; nothing for a case that was returned without a day."""
    if case.state == CaseState.DEFERRED:
        return deferred_until(case.state_since, case.due_on)
    if case.state == CaseState.RETURNED:
        return end_of_day(case.due_on) if case.due_on else None
    return due_at(case.submitted_at or case.created_at, case.urgency)


def _order(line: QueueLine) -> tuple[bool, float, int]:
    return (line.due is None, line.due.timestamp() if line.due else 0.0, line.case.id)
