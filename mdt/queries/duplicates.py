"""Rows of the register that may be one tumour, and what people decided about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.people import User
from mdt.models.tumours import DuplicateDecision, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.bulk import in_parts, on_postgresql, one_of, values_of
from mdt.queries.coverage import Place, visible_places
from mdt.queries.locks import hold_table
from mdt.queries.patients import open_identity
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.identity import age_on
from mdt.rules.paging import Paged
from mdt.rules.registry import duplicates as rules
from mdt.rules.registry.assignment import SAME_TUMOUR_DAYS

PAGE_SIZE = 20
_BECAUSE = "numbers of rows alone, by keyed hash"

_One, _Other = aliased(Tumour), aliased(Tumour)
_Me, _Them = aliased(Patient), aliased(Patient)


@dataclass(frozen=True)
class DuplicateRow:
    """One of two rows side by side. ``masked_name`` and ``mrn`` are empty above the own hospital.

    ``cases`` are those that the viewer may open, ``other_cases`` counts the rest.
    """

    tumour: Tumour
    place: Place
    own: bool
    masked_name: str
    mrn: str
    age: int | None
    cases: tuple[Case, ...]
    other_cases: int


@dataclass(frozen=True)
class DuplicatePage(Paged):
    """One page of the queue: groups of rows that may be one tumour; ``total`` counts all groups."""

    page_size: ClassVar[int] = PAGE_SIZE
    groups: tuple[tuple[DuplicateRow, ...], ...]
    total: int
    page: int


@dataclass(frozen=True)
class DecidedPair:
    """A decision on two rows and where they stand.

    ``fits`` is false where a row was corrected since, so that the two are no longer alike.
    """

    decision: DuplicateDecision
    left: Place
    right: Place
    fits: bool


@dataclass(frozen=True)
class DecidedGroup:
    """What one person decided at one moment, with the names of who did and who took it back."""

    pairs: tuple[DecidedPair, ...]
    by: str
    revoked_by: str


@dataclass(frozen=True)
class DecidedPage(Paged):
    """One page of decisions, the last first; ``total`` counts those made at once as one."""

    page_size: ClassVar[int] = PAGE_SIZE
    groups: tuple[DecidedGroup, ...]
    total: int
    page: int


def hold_decisions(session: Session) -> None:
    """Inside a unit of work: decisions come one after the other, as each may move others' rows."""
    hold_table(session, DuplicateDecision)


def count_possible_duplicates(tumour_ids: Iterable[int]) -> int:
    """How many of these tumours may be the same as another row, of whichever hospital.

    Same identity number, site and side, at most 60 days apart, and nobody has decided yet.
    """
    return sum(len(_partners(some, undecided=True)) for some in in_parts(tumour_ids))


def find_possible_duplicates(tumour_id: int) -> list[int]:
    """The rows, of whichever hospital, that may be the same tumour."""
    return sorted(_partners([tumour_id], undecided=True).get(tumour_id, ()))


def find_alike(tumour_ids: Iterable[int]) -> set[int]:
    """Which of these tumours have another row like them, whatever was decided."""
    return {one for some in in_parts(tumour_ids) for one in _partners(some, undecided=False)}


def _partners(ids: Sequence[int], *, undecided: bool) -> dict[int, set[int]]:
    postgresql = on_postgresql(db.session())
    statement = _partners_of_some(undecided=undecided, postgresql=postgresql)
    found: dict[int, set[int]] = {}
    for one, other in _near(statement, values_of("ids", ids, postgresql=postgresql)):
        found.setdefault(one, set()).add(other)
    return found


@cache
def _partners_of_some(*, undecided: bool, postgresql: bool) -> Select[*tuple[Any, ...]]:
    some = one_of(_One.id, "ids", postgresql=postgresql)
    return _same_lesion(some, _undecided()) if undecided else _same_lesion(some)


def _alike(*conditions: ColumnElement[bool]) -> Iterator[rules.Pair]:
    """Two rows of a person, by identity number, that may be one tumour; either may be the first."""
    return _near(_same_lesion(*conditions))


