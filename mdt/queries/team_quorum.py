"""What the rules of the quorum are told: what a team asks for, and who was here for an item."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.conferences import AgendaItem
from mdt.models.conferences import Attendance as AttendanceRow
from mdt.models.regions import Team
from mdt.queries import scope
from mdt.rules.content import disciplines
from mdt.rules.quorum import Attendance, Quorum, QuorumRule, quorum


def quorum_rule(team: Team) -> QuorumRule:
    """The team's core disciplines and least number, with who may stand in for whom."""
    return QuorumRule(
        tuple(team.core_disciplines),
        team.min_disciplines,
        {d.code: frozenset(d.may_be_filled_by) for d in disciplines()},
    )


def as_attendance(row: AttendanceRow) -> Attendance:
    """A row as the rules take it."""
    return Attendance(row.user_id, row.hospital_id or 0, row.discipline or "", row.role)


def attendance_by_item(item_ids: Collection[int]) -> dict[int, list[Attendance]]:
    """Who was here for each of these items, which the caller has checked may be seen.

    An item at which nobody was has an empty list.
    """
    rows = db.session.scalars(
        scope.scoped_children(
            select(AttendanceRow).where(AttendanceRow.item_id.in_(item_ids)), of="item"
        )
    )
    found: dict[int, list[Attendance]] = defaultdict(list)
    for row in rows:
        found[row.item_id].append(as_attendance(row))
    return found


def judge_quorum(item: AgendaItem, team: Team) -> Quorum:
    """The quorum of one item as it stands, by the team's own rule."""
    return quorum(attendance_by_item([item.id])[item.id], quorum_rule(team))
