"""Closed periods: what can be closed, and by what; what was closed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session, aliased

from mdt.extensions import db
from mdt.models.coverage import CoverageFreeze, CoverageFreezeRow
from mdt.models.regions import Hospital, Region
from mdt.queries import scope
from mdt.queries.bulk import next_numbers, on_postgresql
from mdt.queries.coverage import Place, visible_places
from mdt.queries.coverage_definitions import published_of
from mdt.queries.locks import hold_table
from mdt.rules.access import Role, Viewer
from mdt.rules.codes import Label
from mdt.rules.coverage import SHIPPED, Definitions, Period
from mdt.rules.errors import NotFound


@dataclass(frozen=True)
class FreezeScope:
    """What a period can be closed for: one hospital or one region, with its names."""

    name_zh: str
    name_en: str
    hospital_id: int | None = None
    region_code: str | None = None

    @property
    def key(self) -> str:
        """How an address names it."""
        if self.region_code is None:
            return f"hospital:{self.hospital_id}"
        return f"region:{self.region_code}"

    def holds(self, hospital_id: int, place: Place) -> bool:
        """Whether a hospital belongs to it."""
        if self.region_code is None:
            return hospital_id == self.hospital_id
        return self.region_code in {place.county, place.city, place.province}


def own_scopes(viewer: Viewer) -> list[FreezeScope]:
    """What the viewer is quality manager of: regions, then hospitals, by code."""
    regions = db.session.execute(
        select(Region.code, Region.name_zh, Region.name_en)
        .where(Region.code.in_(viewer.regions_as(Role.QUALITY)))
        .order_by(Region.code)
    )
    hospitals = db.session.execute(
        select(Hospital.id, Hospital.name_zh, Hospital.name_en)
        .where(Hospital.id.in_(viewer.hospitals_as(Role.QUALITY)))
        .order_by(Hospital.code)
    )
    return [
        *(FreezeScope(zh, en or zh, region_code=code) for code, zh, en in regions),
        *(FreezeScope(zh, en or zh, hospital_id=number) for number, zh, en in hospitals),
    ]


def scopes_of(freezes: Iterable[CoverageFreeze]) -> dict[int, FreezeScope]:
    """The scopes of freezes that the viewer was found to see, by number, in two SELECTs."""
    listed = list(freezes)
    hospitals = {
        row.id: FreezeScope(row.name_zh, row.name_en or row.name_zh, hospital_id=row.id)
        for row in db.session.scalars(
            select(Hospital).where(Hospital.id.in_({one.hospital_id for one in listed}))
        )
    }
    regions = {
        row.code: FreezeScope(row.name_zh, row.name_en or row.name_zh, region_code=row.code)
        for row in db.session.scalars(
            select(Region).where(Region.code.in_({one.region_code for one in listed}))
        )
    }
    return {
        one.id: regions[one.region_code] if one.region_code else hospitals[one.hospital_id or 0]
        for one in listed
    }


def scope_of(freeze: CoverageFreeze) -> FreezeScope:
    """The scope of a freeze that the viewer was found to see."""
    return scopes_of([freeze])[freeze.id]


def places_of(viewer: Viewer, of: FreezeScope) -> dict[int, Place]:
    """The hospitals of a scope as they are today, by number."""
    return {id_: one for id_, one in visible_places(viewer).items() if of.holds(id_, one)}


def definitions_of(of: FreezeScope) -> Definitions:
    """What the province of a scope can ask by, whatever else the viewer sees."""
    code = of.region_code
    if code is None:
        code = db.session.scalar(select(Hospital.region_code).where(Hospital.id == of.hospital_id))
    while code is not None:
        region = db.session.get_one(Region, code)
        if region.level == "province":
            return published_of(code)
        code = region.parent_code
    return SHIPPED


def reserve_number(session: Session) -> int:
    """Inside a unit of work: a number that no freeze has, and no row of one that is being written.

    It is kept by what is written with it in the same unit of work.
    """
    [number] = next_numbers(session, cast("Table", CoverageFreeze.__table__), 1)
    highest = scope.unscoped(
        select(func.max(CoverageFreezeRow.freeze_id)), because="a number alone, of no person"
    )
    if on_postgresql(session):
        return number
    return max(number, (session.scalar(highest) or 0) + 1)


def hold_freezes(session: Session) -> None:
    """Inside a unit of work: a period is closed once at a time."""
    hold_table(session, CoverageFreeze)


def get_freeze(viewer: Viewer, freeze_id: int) -> CoverageFreeze:
    """A closed period that the viewer may see, else `NotFound`."""
    statement = scope.coverage_freezes(viewer).where(CoverageFreeze.id == freeze_id)
    found: CoverageFreeze | None = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def list_freezes(viewer: Viewer) -> list[CoverageFreeze]:
    """The newest revision of each closed period that the viewer may see, newest period first."""
    later = aliased(CoverageFreeze)
    superseded = select(later.supersedes_id).where(later.supersedes_id.is_not(None))
    statement = scope.coverage_freezes(viewer).where(CoverageFreeze.id.not_in(superseded))
    ordered = statement.order_by(CoverageFreeze.period_last.desc(), CoverageFreeze.id.desc())
    return list(db.session.scalars(ordered))


def revisions_of(viewer: Viewer, freeze: CoverageFreeze) -> list[CoverageFreeze]:
    """Every revision of the same period, scope and kind of definition, the newest first."""
    statement = scope.coverage_freezes(viewer).where(
        CoverageFreeze.hospital_id.is_not_distinct_from(freeze.hospital_id),
        CoverageFreeze.region_code.is_not_distinct_from(freeze.region_code),
        CoverageFreeze.period_first == freeze.period_first,
        CoverageFreeze.period_last == freeze.period_last,
        CoverageFreeze.definition_code == freeze.definition_code,
    )
    return list(db.session.scalars(statement.order_by(CoverageFreeze.revision.desc())))


def last_freeze(
    viewer: Viewer, of: Sequence[FreezeScope], period: Period, definition_code: str
) -> CoverageFreeze | None:
    """The newest revision of a period for one of these scopes."""
    hospitals = [one.hospital_id for one in of if one.hospital_id is not None]
    regions = [one.region_code for one in of if one.region_code is not None]
    statement = (
        scope.coverage_freezes(viewer)
        .where(
            CoverageFreeze.hospital_id.in_(hospitals) | CoverageFreeze.region_code.in_(regions),
            CoverageFreeze.period_first == period.first,
            CoverageFreeze.period_last == period.last,
            CoverageFreeze.definition_code == definition_code,
        )
        .order_by(CoverageFreeze.revision.desc())
        .limit(1)
    )
    found: CoverageFreeze | None = db.session.scalar(statement)
    return found


@dataclass(frozen=True, slots=True)
class Closing:
    """That a period was closed: for whom, when; no figures."""

    period: Period
    name: Label
    at: datetime


def closings_over(hospital_id: int, day: date) -> list[Closing]:
    """Which closed periods a day of this hospital lies in, for whoever keeps its register.

    The newest revision of each, the hospital's own and those of its county, city and province, by
    the end of the period. No figures, so whoever may correct a row may know.
    """
    freeze = CoverageFreeze
    region, city, province = Region, aliased(Region), aliased(Region)
    above = db.session.execute(
        select(region.code, city.code, province.code)
        .join(Hospital, Hospital.region_code == region.code)
        .outerjoin(city, city.code == region.parent_code)
        .outerjoin(province, province.code == city.parent_code)
        .where(Hospital.id == hospital_id)
    ).one()
    statement = (
        select(freeze.hospital_id, freeze.region_code, freeze.period_first, freeze.period_last)
        .add_columns(func.max(freeze.at))
        .where(
            (freeze.hospital_id == hospital_id) | freeze.region_code.in_([*filter(None, above)]),
            freeze.period_first <= day,
            freeze.period_last >= day,
        )
        .group_by(freeze.hospital_id, freeze.region_code, freeze.period_first, freeze.period_last)
        .order_by(freeze.period_last, freeze.period_first)
    )
    because = "that a period of the row's own hospital was closed, and no figure"
    found = db.session.execute(scope.unscoped(statement, because=because)).all()
    return [
        Closing(Period(first, last), _name_of(hospital, code), at)
        for hospital, code, first, last, at in found
    ]


def _name_of(hospital_id: int | None, region_code: str | None) -> Label:
    place = (
        db.session.get_one(Region, region_code)
        if region_code
        else db.session.get_one(Hospital, hospital_id)
    )
    return Label(place.name_zh, place.name_en or place.name_zh)