def _same_lesion(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    statement = (
        select(_One.id, _One.diagnosis_date, _Other.id, _Other.diagnosis_date)
        .select_from(_One)
        .join(_Me, _Me.id == _One.patient_id)
        .join(_Them, _Them.id_number_index == _Me.id_number_index)
        .join(_Other, _Other.patient_id == _Them.id)
        .where(
            _Other.id != _One.id,
            _Other.site3 == _One.site3,
            _Other.laterality == _One.laterality,
            *conditions,
        )
    )
    return scope.unscoped(statement, because=_BECAUSE)


def _near(
    statement: Select[*tuple[Any, ...]], values: Mapping[str, object] | None = None
) -> Iterator[rules.Pair]:
    for one, day, other, other_day in db.session.execute(statement, values or {}):
        if abs(day - other_day) <= SAME_TUMOUR_DAYS:
            yield one, other


def _undecided() -> ColumnElement[bool]:
    """Both count, and no decision on the two stands."""
    decision = DuplicateDecision
    decided = exists(
        select(decision.id).where(
            decision.revoked_at.is_(None),
            or_(
                and_(decision.lower_id == _One.id, decision.higher_id == _Other.id),
                and_(decision.lower_id == _Other.id, decision.higher_id == _One.id),
            ),
        )
    )
    return and_(_One.duplicate_of_id.is_(None), _Other.duplicate_of_id.is_(None), ~decided)


def undecided_groups(viewer: Viewer) -> list[tuple[int, ...]]:
    """Rows that may be one tumour and that nobody has decided on, as far as the viewer decides.

    All in registers that the viewer answers for; two at least in each group, by number.
    """
    hospitals = scope.managed_register_hospitals(viewer)
    return rules.group_pairs(
        _alike(
            _One.maybe_duplicate.is_(True),
            _One.hospital_id.in_(hospitals),
            _Other.hospital_id.in_(hospitals),
            _undecided(),
        )
    )


def undecided_among(tumour_ids: Iterable[int]) -> set[rules.Pair]:
    """The pairs among these rows that are still to be decided on, the lower number first."""
    ids = list(tumour_ids)
    found = _alike(_One.id.in_(ids), _Other.id.in_(ids), _One.id < _Other.id, _undecided())
    return set(found)


def list_duplicates(viewer: Viewer, *, page: int = 1) -> DuplicatePage:
    """The queue: undecided groups side by side, those that were read in first at the top."""
    groups, page = undecided_groups(viewer), max(1, page)
    shown = groups[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = _rows(viewer, {one for group in shown for one in group})
    sides = tuple(tuple(rows[one] for one in group) for group in shown)
    return DuplicatePage(sides, len(groups), page)


def _rows(viewer: Viewer, ids: Iterable[int]) -> dict[int, DuplicateRow]:
    statement = scope.tumours(viewer).where(Tumour.id.in_(list(ids)))
    tumours = db.session.scalars(statement.options(joinedload(Tumour.patient))).all()
    places, cases = visible_places(viewer), _cases(viewer, ids)
    return {one.id: _row(viewer, one, places, *cases(one.id)) for one in tumours}


def _cases(viewer: Viewer, ids: Iterable[int]) -> Any:
    """A function that gives a row's cases: those that the viewer may open, how many others."""
    links = [
        (tumour_id, case_id)
        for tumour_id, case_id in db.session.execute(
            select(TumourCase.tumour_id, TumourCase.case_id)
            .where(TumourCase.tumour_id.in_(list(ids)))
            .order_by(TumourCase.case_id)
        )
    ]
    wanted = {case_id for _, case_id in links}
    found = db.session.scalars(scope.cases(viewer).where(Case.id.in_(wanted)))
    mine = {case.id: case for case in found}

    def of(tumour_id: int) -> tuple[tuple[Case, ...], int]:
        numbers = [case_id for one, case_id in links if one == tumour_id]
        visible = tuple(mine[case_id] for case_id in numbers if case_id in mine)
        return visible, len(numbers) - len(visible)

    return of


def _row(
    viewer: Viewer,
    tumour: Tumour,
    places: dict[int, Place],
    cases: tuple[Case, ...],
    other_cases: int,
) -> DuplicateRow:
    own = scope.sees_register_names(viewer, tumour.hospital_id)
    who = open_identity(tumour.patient)
    return DuplicateRow(
        tumour=tumour,
        place=places[tumour.hospital_id],
        own=own,
        masked_name=who.masked_name if own else "",
        mrn=who.mrn if own else "",
        age=age_on(who.birth_date, tumour.diagnosis_date) if who.birth_date else None,
        cases=cases,
        other_cases=other_cases,
    )


def get_rows(viewer: Viewer, tumour_ids: Iterable[int]) -> list[Tumour]:
    """Rows of registers that the viewer answers for, else `NotFound`."""
    wanted = set(tumour_ids)
    rows = db.session.scalars(
        scope.managed_tumours(viewer).where(Tumour.id.in_(wanted)).order_by(Tumour.id)
    ).all()
    if len(rows) != len(wanted):
        raise NotFound
    return list(rows)


def get_decisions(viewer: Viewer, decision_id: int) -> list[DuplicateDecision]:
    """A decision with all that were made with it, the asked for first.

    `NotFound` unless every row of them stands in a register that the viewer answers for.
    """
    bounded, one = scope.duplicate_decisions(viewer), DuplicateDecision
    asked: DuplicateDecision | None = db.session.scalar(bounded.where(one.id == decision_id))
    if asked is None:
        raise NotFound
    together = and_(one.at == asked.at, one.by_user_id == asked.by_user_id)
    found = db.session.scalars(bounded.where(together).order_by(one.id)).all()
    made = db.session.scalar(
        scope.unscoped(select(func.count(one.id)).where(together), because="a number alone")
    )
    if len(found) != made:
        raise NotFound
    return sorted(found, key=lambda decision: (decision.id != decision_id, decision.id))


def list_decided(viewer: Viewer, *, page: int = 1) -> DecidedPage:
    """Decisions, the last first; those taken back stay in the list."""
    page, bounded, one = max(1, page), scope.duplicate_decisions(viewer), DuplicateDecision
    moments = bounded.with_only_columns(one.at, one.by_user_id).group_by(one.at, one.by_user_id)
    total = db.session.scalar(
        scope.unscoped(select(func.count()).select_from(moments.subquery()), because="bounded")
    )
    shown = (
        moments.order_by(func.max(one.id).desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
        .subquery()
    )
    decisions = db.session.scalars(
        bounded.join(shown, and_(shown.c.at == one.at, shown.c.by_user_id == one.by_user_id))
        .options(joinedload(one.lower), joinedload(one.higher))
        .order_by(one.id)
    ).all()
    names, places = _names(decisions), visible_places(viewer)
    made: dict[tuple[datetime, int], list[DuplicateDecision]] = {}
    for decision in decisions:
        made.setdefault((decision.at, decision.by_user_id), []).append(decision)
    groups = (_decided(of_one, names, places) for of_one in reversed(made.values()))
    return DecidedPage(tuple(groups), total or 0, page)


def _names(decisions: Iterable[DuplicateDecision]) -> dict[int | None, str]:
    people = {number for one in decisions for number in (one.by_user_id, one.revoked_by_id)}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(people - {None})))
    return {row.id: row.name for row in rows}


def _decided(
    made: Sequence[DuplicateDecision], names: dict[int | None, str], places: dict[int, Place]
) -> DecidedGroup:
    pairs = (
        DecidedPair(
            decision=one,
            left=places[one.lower.hospital_id],
            right=places[one.higher.hospital_id],
            fits=rules.fit(_place(one.lower), _place(one.higher)),
        )
        for one in made
    )
    revoked_by = names.get(made[0].revoked_by_id, "")
    return DecidedGroup(tuple(pairs), names.get(made[0].by_user_id, ""), revoked_by)


def _place(tumour: Tumour) -> rules.Place:
    return rules.Place(tumour.site3, tumour.laterality, tumour.diagnosis_date)


def rows_counting_for(*roots: int) -> Select[Tumour]:
    """These rows and all that others of them count for, whoever sees them."""
    return scope.unscoped(
        select(Tumour).where(or_(Tumour.id.in_(roots), Tumour.duplicate_of_id.in_(roots))),
        because="a decision moves the rows that count through the two decided on",
    )


def counting_for(tumour_ids: Iterable[int]) -> set[int]:
    """The rows that count for some of these, whoever sees them; not those that count themselves."""
    found: set[int] = set()
    for some in in_parts(tumour_ids):
        statement = select(Tumour.duplicate_of_id).where(
            Tumour.id.in_(some), Tumour.duplicate_of_id.is_not(None)
        )
        kept = db.session.scalars(scope.unscoped(statement, because="numbers of rows alone"))
        found.update(number for number in kept if number is not None)
    return found


def standing_mergers(tumour_ids: Iterable[int]) -> list[rules.Merger]:
    """The decisions that stand and drop a row among these for another."""
    one, ids = DuplicateDecision, list(tumour_ids)
    statement = select(one.lower_id, one.higher_id, one.kept_id).where(
        one.revoked_at.is_(None),
        one.kept_id.is_not(None),
        or_(one.lower_id.in_(ids), one.higher_id.in_(ids)),
    )
    return [
        rules.Merger(dropped=lower if kept == higher else higher, kept=kept)
        for lower, higher, kept in db.session.execute(
            scope.unscoped(statement, because="numbers of rows alone")
        )
        if kept is not None
    ]
