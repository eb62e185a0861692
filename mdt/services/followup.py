"""What the requesting hospital makes of an opinion: adopted or not, then how the patient does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mdt.models.cases import Case
from mdt.models.plans import Adoption, FollowUp, PlanRevision
from mdt.queries.cases import get_case, get_case_for, may_on
from mdt.queries.followup import list_adoptions, list_follow_ups
from mdt.queries.plans import issue_number, last_signed, list_revisions
from mdt.rules import followup as rules
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction, CaseState
from mdt.rules.content import PlanTemplate, plan_template, tumour_types
from mdt.rules.errors import Invalid, Refused
from mdt.rules.plan import Outcome, PlanDraft
from mdt.rules.plan_fields import with_keys
from mdt.services.audit_log import record_view
from mdt.services.case_moves import move_case
from mdt.services.plan_desk import draft_in
from mdt.services.unit_of_work import unit_of_work

_AFTER_ADOPTION = frozenset({CaseState.ADOPTED, CaseState.FOLLOWING})


@dataclass(frozen=True)
class FollowUpSheet:
    """Everything that the page shows; without a signed opinion ``revision`` is ``None``.

    ``adoption`` is the decision on the opinion in force, owed after an addendum again.
    """

    case: Case
    revision: PlanRevision | None
    issue: int
    draft: PlanDraft
    adoption: Adoption | None
    adoptions: Sequence[Adoption]
    records: Sequence[FollowUp]
    template: PlanTemplate | None
    may_adopt: bool
    may_report: bool
    signed_on: date | None

    @property
    def owes_adoption(self) -> bool:
        """Whether the viewer has to decide on the opinion in force."""
        return self.may_adopt and self.revision is not None and self.adoption is None

    @property
    def follows(self) -> bool:
        """Whether reports are taken now."""
        return self.case.state in _AFTER_ADOPTION


def open_follow_up(viewer: Viewer, case_id: int, *, now: datetime) -> FollowUpSheet:
    """The page of adoption and follow-up. Side effects: an audit row."""
    sheet = read_follow_up(viewer, case_id)
    record_view(
        viewer, AuditAction.CASE_VIEW, sheet.case, now=now, case_id=case_id, page="follow-up"
    )
    return sheet


def read_follow_up(viewer: Viewer, case_id: int) -> FollowUpSheet:
    """The same without recording it: for a form that was refused."""
    case = get_case(viewer, case_id)
    revisions = list_revisions(viewer, case_id)
    signed = _in_force(revisions)
    adoptions = list_adoptions(viewer, case_id)
    known = {one.code for one in tumour_types()}
    return FollowUpSheet(
        case=case,
        revision=signed,
        issue=issue_number(signed, revisions) if signed else 0,
        draft=with_keys(draft_in(signed)) if signed else PlanDraft(),
        adoption=next((a for a in adoptions if signed and a.revision_id == signed.id), None),
        adoptions=adoptions,
        records=list_follow_ups(viewer, case_id),
        template=plan_template(case.tumour_type) if case.tumour_type in known else None,
        may_adopt=may_on(viewer, case, Permission.PLAN_ADOPT),
        may_report=may_on(viewer, case, Permission.FOLLOWUP_WRITE),
        signed_on=local_date(signed.signed_at) if signed and signed.signed_at else None,
    )


def _in_force(revisions: Sequence[PlanRevision]) -> PlanRevision | None:
    """The opinion signed last, unless it says that the case has to come again."""
    signed = last_signed(revisions)
    if signed is None or draft_in(signed).outcome is Outcome.DEFERRED:
        return None
    return signed


def adopt_plan(
    viewer: Viewer, case_id: int, revision_id: int, adoption: rules.Adoption, *, now: datetime
) -> None:
    """Decide on the opinion in force: adopted in full, in part, or not, and why.

    Raises `Forbidden` outside the own hospital, `Invalid` for a wrong reason, `Refused` where it
    was decided on already or another one is in force. Side effects: the decision; the first one
    moves the case; an audit row.
    """
    rules.check_adoption(adoption)
    with unit_of_work(viewer, AuditAction.FOLLOWUP_ADOPT, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.PLAN_ADOPT, for_update=True)
        signed = _in_force(list_revisions(viewer, case_id))
        if signed is None or signed.id != revision_id:
            raise Refused("plan_moved_on")
        if any(one.revision_id == signed.id for one in list_adoptions(viewer, case_id)):
            raise Refused("already_adopted")
        row = Adoption(
            case_id=case_id,
            revision_id=signed.id,
            decision=adoption.decision.value,
            reason_code=adoption.reason,
            text=adoption.text.strip(),
            by_user_id=viewer.user_id,
            at=now,
        )
        work.session.add(row)
        if case.state == CaseState.SIGNED:
            move_case(work, case, CaseAction.ADOPT)
        work.about(row, case_id=case_id, decision=row.decision, reason=row.reason_code)


def report_follow_up(
    viewer: Viewer, case_id: int, record: rules.FollowUp, *, now: datetime
) -> None:
    """Write a report on the patient.

    Raises `Invalid` for what cannot be, `Refused` before the opinion was decided on or after the
    case was closed. Side effects: the report; the case's date of first treatment; the first report
    moves the case; an audit row.
    """
    with unit_of_work(viewer, AuditAction.FOLLOWUP_WRITE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.FOLLOWUP_WRITE, for_update=True)
        signed = _in_force(list_revisions(viewer, case_id))
        if signed is None or signed.signed_at is None or case.state not in _AFTER_ADOPTION:
            raise Refused("adopt_first")
        _check(record, signed, today=local_date(now), signed_on=local_date(signed.signed_at))
        row = FollowUp(
            case_id=case_id,
            revision_id=signed.id,
            by_user_id=viewer.user_id,
            at=now,
            **_columns(record),
        )
        work.session.add(row)
        if record.treatment_started_on is not None:
            case.first_treatment_date = record.treatment_started_on
        if case.state == CaseState.ADOPTED:
            move_case(work, case, CaseAction.FOLLOW)
        work.about(row, case_id=case_id)


def _check(record: rules.FollowUp, signed: PlanRevision, *, today: date, signed_on: date) -> None:
    rules.check_followup(record, today=today, signed_on=signed_on)
    known = {step.key for step in with_keys(draft_in(signed)).steps}
    unknown = [step.key for step in record.steps if step.key not in known]
    if unknown:
        raise Invalid({f"steps.{key}.result": "not_a_choice" for key in unknown})


def _columns(record: rules.FollowUp) -> dict[str, Any]:
    return {
        "seen_on": record.on,
        "status": record.execution.value,
        "reason_code": record.reason,
        "vital": record.vital.value,
        "response": record.response.value,
        "ecog": record.ecog,
        "died_on": record.died_on,
        "first_treatment_date": record.treatment_started_on,
        "first_treatment_type": record.treatment_type,
        "steps": [
            {"key": step.key, "result": step.result.value, "reason": step.reason}
            for step in record.steps
        ],
        "text": record.text.strip(),
        "next_on": record.next_on,
    }


def close_case(viewer: Viewer, case_id: int, *, now: datetime) -> None:
    """End the follow-up of a case. Side effects: the case moves, an audit row."""
    with unit_of_work(viewer, AuditAction.CASE_MOVE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.FOLLOWUP_WRITE, for_update=True)
        move_case(work, case, CaseAction.CLOSE)
