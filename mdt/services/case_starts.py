"""Starting a case: from what the doctor knows first, or out of the register."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.tumours import Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.addressing import list_teams_to_ask, may_ask
from mdt.queries.case_drafts import CASE_FIELDS
from mdt.queries.cases import find_open_case_of_tumour
from mdt.queries.patients import find_patient, new_patient, open_identity
from mdt.rules.access import Role, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_changes import Edited, edit_draft, new_draft
from mdt.rules.case_draft import NO_DOCUMENT, CaseDraft
from mdt.rules.case_stage import settle_stage
from mdt.rules.case_state import CaseState
from mdt.rules.content import tumour_types_for
from mdt.rules.errors import Forbidden, Invalid, NotFound
from mdt.rules.staging import named_table
from mdt.services.case_edits import identity_of, take_patient
from mdt.services.case_numbers import case_number, provisional_number
from mdt.services.unit_of_work import Work, unit_of_work


@dataclass(frozen=True)
class NewCase:
    """What is asked before anything else: whom to ask about what, and who the patient is."""

    team_id: int | None
    tumour_type: str
    name: str
    id_number: str
    id_type: str = "01"
    sex: str = "0"
    birth_date: date | None = None


def own_hospital(viewer: Viewer) -> int:
    """The hospital for which this person starts cases; raises `Forbidden` without one."""
    own = viewer.hospitals_as(Role.CLINICIAN)
    if not own:
        raise Forbidden
    return viewer.hospital_id if viewer.hospital_id in own else min(own)


def start_case(viewer: Viewer, new: NewCase, *, now: datetime) -> Case:
    """Begin a draft for a team that may be asked today.

    The hospital's patient with the same identity number is taken. Raises `Invalid`. Side effects:
    a case, perhaps a patient, an audit row.
    """
    today = local_date(now)
    with unit_of_work(viewer, AuditAction.CASE_CREATE, now=now) as work:
        hospital_id = own_hospital(viewer)
        edited = _first_draft(new, today)
        _check_start(new, edited, hospital_id, today)
        case = _add_case(work, viewer, hospital_id, edited.draft)
        work.about(case, case_id=case.id)
        return case


def _first_draft(new: NewCase, today: date) -> Edited:
    changes: dict[str, Any] = {
        "name": new.name,
        "id_type": new.id_type,
        "id_number": new.id_number,
        "sex": new.sex,
    }
    if new.birth_date is not None:
        changes["birth_date"] = new.birth_date
    return edit_draft(new_draft(team_id=new.team_id, tumour_type=new.tumour_type), changes, today)


def _check_start(new: NewCase, edited: Edited, hospital_id: int, today: date) -> None:
    problems = dict(edited.errors)
    if not new.name.strip():
        problems["name"] = "required"
    if not new.id_number.strip() and new.id_type != NO_DOCUMENT:
        problems["id_number"] = "required"
    team = next((t for t in list_teams_to_ask(hospital_id, today) if t.id == new.team_id), None)
    if team is None:
        problems["team_id"] = "agreement_missing"
    elif new.tumour_type not in team.tumour_types:
        problems["team_id"] = "tumour_type_not_of_team"
    if problems:
        raise Invalid(problems)


def _add_case(work: Work, viewer: Viewer, hospital_id: int, draft: CaseDraft) -> Case:
    case = _new_row(work, viewer, hospital_id, draft)
    known = find_patient(hospital_id, identity_of(draft))
    if known is not None:
        take_patient(case, known, identity_of(draft), draft.sex)
    else:
        case.patient = _new_patient(hospital_id, draft, work.now)
    return _insert(work, case)


def _new_patient(hospital_id: int, draft: CaseDraft, now: datetime) -> Patient:
    return new_patient(hospital_id, identity_of(draft), draft.sex, now=now)


def _new_row(work: Work, viewer: Viewer, hospital_id: int, draft: CaseDraft) -> Case:
    case = Case(
        number=provisional_number(),
        hospital_id=hospital_id,
        state=CaseState.DRAFT.value,
        state_since=work.now,
        created_by_id=viewer.user_id,
        created_at=work.now,
        updated_at=work.now,
        checklist_marks={},
        field_edits={},
    )
    for name in CASE_FIELDS:
        value = getattr(draft, name)
        setattr(case, name, list(value) if isinstance(value, tuple) else _plain(value))
    return case


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _insert(work: Work, case: Case) -> Case:
    work.session.add(case)
    work.session.flush()
    case.number = case_number(case.id, work.now)
    work.session.flush()
    return case


def start_case_from_tumour(
    viewer: Viewer, tumour_id: int, *, now: datetime, team_id: int | None = None
) -> Case:
    """Begin a draft out of a register row of the own hospital, filled with what the row holds.

    Gives the case that is already under way for this row, if there is one. Raises `NotFound` for
    a row of another hospital. Side effects: a case that is matched with the row, an audit row.
    """
    today = local_date(now)
    with unit_of_work(viewer, AuditAction.CASE_CREATE, now=now) as work:
        tumour = get_own_tumour(viewer, tumour_id)
        under_way = find_open_case_of_tumour(viewer, tumour_id)
        if under_way is not None:
            work.about(under_way, case_id=under_way.id, again=True)
            return under_way
        if team_id is not None and not may_ask(tumour.hospital_id, team_id, today):
            raise Invalid({"team_id": "agreement_missing"})
        draft = replace(_draft_of_tumour(tumour), team_id=team_id)
        case = _new_row(work, viewer, tumour.hospital_id, draft)
        case.patient_id = tumour.patient_id
        _insert(work, case)
        work.session.add(TumourCase(tumour_id=tumour.id, case_id=case.id, matched_at=now))
        work.about(case, case_id=case.id, tumour_id=tumour.id)
        return case


def get_own_tumour(viewer: Viewer, tumour_id: int) -> Tumour:
    """A register row of a hospital for which this person starts cases, with its patient.

    Raises `NotFound` for any other.
    """
    tumour: Tumour | None = db.session.scalar(
        scope.tumours(viewer).where(
            Tumour.id == tumour_id,
            Tumour.hospital_id.in_(viewer.hospitals_as(Role.CLINICIAN)),
        )
    )
    if tumour is None:
        raise NotFound
    db.session.scalar(
        scope.unscoped(
            select(Patient).where(Patient.id == tumour.patient_id), because="of a scoped row"
        )
    )
    return tumour


def _draft_of_tumour(tumour: Tumour) -> CaseDraft:
    """What a register row says of a case; the group as written, where no category says more."""
    types = tumour_types_for(tumour.icd10, tumour.morphology)
    basis = tumour.stage_basis if tumour.stage_basis in {"c", "p"} else "c"
    empty = new_draft(team_id=None, tumour_type=types[0].code if types else "")
    filled = replace(
        empty,
        icd10=tumour.icd10,
        morphology=tumour.morphology,
        laterality=tumour.laterality,
        case_type=tumour.case_type,
        diagnosis_date=tumour.diagnosis_date,
        diagnosis_basis=tumour.diagnosis_basis,
        stage_basis=basis,
        t=tumour.t,
        n=tumour.n,
        m=tumour.m,
        stage_text=tumour.stage_group,
        stage_date=tumour.stage_date,
        first_treatment_date=tumour.first_treatment_date,
        staging_table=named_table(
            tumour.icd10, tumour.morphology, tumour.staging_system, tumour.staging_edition
        ),
    )
    return settle_stage(empty, filled)


def name_on_file_differs(case: Case, typed: str) -> bool:
    """The hospital knows the patient of this identity number by another name than was typed."""
    return open_identity(case.patient).name != typed
