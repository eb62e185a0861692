"""The one thing to do next with a case, for who is looking, and the other steps on offer."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from mdt.queries.cases import may_on
from mdt.queries.conferences import live_conference_of
from mdt.rules.access import Permission, Role, Viewer
from mdt.rules.case_state import CaseAction, CaseState, holder, offered_actions
from mdt.web.templating import role_labels


@dataclass(frozen=True)
class NextStep:
    """What comes next; an address where it is this viewer who does it."""

    label: str
    url: str = ""


_ON_AGENDA = frozenset({CaseState.SCHEDULED, CaseState.DISCUSSING})
_EDIT, _SUBMIT = Permission.CASE_EDIT, Permission.CASE_SUBMIT


def next_step(viewer: Viewer, case: Any) -> NextStep:
    """The next step of a case: this viewer's, with its address, or whom it waits for."""
    room = live_conference_of(viewer, case.id) if case.state in _ON_AGENDA else None
    if room is not None:
        return NextStep(gettext("进入会议室"), f"/conferences/{room}/live")
    own = _own_step(case)
    if own is not None and may_on(viewer, case, own[0]):
        return NextStep(own[1], f"/cases/{case.id}{own[2]}")
    return NextStep(_waiting(case))


def _own_step(case: Any) -> tuple[Permission, str, str] | None:
    steps: dict[str, tuple[Permission, str, str]] = {
        CaseState.DRAFT: (_EDIT, gettext("继续填写"), "/edit"),
        CaseState.RETURNED: (_EDIT, gettext("补正后重新提交"), "/edit"),
        CaseState.REVIEWING: (Permission.CASE_APPROVE, gettext("审核"), "#review"),
        CaseState.SUBMITTED: (Permission.CASE_TRIAGE, gettext("受理"), ""),
        CaseState.CONCLUDED: (Permission.PLAN_SIGN, gettext("签署意见"), "/plan"),
        CaseState.SIGNED: (Permission.PLAN_ADOPT, gettext("确认是否采纳"), "/plan"),
        CaseState.ADOPTED: (Permission.FOLLOWUP_WRITE, gettext("填写执行与随访"), "/follow-up"),
        CaseState.FOLLOWING: (Permission.FOLLOWUP_WRITE, gettext("填写执行与随访"), "/follow-up"),
    }
    return steps.get(case.state)


def _waiting(case: Any) -> str:
    return {
        CaseState.DRAFT: gettext("主管医师填写"),
        CaseState.RETURNED: gettext("主管医师补正"),
        CaseState.REVIEWING: gettext("等待院内审核"),
        CaseState.SUBMITTED: gettext("等待团队受理"),
        CaseState.ACCEPTED: gettext("等待排期"),
        CaseState.DEFERRED: gettext("缓议，补充后再议"),
        CaseState.SCHEDULED: gettext("等待开会讨论"),
        CaseState.DISCUSSING: gettext("正在讨论"),
        CaseState.CONCLUDED: gettext("等待签署意见"),
        CaseState.SIGNED: gettext("等待邀请方确认"),
        CaseState.ADOPTED: gettext("等待随访"),
        CaseState.FOLLOWING: gettext("随访中"),
    }.get(case.state, "")


def holder_words(case: Any) -> str:
    """Who holds the case: a role; of the doctor in charge the name too."""
    found = holder(case.state)
    if found is None:
        return ""
    role = role_labels()[found]
    return f"{role} {case.created_by.name}" if found is Role.CLINICIAN else role


def offered_codes(viewer: Viewer, case: Any) -> frozenset[str]:
    """Codes of the steps of this feature that the viewer may take with the case now."""
    offered = {a.code for a in offered_actions(case.state, own_approval=case.hospital.own_approval)}
    mine = {
        CaseAction.SUBMIT: _SUBMIT,
        CaseAction.SUBMIT_FOR_APPROVAL: _SUBMIT,
        CaseAction.WITHDRAW: _SUBMIT,
        CaseAction.APPROVE: Permission.CASE_APPROVE,
    }
    return frozenset(
        code.value for code, need in mine.items() if code in offered and may_on(viewer, case, need)
    )
