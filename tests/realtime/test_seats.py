"""A seat ends when its right does: at the next event, and at once where somebody says so."""

from mdt.adapters.broadcast import NAMESPACE
from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import Attendance, Invitation
from mdt.models.people import User
from mdt.models.regions import TeamSeat
from mdt.queries import scope
from mdt.services.invitations import answer, uninvite_person
from mdt.services.live_seats import end_lost_seats
from mdt.services.rosters import remove_seat
from tests.world import NOW


def change(app, statement):
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def withdraw(app, world, username):
    mine = Invitation.user_id == world.users[username]
    change(app, db.update(Invitation).where(mine).values(withdrawn_at=NOW))


def test_who_is_no_longer_invited_hears_nothing_more(app, sit, board, world):
    chair, expert = sit("chair"), sit("oncologist")
    withdraw(app, world, "oncologist")
    chair.act("say", text="只对在座的人说", item=board.items["A"])
    assert expert.heard() == []
    assert len(chair.heard()) == 1


def test_who_is_no_longer_invited_is_refused_at_the_next_event(app, sit, board, world):
    expert = sit("oncologist")
    assert expert.act("say", text="还在", item=board.items["A"])["ok"] is True
    withdraw(app, world, "oncologist")
    for told in (
        expert.act("say", text="不在了", item=board.items["A"]),
        expert.send("join"),
        expert.send("signal", kind="pointer", data={"x": 0.1, "y": 0.1, "item": board.items["A"]}),
    ):
        assert (told["ok"], told["error"]["code"]) == (False, "not_found")


def test_the_socket_of_a_lost_seat_is_closed_at_its_own_check(app, sit, world):
    expert = sit("oncologist")
    assert expert.send("beat")["ok"] is True
    withdraw(app, world, "oncologist")
    assert expert.send("beat")["error"]["code"] == "not_found"
    assert expert.socket.is_connected(NAMESPACE) is False


def test_the_sockets_of_lost_seats_are_closed_at_once(app, sit, board, world):
    chair, expert, other = sit("chair"), sit("oncologist"), sit("radiologist")
    withdraw(app, world, "oncologist")
    with app.app_context():
        end_lost_seats([board.conference])
    assert [s.socket.is_connected(NAMESPACE) for s in (chair, expert, other)] == [True, False, True]
    left = [s["data"] for s in chair.heard("signal") if not s["data"]["here"]]
    assert [one["person"]["name"] for one in left] == ["杨肿内"]


def test_withdrawing_an_invitation_closes_the_socket(app, sit, board, world):
    chair, expert = sit("chair"), sit("oncologist")
    with app.app_context():
        mine = db.select(Invitation.id).where(Invitation.user_id == world.users["oncologist"])
        number = db.session.scalars(scope.scoped_children(mine, of="conference")).one()
        desk = world.viewer("coordinator")
        uninvite_person(desk, board.conference, number, now=NOW)
    assert [s.socket.is_connected(NAMESPACE) for s in (chair, expert)] == [True, False]


def test_saying_that_one_does_not_come_closes_the_socket(app, sit, board, world):
    expert = sit("oncologist")
    with app.app_context():
        answer(world.viewer("oncologist"), board.conference, "declined", now=NOW)
    assert expert.socket.is_connected(NAMESPACE) is False


def test_taking_somebody_off_the_roster_closes_the_socket(app, sit, board, world):
    chair, expert = sit("chair"), sit("oncologist")
    with app.app_context():
        mine = db.select(TeamSeat.id).where(TeamSeat.user_id == world.users["oncologist"])
        number = db.session.scalars(mine).one()
        remove_seat(world.viewer("sysadmin"), world.team, number, now=NOW)
    assert [s.socket.is_connected(NAMESPACE) for s in (chair, expert)] == [True, False]


def test_an_expert_off_the_roster_loses_the_seat(app, sit, board, world):
    chair, expert = sit("chair"), sit("radiologist")
    change(app, db.delete(TeamSeat).where(TeamSeat.user_id == world.users["radiologist"]))
    chair.act("say", text="名册已变", item=board.items["A"])
    assert expert.heard() == []
    told = expert.act("say", text="还能说吗", item=board.items["A"])
    assert told["error"]["code"] == "forbidden"


def test_a_closed_window_hides_the_case(app, sit, board, world):
    expert = sit("oncologist")
    signed = Case.id == board.cases["A"]
    change(app, db.update(Case).where(signed).values(signed_at=NOW.replace(year=2025)))
    sit("chair").act("say", text="过期之后", item=board.items["A"])
    assert [e["kind"] for e in expert.heard()] == ["hidden"]
    beat = expert.send("beat")
    assert (beat["ok"], beat["changed"]) == (True, True)


def test_a_blocked_person_hears_nothing_more(app, sit, board, world):
    chair, recorder = sit("chair"), sit("recorder")
    blocked = User.id == world.users["recorder"]
    change(app, db.update(User).where(blocked).values(active=False))
    chair.act("say", text="停用之后", item=board.items["A"])
    assert recorder.heard() == []
    assert recorder.send("beat")["error"]["code"] == "http_401"


def test_a_check_tells_the_newest_number_and_who_is_here(sit, board):
    chair, doctor_b = sit("chair"), sit("clinician2")
    sit("clinician")
    chair.act("say", text="一", item=board.items["A"])
    beat = doctor_b.send("beat")
    assert (beat["seq"], beat["changed"]) == (1, False)
    assert [one["name"] for one in beat["people"]] == ["吴县医", "陈主席"]


def test_each_coming_is_told_once_and_small(sit):
    chair = sit("chair")
    for _ in range(3):
        sit("oncologist")
    sit("clinician")
    sit("clinician2")
    told = [s["data"] for s in chair.heard("signal")]
    assert [(one["person"]["name"], one["here"]) for one in told] == [
        ("杨肿内", True),
        ("林县医", True),
        ("吴县医", True),
    ]


def test_who_leaves_one_of_two_windows_is_still_here(sit):
    chair, one, two = sit("chair"), sit("oncologist"), sit("oncologist")
    chair.drain()
    one.socket.disconnect(NAMESPACE)
    assert chair.heard("signal") == []
    two.socket.disconnect(NAMESPACE)
    assert [s["data"]["here"] for s in chair.heard("signal")] == [False]


def test_counties_do_not_hear_of_each_others_coming(sit):
    doctor_a = sit("clinician")
    doctor_b = sit("clinician2")
    sit("chair")
    assert [s["data"]["person"]["name"] for s in doctor_a.heard("signal")] == ["陈主席"]
    assert [s["data"]["person"]["name"] for s in doctor_b.heard("signal")] == ["陈主席"]


def test_attendance_is_of_those_who_may_see_the_case(app, sit, board, world):
    chair = sit("chair")
    sit("oncologist"), sit("oncologist"), sit("clinician2")
    chair.act("start")
    chair.act("advance", item=board.items["A"])
    sit("radiologist")
    with app.app_context():
        rows = db.session.execute(
            scope.scoped_children(
                db.select(Attendance.user_id, Attendance.role).where(
                    Attendance.item_id == board.items["A"]
                ),
                of="item",
            )
        ).all()
    names = {number: name for name, number in world.users.items()}
    assert sorted((names[user], role) for user, role in rows) == [
        ("chair", "chair"),
        ("oncologist", "expert"),
        ("radiologist", "expert"),
    ]
