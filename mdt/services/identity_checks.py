"""A doctor says whether files that seem to name somebody else are the patient's."""

from datetime import datetime, timedelta

from sqlalchemy import select

from mdt.models.cases import Case
from mdt.models.identity_checks import IdentityCheck
from mdt.queries import scope
from mdt.queries.cases import check_doctor, get_case, get_case_as_doctor
from mdt.queries.identity_checks import Mismatch, get_mismatch
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.content.reasons import LONGEST_STRIKE_REASON, checked_words
from mdt.rules.errors import Refused
from mdt.rules.header_identity import Match
from mdt.services.audit_log import record_view_once
from mdt.services.identity_marks import mark_case
from mdt.services.unit_of_work import unit_of_work

_ONE_LOOK = timedelta(minutes=10)


def open_identity_check(
    viewer: Viewer, case_id: int, key: str, *, now: datetime
) -> tuple[Case, tuple[Mismatch, ...]]:
    """What stands side by side, for a doctor of the own hospital.

    Side effects: an audit row, once in ten minutes.
    """
    case = get_case(viewer, case_id)
    check_doctor(viewer, case)
    found = get_mismatch(viewer, case, key)
    about = (Case.__tablename__, case_id)
    record_view_once(
        viewer, AuditAction.CASE_VIEW, about, now=now, within=_ONE_LOOK, case_id=case_id
    )
    return case, found


def confirm_identity(viewer: Viewer, case_id: int, key: str, reason: str, *, now: datetime) -> None:
    """Say, with a reason, that the person in the headers is the patient of the case.

    Doctors of the own hospital. Raises `Invalid` without a reason, `NotFound` where nothing with
    this key stands side by side (any more), `Refused` where it asks nothing or was confirmed.
    Side effects: a row, an audit row with the fields that differ and no word of the person; others
    see the series from now on.
    """
    reason = checked_words(
        reason, longest=LONGEST_STRIKE_REASON, missing="identity_reason_required"
    )
    with unit_of_work(viewer, AuditAction.IDENTITY_CONFIRM, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        found = get_mismatch(viewer, case, key)
        if not found[0].waits:
            raise Refused("identity_confirmed")
        check = IdentityCheck(
            case_id=case.id, key=key, reason=reason, by_user_id=viewer.user_id, at=now
        )
        work.session.add(check)
        mark_case(work, case)
        work.about(check, case_id=case.id, **_facts(found))


def withdraw_identity(viewer: Viewer, case_id: int, key: str, *, now: datetime) -> None:
    """Take a confirmation back: the case waits again. Side effects: the row, an audit row."""
    with unit_of_work(viewer, AuditAction.IDENTITY_WITHDRAW, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        found = get_mismatch(viewer, case, key)
        if found[0].confirmed is None:
            raise Refused("identity_not_confirmed")
        rows = select(IdentityCheck).where(
            IdentityCheck.case_id == case.id,
            IdentityCheck.key == key,
            IdentityCheck.withdrawn_at.is_(None),
        )
        for check in work.session.scalars(scope.scoped_children(rows, of="case")):
            check.withdrawn_at, check.withdrawn_by_id = now, viewer.user_id
            work.about(check, case_id=case.id, **_facts(found))
        mark_case(work, case)


def _facts(found: tuple[Mismatch, ...]) -> dict[str, object]:
    differing = {Match.DIFFERS, Match.OTHER_SCRIPT}
    return {
        "fields": [one.field.value for one in found[0].fields if one.match in differing],
        "studies": sorted({one.study_id for one in found}),
    }
