"""Putting a case on an agenda in spite of its checklist."""

from datetime import datetime

from mdt.models.cases import Case
from mdt.queries.cases import get_case_for
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.case_state import QUEUE, CaseState
from mdt.rules.content import ReasonList, check_reason
from mdt.rules.errors import IllegalTransition
from mdt.services.unit_of_work import unit_of_work


def override_listing(
    viewer: Viewer, case_id: int, reason: str, text: str = "", *, now: datetime
) -> Case:
    """Let a case be listed though its checklist has red lights, with a coded reason and its words.

    Raises `Invalid` without either, `IllegalTransition` outside the queue. Side effects: the
    reason is kept with the case and shown, an audit row.
    """
    with unit_of_work(viewer, AuditAction.CASE_OVERRIDE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_TRIAGE, for_update=True)
        if case.state not in QUEUE | {CaseState.SCHEDULED}:
            raise IllegalTransition(state=case.state)
        check_reason(ReasonList.OVERRIDE, reason, text, words_owed=True)
        case.listing_override = {
            "reason": reason,
            "text": text.strip(),
            "by": viewer.name,
            "at": now.isoformat(),
        }
        case.updated_at = now
        work.about(case, case_id=case.id, reason=reason)
        return case
