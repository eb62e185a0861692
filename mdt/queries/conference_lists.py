"""Conferences in lists: those of a viewer, and those that take people up at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.queries import scope
from mdt.queries.conferences import leads_team
from mdt.rules.access import Viewer
from mdt.rules.conference import ConferenceState, InvitationAnswer

LIST_SIZE = 100
_ENDED = (ConferenceState.CLOSED.value, ConferenceState.CANCELLED.value)


@dataclass(frozen=True)
class ConferenceLine:
    """A conference in a list: the viewer's own answer and how many of its cases they may see."""

    conference: Conference
    answer: InvitationAnswer | None
    cases: int
    unanswered: int | None


def list_conferences(viewer: Viewer) -> list[ConferenceLine]:
    """Conferences that the viewer may see: coming ones by date, then past ones from the newest."""
    statement = scope.conferences(viewer)
    coming = statement.where(Conference.state.not_in(_ENDED)).order_by(Conference.starts_at)
    past = (
        statement.where(Conference.state.in_(_ENDED))
        .order_by(Conference.starts_at.desc())
        .limit(LIST_SIZE)
    )
    found = [*db.session.scalars(coming), *db.session.scalars(past)]
    numbers = [one.id for one in found]
    answers = _own_answers(viewer, numbers)
    cases = _visible_counts(viewer, numbers)
    led = [one.id for one in found if leads_team(viewer, one.team_id)]
    open_answers = _unanswered(led)
    return [
        ConferenceLine(
            one,
            answers.get(one.id),
            cases.get(one.id, 0),
            open_answers.get(one.id, 0) if one.id in led else None,
        )
        for one in found
    ]


def _own_answers(viewer: Viewer, numbers: Collection[int]) -> dict[int, InvitationAnswer]:
    rows = db.session.execute(
        scope.scoped_children(
            select(Invitation.conference_id, Invitation.answer).where(
                Invitation.conference_id.in_(numbers),
                Invitation.user_id == viewer.user_id,
                Invitation.withdrawn_at.is_(None),
            ),
            of="conference",
        )
    ).all()
    return {conference_id: InvitationAnswer(answer) for conference_id, answer in rows}


def _visible_counts(viewer: Viewer, numbers: Collection[int]) -> dict[int, int]:
    statement = (
        scope.agenda_items(viewer)
        .where(AgendaItem.conference_id.in_(numbers), AgendaItem.position > 0)
        .with_only_columns(AgendaItem.conference_id, func.count(AgendaItem.id))
        .group_by(AgendaItem.conference_id)
    )
    return _counts(statement)


def _unanswered(numbers: Collection[int]) -> dict[int, int]:
    """Invited people who have not said anything yet, each once."""
    statement = scope.scoped_children(
        select(Invitation.conference_id, func.count(func.distinct(Invitation.user_id)))
        .where(
            Invitation.conference_id.in_(numbers),
            Invitation.withdrawn_at.is_(None),
            Invitation.answer == InvitationAnswer.PENDING.value,
        )
        .group_by(Invitation.conference_id),
        of="conference",
    )
    return _counts(statement)


def _counts(statement: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in db.session.execute(statement)}


def list_conferences_between(
    viewer: Viewer, user_ids: Collection[int], begin: datetime, end: datetime, *, but: int
) -> dict[int, str]:
    """People of these who are asked to another conference then: person to its number.

    Of conferences that the viewer may not see only the number is given.
    """
    rows = db.session.execute(
        scope.unscoped(
            select(Invitation.user_id, Conference.number, Conference.starts_at, Conference.minutes)
            .join(Conference, Conference.id == Invitation.conference_id)
            .where(
                Invitation.user_id.in_(user_ids),
                Invitation.withdrawn_at.is_(None),
                Invitation.answer != InvitationAnswer.DECLINED.value,
                Conference.id != but,
                Conference.state.in_(["scheduled", "live"]),
                Conference.starts_at < end,
            )
            .order_by(Conference.starts_at),
            because="only tells the desk that a person is taken; no case, no place",
        )
    ).all()
    return {
        user_id: number
        for user_id, number, starts_at, minutes in rows
        if _ends_after(starts_at, minutes, begin)
    }


def _ends_after(starts_at: datetime, minutes: int, begin: datetime) -> bool:
    return (begin - starts_at).total_seconds() < minutes * 60
