"""Places as the system administrator keeps them: hospitals, alliances, agreements, teams."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from mdt.models.regions import Agreement, Alliance, AllianceMember, Hospital, Region, Team
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, NotFound
from mdt.rules.people import (
    AgreementTerm,
    HospitalDraft,
    TeamDraft,
    check_agreement,
    check_hospital,
    check_team,
)
from mdt.services.unit_of_work import Work, unit_of_work

Row = TypeVar("Row")


@dataclass(frozen=True)
class HospitalSettings:
    """What a hospital's form holds beyond the draft that the rules judge."""

    draft: HospitalDraft
    own_approval: bool = False
    active: bool = True


def save_hospital(
    viewer: Viewer | None, hospital_id: int | None, settings: HospitalSettings, *, now: datetime
) -> Hospital:
    """Add or change a hospital. Raises `Invalid`. Side effects: its row, one audit row."""
    draft = settings.draft
    check_hospital(draft)
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        hospital = _load(work, Hospital, hospital_id) or Hospital()
        _refuse_taken(work, Hospital.code, draft.code, hospital_id)
        if work.session.get(Region, draft.region_code) is None:
            raise Invalid({"region_code": "region_unknown"})
        hospital.code, hospital.region_code = draft.code, draft.region_code
        hospital.name_zh, hospital.name_en = draft.name_zh, draft.name_en
        hospital.tier, hospital.level = draft.tier, draft.level
        hospital.grade, hospital.kind = draft.grade, draft.kind
        hospital.social_credit_code = draft.social_credit_code
        hospital.disciplines = list(draft.disciplines)
        hospital.own_approval, hospital.active = settings.own_approval, settings.active
        work.session.add(hospital)
        work.about(hospital)
    return hospital


@dataclass(frozen=True)
class AllianceDraft:
    """An alliance as its form holds it."""

    name_zh: str
    name_en: str
    lead_hospital_id: int
    member_ids: tuple[int, ...]


def save_alliance(
    viewer: Viewer | None, alliance_id: int | None, draft: AllianceDraft, *, now: datetime
) -> Alliance:
    """Add or change an alliance and its members. Side effects: rows, one audit row."""
    if not draft.name_zh.strip():
        raise Invalid({"name_zh": "required"})
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        alliance = _load(work, Alliance, alliance_id, Alliance.members) or Alliance(members=[])
        _refuse_taken(work, Alliance.name_zh, draft.name_zh, alliance_id)
        alliance.name_zh, alliance.name_en = draft.name_zh, draft.name_en
        alliance.lead_hospital_id = draft.lead_hospital_id
        kept = {m.hospital_id: m for m in alliance.members}
        alliance.members = [
            kept.get(number) or AllianceMember(hospital_id=number)
            for number in dict.fromkeys(draft.member_ids)
        ]
        work.session.add(alliance)
        work.about(alliance, members=len(alliance.members))
    return alliance


def save_agreement(
    viewer: Viewer | None,
    agreement_id: int | None,
    term: AgreementTerm,
    *,
    signed_on: date | None = None,
    alliance_id: int | None = None,
    now: datetime,
) -> Agreement:
    """Add or change a dated agreement. Raises `Invalid`. Side effects: its row, one audit row."""
    check_agreement(term)
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        agreement = _load(work, Agreement, agreement_id) or Agreement()
        _refuse_taken(work, Agreement.number, term.number, agreement_id)
        agreement.number = term.number
        agreement.requesting_hospital_id = term.requesting_hospital_id
        agreement.consulting_hospital_id = term.consulting_hospital_id
        agreement.valid_from, agreement.valid_to = term.valid_from, term.valid_to
        agreement.signed_on, agreement.alliance_id = signed_on, alliance_id
        work.session.add(agreement)
        work.about(agreement)
    return agreement


def save_team(
    viewer: Viewer | None,
    team_id: int | None,
    hospital_id: int,
    draft: TeamDraft,
    *,
    active: bool = True,
    now: datetime,
) -> Team:
    """Add or change a team. Raises `Invalid`. Side effects: its row, one audit row."""
    check_team(draft)
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        team = _load(work, Team, team_id, Team.seats) or Team(seats=[])
        _refuse_second_team(work, hospital_id, draft.name_zh, team_id)
        team.hospital_id, team.active = hospital_id, active
        team.name_zh, team.name_en = draft.name_zh, draft.name_en
        team.tumour_types = list(draft.tumour_types)
        team.core_disciplines = list(draft.core_disciplines)
        team.min_disciplines = draft.min_disciplines
        work.session.add(team)
        work.about(team)
    return team


def _refuse_second_team(work: Work, hospital_id: int, name_zh: str, own_id: int | None) -> None:
    same = (Team.hospital_id == hospital_id, Team.name_zh == name_zh, Team.id != (own_id or 0))
    if work.session.scalar(select(Team.id).where(*same)) is not None:
        raise Invalid({"name_zh": "already_taken"})


def _load(work: Work, table: type[Row], number: int | None, *relations: Any) -> Row | None:
    if number is None:
        return None
    options = [selectinload(relation) for relation in relations]
    statement = select(table).where(table.id == number).options(*options)  # type: ignore[attr-defined]
    found = work.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def _refuse_taken(
    work: Work, column: InstrumentedAttribute[str], value: str, own_id: int | None
) -> None:
    table: Any = column.class_
    other = work.session.scalar(select(table.id).where(column == value, table.id != (own_id or 0)))
    if other is not None:
        raise Invalid({column.key: "already_taken"})
