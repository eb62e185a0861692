"""What waits until somebody of its hospital has looked.

A name may stand in the picture itself: it waits for release. Or its header names somebody else: it
waits until a doctor has said that this is the patient. Who may know the patient anyway sees it; all
others learn that something waits, and no more.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.rules.access import Viewer


@dataclass(frozen=True)
class Held:
    """How many series and documents of a case wait for release, and series for a doctor's word."""

    series: int = 0
    documents: int = 0
    unconfirmed: int = 0

    def __bool__(self) -> bool:
        """Whether anything waits for release."""
        return bool(self.series or self.documents)


def is_held(row: Attachment | Series) -> bool:
    """Whether a loaded document or series waits for release."""
    at_risk = row.risk != "" if isinstance(row, Series) else True
    return at_risk and row.released_at is None


def not_held(table: type[Attachment | Series]) -> ColumnElement[bool]:
    """The opposite as a condition."""
    if table is Series:
        return or_(Series.risk == "", Series.released_at.is_not(None))
    return Attachment.released_at.is_not(None)


def is_withheld(row: Attachment | Series) -> bool:
    """Whether a loaded document or series waits, for whatever reason."""
    return is_held(row) or (isinstance(row, Series) and bool(row.unconfirmed))


def not_withheld(table: type[Attachment | Series]) -> ColumnElement[bool]:
    """The opposite as a condition."""
    if table is Series:
        return and_(not_held(table), Series.unconfirmed.is_not(True))
    return not_held(table)


def shown_to(viewer: Viewer | scope.Reach, table: type[Attachment | Series]) -> ColumnElement[bool]:
    """Rows that do not wait, and all where the viewer may know the patient.

    For a statement that has joined the case; see `mdt.queries.cases.sees_identity`.
    """
    reach = scope.reach_of(viewer)
    return or_(
        not_withheld(table), Case.hospital_id.in_(reach.hospitals), Case.team_id.in_(reach.teams)
    )


def count_held(case: Case) -> Held:
    """What of a loaded case waits; what is struck out does not."""
    return Held(
        _count(Series, case, _waits(Series)),
        _count(Attachment, case, _waits(Attachment)),
        _count(Series, case, asks_who_it_is()),
    )


def _count(table: type[Attachment | Series], case: Case, wanted: ColumnElement[bool]) -> int:
    statement = select(func.count(table.id)).where(table.case_id == case.id, wanted)
    return db.session.scalar(scope.scoped_children(statement, of="case")) or 0


def _waits(table: type[Attachment | Series]) -> ColumnElement[bool]:
    return and_(table.struck_at.is_(None), ~not_held(table))


def asks_who_it_is() -> ColumnElement[bool]:
    """Condition on `Series`: it counts, and a doctor has to say first whose it is."""
    return and_(Series.struck_at.is_(None), Series.unconfirmed.is_(True))


def unconfirmed_cases(case_ids: Collection[int]) -> frozenset[int]:
    """Of cases that were found for the viewer, those with such a series that is not struck out."""
    if not case_ids:
        return frozenset()
    statement = select(Series.case_id).where(Series.case_id.in_(case_ids), asks_who_it_is())
    return frozenset(db.session.scalars(scope.scoped_children(statement.distinct(), of="case")))


def next_held(case_id: int) -> tuple[str, int] | None:
    """What to look at next: ``series`` or ``attachment`` and its number; series come first.

    The case was loaded for its viewer just before.
    """
    for name, table in (("series", Series), ("attachment", Attachment)):
        statement = (
            select(table.id)
            .where(table.case_id == case_id, _waits(table))
            .order_by(table.id)
            .limit(1)
        )
        found: int | None = db.session.scalar(scope.scoped_children(statement, of="case"))
        if found is not None:
            return name, found
    return None
