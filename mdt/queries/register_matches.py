"""Rows of the register beside the cases that they are, or may be, and what people decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from mdt.extensions import db, sealing
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.tumours import MatchDecision, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.coverage import Place, UnmatchedCase, unmatched_cases, visible_places
from mdt.queries.patients import Identity, open_identity
from mdt.queries.register_history import names_of_people
from mdt.queries.registry import get_tumour, managed_hospitals, shows_names
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.calendar import local_date
from mdt.rules.coverage import Period
from mdt.rules.errors import NotFound

#: So near to the case's diagnosis is a row that is offered for it; and so many at most.
_NEAR = timedelta(days=365)
_MOST = 30
#: Cases are looked for that were discussed, or diagnosed, within so many years.
_YEARS = 2


@dataclass(frozen=True, slots=True)
class Side:
    """Who has which tumour, as a row or a case says it; the identity is for the comparison."""

    who: Identity
    sex: str
    icd10: str
    laterality: str
    morphology: str
    case_type: str
    diagnosis_date: date | None
    t: str
    n: str
    m: str
    stage_group: str
    staging_system: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about a row and a case, with the names that a page shows; ``text`` opened."""

    decision: MatchDecision
    number: str
    by: str
    revoked_by: str
    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The cases of a row that its keeper may correct, and what was decided, the last first."""

    cases: tuple[Case, ...]
    decided: tuple[Decided, ...]


def own_row(viewer: Viewer, tumour_id: int) -> Tumour:
    """A row of a register that the viewer keeps, inside the own hospital; else `NotFound`."""
    tumour = get_tumour(viewer, tumour_id)
    if not keeps(viewer, tumour):
        raise NotFound
    return tumour


def keeps(viewer: Viewer, tumour: Tumour) -> bool:
    """Whether the viewer corrects the row: who keeps the register, inside the own hospital."""
    return (
        may(viewer, Permission.REGISTRY_IMPORT)
        and shows_names(viewer, tumour.hospital_id)
        and tumour.hospital_id in managed_hospitals(viewer).values()
    )


def find_case(viewer: Viewer, number: str) -> Case:
    """A sent case of the own hospital by its number, with its patient; else `NotFound`."""
    found: Case | None = db.session.scalar(
        scope.register_cases(viewer)
        .where(Case.number == number.strip().upper())
        .options(joinedload(Case.patient))
    )
    if found is None:
        raise NotFound("case_number_unknown")
    return found


def is_linked(tumour_id: int, case_id: int) -> bool:
    """Whether a row and a case, both found before, belong together now."""
    return db.session.get(TumourCase, (tumour_id, case_id)) is not None


def list_matches(viewer: Viewer, tumour: Tumour) -> Matches:
    """The cases of a row that `own_row` gave, and the decisions on it; four SELECTs at most."""
    linked = select(TumourCase.case_id).where(TumourCase.tumour_id == tumour.id)
    cases = db.session.scalars(
        scope.register_cases(viewer).where(Case.id.in_(linked)).order_by(Case.id)
    )
    decisions = db.session.scalars(
        scope.scoped_children(
            select(MatchDecision)
            .where(MatchDecision.tumour_id == tumour.id)
            .order_by(MatchDecision.at.desc(), MatchDecision.id),
            of="tumour",
        )
    ).all()
    return Matches(tuple(cases), tuple(_decided(viewer, decisions)))


def _decided(viewer: Viewer, decisions: Sequence[MatchDecision]) -> list[Decided]:
    ids = {one.case_id for one in decisions}
    numbers = {
        case.id: case.number
        for case in db.session.scalars(scope.register_cases(viewer).where(Case.id.in_(ids)))
    }
    names = names_of_people(
        person for one in decisions for person in (one.by_user_id, one.revoked_by_id)
    )
    return [
        Decided(
            one,
            numbers.get(one.case_id, ""),
            names.get(one.by_user_id, ""),
            names.get(one.revoked_by_id or 0, ""),
            open_text(one),
        )
        for one in decisions
    ]


def get_decision(viewer: Viewer, decision_id: str) -> MatchDecision:
    """A decision on a row that the viewer keeps; else `NotFound`."""
    statement = select(MatchDecision).where(MatchDecision.id == decision_id)
    found = db.session.scalar(scope.unscoped(statement, because="its row is looked for next"))
    if found is None:
        raise NotFound
    own_row(viewer, found.tumour_id)
    return found


def seal_text(decision: MatchDecision, text: str) -> None:
    """Write the sealed words of a decision, which has its id."""
    plain = text.strip().encode()
    decision.sealed_text = sealing.keyring.seal(plain, aad=_aad(decision)) if plain else None


def open_text(decision: MatchDecision) -> str:
    """Read the words of a decision. Raises `SealBroken`."""
    if decision.sealed_text is None:
        return ""
    return sealing.keyring.open(decision.sealed_text, aad=_aad(decision)).decode()


def _aad(decision: MatchDecision) -> bytes:
    return f"match_decision:{decision.id}".encode()


def side_of_row(tumour: Tumour) -> Side:
    """What a row says."""
    return _side(tumour, tumour.staging_system)


def side_of_case(case: Case) -> Side:
    """What a case says."""
    return _side(case, "")


def _side(thing: Tumour | Case, system: str) -> Side:
    return Side(
        who=open_identity(thing.patient),
        sex=thing.patient.sex,
        icd10=thing.icd10,
        laterality=thing.laterality,
        morphology=thing.morphology,
        case_type=thing.case_type,
        diagnosis_date=thing.diagnosis_date,
        t=thing.t,
        n=thing.n,
        m=thing.m,
        stage_group=thing.stage_group,
        staging_system=system,
    )


def list_unmatched(viewer: Viewer) -> list[UnmatchedCase]:
    """Cases of the own hospitals that a board discussed and no row matches, of this and last year.

    The last discussed first.
    """
    places = _own_places(viewer)
    today = local_date(viewer.as_of)
    period = Period(date(today.year - _YEARS + 1, 1, 1), date(today.year, 12, 31))
    return unmatched_cases(viewer, period, places=places) if places else []


def own_register_codes(viewer: Viewer) -> frozenset[str]:
    """Codes of the hospitals whose matches the viewer may correct."""
    return frozenset(place.code for place in _own_places(viewer).values())


def _own_places(viewer: Viewer) -> dict[int, Place]:
    return {
        id_: place
        for id_, place in visible_places(viewer).items()
        if shows_names(viewer, id_) and may(viewer, Permission.REGISTRY_IMPORT)
    }


def rows_for_case(viewer: Viewer, case: Case) -> list[int]:
    """Rows of the case's hospital that may be it: of this person; of this site, near in time.

    Those of the person come first. ``case`` is one that `find_case` gave.
    """
    day = case.diagnosis_date or local_date(case.created_at)
    person = [Patient.id == case.patient_id]
    for column in ("id_number_index", "name_index", "mrn_index"):
        value = getattr(case.patient, column)
        if value:
            person.append(getattr(Patient, column) == value)
    is_person = or_(*person)
    alike = (Tumour.site3 == case.icd10[:3]) & Tumour.diagnosis_date.between(
        day - _NEAR, day + _NEAR
    )
    statement = (
        scope.tumours(viewer)
        .join(Patient, Patient.id == Tumour.patient_id)
        .where(Tumour.hospital_id == case.hospital_id, or_(is_person, alike))
        .order_by(is_person.desc(), Tumour.diagnosis_date.desc(), Tumour.id)
        .limit(_MOST)
        .with_only_columns(Tumour.id)
    )
    return list(db.session.scalars(statement))
