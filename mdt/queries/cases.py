"""Cases: one, a list, a search; each cut down to what the viewer may see."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case, CaseStep
from mdt.models.patients import Patient
from mdt.models.tumours import TumourCase
from mdt.queries import scope
from mdt.queries.patients import Identity, id_number_index, mrn_index, name_index, open_identity
from mdt.rules.access import (
    CLINICAL_ROLES,
    ROLE_PERMISSIONS,
    TEAM_DESK_ROLES,
    Permission,
    Role,
    Viewer,
)
from mdt.rules.calendar import local_date
from mdt.rules.case_changes import clean_name
from mdt.rules.case_state import EDITABLE, OPEN, CaseState
from mdt.rules.errors import Forbidden, IllegalTransition, NotFound
from mdt.rules.identity import age_on, mask_phone, normalise_id_number
from mdt.rules.paging import Paged

PAGE_SIZE = Paged.page_size
#: Of the number at the end of ``MDT2026-000123``.
_NUMBER_DIGITS = 6


@dataclass(frozen=True)
class PatientFacts:
    """A patient as this viewer may see them without asking; masked, or with no name at all."""

    sex: str
    age: int | None
    identified: bool
    masked_name: str = ""
    masked_id_number: str = ""
    masked_phone: str = ""
    mrn: str = ""
    birth_date: date | None = None


@dataclass(frozen=True)
class CaseLine:
    """A case in a list."""

    case: Case
    patient: PatientFacts
    yours: bool


@dataclass(frozen=True)
class CasePage(Paged):
    """One page of a list; ``total`` counts every page."""

    lines: tuple[CaseLine, ...]
    total: int
    page: int = 1


def get_case(viewer: Viewer, case_id: int, *, for_update: bool = False) -> Case:
    """A case that this viewer may open, with patient, history and consents.

    Raises `NotFound` for any other. ``for_update`` keeps other writers waiting until the end of
    the unit of work.
    """
    statement = (
        scope.cases(viewer)
        .where(Case.id == case_id)
        .options(
            joinedload(Case.patient),
            joinedload(Case.created_by),
            selectinload(Case.steps).joinedload(CaseStep.by),
            selectinload(Case.consents),
        )
    )
    if for_update:
        statement = statement.with_for_update(of=Case)
    case: Case | None = db.session.scalar(statement)
    if case is None:
        raise NotFound
    return case


def get_case_alone(viewer: Viewer, case_id: int, *, for_update: bool = False) -> Case:
    """As `get_case`, of the case's own columns alone: enough to hang something on it."""
    values = scope.reach_values(viewer) | {"case": case_id}
    case: Case | None = db.session.scalar(_alone(for_update=for_update), values)
    if case is None:
        raise NotFound
    return case


@cache
def _alone(*, for_update: bool) -> Select[Case]:
    statement = (
        scope.cases(scope.ANYBODY)
        .where(Case.id == bindparam("case"))
        .options(raiseload(Case.hospital), raiseload(Case.team))
    )
    return statement.with_for_update(of=Case) if for_update else statement


def get_case_for(
    viewer: Viewer, case_id: int, permission: Permission, *, for_update: bool = False
) -> Case:
    """A case with which this viewer may do this.

    Raises `NotFound` where the viewer may not open it, `Forbidden` where no role that carries the
    permission ties the viewer to it, `IllegalTransition` for editing what is under way.
    """
    case = get_case(viewer, case_id, for_update=for_update)
    if not may_on(viewer, case, permission):
        raise Forbidden
    if permission is Permission.CASE_EDIT and case.state not in EDITABLE:
        raise IllegalTransition("case_not_editable", state=case.state)
    return case


def may_on(viewer: Viewer, case: Case, permission: Permission) -> bool:
    """A role that carries the permission is held at the case's hospital or in its team."""
    roles = [role for role, allowed in ROLE_PERMISSIONS.items() if permission in allowed]
    return case.hospital_id in viewer.hospitals_as(
        *(role for role in roles if role in CLINICAL_ROLES)
    ) or (case.team_id in viewer.teams_as(*roles) and case.submitted_at is not None)


