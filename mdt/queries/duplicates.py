"""Rows of the register that may be one tumour, and what people decided about them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased, joinedload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.people import User
from mdt.models.tumours import DuplicateDecision, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.coverage import Place, visible_places
from mdt.queries.patients import open_identity
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.identity import age_on
from mdt.rules.registry import duplicates as rules
from mdt.rules.registry.assignment import SAME_TUMOUR_DAYS

PAGE_SIZE = 20
_AT_ONCE = 500
_BECAUSE = "numbers of rows alone, by keyed hash"

_One, _Other = aliased(Tumour), aliased(Tumour)
_Me, _Them = aliased(Patient), aliased(Patient)

Pair = tuple[int, int]
"""Two rows by number, the lower first."""


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
class DuplicatePair:
    """Two rows that may be one tumour; the left one has the lower number."""

    left: DuplicateRow
    right: DuplicateRow


@dataclass(frozen=True)
class DuplicatePage:
    """One page of the queue; ``total`` counts every page."""

    pairs: tuple[DuplicatePair, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class DecidedPair:
    """A decision with the names of who made it and who took it back.

    ``fits`` is false where a row was corrected since, so that the two are no longer alike.
    """

    decision: DuplicateDecision
    left: Place
    right: Place
    by: str
    revoked_by: str
    fits: bool


@dataclass(frozen=True)
class DecidedPage:
    """One page of decisions, the last first."""

    lines: tuple[DecidedPair, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


def hold_decisions(session: Session) -> None:
    """Inside a unit of work: decisions come one after the other, as each may move others' rows.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE duplicate_decision IN SHARE ROW EXCLUSIVE MODE"))


def count_possible_duplicates(tumour_ids: Iterable[int]) -> int:
    """How many of these tumours may be the same as another row, of whichever hospital.

    Same identity number, site and side, at most 60 days apart, and nobody has decided yet.
    """
    return sum(len(_partners(some, _undecided())) for some in _in_parts(tumour_ids))


def find_possible_duplicates(tumour_id: int) -> list[int]:
    """The rows, of whichever hospital, that may be the same tumour."""
    return sorted(_partners([tumour_id], _undecided()).get(tumour_id, ()))


def find_alike(tumour_ids: Iterable[int]) -> set[int]:
    """Which of these tumours have another row like them, whatever was decided."""
    return {one for some in _in_parts(tumour_ids) for one in _partners(some)}


def _in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))


def _partners(ids: Sequence[int], *conditions: ColumnElement[bool]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, other in _alike(_One.id.in_(ids), *conditions):
        found.setdefault(one, set()).add(other)
    return found


def _alike(*conditions: ColumnElement[bool]) -> Iterator[Pair]:
    """Two rows of a person, by identity number, that may be one tumour; either may be the first."""
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
    for one, day, other, other_day in db.session.execute(
        scope.unscoped(statement, because=_BECAUSE)
    ):
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


def undecided_pairs(viewer: Viewer) -> list[Pair]:
    """Pairs that nobody has decided on, both rows in registers that the viewer answers for."""
    hospitals = scope.managed_register_hospitals(viewer)
    found = _alike(
        _One.maybe_duplicate.is_(True),
        _One.hospital_id.in_(hospitals),
        _Other.hospital_id.in_(hospitals),
        _undecided(),
    )
    return sorted({(min(pair), max(pair)) for pair in found})


def may_be_duplicates(lower_id: int, higher_id: int) -> bool:
    """Whether these two are still to be decided on."""
    return higher_id in find_possible_duplicates(lower_id)


def list_duplicates(viewer: Viewer, *, page: int = 1) -> DuplicatePage:
    """The queue: undecided pairs side by side, those that were read in first at the top."""
    pairs, page = undecided_pairs(viewer), max(1, page)
    shown = pairs[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = _rows(viewer, {one for pair in shown for one in pair})
    sides = tuple(DuplicatePair(rows[left], rows[right]) for left, right in shown)
    return DuplicatePage(sides, len(pairs), page)


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


def get_pair(viewer: Viewer, lower_id: int, higher_id: int) -> tuple[Tumour, Tumour]:
    """Two rows of registers that the viewer answers for, else `NotFound`."""
    rows = db.session.scalars(
        scope.managed_tumours(viewer)
        .where(Tumour.id.in_([lower_id, higher_id]))
        .order_by(Tumour.id)
    ).all()
    if len(rows) != 2:
        raise NotFound
    return rows[0], rows[1]


def get_decision(viewer: Viewer, decision_id: int) -> DuplicateDecision:
    """A decision on two rows of registers that the viewer answers for, else `NotFound`."""
    found: DuplicateDecision | None = db.session.scalar(
        scope.duplicate_decisions(viewer).where(DuplicateDecision.id == decision_id)
    )
    if found is None:
        raise NotFound
    return found


def list_decided(viewer: Viewer, *, page: int = 1) -> DecidedPage:
    """Decisions, the last first; those taken back stay in the list."""
    page, bounded = max(1, page), scope.duplicate_decisions(viewer)
    total = db.session.scalar(bounded.with_only_columns(func.count(DuplicateDecision.id)))
    decisions = db.session.scalars(
        bounded.options(joinedload(DuplicateDecision.lower), joinedload(DuplicateDecision.higher))
        .order_by(DuplicateDecision.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    names, places = _names(decisions), visible_places(viewer)
    lines = tuple(_decided(one, names, places) for one in decisions)
    return DecidedPage(lines, total or 0, page)


def _names(decisions: Iterable[DuplicateDecision]) -> dict[int | None, str]:
    people = {number for one in decisions for number in (one.by_user_id, one.revoked_by_id)}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(people - {None})))
    return {row.id: row.name for row in rows}


def _decided(
    one: DuplicateDecision, names: dict[int | None, str], places: dict[int, Place]
) -> DecidedPair:
    return DecidedPair(
        decision=one,
        left=places[one.lower.hospital_id],
        right=places[one.higher.hospital_id],
        by=names.get(one.by_user_id, ""),
        revoked_by=names.get(one.revoked_by_id, ""),
        fits=rules.fit(_place(one.lower), _place(one.higher)),
    )


def _place(tumour: Tumour) -> rules.Place:
    return rules.Place(tumour.site3, tumour.laterality, tumour.diagnosis_date)


def rows_counting_for(*roots: int) -> Select[Tumour]:
    """These rows and all that others of them count for, whoever sees them."""
    return scope.unscoped(
        select(Tumour).where(or_(Tumour.id.in_(roots), Tumour.duplicate_of_id.in_(roots))),
        because="a decision moves the rows that count through the two decided on",
    )


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
