"""Putting a case on an agenda in spite of its checklist."""

from datetime import datetime

from mdt.models.cases import Case
from mdt.queries.cases import get_case_for
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.case_state import QUEUE, CaseState
from mdt.rules.content import ReasonList, reasons
from mdt.rules.errors import IllegalTransition, Invalid
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
        _check(reason, text)
        case.listing_override = {
            "reason": reason,
            "text": text.strip(),
            "by": viewer.name,
            "at": now.isoformat(),
        }
        case.updated_at = now
        work.about(case, case_id=case.id, reason=reason)
        return case


def _check(reason: str, text: str) -> None:
    wrong = {}
    if reason not in {one.code for one in reasons(ReasonList.OVERRIDE)}:
        wrong["reason"] = "reason_required"
    if not text.strip():
        wrong["text"] = "reason_text_required"
    if wrong:
        raise Invalid(wrong)