def is_doctor_of(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer is a doctor of the case's hospital."""
    return case.hospital_id in viewer.hospitals_as(Role.CLINICIAN)


def check_doctor(viewer: Viewer, case: Case) -> None:
    """Raise `Forbidden` unless the viewer is a doctor of the case's hospital."""
    if not is_doctor_of(viewer, case):
        raise Forbidden


def get_case_as_doctor(viewer: Viewer, case_id: int) -> Case:
    """A case as `get_case`, to be changed, for a doctor of its hospital; raise `Forbidden`."""
    case = get_case(viewer, case_id, for_update=True)
    check_doctor(viewer, case)
    return case


def sees_identity(viewer: Viewer, case: Case) -> bool:
    """By name only in the own hospital and at the desk of the team that was asked.

    Who sees a case through an invitation alone sees it de-identified.
    """
    return knows_patient(viewer, case.hospital_id, case.team_id)


def knows_patient(viewer: Viewer, hospital_id: int, team_id: int | None) -> bool:
    """The same sentence by the case's hospital and team."""
    return hospital_id in viewer.hospitals_as(*CLINICAL_ROLES) or team_id in viewer.teams_as(
        *TEAM_DESK_ROLES
    )


def patient_facts(viewer: Viewer, case: Case) -> PatientFacts:
    """What the viewer sees of the patient before any unmasking."""
    who = open_identity(case.patient)
    age = age_on(who.birth_date, local_date(viewer.as_of)) if who.birth_date else None
    if not sees_identity(viewer, case):
        return PatientFacts(sex=case.patient.sex, age=age, identified=False)
    return PatientFacts(
        sex=case.patient.sex,
        age=age,
        identified=True,
        masked_name=who.masked_name,
        masked_id_number=who.masked_id_number,
        masked_phone=mask_phone(who.phone),
        mrn=who.mrn,
        birth_date=who.birth_date,
    )


def full_identity(viewer: Viewer, case: Case) -> Identity:
    """The whole identity; raises `Forbidden` for who sees the case de-identified."""
    if not sees_identity(viewer, case):
        raise Forbidden
    return open_identity(case.patient)


def list_cases(viewer: Viewer, *, state: str = "", page: int = 1) -> CasePage:
    """Cases that this viewer may open, those that moved last first, 50 to a page.

    ``state`` is a state's code, ``open`` (the default), ``ended`` or ``all``.
    """
    wanted = scope.case_visible(viewer), _in_state(state)
    total = db.session.scalar(
        scope.unscoped(
            select(func.count(Case.id)).where(*wanted), because="bounded by case_visible"
        )
    )
    page = max(1, page)
    statement = (
        scope.cases(viewer)
        .where(_in_state(state))
        .order_by(Case.state_since.desc(), Case.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return CasePage(_lines(viewer, statement), total or 0, page)


def list_all_cases(viewer: Viewer, *, state: str = "all") -> Sequence[Case]:
    """Every case that this viewer may open, by number of the row: for machines."""
    return db.session.scalars(scope.cases(viewer).where(_in_state(state)).order_by(Case.id)).all()


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "all":
        return Case.state.is_not(None)
    if state in set(CaseState):
        return Case.state == state
    open_states = [one.value for one in OPEN]
    return Case.state.not_in(open_states) if state == "ended" else Case.state.in_(open_states)


def search_cases(viewer: Viewer, text: str) -> CasePage:
    """Cases by case number or the number at its end, name, identity number or record number.

    Of numbers that end alike, this year's comes first.
    A patient is only found by those who may see who it is, or the answer would tell.
    """
    statement = (
        scope.cases(viewer)
        .join(Patient, Patient.id == Case.patient_id)
        .where(or_(_by_number(text), _by_person(viewer, text)))
        .order_by(
            Case.number.startswith(f"MDT{local_date(viewer.as_of).year}-").desc(),
            Case.state_since.desc(),
            Case.id.desc(),
        )
        .limit(PAGE_SIZE)
    )
    lines = _lines(viewer, statement)
    return CasePage(lines, len(lines))


def _by_number(text: str) -> ColumnElement[bool]:
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if plain.isascii() and plain.isdigit() and len(plain) <= _NUMBER_DIGITS:
        return Case.number.like(f"MDT____-{plain.zfill(_NUMBER_DIGITS)}")
    return Case.number == plain


def _by_person(viewer: Viewer, text: str) -> ColumnElement[bool]:
    name = clean_name(text)
    if not name:
        return false()
    number = id_number_index(normalise_id_number(text))
    known = or_(
        Case.hospital_id.in_(viewer.hospitals_as(*CLINICAL_ROLES)),
        Case.team_id.in_(viewer.teams_as(*TEAM_DESK_ROLES)),
    )
    return and_(
        known,
        or_(
            Patient.name_index == name_index(name),
            Patient.id_number_index == number if number else false(),
            Patient.mrn_index == mrn_index(text.strip()),
        ),
    )


def _lines(viewer: Viewer, statement: Select[Case]) -> tuple[CaseLine, ...]:
    cases = db.session.scalars(
        statement.options(joinedload(Case.patient), joinedload(Case.created_by))
    ).all()
    return tuple(
        CaseLine(case, patient_facts(viewer, case), case.created_by_id == viewer.user_id)
        for case in cases
    )


def list_other_cases(viewer: Viewer, case: Case) -> Sequence[Case]:
    """Further cases of the same patient that the viewer may open, newest first."""
    return db.session.scalars(
        scope.cases(viewer)
        .where(Case.patient_id == case.patient_id, Case.id != case.id)
        .order_by(Case.id.desc())
        .limit(10)
    ).all()


def find_open_case_of_tumour(viewer: Viewer, tumour_id: int) -> Case | None:
    """A case of a register row that is still under way and that the viewer may open."""
    found: Case | None = db.session.scalar(
        scope.cases(viewer)
        .join(TumourCase, TumourCase.case_id == Case.id)
        .where(TumourCase.tumour_id == tumour_id, Case.state.in_([one.value for one in OPEN]))
        .order_by(Case.id.desc())
        .limit(1)
    )
    return found
