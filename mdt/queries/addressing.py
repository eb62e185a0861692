"""Whom a hospital may ask: teams of hospitals with which an agreement is in force."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, or_, select

from mdt.extensions import db
from mdt.models.regions import Agreement, Hospital, Team


def list_teams_to_ask(hospital_id: int, day: date) -> Sequence[Team]:
    """Active teams that this hospital may put a case to on a day, by hospital and name.

    Its own teams always; others while an agreement with their hospital holds.
    """
    return db.session.scalars(
        select(Team)
        .join(Hospital, Hospital.id == Team.hospital_id)
        .where(
            Team.active,
            Hospital.active,
            or_(
                Team.hospital_id == hospital_id,
                exists(
                    select(Agreement.id)
                    .where(
                        Agreement.requesting_hospital_id == hospital_id,
                        Agreement.consulting_hospital_id == Team.hospital_id,
                        Agreement.valid_from <= day,
                        Agreement.valid_to >= day,
                    )
                    .correlate(Team)
                ),
            ),
        )
        .order_by(Hospital.id, Team.name_zh)
    ).all()


def may_ask(hospital_id: int, team_id: int | None, day: date) -> bool:
    """This team may be asked by this hospital on this day."""
    return any(team.id == team_id for team in list_teams_to_ask(hospital_id, day))


def find_agreement(hospital_id: int, consulting_hospital_id: int, day: date) -> Agreement | None:
    """The agreement between two hospitals that is in force on a day and lasts longest."""
    found: Agreement | None = db.session.scalar(
        select(Agreement)
        .where(
            Agreement.requesting_hospital_id == hospital_id,
            Agreement.consulting_hospital_id == consulting_hospital_id,
            Agreement.valid_from <= day,
            Agreement.valid_to >= day,
        )
        .order_by(Agreement.valid_to.desc())
        .limit(1)
    )
    return found
