"""Consents on paper: who signed what and when. The scan is an attachment of the same kind."""

from dataclasses import dataclass
from datetime import date, datetime

from mdt.models.cases import Case, Consent
from mdt.queries.case_drafts import files_of
from mdt.queries.cases import get_case_as_doctor
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import LOCKED
from mdt.rules.errors import IllegalTransition, Invalid, NotFound
from mdt.rules.intake import ConsentKind, Signer
from mdt.services.unit_of_work import unit_of_work

_RELATION_LENGTH = 40


@dataclass(frozen=True)
class ConsentDraft:
    """A consent as it stands on the paper; ``relation`` where not the patient has signed."""

    kind: str
    signer: str
    signed_on: date | None
    relation: str = ""


def record_consent(viewer: Viewer, case_id: int, said: ConsentDraft, *, now: datetime) -> Case:
    """Write down a consent; one of the same kind that stood before is void from then on.

    Raises `Invalid`. Side effects: a consent, an audit row.
    """
    with unit_of_work(viewer, AuditAction.CASE_CONSENT, now=now) as work:
        case = _own_case(viewer, case_id)
        _check(said, local_date(now))
        for earlier in case.consents:
            if earlier.kind == said.kind and earlier.withdrawn_at is None:
                earlier.withdrawn_at = now
        case.consents.append(_row(viewer, case, said, now))
        case.updated_at = now
        work.about(case, case_id=case.id, kind=said.kind, signer=said.signer)
        return case


def void_consent(viewer: Viewer, case_id: int, consent_id: int, *, now: datetime) -> Case:
    """Say that a consent no longer counts: recorded by mistake, or taken back by who had given it.

    Its row stays. Side effects: the time from which it does not count, an audit row.
    """
    with unit_of_work(viewer, AuditAction.CASE_CONSENT, now=now) as work:
        case = _own_case(viewer, case_id)
        found = next((one for one in case.consents if one.id == consent_id), None)
        if found is None:
            raise NotFound
        found.withdrawn_at = found.withdrawn_at or now
        case.updated_at = now
        work.about(case, case_id=case.id, kind=found.kind, withdrawn=True)
        return case


def check_kind(kind: str) -> None:
    """Raise `NotFound` for what is no kind of consent."""
    if kind not in set(ConsentKind):
        raise NotFound


def _own_case(viewer: Viewer, case_id: int) -> Case:
    case = get_case_as_doctor(viewer, case_id)
    if case.state in LOCKED:
        raise IllegalTransition("case_not_editable", state=case.state)
    return case


def _check(said: ConsentDraft, today: date) -> None:
    check_kind(said.kind)
    problems: dict[str, str] = {}
    if said.signer not in set(Signer):
        problems["signer"] = "required"
    elif said.signer != Signer.PATIENT and not said.relation.strip():
        problems["relation"] = "required"
    elif said.kind == ConsentKind.GUARDIAN and said.signer == Signer.PATIENT:
        problems["signer"] = "guardian_signs"
    if len(said.relation) > _RELATION_LENGTH:
        problems["relation"] = "text_too_long"
    if said.signed_on is None:
        problems["signed_on"] = "required"
    elif said.signed_on > today:
        problems["signed_on"] = "date_in_future"
    if problems:
        raise Invalid(problems)


def _row(viewer: Viewer, case: Case, said: ConsentDraft, now: datetime) -> Consent:
    kind = f"consent_{said.kind}"
    scans = [one.id for one in files_of(case).documents if one.kind == kind]
    return Consent(
        case_id=case.id,
        kind=said.kind,
        signer=said.signer,
        relation=said.relation.strip() if said.signer != Signer.PATIENT else "",
        signed_on=said.signed_on,
        attachment_id=scans[-1] if scans else None,
        by_user_id=viewer.user_id,
        at=now,
    )
