"""The states of a case: one table says what may follow, who does it, and draws the buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mdt.rules.access import Role
from mdt.rules.errors import IllegalTransition


class CaseState(StrEnum):
    """States of the contract, in the order of a case's life."""

    DRAFT = "draft"
    REVIEWING = "reviewing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    SCHEDULED = "scheduled"
    DISCUSSING = "discussing"
    CONCLUDED = "concluded"
    SIGNED = "signed"
    ADOPTED = "adopted"
    FOLLOWING = "following"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CaseAction(StrEnum):
    """What moves a case, alphabetical."""

    ACCEPT = "accept"
    ADOPT = "adopt"
    APPROVE = "approve"
    CLOSE = "close"
    CONCLUDE = "conclude"
    DECLINE = "decline"
    DEFER = "defer"
    FOLLOW = "follow"
    PAUSE = "pause"
    PUT_BACK = "put_back"
    REOPEN = "reopen"
    RETURN = "return"
    SCHEDULE = "schedule"
    SIGN = "sign"
    START = "start"
    SUBMIT = "submit"
    SUBMIT_FOR_APPROVAL = "submit_for_approval"
    WITHDRAW = "withdraw"


class Step(StrEnum):
    """The path of a case as it is shown."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    DISCUSSED = "discussed"
    SIGNED = "signed"
    ADOPTED = "adopted"
    FOLLOWED = "followed"


class Progress(StrEnum):
    """Where a step of the path lies, seen from where the case stands."""

    AHEAD = "ahead"
    DONE = "done"
    HERE = "here"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Action:
    """A way out of a state: where it leads, whose it is, and the list its reason comes from."""

    code: CaseAction
    target: CaseState
    role: Role
    reason_list: str = ""

    @property
    def needs_reason(self) -> bool:
        """A coded reason must be given, and the other side sees it."""
        return bool(self.reason_list)


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of the path and where it lies."""

    step: Step
    progress: Progress


_S, _A, _R = CaseState, CaseAction, Role

_SUBMIT = Action(_A.SUBMIT, _S.SUBMITTED, _R.CLINICIAN)
_SUBMIT_FOR_APPROVAL = Action(_A.SUBMIT_FOR_APPROVAL, _S.REVIEWING, _R.CLINICIAN)
_WITHDRAW = Action(_A.WITHDRAW, _S.WITHDRAWN, _R.CLINICIAN)
_ACCEPT = Action(_A.ACCEPT, _S.ACCEPTED, _R.COORDINATOR)
_RETURN = Action(_A.RETURN, _S.RETURNED, _R.COORDINATOR, "return_reasons")
_RETURN_IN_HOUSE = Action(_A.RETURN, _S.RETURNED, _R.APPROVER, "return_reasons")
_DECLINE = Action(_A.DECLINE, _S.DECLINED, _R.COORDINATOR, "decline_reasons")
_DEFER = Action(_A.DEFER, _S.DEFERRED, _R.COORDINATOR, "deferral_reasons")
_DEFER_BY_BOARD = Action(_A.DEFER, _S.DEFERRED, _R.CHAIR, "deferral_reasons")

#: Every state with its ways out. What is not here cannot happen.
TRANSITIONS: Mapping[CaseState, tuple[Action, ...]] = MappingProxyType(
    {
        _S.DRAFT: (_SUBMIT, _SUBMIT_FOR_APPROVAL, _WITHDRAW),
        _S.REVIEWING: (
            Action(_A.APPROVE, _S.SUBMITTED, _R.APPROVER),
            _RETURN_IN_HOUSE,
            _WITHDRAW,
        ),
        _S.SUBMITTED: (_ACCEPT, _RETURN, _DECLINE, _DEFER, _WITHDRAW),
        _S.RETURNED: (_SUBMIT, _SUBMIT_FOR_APPROVAL, _WITHDRAW),
        _S.DECLINED: (),
        _S.ACCEPTED: (
            Action(_A.SCHEDULE, _S.SCHEDULED, _R.COORDINATOR),
            _RETURN,
            _DEFER,
            _WITHDRAW,
        ),
        _S.DEFERRED: (_ACCEPT, _RETURN, _WITHDRAW),
        _S.SCHEDULED: (
            Action(_A.START, _S.DISCUSSING, _R.CHAIR),
            # Taken off the agenda, or the conference was cancelled or closed without it.
            Action(_A.PUT_BACK, _S.ACCEPTED, _R.COORDINATOR),
            _WITHDRAW,
        ),
        _S.DISCUSSING: (
            Action(_A.CONCLUDE, _S.CONCLUDED, _R.CHAIR),
            _DEFER_BY_BOARD,
            # The chair goes on to another case and comes back in the same conference.
            Action(_A.PAUSE, _S.SCHEDULED, _R.CHAIR),
            Action(_A.PUT_BACK, _S.ACCEPTED, _R.CHAIR),
        ),
        _S.CONCLUDED: (
            Action(_A.SIGN, _S.SIGNED, _R.CHAIR),
            Action(_A.REOPEN, _S.DISCUSSING, _R.CHAIR),
            # The signed opinion says that the case has to come again.
            _DEFER_BY_BOARD,
        ),
        _S.SIGNED: (Action(_A.ADOPT, _S.ADOPTED, _R.CLINICIAN),),
        _S.ADOPTED: (
            Action(_A.FOLLOW, _S.FOLLOWING, _R.CLINICIAN),
            Action(_A.CLOSE, _S.CLOSED, _R.CLINICIAN),
        ),
        _S.FOLLOWING: (Action(_A.CLOSE, _S.CLOSED, _R.CLINICIAN),),
        _S.CLOSED: (),
        _S.WITHDRAWN: (),
    }
)

