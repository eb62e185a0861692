"""The register: lists of tumours, one tumour, and what was imported."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import RegisterImport, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.bulk import in_parts
from mdt.queries.coverage import Place, coverage_rows, list_tumour_ids, visible_places
from mdt.queries.coverage_distance import strict_now
from mdt.queries.patients import open_identity
from mdt.queries.register_quality import quality_conditions
from mdt.rules.access import Role, Viewer
from mdt.rules.case_state import OPEN
from mdt.rules.coverage import (
    CoverageRow,
    Definition,
    Judgement,
    Period,
    first_board_day,
    judge,
)
from mdt.rules.errors import NotFound
from mdt.rules.identity import age_on
from mdt.rules.paging import Paged

PAGE_SIZE = Paged.page_size

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class RegisterFilter:
    """Which tumours of the register are wanted; empty means all.

    ``stage`` is ``yes``, ``no`` or ``unknown`` as coverage counts it, ``board`` is ``yes`` or
    ``no``, ``hospital`` a code, ``check`` one of `CHECKS`: what to look at in the register.
    """

    period: Period | None = None
    stage: str = ""
    board: str = ""
    hospital: str = ""
    check: str = ""


@dataclass(frozen=True)
class RegisterLine:
    """A tumour in a list. ``masked_name`` and ``mrn`` are empty above the own hospital.

    ``discussed_on`` is the first day of a board that counts, in this system or outside it.

    ``planned`` is the day on which treatment is to begin, as a case under way says it.
    ``open_case`` is a case under way that the viewer may open; ``under_way`` is true for one that
    the viewer may not open, too.
    """

    tumour: Tumour
    row: CoverageRow
    place: Place
    judged: Judgement
    discussed: bool
    discussed_on: date | None
    age: int | None
    own: bool
    masked_name: str = ""
    mrn: str = ""
    days_left: int = 0
    planned: date | None = None
    open_case: Case | None = None
    under_way: bool = False


@dataclass(frozen=True)
class RegisterPage(Paged):
    """One page of a list; ``total`` counts every page."""

    lines: tuple[RegisterLine, ...]
    total: int
    page: int


def managed_hospitals(viewer: Viewer | None) -> dict[str, int]:
    """Hospitals whose register a person writes: the own one, those of a quality manager's region.

    Without a viewer (the system itself): every hospital.
    """
    statement = select(Hospital.code, Hospital.id)
    if viewer is not None:
        statement = statement.where(
            scope.register_hospital_visible(viewer, (Role.CLINICIAN, Role.QUALITY))
        )
    return {row.code: row.id for row in db.session.execute(statement)}


def managed_hospital_names(viewer: Viewer) -> list[Hospital]:
    """The hospitals of `managed_hospitals`, by code: for a page that says which they are."""
    codes = managed_hospitals(viewer)
    statement = select(Hospital).where(Hospital.code.in_(codes)).order_by(Hospital.code)
    return list(db.session.scalars(statement))


def visible_hospitals(viewer: Viewer) -> list[Hospital]:
    """The hospitals whose register the viewer sees, by code."""
    statement = (
        select(Hospital).where(scope.register_hospital_visible(viewer)).order_by(Hospital.code)
    )
    return list(db.session.scalars(statement))


def region_codes() -> frozenset[str]:
    """Codes of every region of the system."""
    return frozenset(db.session.scalars(select(Region.code)))


def shows_names(viewer: Viewer, hospital_id: int) -> bool:
    """Names are for the own hospital; above it the register is de-identified."""
    return scope.sees_register_names(viewer, hospital_id)


def get_tumour(viewer: Viewer, tumour_id: int) -> Tumour:
    """A register row that the viewer may see, with patient and hospital; else `NotFound`."""
    tumour: Tumour | None = db.session.scalar(
        scope.tumours(viewer)
        .where(Tumour.id == tumour_id)
        .options(joinedload(Tumour.patient), joinedload(Tumour.hospital))
    )
    if tumour is None:
        raise NotFound
    return tumour


def get_import(viewer: Viewer, import_id: int, *, lock: bool = False) -> RegisterImport:
    """An import that the viewer may see, else `NotFound`; ``lock``: for one action at a time."""
    statement = scope.register_imports(viewer).where(RegisterImport.id == import_id)
    if lock:
        statement = statement.with_for_update(of=RegisterImport)
    found: RegisterImport | None = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def list_imports(viewer: Viewer) -> list[RegisterImport]:
    """The last imports that the viewer may see, newest first."""
    statement = scope.register_imports(viewer).order_by(RegisterImport.id.desc()).limit(10)
    return list(db.session.scalars(statement))


def list_register(
    viewer: Viewer, wanted: RegisterFilter, *, today: date, page: int = 1
) -> RegisterPage:
    """Tumours of the registers that the viewer sees, the last diagnosed first."""
    places = _places_of(viewer, wanted.hospital)
    page = max(1, page)
    also = quality_conditions(today)[wanted.check] if wanted.check else None
    if not (wanted.stage or wanted.board):
        # Nothing to judge: the database can cut out the page by itself.
        ids, total = list_tumour_ids(
            wanted.period, places, also=also, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        found = {int(row.id): row for row in coverage_rows(viewer, tumour_ids=ids, places=places)}
        lines = _lines(viewer, [found[id_] for id_ in ids], places, today=today)
        return RegisterPage(lines, total, page)
    definition = strict_now(viewer, today=today)
    rows = [
        row
        for row in coverage_rows(viewer, wanted.period, also=also, places=places)
        if is_wanted(row, judge(row, definition=definition, on=today), wanted)
    ]
    rows.sort(key=lambda row: (row.diagnosis_date, int(row.id)), reverse=True)
    return _page(viewer, rows, places, today=today, page=page)


def _places_of(viewer: Viewer, hospital: str) -> dict[int, Place]:
    places = visible_places(viewer)
    return {id_: place for id_, place in places.items() if hospital in {"", place.code}}


def is_wanted(row: CoverageRow, judged: Judgement, wanted: RegisterFilter) -> bool:
    """Whether a filter by stage and board lets a row through."""
    return wanted.stage in {"", judged.iii_plus} and wanted.board in {
        "",
        "yes" if is_discussed(row) else "no",
    }


def is_discussed(row: CoverageRow) -> bool:
    """A board that counts has discussed it, in this system or outside it, at whatever time."""
    return first_discussed(row) is not None


def first_discussed(row: CoverageRow) -> date | None:
    """The first day of such a board."""
    days = (row.external_mdt_date, first_board_day(row.boards))
    return min((day for day in days if day is not None), default=None)


def list_not_discussed(
    viewer: Viewer, *, today: date, page: int = 1, hospital: str = "", by_plan: bool = False
) -> RegisterPage:
    """Tumours of stage III or above, or perhaps so, that no board and no treatment has met yet.

    Those within the days of the definition in force stand first, the most urgent at the top; then
    those past them, the latest first. ``by_plan``: those whose treatment is planned first, the
    earliest at the top. Who has died is not listed.
    """
    places = _places_of(viewer, hospital)
    definition = strict_now(viewer, today=today)
    rows = [
        row
        for row in coverage_rows(viewer, waiting=True, places=places)
        if not is_discussed(row)
        and judge(row, definition=definition, on=today).iii_plus in {"yes", "unknown"}
    ]
    rows.sort(key=_urgency(definition, today))
    planned = _planned_days(places)
    if by_plan:
        rows.sort(key=lambda row: planned.get(int(row.id), date.max))
    found = _page(viewer, rows, places, today=today, page=page)
    lines = (replace(line, planned=planned.get(line.tumour.id)) for line in found.lines)
    return replace(found, lines=tuple(lines))


def _planned_days(places: Mapping[int, Place]) -> dict[int, date]:
    """When treatment of untreated tumours is to begin, by their cases under way; the first day."""
    first = func.min(Case.planned_treatment_date)
    statement = (
        select(TumourCase.tumour_id, first)
        .join(Case, Case.id == TumourCase.case_id)
        .join(Tumour, Tumour.id == TumourCase.tumour_id)
        .where(
            Tumour.hospital_id.in_(places),
            Tumour.first_treatment_date.is_(None),
            Case.state.in_([one.value for one in OPEN]),
        )
        .group_by(TumourCase.tumour_id)
    )
    because = "a day alone, of tumours of the hospitals that are visible"
    rows = db.session.execute(scope.unscoped(statement, because=because))
    return {tumour_id: day for tumour_id, day in rows if day is not None}


def _urgency(definition: Definition, today: date) -> Callable[[CoverageRow], tuple[bool, int, int]]:
    def rank(row: CoverageRow) -> tuple[bool, int, int]:
        left = _days_left(row.diagnosis_date, definition, today)
        return left < 0, abs(left), int(row.id)

    return rank


def _days_left(diagnosed: date, definition: Definition, today: date) -> int:
    return definition.pending_days - (today - diagnosed).days


def tumour_lines(
    viewer: Viewer, tumour_ids: Sequence[int], *, today: date
) -> tuple[RegisterLine, ...]:
    """Lines of given tumours, in the order given; those out of sight are left out."""
    places = visible_places(viewer)
    rows = {int(row.id): row for row in coverage_rows(viewer, tumour_ids=tumour_ids, places=places)}
    ordered = [rows[id_] for id_ in tumour_ids if id_ in rows]
    return _lines(viewer, ordered, places, today=today)


def _page(
    viewer: Viewer,
    rows: Sequence[CoverageRow],
    places: Mapping[int, Place],
    *,
    today: date,
    page: int,
) -> RegisterPage:
    page = max(1, page)
    lines = _lines(viewer, _slice(rows, page), places, today=today)
    return RegisterPage(lines, len(rows), page)


def _slice(things: Sequence[Thing], page: int) -> Sequence[Thing]:
    return things[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _lines(
    viewer: Viewer, rows: Sequence[CoverageRow], places: Mapping[int, Place], *, today: date
) -> tuple[RegisterLine, ...]:
    shown = {int(row.id): row for row in rows}
    statement = (
        scope.tumours(viewer).where(Tumour.id.in_(shown)).options(joinedload(Tumour.patient))
    )
    tumours = {tumour.id: tumour for tumour in db.session.scalars(statement)}
    mine, others = _open_cases(viewer, shown)
    definition = strict_now(viewer, today=today)

    def line(id_: int, row: CoverageRow) -> RegisterLine:
        tumour = tumours[id_]
        own = shows_names(viewer, tumour.hospital_id)
        who = open_identity(tumour.patient)
        return RegisterLine(
            tumour=tumour,
            row=row,
            place=places[tumour.hospital_id],
            judged=judge(row, definition=definition, on=today),
            discussed=is_discussed(row),
            discussed_on=first_discussed(row),
            age=age_on(who.birth_date, tumour.diagnosis_date) if who.birth_date else None,
            own=own,
            masked_name=who.masked_name if own else "",
            mrn=who.mrn if own else "",
            days_left=_days_left(tumour.diagnosis_date, definition, today),
            open_case=mine.get(id_),
            under_way=id_ in others,
        )

    return tuple(line(id_, row) for id_, row in shown.items())


def _open_cases(viewer: Viewer, ids: Iterable[int]) -> tuple[dict[int, Case], set[int]]:
    """Cases under way of tumours: those that the viewer may open, and which tumours have any."""
    links = (
        select(TumourCase.tumour_id, TumourCase.case_id)
        .join(Case, Case.id == TumourCase.case_id)
        .where(TumourCase.tumour_id.in_(list(ids)), Case.state.in_([one.value for one in OPEN]))
    )
    pairs = db.session.execute(
        scope.unscoped(links, because="whether a visible tumour has a case under way")
    ).all()
    wanted = [case_id for _, case_id in pairs]
    cases = db.session.scalars(scope.cases(viewer).where(Case.id.in_(wanted)))
    mine = {case.id: case for case in cases}
    return (
        {tumour_id: mine[case_id] for tumour_id, case_id in pairs if case_id in mine},
        {tumour_id for tumour_id, _ in pairs},
    )


def count_matched(tumour_ids: Iterable[int]) -> int:
    """How many of these tumours belong to a case."""
    found = 0
    for some in in_parts(tumour_ids):
        statement = select(func.count(TumourCase.tumour_id.distinct())).where(
            TumourCase.tumour_id.in_(some)
        )
        found += db.session.scalar(statement) or 0
    return found


def cases_of_tumour(viewer: Viewer, tumour_id: int) -> tuple[list[Case], int]:
    """Cases of a visible tumour that the viewer may open, and how many there are besides."""
    ids = set(
        db.session.scalars(select(TumourCase.case_id).where(TumourCase.tumour_id == tumour_id))
    )
    mine = list(db.session.scalars(scope.cases(viewer).where(Case.id.in_(ids)).order_by(Case.id)))
    return mine, len(ids) - len(mine)
