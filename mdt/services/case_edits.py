"""Writing a draft into its rows, and who changed which field since a version."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select

from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.case_drafts import CASE_FIELDS
from mdt.queries.patients import Identity, find_patient, new_patient, open_identity, seal_identity
from mdt.rules.access import Viewer
from mdt.rules.case_changes import IDENTITY_FIELDS
from mdt.rules.case_draft import CaseDraft, draft_fields
from mdt.services.identity_marks import mark_cases_of
from mdt.services.matching import match_case
from mdt.services.unit_of_work import Work

_LISTS = ("symptoms", "comorbidities")
#: Fields by which a case that was sent is matched with rows of the register.
_MATCHED_BY = frozenset({*IDENTITY_FIELDS, "icd10", "laterality", "diagnosis_date"})


def identity_of(draft: CaseDraft) -> Identity:
    """The part of a draft that is sealed with the patient."""
    return Identity(**{name: getattr(draft, name) for name in IDENTITY_FIELDS})


def changed_fields(before: CaseDraft, after: CaseDraft) -> tuple[str, ...]:
    """Names of the fields that differ."""
    names = draft_fields()
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def plain_value(value: Any) -> Any:
    """A field's value as the form has it: text, or a list of texts."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, Mapping) else str(value)


def edited_by_others(case: Case, viewer: Viewer, since: int) -> frozenset[str]:
    """Fields that somebody else changed after this version."""
    return frozenset(
        name
        for name, (version, user_id) in case.field_edits.items()
        if version > since and user_id != viewer.user_id
    )


def write_draft(work: Work, case: Case, before: CaseDraft, after: CaseDraft, by: int) -> None:
    """Bring the rows to the draft; notes for each changed field its version and its author."""
    names = changed_fields(before, after)
    if not names:
        return
    for name in names:
        if name in CASE_FIELDS:
            setattr(case, name, _stored(name, getattr(after, name)))
    if set(names) & {*IDENTITY_FIELDS, "sex"}:
        _write_patient(work, case, before, after)
    version = (case.version or 0) + 1
    case.field_edits = {**case.field_edits, **{name: [version, by] for name in names}}
    case.updated_at = work.now
    # Last, because it flushes: a second change would raise the version once more.
    if case.submitted_at is not None and set(names) & _MATCHED_BY:
        match_case(work, case)
    if set(names) & {*IDENTITY_FIELDS, "sex"}:
        mark_cases_of(work, [case.patient_id])


def _stored(name: str, value: Any) -> Any:
    if name in _LISTS:
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _write_patient(work: Work, case: Case, before: CaseDraft, after: CaseDraft) -> None:
    """Seal the identity again; another identity number may mean another person.

    The hospital's patient with the new number is taken where there is one. Else the row is
    corrected, unless other cases hang on it: then they keep it, and this case gets its own.
    """
    identity = identity_of(after)
    if identity.id_number != before.id_number and identity.id_number:
        known = find_patient(case.hospital_id, identity)
        if known is not None and known.id != case.patient_id:
            take_patient(case, known, identity, after.sex)
            return
        if before.id_number and _is_shared(work, case):
            case.patient = new_patient(case.hospital_id, identity, after.sex, now=work.now)
            work.session.add(case.patient)
            return
    seal_identity(case.patient, identity)
    case.patient.sex = after.sex


def take_patient(case: Case, known: Patient, said: Identity, sex: str) -> None:
    """Hang the case on a patient whom the hospital knows; what was not known is filled in."""
    on_file = open_identity(known)
    filled = {
        name: getattr(on_file, name) or getattr(said, name)
        for name in IDENTITY_FIELDS
        if name != "id_type"
    }
    seal_identity(known, replace(on_file, **filled))
    known.sex = known.sex if known.sex in {"1", "2"} else sex
    case.patient = known


def _is_shared(work: Work, case: Case) -> bool:
    others = select(func.count(Case.id)).where(
        Case.patient_id == case.patient_id, Case.id != case.id
    )
    rows = select(func.count(Tumour.id)).where(Tumour.patient_id == case.patient_id)
    because = "counts what hangs on one patient"
    return any(
        work.session.scalar(scope.unscoped(one, because=because)) or 0 for one in (others, rows)
    )
