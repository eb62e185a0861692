"""Who hears an event is who may see it: the set-wise sentence agrees with the viewer's."""

from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.people import User, UserRole
from mdt.models.regions import TeamSeat
from mdt.queries.live import get_seat
from mdt.queries.live_audience import Audience, audience
from mdt.rules.access import Permission, may
from mdt.rules.errors import NotFound
from tests.world import NOW, PEOPLE

AFTER_WINDOW = NOW + timedelta(days=40)


def by_viewers(world, conference, item, now) -> Audience:
    """The same, asked of each person's own scope."""
    hear, hidden = set(), set()
    for username, *_ in PEOPLE:
        viewer = world.viewer(username, now=now)
        user = db.session.get(User, viewer.user_id)
        if not (user.active and may(viewer, Permission.CONFERENCE_JOIN)):
            continue
        try:
            seat = get_seat(viewer, conference)
        except NotFound:
            continue
        (hear if seat.sees(item) else hidden).add(viewer.user_id)
    return Audience(frozenset(hear), frozenset(hidden))


def nothing(_world, _board):
    return None


def withdrawn(world, board):
    return (
        db.update(Invitation)
        .where(Invitation.user_id == world.users["oncologist"])
        .values(withdrawn_at=NOW)
    )


def declined(world, board):
    return (
        db.update(Invitation)
        .where(Invitation.user_id == world.users["clinician"])
        .values(answer="declined")
    )


def off_the_roster(world, board):
    return db.delete(TeamSeat).where(TeamSeat.user_id == world.users["radiologist"])


def desk_lost(world, board):
    return db.delete(TeamSeat).where(TeamSeat.user_id == world.users["chair"])


def role_lost(world, board):
    return db.delete(UserRole).where(UserRole.user_id == world.users["clinician"])


def blocked(world, board):
    return db.update(User).where(User.id == world.users["recorder"]).values(active=False)


def case_withdrawn(world, board):
    return db.update(Case).where(Case.id == board.cases["A"]).values(state="withdrawn")


def signed(world, board):
    return db.update(Case).where(Case.id == board.cases["A"]).values(state="signed", signed_at=NOW)


def undiscussed(world, board):
    return (
        db.update(AgendaItem).where(AgendaItem.id == board.items["A"]).values(state="undiscussed")
    )


def cancelled(world, board):
    return db.update(Conference).values(state="cancelled")


def not_submitted(world, board):
    return db.update(Case).where(Case.id == board.cases["A"]).values(submitted_at=None)


CHANGES = (
    nothing, withdrawn, declined, off_the_roster, desk_lost, role_lost, blocked, case_withdrawn,
    signed, undiscussed, cancelled, not_submitted,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_audience_agrees_with_scope(app, world, board, change):
    with app.app_context():
        statement = change(world, board)
        if statement is not None:
            db.session.execute(statement)
            db.session.commit()
        for now in (NOW, AFTER_WINDOW):
            for item in (board.items["A"], board.items["B"], None):
                found = audience(board.conference, item, as_of=now)
                assert found == by_viewers(world, board.conference, item, now), (now, item)


def test_audience_of_the_unchanged_board(app, world, board):
    with app.app_context():
        found = audience(board.conference, board.items["A"], as_of=NOW)
        names = {number: name for name, number in world.users.items()}
        assert {names[n] for n in found.hidden} == {"clinician2"}
        assert {names[n] for n in found.hear} == {
            "chair", "clinician", "coordinator", "oncologist", "pathologist", "radiologist",
            "radiotherapist", "recorder",
        }  # fmt: skip
