"""The one function through which a case changes state."""

from dataclasses import dataclass
from datetime import date

from mdt.models.cases import Case, CaseStep
from mdt.rules.case_state import QUEUE, CaseAction, CaseState, find_action
from mdt.rules.content import check_reason
from mdt.services.unit_of_work import Work


@dataclass(frozen=True)
class Reason:
    """Why: a code of the action's reason list, words, and a date to be ready by."""

    code: str = ""
    text: str = ""
    due_on: date | None = None


NO_REASON = Reason()
_ON_AGENDA = frozenset({CaseState.SCHEDULED, CaseState.DISCUSSING})


def move_case(
    work: Work,
    case: Case,
    action: CaseAction,
    reason: Reason = NO_REASON,
    *,
    conference_id: int | None = None,
) -> CaseStep:
    """Take a step on a case's way, inside the running unit of work.

    Raises `IllegalTransition` where the step does not exist from here, and `Invalid` where its
    reason is owed. Side effects: state, since when, due date, one step in the history; the time of
    submission and of signing are set once, by the steps that mean them; back in the queue an
    exception from the checklist is over.
    """
    step = find_action(case.state, action)
    if step.reason_list:
        check_reason(step.reason_list, reason.code, reason.text)
    row = CaseStep(
        case_id=case.id,
        action=action.value,
        from_state=case.state,
        to_state=step.target.value,
        reason_list=step.reason_list,
        reason_code=reason.code,
        text=reason.text,
        due_on=reason.due_on,
        conference_id=conference_id,
        by_user_id=work.viewer.user_id if work.viewer else case.created_by_id,
        at=work.now,
    )
    case.steps.append(row)
    if case.state in _ON_AGENDA and step.target in QUEUE and case.listing_override:
        case.listing_override = {**case.listing_override, "ended": work.now.isoformat()}
    case.state = step.target.value
    case.state_since = work.now
    case.updated_at = work.now
    case.due_on = reason.due_on
    if step.target is CaseState.SUBMITTED and case.submitted_at is None:
        case.submitted_at = work.now
    if step.target is CaseState.SIGNED:
        case.signed_at = work.now
    work.about(case, case_id=case.id, action=action.value, to=step.target.value)
    return row
