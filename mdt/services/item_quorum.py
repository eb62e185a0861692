"""Whether enough disciplines were here for a case, by the team's own rule."""

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.conferences import AgendaItem
from mdt.models.conferences import Attendance as AttendanceRow
from mdt.models.regions import Team
from mdt.queries import scope
from mdt.queries.team_quorum import quorum_rule as quorum_rule  # noqa: PLC0414 -- for callers here
from mdt.rules.quorum import Attendance, Quorum, quorum


def attendance_of(item: AgendaItem) -> list[Attendance]:
    """Who was here for this item, as the rules take it."""
    rows = db.session.scalars(
        scope.scoped_children(select(AttendanceRow).where(AttendanceRow.item_id == item.id))
    ).all()
    return [
        Attendance(row.user_id, row.hospital_id or 0, row.discipline or "", row.role)
        for row in rows
    ]


def judge_quorum(item: AgendaItem, team: Team) -> Quorum:
    """The quorum of one item as it stands."""
    return quorum(attendance_of(item), quorum_rule(team))
