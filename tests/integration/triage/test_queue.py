"""The queue: which cases stand in it, what it says of each, and for whom."""

from datetime import timedelta

from mdt.rules.calendar import utc_now
from tests.counting import count_queries
from tests.desk import add_case, item_of, list_case, plan
from tests.world import World


def test_cases_stand_under_their_state_with_what_counts(app, world, person):
    add_case(app, world, state="submitted", number="MDT2026-000001")
    add_case(app, world, state="accepted", number="MDT2026-000002", listing_override={})
    add_case(app, world, state="deferred", number="MDT2026-000003")
    add_case(app, world, state="returned", number="MDT2026-000004")
    add_case(app, world, state="draft", number="MDT2026-000005")
    page = person("coordinator").get("/triage").text
    parts = page.split('<section class="section" id="')
    found = {part.split('"')[0]: part for part in parts[1:]}
    for state, number in (
        ("submitted", "MDT2026-000001"),
        ("accepted", "MDT2026-000002"),
        ("deferred", "MDT2026-000003"),
        ("returned", "MDT2026-000004"),
    ):
        assert number in found[state]
    assert "MDT2026-000005" not in page
    assert "张**" in found["submitted"]
    assert "张三丰" not in page
    assert "III期及以上" in found["submitted"]
    assert "还剩 2 天" in found["submitted"]
    assert "项必备" in found["accepted"]


def test_the_case_that_falls_due_first_stands_first(app, world, person):
    now = utc_now()
    add_case(app, world, state="submitted", number="MDT2026-000001")
    add_case(app, world, state="submitted", number="MDT2026-000002", urgency="critical")
    add_case(
        app,
        world,
        state="submitted",
        number="MDT2026-000003",
        submitted_at=now - timedelta(days=5),
    )
    page = person("coordinator").get("/triage").text
    order = sorted(("MDT2026-000001", "MDT2026-000002", "MDT2026-000003"), key=page.index)
    assert order == ["MDT2026-000003", "MDT2026-000002", "MDT2026-000001"]
    assert "超时 2 天" in page


def test_a_deferral_that_has_ended_is_called_out(app, world, person):
    now = utc_now()
    old, fresh = {"state_since": now - timedelta(days=204)}, {"state_since": now}
    case = add_case(app, world, state="deferred", number="MDT2026-000001", **old)
    add_case(app, world, state="deferred", number="MDT2026-000002", **fresh)
    desk = person("coordinator")
    page = desk.get("/triage").text
    assert "1 例缓议已到期" in page
    assert page.count("缓议到期") == 1
    assert f'href="/triage/{case}"' in desk.get("/").text


def test_a_case_that_was_put_back_shows_that_it_was_listed_before(app, world, person):
    case = add_case(app, world)
    desk = person("coordinator")
    conference = plan(desk, world)
    list_case(desk, conference, case)
    desk.post(f"/conferences/{conference}/items/{item_of(app, conference, case)}/remove")
    assert "第 2 次排期" in desk.get("/triage").text


def test_an_empty_queue_says_what_will_stand_here(world, person):
    assert "县医院提交给您团队的病例会列在这里" in person("coordinator").get("/triage").text


def test_only_the_desk_opens_the_queue(world, person):
    for name, status in (
        ("coordinator", 200),
        ("chair", 200),
        ("clinician", 403),
        ("oncologist", 403),
        ("quality", 403),
    ):
        assert person(name).get("/triage").status_code == status


def test_the_queue_asks_no_more_for_three_cases_than_for_one(app, world: World, person):
    desk = person("coordinator")
    counts = []
    for number in (1, 2, 3):
        add_case(app, world, state="submitted", number=f"MDT2026-00000{number}")
        with count_queries(app) as counted:
            desk.get("/triage")
        counts.append(len(counted))
    assert counts[0] == counts[1] == counts[2]
