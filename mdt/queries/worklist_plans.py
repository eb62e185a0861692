"""Opinions that wait for a person: to be written down, to be signed."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.plans import PlanRevision
from mdt.queries import scope
from mdt.queries.team_quorum import attendance_by_item, quorum_rule
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.case_state import CaseState
from mdt.rules.conference import PLAN_OWING_ROLES
from mdt.rules.plan import PlanState
from mdt.rules.quorum import Attendance, required_signers, signature_state
from mdt.rules.worklist import PlanFact


def list_plan_facts(viewer: Viewer) -> tuple[list[PlanFact], list[Case]]:
    """Opinions that the viewer has to write or to sign, and their cases."""
    if not may(viewer, Permission.PLAN_WRITE) and not may(viewer, Permission.PLAN_SIGN):
        return [], []
    signing = _signing(viewer)
    concluded = db.session.scalars(
        scope.cases(viewer).where(
            Case.state == CaseState.CONCLUDED.value,
            Case.id.not_in([one.case_id for one in signing]),
        )
    ).all()
    items = _concluded_items([case.id for case in concluded])
    to_write = [one for one in concluded if _writes(viewer, items.get(one.id))]
    to_sign, cases = _to_sign(viewer, signing)
    facts = [
        *(PlanFact(one.case_id, one.opened_for_signing_at, signing=True) for one in to_sign),
        *(PlanFact(case.id, case.state_since, signing=False) for case in to_write),
    ]
    return facts, [*to_write, *(cases[one.case_id] for one in to_sign)]


def _signing(viewer: Viewer) -> Sequence[PlanRevision]:
    """Revisions that are open for signing, first opinions and addenda."""
    return db.session.scalars(
        scope.of_visible_case(viewer, PlanRevision)
        .where(PlanRevision.state == PlanState.SIGNING.value)
        .options(joinedload(PlanRevision.plan), selectinload(PlanRevision.signatures))
        .order_by(PlanRevision.id)
    ).all()


def _to_sign(
    viewer: Viewer, revisions: Sequence[PlanRevision]
) -> tuple[list[PlanRevision], dict[int, Case]]:
    attendance = attendance_by_item([one.plan.item_id for one in revisions if one.plan.item_id])
    rows = db.session.scalars(
        scope.cases(viewer).where(Case.id.in_([one.case_id for one in revisions]))
    )
    cases = {case.id: case for case in rows}
    return [
        one
        for one in revisions
        if one.case_id in cases
        and _owes_signature(viewer, cases[one.case_id], one, attendance[one.plan.item_id or 0])
    ], cases


def _concluded_items(case_ids: Collection[int]) -> dict[int, AgendaItem]:
    """The item in which each case was concluded last."""
    rows = db.session.scalars(
        scope.scoped_children(
            select(AgendaItem)
            .where(AgendaItem.case_id.in_(case_ids), AgendaItem.state == "concluded")
            .options(joinedload(AgendaItem.conference).selectinload(Conference.invitations))
            .order_by(AgendaItem.id),
            of="case",
        )
    )
    return {row.case_id: row for row in rows}


def _writes(viewer: Viewer, item: AgendaItem | None) -> bool:
    """The chair and the recorder of a conference see to it that its opinions are written."""
    return item is not None and any(
        one.user_id == viewer.user_id and one.role in PLAN_OWING_ROLES and one.withdrawn_at is None
        for one in item.conference.invitations
    )


def _owes_signature(
    viewer: Viewer, case: Case, revision: PlanRevision, people: Sequence[Attendance]
) -> bool:
    """The viewer may fill a place among the signers that is still empty."""
    if case.team is None or not may(viewer, Permission.PLAN_SIGN):
        return False
    needs = required_signers(people, quorum_rule(case.team))
    signed = [one.user_id for one in revision.signatures]
    owed = set(signature_state(needs, signed).owed)
    return viewer.user_id not in signed and any(
        viewer.user_id in need.user_ids for need in needs if need.slot in owed
    )
