"""What waits until somebody of its hospital has looked: a name may stand in the picture itself.

Who may know the patient anyway sees it; all others learn that something waits, and no more.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.rules.access import Viewer


@dataclass(frozen=True)
class Held:
    """How many series and documents of a case wait for release."""

    series: int = 0
    documents: int = 0

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.series or self.documents)


def is_held(row: Attachment | Series) -> bool:
    """Whether a loaded document or series waits."""
    at_risk = row.risk != "" if isinstance(row, Series) else True
    return at_risk and row.released_at is None


def not_held(table: type[Attachment | Series]) -> ColumnElement[bool]:
    """The opposite as a condition."""
    if table is Series:
        return or_(Series.risk == "", Series.released_at.is_not(None))
    return Attachment.released_at.is_not(None)


def shown_to(viewer: Viewer | scope.Reach, table: type[Attachment | Series]) -> ColumnElement[bool]:
    """Rows that do not wait, and all where the viewer may know the patient.

    For a statement that has joined the case; see `mdt.queries.cases.sees_identity`.
    """
    reach = scope.reach_of(viewer)
    return or_(
        not_held(table), Case.hospital_id.in_(reach.hospitals), Case.team_id.in_(reach.teams)
    )


def count_held(case: Case) -> Held:
    """What of a loaded case waits; what is struck out does not."""
    counts = [
        db.session.scalar(
            scope.scoped_children(
                select(func.count(table.id)).where(
                    table.case_id == case.id, table.struck_at.is_(None), ~not_held(table)
                ),
                of="case",
            )
        )
        or 0
        for table in (Series, Attachment)
    ]
    return Held(*counts)


def next_held(case_id: int) -> tuple[str, int] | None:
    """What to look at next: ``series`` or ``attachment`` and its number; series come first.

    The case was loaded for its viewer just before.
    """
    for name, table in (("series", Series), ("attachment", Attachment)):
        statement = (
            select(table.id)
            .where(table.case_id == case_id, table.struck_at.is_(None), ~not_held(table))
            .order_by(table.id)
            .limit(1)
        )
        found: int | None = db.session.scalar(scope.scoped_children(statement, of="case"))
        if found is not None:
            return name, found
    return None
