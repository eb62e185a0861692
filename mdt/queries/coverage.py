"""The register as coverage counts it: tumours with the boards that discussed them.

Columns, no whole rows: a province's year is a hundred thousand of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import aliased

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference
from mdt.models.plans import Plan, PlanRevision
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import Tumour, TumourCase
from mdt.queries import scope
from mdt.rules.access import Role, Viewer
from mdt.rules.calendar import local_date
from mdt.rules.coverage import Board, CoverageRow, Period
from mdt.rules.quorum import COUNTING_ROLES

#: The local day of a discussion; ``_took_place`` keeps out items without one.
_HELD_ON = cast("ColumnElement[date]", AgendaItem.discussed_on)
#: How many disciplines took part in a discussion, in seats that count for its quorum.
_DISCIPLINES = (
    select(func.count(Attendance.discipline.distinct()))
    .where(
        Attendance.item_id == AgendaItem.id,
        Attendance.role.in_([role.value for role in COUNTING_ROLES]),
        Attendance.discipline != "",
    )
    .correlate(AgendaItem)
    .scalar_subquery()
)
_Dropped = aliased(Tumour)
_BOUNDED = "bounded by the hospitals that are visible"
_FIGURES = "dates of boards alone, for tumours that are bounded by the viewer"


@dataclass(frozen=True, slots=True)
class Place:
    """A hospital with the codes of its county, city and province; empty where it has none."""

    code: str
    name_zh: str
    name_en: str
    county: str
    city: str
    province: str


@dataclass(frozen=True, slots=True)
class UnmatchedCase:
    """A case that a board discussed and no row of the register matches."""

    case_id: int
    number: str
    place: Place
    icd10: str
    diagnosis_date: date | None
    discussed_on: date

    @property
    def counted_on(self) -> date:
        """The day by which it falls into a period: that of the diagnosis, else of the board."""
        return self.diagnosis_date or self.discussed_on


def visible_places(viewer: Viewer) -> dict[int, Place]:
    """Hospitals whose register the viewer sees, by number."""
    region, parent, grandparent = Region, aliased(Region), aliased(Region)
    rows = db.session.execute(
        select(
            Hospital.id, Hospital.code, Hospital.name_zh, Hospital.name_en,
            region.code, region.level, parent.code, parent.level, grandparent.code,
            grandparent.level,
        )
        .join(region, region.code == Hospital.region_code)
        .outerjoin(parent, parent.code == region.parent_code)
        .outerjoin(grandparent, grandparent.code == parent.parent_code)
        .where(scope.register_hospital_visible(viewer))
    )  # fmt: skip
    return {row[0]: _place(*row[1:4], row[4:]) for row in rows}


def _place(code: str, name_zh: str, name_en: str, regions: Iterable[str | None]) -> Place:
    codes = iter(regions)
    levels = {level: region for region, level in zip(codes, codes, strict=True)}
    return Place(
        code,
        name_zh,
        name_en,
        levels.get("county") or "",
        levels.get("city") or "",
        levels.get("province") or "",
    )


def region_names(codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Chinese and English names of regions."""
    rows = db.session.execute(
        select(Region.code, Region.name_zh, Region.name_en).where(Region.code.in_(set(codes)))
    )
    return {code: (zh, en or zh) for code, zh, en in rows}


def own_scope_names(viewer: Viewer) -> tuple[tuple[str, str], ...]:
    """Chinese and English names of what a quality manager answers for: regions, hospitals."""
    regions = region_names(viewer.regions_as(Role.QUALITY))
    rows = db.session.execute(
        select(Hospital.name_zh, Hospital.name_en)
        .where(Hospital.id.in_(viewer.hospitals_as(Role.QUALITY)))
        .order_by(Hospital.code)
    )
    hospitals = tuple((zh, en or zh) for zh, en in rows)
    return tuple(regions[code] for code in sorted(regions)) + hospitals


