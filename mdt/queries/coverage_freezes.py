"""Closed periods: their rows and figures, and the same rows of the register as of today."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Select, case, insert, literal, not_, select, text
from sqlalchemy.orm import Session, aliased

from mdt.extensions import db
from mdt.models.coverage import CoverageFreeze, CoverageFreezeRow
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.coverage import Place, visible_places
from mdt.queries.coverage_conditions import (
    board_column,
    conditions_of,
    counts_at_all,
    exclusion_column,
    stage_column,
)
from mdt.queries.coverage_figures import Asked, bounds
from mdt.rules.access import Role, Viewer
from mdt.rules.coverage import Period
from mdt.rules.coverage.changes import CountedRow, RowState
from mdt.rules.errors import NotFound

_BECAUSE = "bounded by the hospitals of a scope that the viewer answers for"
_NAMES = tuple(field.name for field in fields(CountedRow))


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


def hold_freezes(session: Session) -> None:
    """Inside a unit of work: a period is closed once at a time.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE coverage_freeze IN SHARE ROW EXCLUSIVE MODE"))


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


def live_rows(asked: Asked) -> list[CountedRow]:
    """Every row of a period as it counts today, in one SELECT, so as of one moment."""
    bounded = scope.unscoped(_counted(asked).where(bounds(asked)), because=_BECAUSE)
    return [CountedRow(*row) for row in db.session.execute(bounded)]


def _counted(asked: Asked) -> Select[Any]:
    conditions = conditions_of(asked.definition, asked.on)
    exclusion = exclusion_column(asked.definition)
    state = case(
        (not_(counts_at_all()), RowState.DUPLICATE.value),
        (exclusion != "", literal("excluded:").concat(exclusion)),
        (conditions["numerator"], RowState.NUMERATOR.value),
        (conditions["denominator"], RowState.LATE.value),
        (conditions["below"], RowState.BELOW.value),
        (conditions["unstaged_with_board"], RowState.UNSTAGED_WITH_BOARD.value),
        else_=RowState.UNSTAGED.value,
    )
    return select(
        Tumour.id,
        Tumour.hospital_id,
        state,
        conditions["pending"],
        conditions["signed_without_meeting"],
        Tumour.icd10,
        Tumour.diagnosis_date,
        stage_column(asked.definition),
        exclusion,
        Tumour.first_treatment_date,
        Tumour.external_mdt_date,
        Tumour.death_date,
        board_column(asked.definition),
        Tumour.opinion_on,
        Tumour.duplicate_of_id,
        Tumour.row_hash,
        Tumour.created_at,
    )


def store_rows(session: Session, freeze_id: int, rows: Iterable[CountedRow]) -> None:
    """Keep rows with the freeze that they belong to."""
    kept = [{"freeze_id": freeze_id, **asdict(row)} for row in rows]
    if kept:
        session.execute(insert(CoverageFreezeRow), kept)


def frozen_rows(freeze: CoverageFreeze) -> list[CountedRow]:
    """The rows of a freeze that the viewer was found to see."""
    columns = [getattr(CoverageFreezeRow, name) for name in _NAMES]
    statement = scope.unscoped(
        select(*columns).where(CoverageFreezeRow.freeze_id == freeze.id), because=_BECAUSE
    )
    return [CountedRow(*row) for row in db.session.execute(statement)]
