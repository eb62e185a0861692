"""A person corrects which case a row of the register belongs to; it can be taken back."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from mdt.models.tumours import MatchDecision, Tumour
from mdt.queries import register_matches as queries
from mdt.queries import scope
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.registry.matches import LONGEST_TEXT, MatchVerdict, check_reason
from mdt.services.matching import match_tumours
from mdt.services.unit_of_work import Work, unit_of_work


def decide_match(
    viewer: Viewer,
    tumour_id: int,
    number: str,
    verdict: MatchVerdict,
    *,
    reason: str,
    text: str = "",
    now: datetime,
) -> str:
    """Link a row of the own hospital with one of its cases, or unlink them; gives the decision.

    It goes before what is matched automatically, whichever of the two changes or comes again.
    Raises `NotFound` for a row out of sight, `Invalid` for an unknown case number or reason,
    `Refused` where it stands like that already. Side effects: the decision, an earlier one on the
    two taken back, the link, the row's boards, an audit row.
    """
    coded = check_reason(verdict, reason, text)
    with unit_of_work(viewer, AuditAction.REGISTRY_MATCH, now=now) as work:
        tumour = _hold(work, queries.own_row(viewer, tumour_id))
        case_id = _case_id(viewer, number)
        linked = queries.is_linked(tumour_id, case_id)
        if linked is (verdict is MatchVerdict.LINKED):
            raise Refused("match_standing" if linked else "match_gone")
        _take_back_earlier(work, viewer, tumour_id, case_id)
        decision = MatchDecision(
            id=str(uuid4()), tumour_id=tumour_id, case_id=case_id, verdict=verdict.value,
            reason=coded.value, by_user_id=viewer.user_id, at=now,
        )  # fmt: skip
        queries.seal_text(decision, text[:LONGEST_TEXT])
        work.session.add(decision)
        match_tumours(work, [tumour])
        work.about(decision, case_id=case_id, tumour_id=tumour_id, verdict=verdict, reason=coded)
        return decision.id


def _hold(work: Work, tumour: Tumour) -> Tumour:
    """Two people decide on one row one after the other."""
    own = select(Tumour.id).where(Tumour.id == tumour.id).with_for_update()
    work.session.execute(scope.unscoped(own, because="a scoped row is locked"))
    # What was loaded before the wait may have been decided otherwise meanwhile.
    work.session.expire_all()
    return tumour


def _case_id(viewer: Viewer, number: str) -> int:
    try:
        return queries.find_case(viewer, number).id
    except NotFound as error:
        raise Invalid({"number": error.code}) from error


def _take_back_earlier(work: Work, viewer: Viewer, tumour_id: int, case_id: int) -> None:
    statement = select(MatchDecision).where(
        MatchDecision.tumour_id == tumour_id,
        MatchDecision.case_id == case_id,
        MatchDecision.revoked_at.is_(None),
    )
    for earlier in work.session.scalars(scope.scoped_children(statement, of="tumour")):
        earlier.revoked_by_id, earlier.revoked_at = viewer.user_id, work.now
    work.session.flush()


def revoke_match(viewer: Viewer, decision_id: str, *, now: datetime) -> int:
    """Take a decision back: the row and the case are matched automatically again.

    Gives the row's number. Raises `NotFound` for a row out of sight, `Refused` where that was done
    already. Side effects: who and when are noted; the link, the row's boards, an audit row.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_MATCH, now=now) as work:
        decision = queries.get_decision(viewer, decision_id)
        tumour = _hold(work, queries.own_row(viewer, decision.tumour_id))
        if decision.revoked_at is not None:
            raise Refused("match_revoked")
        decision.revoked_by_id, decision.revoked_at = viewer.user_id, now
        match_tumours(work, [tumour])
        work.about(
            decision,
            case_id=decision.case_id,
            tumour_id=tumour.id,
            before=decision.verdict,
            after="automatic",
        )
        return tumour.id