def coverage_rows(
    viewer: Viewer,
    period: Period | None = None,
    *,
    tumour_ids: Iterable[int] | None = None,
    waiting: bool = False,
    also: ColumnElement[bool] | None = None,
    places: Mapping[int, Place] | None = None,
) -> list[CoverageRow]:
    """Tumours of the registers that the viewer sees, with their boards, in four SELECTs.

    Ids are texts. Cut down to a period of diagnosis, to some tumours, to those ``waiting``: of the
    living, neither treated nor discussed outside the system; or by a condition ``also``.
    """
    places = visible_places(viewer) if places is None else places
    wanted = and_(Tumour.hospital_id.in_(places), _within(period, tumour_ids))
    if waiting:
        wanted = and_(wanted, _waiting())
    if also is not None:
        wanted = and_(wanted, also)
    boards = _boards(wanted)
    statement: Select[*tuple[Any, ...]] = select(
        Tumour.id, Tumour.hospital_id, Tumour.case_type, Tumour.icd10, Tumour.diagnosis_date,
        Tumour.diagnosis_basis, Tumour.stage_basis, Tumour.stage_date, Tumour.first_treatment_date,
        Tumour.first_treatment_type, Tumour.external_mdt_date, Tumour.duplicate_of_id,
        Tumour.iii_plus, Tumour.staging_system, Tumour.emergency, Tumour.death_date,
    ).where(wanted).order_by(Tumour.id)  # fmt: skip
    bounded = scope.unscoped(statement, because=_BOUNDED)
    return [_coverage_row(row, places[row[1]], boards) for row in db.session.execute(bounded)]


def _waiting() -> ColumnElement[bool]:
    return and_(
        Tumour.first_treatment_date.is_(None),
        Tumour.external_mdt_date.is_(None),
        Tumour.death_date.is_(None),
    )


def list_tumour_ids(
    period: Period | None,
    places: Mapping[int, Place],
    *,
    also: ColumnElement[bool] | None = None,
    offset: int,
    limit: int,
) -> tuple[list[int], int]:
    """Numbers of the tumours of these hospitals, the last diagnosed first; and how many in all."""
    wanted = and_(Tumour.hospital_id.in_(places), _within(period, None))
    return newest_first(wanted if also is None else and_(wanted, also), offset, limit)