#: Nothing can follow.
TERMINAL = frozenset(state for state, actions in TRANSITIONS.items() if not actions)
OPEN = frozenset(CaseState) - TERMINAL
#: The requesting doctor writes the case.
EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
#: The coordinator's queue.
QUEUE = frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.DEFERRED})
#: On an agenda, or past it: a wrong file is struck out and no longer taken back.
LISTED = frozenset(
    {_S.SCHEDULED, _S.DISCUSSING, _S.CONCLUDED, _S.SIGNED, _S.ADOPTED, _S.FOLLOWING, _S.CLOSED}
)
#: Nothing new is attached to what was decided on; additions go to the follow-up.
LOCKED = frozenset({_S.SIGNED, _S.ADOPTED, _S.FOLLOWING}) | TERMINAL

_STANDS_AT: Mapping[CaseState, Step] = MappingProxyType(
    {
        _S.DRAFT: Step.DRAFT,
        _S.REVIEWING: Step.DRAFT,
        _S.RETURNED: Step.DRAFT,
        _S.WITHDRAWN: Step.DRAFT,
        _S.SUBMITTED: Step.SUBMITTED,
        _S.DECLINED: Step.SUBMITTED,
        _S.DEFERRED: Step.SUBMITTED,
        _S.ACCEPTED: Step.ACCEPTED,
        _S.SCHEDULED: Step.SCHEDULED,
        _S.DISCUSSING: Step.SCHEDULED,
        _S.CONCLUDED: Step.DISCUSSED,
        _S.SIGNED: Step.SIGNED,
        _S.ADOPTED: Step.ADOPTED,
        _S.FOLLOWING: Step.FOLLOWED,
        _S.CLOSED: Step.FOLLOWED,
    }
)

_HOLDERS: Mapping[CaseState, Role] = MappingProxyType(
    {
        _S.DRAFT: _R.CLINICIAN,
        _S.RETURNED: _R.CLINICIAN,
        _S.REVIEWING: _R.APPROVER,
        _S.SUBMITTED: _R.COORDINATOR,
        _S.ACCEPTED: _R.COORDINATOR,
        _S.DEFERRED: _R.COORDINATOR,
        _S.SCHEDULED: _R.COORDINATOR,
        _S.DISCUSSING: _R.CHAIR,
        _S.CONCLUDED: _R.CHAIR,
        _S.SIGNED: _R.CLINICIAN,
        _S.ADOPTED: _R.CLINICIAN,
        _S.FOLLOWING: _R.CLINICIAN,
    }
)


def actions_from(state: str) -> tuple[Action, ...]:
    """The ways out of a state, the usual one first."""
    return TRANSITIONS[CaseState(state)]


def find_action(state: str, action: str) -> Action:
    """The action as it stands in this state; raises ``IllegalTransition`` where it does not."""
    for one in actions_from(state):
        if one.code == action:
            return one
    raise IllegalTransition(state=str(state), action=str(action))


def move(state: str, action: str) -> CaseState:
    """The state that an action leads to; raises ``IllegalTransition`` where it may not be done."""
    return find_action(state, action).target


def submission_action(own_approval: bool) -> CaseAction:
    """How a hospital submits: through its own approval where that is switched on."""
    return CaseAction.SUBMIT_FOR_APPROVAL if own_approval else CaseAction.SUBMIT


def offered_actions(state: str, *, own_approval: bool) -> tuple[Action, ...]:
    """The ways out to draw as buttons: of the two submissions only the hospital's own."""
    unused = submission_action(not own_approval)
    return tuple(action for action in actions_from(state) if action.code != unused)


def holder(state: str) -> Role | None:
    """Whose turn it is; ``None`` when the case has come to an end."""
    return _HOLDERS.get(CaseState(state))


def path(state: str) -> tuple[PathStep, ...]:
    """The path with where the case stands; a case that ended early has stopped there."""
    found = CaseState(state)
    here = list(Step).index(_STANDS_AT[found])
    stopped = found in {CaseState.DECLINED, CaseState.WITHDRAWN}
    at_here = Progress.STOPPED if stopped else Progress.HERE
    if found == CaseState.CLOSED:
        at_here = Progress.DONE
    return tuple(
        PathStep(
            step,
            Progress.DONE if place < here else at_here if place == here else Progress.AHEAD,
        )
        for place, step in enumerate(Step)
    )
