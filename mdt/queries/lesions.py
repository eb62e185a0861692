"""Lesions of a case with both measurements, where its viewer may see the pictures under them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from mdt.extensions import db
from mdt.models.attachments import Series, Study
from mdt.models.marks import Lesion
from mdt.queries import scope
from mdt.queries.marks import MarkFacts, Struck, list_marks, people_of, struck_of
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.events import Actor
from mdt.rules.lesions import Diameters, Sums, sum_up


@dataclass(frozen=True)
class Measurement:
    """One length of a lesion: its mark, mm, and the day of the examination."""

    mark: MarkFacts
    length: float
    on: date | None


@dataclass(frozen=True)
class LesionFacts:
    """A lesion as it is shown."""

    id: int
    case_id: int
    name: str
    current: Measurement
    prior: Measurement | None
    by: Actor
    at: datetime
    struck: Struck | None

    @property
    def diameters(self) -> Diameters:
        """Both lengths in mm."""
        return Diameters(self.current.length, self.prior.length if self.prior else None)


@dataclass(frozen=True)
class LesionTable:
    """The lesions of a case that stand, with their sums."""

    lesions: tuple[LesionFacts, ...]

    @property
    def sums(self) -> Sums:
        """Of those that were measured both times."""
        return sum_up(one.diameters for one in self.lesions)


def lesion_table(viewer: Viewer, case_id: int, *, for_all: bool = False) -> LesionTable:
    """Lesions of a case that are not struck out and of which the viewer sees both pictures.

    ``for_all``: of which everybody does who sees the case.
    """
    found = _facts(viewer, case_id, Lesion.struck_at.is_(None), for_all=for_all)
    return LesionTable(found)


def list_lengths(viewer: Viewer, case_id: int) -> tuple[Measurement, ...]:
    """Lengths in mm by which a lesion can be measured, the newest first."""
    marks = [
        one
        for one in list_marks(viewer, case_id)
        if one.struck is None and "length_mm" in one.value
    ]
    days = _study_days({one.picture.series_id for one in marks})
    return tuple(_measurement(one, days) for one in reversed(marks))


def get_lesion(viewer: Viewer, case_id: int, number: int) -> LesionFacts:
    """One of them, struck or not; raises `NotFound`."""
    found = _facts(viewer, case_id, Lesion.id == number)
    if not found:
        raise NotFound
    return found[0]


def _facts(
    viewer: Viewer, case_id: int, wanted: ColumnElement[bool], *, for_all: bool = False
) -> tuple[LesionFacts, ...]:
    statement = scope.of_visible_case(viewer, Lesion).where(Lesion.case_id == case_id, wanted)
    rows = db.session.scalars(statement.order_by(Lesion.id)).all()
    if not rows:
        return ()
    marks = {one.id: one for one in list_marks(viewer, case_id, for_all=for_all)}
    days = _study_days({one.picture.series_id for one in marks.values()})
    people = people_of(rows)
    return tuple(
        LesionFacts(
            id=row.id,
            case_id=row.case_id,
            name=row.name,
            current=_measurement(marks[row.current_mark_id], days),
            prior=_measurement(marks[row.prior_mark_id], days) if row.prior_mark_id else None,
            by=people[row.by_user_id],
            at=row.at,
            struck=struck_of(row, people),
        )
        for row in rows
        if row.current_mark_id in marks and (row.prior_mark_id or row.current_mark_id) in marks
    )


def _measurement(mark: MarkFacts, days: dict[int | None, date | None]) -> Measurement:
    return Measurement(mark, float(mark.value["length_mm"]), days.get(mark.picture.series_id))


def _study_days(series: set[int | None]) -> dict[int | None, date | None]:
    if not series:
        return {}
    statement = (
        select(Series.id, Study.study_date)
        .join(Study, Study.id == Series.study_id)
        .where(Series.id.in_([one for one in series if one is not None]))
    )
    rows = db.session.execute(scope.scoped_children(statement, of="series"))
    return {row.id: row.study_date for row in rows}


def uses_mark(case_id: int, mark_id: int) -> bool:
    """Whether a lesion that stands is measured by this mark."""
    statement = select(Lesion.id).where(
        Lesion.case_id == case_id,
        Lesion.struck_at.is_(None),
        or_(Lesion.current_mark_id == mark_id, Lesion.prior_mark_id == mark_id),
    )
    found = db.session.scalar(scope.scoped_children(statement.limit(1), of="case"))
    return found is not None


def count_lesions(case_id: int) -> int:
    """How many lesions of a case stand."""
    return len(_numbers(case_id))


def _numbers(case_id: int) -> Sequence[int]:
    statement = select(Lesion.id).where(Lesion.case_id == case_id, Lesion.struck_at.is_(None))
    return db.session.scalars(scope.scoped_children(statement, of="case")).all()