def newest_first(wanted: ColumnElement[bool], offset: int, limit: int) -> tuple[list[int], int]:
    """Numbers of the wanted tumours, the last diagnosed first; and how many in all.

    ``wanted`` is bounded by hospitals that are visible.
    """
    total = db.session.scalar(
        scope.unscoped(select(func.count(Tumour.id)).where(wanted), because=_BOUNDED)
    )
    statement = (
        select(Tumour.id)
        .where(wanted)
        .order_by(Tumour.diagnosis_date.desc(), Tumour.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return list(db.session.scalars(scope.unscoped(statement, because=_BOUNDED))), total or 0


def _within(period: Period | None, tumour_ids: Iterable[int] | None) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if period is not None:
        conditions.append(Tumour.diagnosis_date.between(period.first, period.last))
    if tumour_ids is not None:
        conditions.append(Tumour.id.in_(list(tumour_ids)))
    return and_(*conditions)


def _coverage_row(row: Any, place: Place, boards: Mapping[int, tuple[Board, ...]]) -> CoverageRow:
    (
        id_, _, case_type, icd10, diagnosis_date, basis, stage_basis, stage_date, treated,
        treatment, external, duplicate_of, iii_plus, system, emergency, died,
    ) = row  # fmt: skip
    return CoverageRow(
        id=str(id_),
        hospital_code=place.code,
        county_code=place.county,
        city_code=place.city,
        province_code=place.province,
        case_type=case_type,
        icd10=icd10,
        diagnosis_date=diagnosis_date,
        diagnosis_basis=basis,
        stage_basis=stage_basis,
        stage_date=stage_date,
        first_treatment_date=treated,
        first_treatment_type=treatment,
        external_mdt_date=external,
        duplicate_of=str(duplicate_of) if duplicate_of is not None else None,
        boards=boards.get(id_, ()),
        iii_plus=iii_plus,
        staging_system=system,
        emergency=emergency,
        death_date=died,
    )


def boards_of(tumour_ids: Iterable[int]) -> dict[int, tuple[Board, ...]]:
    """The boards of tumours by number, whichever hospital has sent their cases."""
    return _boards(Tumour.id.in_(list(tumour_ids)))


def _boards(wanted: ColumnElement[bool]) -> dict[int, tuple[Board, ...]]:
    """The boards of the wanted tumours' cases, whichever hospital has sent them.

    A row that others were decided to be duplicates of has their cases, too.
    """
    opinions = _opinions(wanted)
    found: dict[int, list[Board]] = defaultdict(list)
    meetings = _with_dropped(
        select(
            Tumour.id, AgendaItem.id, _HELD_ON, AgendaItem.quorum_met, AgendaItem.state,
            _DISCIPLINES,
        )
        .select_from(TumourCase)
        .join(AgendaItem, AgendaItem.case_id == TumourCase.case_id)
        .join(Conference, Conference.id == AgendaItem.conference_id)
        .where(wanted, _took_place())
    )  # fmt: skip
    for tumour_id, item_id, day, quorum, state, disciplines in db.session.execute(meetings):
        outcome = opinions.of_item.get(item_id)
        found[tumour_id].append(
            Board(
                day,
                quorum=quorum is True,
                signed=outcome is not None,
                deferred=state == "deferred" or outcome == "deferred",
                disciplines=disciplines,
            )
        )
    for tumour_id, day, deferred in opinions.without_meeting:
        found[tumour_id].append(
            Board(day, quorum=False, signed=True, deferred=deferred, meeting=False)
        )
    return {tumour_id: tuple(sorted(boards, key=_by_day)) for tumour_id, boards in found.items()}


def _with_dropped(
    statement: Select[*tuple[Any, ...]],
) -> CompoundSelect[*tuple[Any, ...]]:
    """What a statement says of tumours' own cases, and of those of rows dropped for them."""
    own = statement.join(Tumour, Tumour.id == TumourCase.tumour_id)
    dropped = statement.join(_Dropped, _Dropped.id == TumourCase.tumour_id).join(
        Tumour, Tumour.id == _Dropped.duplicate_of_id
    )
    # Not twice where both have the same case.
    return scope.unscoped(union(own, dropped), because=_FIGURES)


def _by_day(board: Board) -> date:
    return board.date_of_discussion


def _took_place() -> ColumnElement[bool]:
    return and_(
        AgendaItem.discussed_on.is_not(None),
        AgendaItem.state != "undiscussed",
        Conference.state != "cancelled",
    )


@dataclass(frozen=True, slots=True)
class _Opinions:
    """Outcome of the last signed revision of each agenda item; opinions that had no meeting."""

    of_item: Mapping[int, str]
    without_meeting: tuple[tuple[int, date, bool], ...]


def _opinions(wanted: ColumnElement[bool]) -> _Opinions:
    statement = _with_dropped(
        select(
            Tumour.id, Plan.id, Plan.item_id, PlanRevision.signed_at,
            PlanRevision.content["outcome"].as_string(), PlanRevision.number,
        )
        .select_from(TumourCase)
        .join(Plan, Plan.case_id == TumourCase.case_id)
        .join(PlanRevision, PlanRevision.plan_id == Plan.id)
        .where(wanted, PlanRevision.state == "signed")
    ).order_by("number")  # fmt: skip
    of_item: dict[int, str] = {}
    alone: dict[tuple[int, int], tuple[int, date, bool]] = {}
    for tumour_id, plan_id, item_id, signed_at, outcome, _ in db.session.execute(statement):
        if item_id is not None:
            of_item[item_id] = outcome or ""
        else:
            day = _first_day(alone.get((tumour_id, plan_id)), signed_at)
            alone[tumour_id, plan_id] = (tumour_id, day, outcome == "deferred")
    return _Opinions(of_item, tuple(alone.values()))


def _first_day(known: tuple[int, date, bool] | None, signed_at: datetime) -> date:
    return known[1] if known else local_date(signed_at)


def unmatched_cases(
    viewer: Viewer, period: Period, *, places: Mapping[int, Place] | None = None
) -> list[UnmatchedCase]:
    """Cases of the viewer's hospitals that a board discussed and no register row matches.

    A case falls into the period by its diagnosis date, or by the board's where it has none.
    """
    places = visible_places(viewer) if places is None else places
    first_board = func.min(_HELD_ON)
    statement = scope.unscoped(
        select(Case.id, Case.number, Case.hospital_id, Case.icd10, Case.diagnosis_date, first_board)
        .join(AgendaItem, AgendaItem.case_id == Case.id)
        .join(Conference, Conference.id == AgendaItem.conference_id)
        .where(
            Case.hospital_id.in_(places),
            _took_place(),
            or_(Case.diagnosis_date.is_(None), Case.diagnosis_date.between(*_ends(period))),
            ~exists(select(TumourCase.case_id).where(TumourCase.case_id == Case.id)),
        )
        .group_by(Case.id, Case.number, Case.hospital_id, Case.icd10, Case.diagnosis_date)
        .order_by(first_board.desc(), Case.id),
        because=_BOUNDED,
    )
    found = [
        UnmatchedCase(id_, number, places[hospital_id], icd10, diagnosed, discussed)
        for id_, number, hospital_id, icd10, diagnosed, discussed in db.session.execute(statement)
    ]
    return [case for case in found if case.counted_on in period]


def _ends(period: Period) -> tuple[date, date]:
    return period.first, period.last
