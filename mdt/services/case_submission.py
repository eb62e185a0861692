"""Sending a case on its way: submission, the hospital's own approval, withdrawal."""

from datetime import datetime

from sqlalchemy import select

from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.regions import TeamSeat
from mdt.queries import scope
from mdt.queries.case_standing import exception_of, standing_of
from mdt.queries.cases import get_case_for
from mdt.rules.access import TEAM_DESK_ROLES, Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction, CaseState, find_action, submission_action
from mdt.rules.content.reasons import LONGEST_REASON
from mdt.rules.errors import Invalid, Refused, Stale
from mdt.rules.intake import Block, UrgentException
from mdt.rules.notices import NoticeKind
from mdt.services.agenda import take_off
from mdt.services.case_moves import Reason, move_case
from mdt.services.matching import match_case
from mdt.services.notices import tell
from mdt.services.unit_of_work import Work, unit_of_work


def submit_case(
    viewer: Viewer,
    case_id: int,
    *,
    now: datetime,
    version: int | None = None,
    exception: UrgentException | None = None,
) -> Case:
    """Submit a draft or a returned case, to the hospital's own approval where that is on.

    ``version`` is what the summary showed; a case that changed since is `Stale`. ``exception``
    lets an urgent case go before its papers are there. Raises `Invalid`, its fields mapped to the
    codes of what blocks. Side effects: the case moves, an audit row, notices for who has to act,
    register rows of the same tumour matched.
    """
    with unit_of_work(viewer, AuditAction.CASE_SUBMIT, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_SUBMIT, for_update=True)
        action = submission_action(case.hospital.own_approval)
        find_action(case.state, action)
        if version is not None and case.version != version:
            raise Stale
        _refuse_blocked(case, now, exception)
        case.urgent_exception = (
            {"reason": exception.reason, "text": exception.text.strip()} if exception else {}
        )
        move_case(work, case, action)
        match_case(work, case)
        return case


def _refuse_blocked(case: Case, now: datetime, exception: UrgentException | None) -> None:
    standing = standing_of(case, today=local_date(now), exception=exception)
    if standing.blocks:
        raise Invalid(_fields(standing.blocks), code="case_blocked")


def _fields(blocks: tuple[Block, ...]) -> dict[str, str]:
    return {block.field: block.code for block in blocks}


def approve_case(viewer: Viewer, case_id: int, *, now: datetime) -> Case:
    """Let a case of the own hospital go to the team. Side effects: it moves, an audit row."""
    with unit_of_work(viewer, AuditAction.CASE_APPROVE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_APPROVE, for_update=True)
        find_action(case.state, CaseAction.APPROVE)
        _refuse_blocked(case, now, exception_of(case))
        move_case(work, case, CaseAction.APPROVE)
        return case


def return_case_in_house(viewer: Viewer, case_id: int, reason: Reason, *, now: datetime) -> Case:
    """Send a case back to its doctor out of the own hospital's approval, with a coded reason.

    Side effects: it moves, an audit row, a notice to the doctor.
    """
    with unit_of_work(viewer, AuditAction.CASE_MOVE, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_APPROVE, for_update=True)
        if case.state != CaseState.REVIEWING:
            find_action(case.state, CaseAction.APPROVE)
        move_case(work, case, CaseAction.RETURN, reason)
        due = reason.due_on.isoformat() if reason.due_on else ""
        kind = NoticeKind.CASE_RETURNED
        tell(work, {case.created_by_id}, kind, case=case, details={"due_on": due})
        return case


def withdraw_case(viewer: Viewer, case_id: int, text: str, *, now: datetime) -> Case:
    """Take a case back, for good. A reason in words is owed once others have seen the case.

    Side effects: it moves and leaves the agenda that it stands on; an audit row; the team's desk is
    told where it had been submitted.
    """
    with unit_of_work(viewer, AuditAction.CASE_WITHDRAW, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_SUBMIT, for_update=True)
        find_action(case.state, CaseAction.WITHDRAW)
        if not text.strip() and case.state != CaseState.DRAFT:
            raise Invalid({"text": "required"})
        if len(text) > LONGEST_REASON:
            raise Invalid({"text": "text_too_long"})
        _leave_agenda(work, case)
        move_case(work, case, CaseAction.WITHDRAW, Reason(text=text.strip()))
        if case.submitted_at is not None:
            tell(work, _desk_of(work, case), NoticeKind.CASE_WITHDRAWN, case=case)
        return case


def _leave_agenda(work: Work, case: Case) -> None:
    rows = work.session.execute(
        scope.scoped_children(
            select(AgendaItem, Conference)
            .join(Conference, Conference.id == AgendaItem.conference_id)
            .where(AgendaItem.case_id == case.id, AgendaItem.state == "waiting"),
            of="case",
        )
    ).all()
    if any(conference.state == "live" for _, conference in rows):
        # The room would keep it on everybody's agenda: the chair takes it off there.
        raise Refused("withdraw_while_live")
    for item, conference in rows:
        take_off(work, conference, item)


def _desk_of(work: Work, case: Case) -> set[int]:
    seats = select(TeamSeat.user_id).where(
        TeamSeat.team_id == case.team_id,
        TeamSeat.role.in_([role.value for role in TEAM_DESK_ROLES]),
    )
    return set(work.session.scalars(seats))
