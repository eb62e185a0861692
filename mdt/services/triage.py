"""The team's decision on a case that was put to it."""

from datetime import date, datetime

from mdt.models.cases import Case
from mdt.queries.cases import get_case_for
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import Action, CaseAction, find_action
from mdt.rules.content import reasons
from mdt.rules.content.reasons import LONGEST_REASON
from mdt.rules.errors import Invalid, NotFound
from mdt.rules.notices import NoticeKind
from mdt.services.case_moves import NO_REASON, Reason, move_case
from mdt.services.notices import tell
from mdt.services.unit_of_work import unit_of_work

_NOTICES = {
    CaseAction.ACCEPT: NoticeKind.CASE_ACCEPTED,
    CaseAction.DECLINE: NoticeKind.CASE_DECLINED,
    CaseAction.DEFER: NoticeKind.CASE_DEFERRED,
    CaseAction.RETURN: NoticeKind.CASE_RETURNED,
}


def decide_case(
    viewer: Viewer, case_id: int, action: str, reason: Reason = NO_REASON, *, now: datetime
) -> Case:
    """Accept, return for completion, decline or defer a case.

    Raises `NotFound` for another action or another team's case, `IllegalTransition` where the case
    has moved on, `Invalid` where the reason, its words or the day by which a returned case is to
    be completed are owed. Side effects: the case moves, an audit row, a notice for who sent it.
    """
    if action not in set(_NOTICES):
        raise NotFound
    wanted = CaseAction(action)
    with unit_of_work(viewer, AuditAction.CASE_MOVE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_TRIAGE, for_update=True)
        _check(find_action(case.state, wanted), reason, local_date(now))
        move_case(work, case, wanted, reason)
        due = reason.due_on.isoformat() if reason.due_on else ""
        tell(work, {case.created_by_id}, _NOTICES[wanted], case=case, details={"due_on": due})
        return case


def _check(action: Action, reason: Reason, today: date) -> None:
    """Say everything that is wrong at once; `move_case` alone would stop at the reason."""
    wrong: dict[str, str] = {}
    if action.needs_reason and reason.code not in {one.code for one in reasons(action.reason_list)}:
        wrong["reason"] = "reason_required"
    if len(reason.text) > LONGEST_REASON:
        wrong["text"] = "text_too_long"
    if action.code is CaseAction.RETURN and reason.due_on is None:
        wrong["due_on"] = "due_day_required"
    if reason.due_on is not None and reason.due_on < today:
        wrong["due_on"] = "due_day_past"
    if wrong:
        raise Invalid(wrong)
