"""Pictures fetched ahead of a conference: what there is, how far each seat is, what is kept."""

import re
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.conferences import Conference
from mdt.models.people import SignInSession
from mdt.models.preparations import Preparation
from mdt.queries.preparations import get_to_prepare
from mdt.rules.calendar import utc_now
from mdt.services.preparations import note_prepared
from tests.attachment_kit import ct, send, set_state, ultrasound
from tests.board import build_board
from tests.counting import count_queries
from tests.desk import all_rows
from tests.world import build_world

AHEAD = {"X-Preparation": "1"}


@pytest.fixture
def case(app, board, person):
    """County A's case with three slices that all see and two pictures that wait for release."""
    number = board.cases["A"]
    set_state(app, number, "draft")
    send(person("clinician"), number, *ct(3), *ultrasound(2))
    set_state(app, number, "scheduled")
    return number


@pytest.fixture
def base(board):
    return f"/conferences/{board.conference}/preparation"


def wanted(browser, base, case):
    return next(one for one in browser.get(f"{base}.json").json if one["case"] == case)


def note(browser, base, case, count, **changes):
    pictures = wanted(browser, base, case)["pictures"]
    body = {"case": case, "pictures": pictures, "ready": count, **changes}
    return browser.post_json(base, body)


def looks(app):
    with app.app_context():
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action.like("series:%")))
        return [(row.actor_name, row.action) for row in rows]


def set_start(app, board, when):
    with app.app_context():
        db.session.execute(
            db.update(Conference).where(Conference.id == board.conference).values(starts_at=when)
        )
        db.session.commit()


def seats(browser, board, case):
    page = browser.get(f"/conferences/{board.conference}").text
    part = page.split(f'data-seats-prepared="{case}"')[1].split("</details>")[0]
    lines = re.findall(r"</span>([^<]+)</span> <span class=\"quiet num\">([^<]+)</span>", part)
    return {name: words.split(" · ")[0] for name, words in lines}


def test_each_seat_is_told_of_the_pictures_that_it_sees(board, case, base, person):
    found = person("radiologist").get(f"{base}.json").json
    assert [(one["number"], one["total"], one["ready"]) for one in found] == [
        ("MDT2026-900001", 3, 0),
        ("MDT2026-900002", 0, 0),
    ]
    # Its own doctor sees what waits for release, and only the own county's case.
    (own,) = person("clinician").get(f"{base}.json").json
    assert (own["case"], own["total"]) == (case, 5)


def test_the_addresses_are_those_of_viewer_and_room(board, case, base, person):
    radiologist = person("radiologist")
    (series,) = wanted(radiologist, base, case)["series"]
    frames = radiologist.get(f"/cases/{case}/series/{series['id']}.json").json["frames"]
    address = series["address"]
    assert [address.replace("{n}", str(n)) for n in range(1, series["count"] + 1)] == frames


def test_fetching_ahead_is_written_down_as_that_and_opens_nothing(app, board, case, base, person):
    radiologist = person("radiologist")
    (series,) = wanted(radiologist, base, case)["series"]
    for number in "123":
        url = series["address"].replace("{n}", number)
        assert radiologist.get(url, headers=AHEAD).status_code == 200
    assert looks(app) == [("radiologist", "series:prepare")]
    assert f'data-reading="{case}" data-opened="not"' in radiologist.get("/reading").text
    # Paging through it later comes out of the browser; opening the series does not.
    radiologist.get(f"/cases/{case}/series/{series['id']}.json")
    assert looks(app)[1:] == [("radiologist", "series:view")]


def test_what_nobody_asked_for_keeps_no_session_alive(app, case, base, person):
    radiologist = person("radiologist")
    (series,) = wanted(radiologist, base, case)["series"]
    long_ago = utc_now() - timedelta(minutes=20)
    with app.app_context():
        db.session.execute(db.update(SignInSession).values(last_seen_at=long_ago))
        db.session.commit()
    for headers, touched in ((AHEAD, False), ({}, True)):
        url = series["address"].replace("{n}", "1")
        assert radiologist.get(url, headers=headers).status_code == 200
        with app.app_context():
            seen = [row.last_seen_at for row in db.session.scalars(db.select(SignInSession))]
        assert (max(seen) > long_ago) is touched


def test_a_picture_under_an_own_address_outlives_a_change_of_the_session(case, base, person):
    radiologist = person("radiologist")
    (series,) = wanted(radiologist, base, case)["series"]
    url = series["address"].replace("{n}", "1")
    kept = radiologist.get(url)
    assert kept.headers["Cache-Control"] == "private, max-age=129600, immutable"
    assert "Vary" not in kept.headers
    # Another person's pages never ask for that address, and are told to keep nothing by it.
    other = person("pathologist").get(url)
    assert other.headers["Vary"] == "Cookie"
    assert "max-age=43200" in other.headers["Cache-Control"]
    assert wanted(person("pathologist"), base, case)["series"][0]["address"] != series["address"]


