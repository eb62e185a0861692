"""What each seat sees of a conference, on every page, as JSON and in the calendar."""

import pytest
from icalendar import Calendar

from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.counting import count_queries
from tests.desk import add_case, list_case, plan

#: What would tell of county A's case.
TRACES = ("MDT2026-000001", "安远示范医院", "肺癌大细胞", "林县医", "/cases/1")


@pytest.fixture
def conference(app, world, desk):
    """County A's case first, then county B's."""
    number = plan(desk, world)
    first = add_case(app, world, number="MDT2026-000001", diagnosis_text="肺癌大细胞")
    second = add_case(app, world, key="B", doctor="clinician2", number="MDT2026-000002")
    for case in (first, second):
        assert list_case(desk, number, case).status_code == 302
    return number


def test_a_presenter_sees_the_own_case_and_nothing_of_the_others(conference, person):
    guest = person("clinician2")
    page = guest.get(f"/conferences/{conference}").text
    assert "MDT2026-000002" in page
    assert "其他单位病例" in page
    assert "15 分钟" in page
    assert page.count("张**") == 1
    pages = [
        page,
        guest.get("/conferences").text,
        guest.get("/conferences.json").text,
        guest.get(f"/conferences/{conference}.ics").text,
        guest.get("/").text,
    ]
    for text in pages:
        body = text.split("<main", 1)[-1]
        assert [trace for trace in TRACES if trace in body] == []
    assert guest.get("/conferences.json").json[0]["cases"] == 1


def test_the_panel_sees_every_case_without_names(conference, person):
    page = person("oncologist").get(f"/conferences/{conference}").text
    assert "MDT2026-000001" in page
    assert "MDT2026-000002" in page
    assert "其他单位病例" not in page
    assert "张**" not in page
    assert "已去标识" in page


def test_who_is_not_asked_finds_nothing(conference, person):
    stranger = person("colleague")
    assert stranger.get(f"/conferences/{conference}").status_code == 404
    assert stranger.get(f"/conferences/{conference}.ics").status_code == 404
    assert stranger.get("/conferences.json").json == []
    assert person("quality").get(f"/conferences/{conference}").status_code == 403


def test_the_list_in_json_for_a_session_and_for_a_token(app, world, desk, conference):
    found = desk.get("/conferences.json").json
    assert [(one["id"], one["state"], one["hospital"], one["cases"]) for one in found] == [
        (conference, "scheduled", "T-JX-T", 2)
    ]
    assert set(found[0]) >= {"number", "starts_at", "team"}
    with app.app_context():
        user = find_user("coordinator")
        cases = create_token(user, ("cases",), days=1, now=utc_now())
        other = create_token(user, ("reports",), days=1, now=utc_now())
    client = app.test_client()
    for token, status in ((cases, 200), (other, 403)):
        answer = client.get("/conferences.json", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_the_calendar_file_has_time_and_place_and_nothing_clinical(app, desk, conference, person):
    answer = person("oncologist").get(f"/conferences/{conference}.ics")
    assert answer.mimetype == "text/calendar"
    event = next(iter(Calendar.from_ical(answer.data).walk("VEVENT")))
    assert f"{event['dtstart'].dt:%H:%M}" == "14:30"
    assert str(event["location"]) == "一号"
    assert int(event["sequence"]) == 0
    assert str(event["status"]) == "CONFIRMED"
    for word in ("肺", "MDT2026", "IIIA", "张", "安远", "全南"):
        assert word not in answer.text
    desk.post(f"/conferences/{conference}/cancel", reason="主席出差")
    cancelled = person("oncologist").get(f"/conferences/{conference}.ics")
    event = next(iter(Calendar.from_ical(cancelled.data).walk("VEVENT")))
    assert (str(event["status"]), int(event["sequence"])) == ("CANCELLED", 1)


def test_list_and_page_ask_no_more_for_more(app, world, desk):
    lists, pages = [], []
    conference = plan(desk, world)
    for number in (1, 2, 3):
        case = add_case(app, world, number=f"MDT2026-00000{number}")
        list_case(desk, conference, case)
        add_case(app, world, number=f"MDT2026-00001{number}")
        with count_queries(app) as counted:
            desk.get(f"/conferences/{conference}")
        pages.append(len(counted))
        with count_queries(app) as counted:
            desk.get("/conferences")
        lists.append(len(counted))
        plan(desk, world)
    assert pages[0] == pages[1] == pages[2]
    assert lists[0] == lists[1] == lists[2]
