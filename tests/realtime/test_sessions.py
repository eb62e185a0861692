"""What administrators do to an account reaches its open sockets at once."""

from datetime import timedelta

import pytest

from mdt.adapters.broadcast import NAMESPACE
from mdt.extensions import db, socketio
from mdt.models.people import SignInSession, User
from mdt.models.regions import TeamSeat
from mdt.rules.calendar import utc_now
from tests.world import PASSWORD, twice


def account(world, username):
    return f"/admin/accounts/{world.users[username]}"


@pytest.mark.parametrize("act", ["block", "password", "sessions/end"])
def test_the_security_administrator_cuts_sockets(world, person, sit, act):
    chair, expert = sit("chair"), sit("oncologist")
    person("secadmin").post(f"{account(world, 'chair')}/{act}")
    assert chair.socket.is_connected(NAMESPACE) is False
    assert expert.socket.is_connected(NAMESPACE) is True
    assert chair.browser.get("/").status_code == 302


def test_a_new_role_makes_the_seat_be_judged_anew(world, person, sit):
    doctor = sit("clinician")
    person("secadmin").post(f"{account(world, 'clinician')}/roles", role="quality",
                            region_code="360000")  # fmt: skip
    assert doctor.socket.is_connected(NAMESPACE) is False
    assert doctor.browser.get("/").status_code == 200


def test_leaving_the_roster_cuts_sockets(app, world, person, sit):
    coordinator = sit("coordinator")
    with app.app_context():
        seat = db.session.scalar(
            db.select(TeamSeat.id).where(TeamSeat.user_id == world.users["coordinator"])
        )
    person("sysadmin").post(f"/admin/teams/{world.team}/seats/{seat}/remove")
    assert coordinator.socket.is_connected(NAMESPACE) is False


def test_a_changed_password_cuts_the_other_sockets(app, world, person, sit):
    chair = sit("chair")
    other = person("chair")
    other.post("/account/password", password=PASSWORD, **twice("four words enough"))
    assert chair.socket.is_connected(NAMESPACE) is False


def test_a_block_in_the_table_alone_is_noticed_at_the_next_event(app, board, sit):
    chair = sit("chair")
    with app.app_context():
        db.session.execute(db.update(User).where(User.username == "chair").values(active=False))
        db.session.commit()
    answer = chair.act("say", text="还在吗", item=board.items["A"])
    assert answer["error"]["code"] == "http_401"


def test_a_socket_that_only_listens_ends_with_its_idle_session(app, board, sit):
    chair, expert = sit("chair"), sit("oncologist")
    with app.app_context():
        db.session.execute(
            db.update(SignInSession)
            .where(SignInSession.id == chair_session(app))
            .values(last_seen_at=utc_now() - timedelta(minutes=31))
        )
        db.session.commit()
    expert.act("hand", up=True)
    assert chair.socket.is_connected(NAMESPACE) is True
    socketio.server.namespace_handlers[NAMESPACE].swept_at = 0.0
    expert.act("hand", up=False)
    assert chair.socket.is_connected(NAMESPACE) is False
    assert expert.socket.is_connected(NAMESPACE) is True


def chair_session(app):
    with app.app_context():
        return db.session.scalar(
            db.select(SignInSession.id).join(User).where(User.username == "chair")
        )