def test_signing_out_empties_the_browser(person):
    answer = person("radiologist").post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_desk_and_chair_see_how_far_each_seat_is(app, board, case, base, person):
    assert note(person("radiologist"), base, case, 3).json == {"ok": True}
    assert note(person("pathologist"), base, case, 1).status_code == 200
    assert note(person("clinician"), base, case, 5).status_code == 200
    for name in ("coordinator", "chair"):
        found = seats(person(name), board, case)
        assert found["孙影像"] == "已就绪 3/3"
        assert found["马病理"] == "已就绪 1/3"
        assert found["林县医"] == "已就绪 5/5"
        assert found["杨肿内"] == "未准备"
        # Of the other county, invited to another case.
        assert "吴县医" not in found
    page = person("coordinator").get(f"/conferences/{board.conference}").text
    assert "各席位影像已就绪 2/7" in page
    for name in ("radiologist", "clinician"):
        page = person(name).get(f"/conferences/{board.conference}").text
        assert "data-seats-prepared" not in page


def test_what_was_ready_is_not_once_there_are_other_pictures(app, board, case, base, person):
    radiologist = person("radiologist")
    note(radiologist, base, case, 3)
    assert wanted(radiologist, base, case)["ready"] == 3
    before = wanted(radiologist, base, case)["pictures"]
    set_state(app, case, "draft")
    send(person("clinician"), case, *ct(4, series=2))
    set_state(app, case, "scheduled")
    assert (
        wanted(radiologist, base, case)["ready"],
        seats(person("chair"), board, case)["孙影像"],
    ) == (
        0,
        "影像有更新，需重新准备",
    )
    stale = note(radiologist, base, case, 3, pictures=before)
    assert (stale.status_code, stale.json["error"]["code"]) == (409, "pictures_changed")


def test_a_seat_says_it_again(app, case, base, person):
    radiologist = person("radiologist")
    for ready in (1, 3, 2):
        assert note(radiologist, base, case, ready).status_code == 200
    with app.app_context():
        assert [row.ready for row in db.session.scalars(all_rows(Preparation))] == [2]


def test_a_seat_says_it_again_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        board = build_board(world)
        reader, case = world.viewer("radiologist"), board.cases["A"]
        pictures = get_to_prepare(reader, board.conference, case).pictures
        for minutes in (0, 1):
            now = utc_now() + timedelta(minutes=minutes)
            note_prepared(reader, board.conference, case, pictures, 0, now=now)
        assert [row.at for row in db.session.scalars(all_rows(Preparation))] == [now]


def test_strangers_learn_nothing(board, case, base, person):
    other = board.cases["B"]
    stranger = person("clinician2")
    assert [one["case"] for one in stranger.get(f"{base}.json").json] == [other]
    body = {"case": case, "pictures": "x", "ready": 0}
    assert stranger.post_json(base, body).status_code == 404
    assert person("quality").get(f"{base}.json").status_code == 403
    assert person("quality").post_json(base, body).status_code == 403
    assert person("colleague").get(f"{base}.json").status_code == 404


def test_who_declined_fetches_nothing(board, case, base, person):
    radiologist = person("radiologist")
    radiologist.post(f"/conferences/{board.conference}/answer", answer="declined")
    assert radiologist.get(f"{base}.json").json == []
    assert "data-preparation" not in radiologist.get(f"/conferences/{board.conference}").text


@pytest.mark.parametrize(
    "changes", [{"ready": 4}, {"ready": -1}, {"ready": "3"}, {"ready": True}, {"pictures": 3}]
)
def test_what_cannot_be_is_refused(case, base, person, changes):
    assert note(person("radiologist"), base, case, 3, **changes).status_code == 422


@pytest.mark.parametrize(("hours", "begins"), [(23, True), (25, False)])
def test_a_page_begins_by_itself_within_a_day(app, board, case, person, hours, begins):
    set_start(app, board, utc_now() + timedelta(hours=hours))
    radiologist = person("radiologist")
    page = radiologist.get(f"/conferences/{board.conference}").text
    assert "data-preparation=" in page
    assert ("data-preparation-auto" in page) is begins
    # The worklist offers it then, and leaves it to the person.
    worklist = radiologist.get("/").text
    assert ("data-preparation=" in worklist) is begins
    assert "data-preparation-auto" not in worklist


def test_as_many_queries_for_many_cases_as_for_one(app, board, case, base, person):
    chair = person("chair")
    urls = (f"/conferences/{board.conference}", f"{base}.json")
    for url in urls:
        chair.get(url)
    counts = []
    for other in (False, True):
        if other:
            set_state(app, board.cases["B"], "draft")
            send(person("clinician2"), board.cases["B"], *ct(2, series=9))
            set_state(app, board.cases["B"], "scheduled")
        with count_queries(app) as sent:
            for url in urls:
                assert chair.get(url).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]
