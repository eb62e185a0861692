"""Three people meet in the live room, each in a browser of their own."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.live_board import SLICES, LiveBoard, another
from tests.live_server import LiveServer, running_server
from tests.world import PASSWORD, World, build_world

#: Where the room asks what there is to know of a series.
FACTS = re.compile(r"/series/\d+\.json$")
WIDE = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for the tests of this file; each has a conference of its own on it."""
    with running_server(tmp_path_factory.mktemp("room") / "server", migrated_sqlite) as started:
        yield started


@pytest.fixture(scope="module")
def world(server: LiveServer) -> World:
    with server.app.app_context():
        return build_world()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def room(server: LiveServer, world: World, numbers: Iterator[int]) -> LiveBoard:
    return another(server, world, next(numbers), images=True)


@pytest.fixture
def enter(browser: Browser, room: LiveBoard) -> Iterator[Any]:
    """``enter("chair")`` gives that person's page in the room; script errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_room(username: str, **options: Any) -> Page:
        settings = {"viewport": WIDE, "locale": "zh-CN", **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{username}: {error}"))
        page.goto(f"{room.server.url}/sign-in")
        page.fill("input[name=username]", username)
        page.fill("input[type=password]", PASSWORD)
        page.press("input[type=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/sign-in)"))
        # Drawn pictures: test_viewer.py has the room with the images themselves.
        page.goto(f"{room.room_url}?stills=1")
        expect_line(page)
        return page

    yield open_room
    for context in contexts:
        context.close()
    assert errors == []


def expect_line(page: Page) -> None:
    """The line is up: its mark says how good."""
    expect(page.locator("[data-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor"), timeout=30_000
    )


def say(page: Page, text: str) -> None:
    page.fill("#say-text", text)
    page.press("#say-text", "Enter")


def start_with_case_a(chair: Page) -> None:
    chair.locator(".stage-gate [data-start]").click()
    chair.locator(".agenda-row").nth(0).get_by_role("button").click()
    expect(chair.locator("[data-case]")).to_contain_text("安远示范医院")


def picture_at(page: Page, number: int) -> None:
    """The stage shows this picture, whole."""
    words = re.compile(rf"第 {number} / {SLICES} 幅")
    expect(page.locator("[data-series-position]")).to_have_text(words, timeout=15_000)
    page.wait_for_function(
        "() => { const i = document.querySelector('[data-series-image]');"
        " return i.complete && i.naturalWidth > 0; }"
    )


def test_a_meeting(enter: Any) -> None:
    chair, doctor_a, doctor_b = enter("chair"), enter("clinician"), enter("clinician2")
    expect(doctor_a.locator("[data-gate-text]")).to_contain_text("主席开始后自动进入")
    expect(chair.locator("[data-gate-people]")).to_contain_text("已到 3 人")
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    doctor_a.route(FACTS, hold)
    start_with_case_a(chair)

    # What is on its way is not opened again: its second coming would undo what was paged meanwhile.
    doctor_a.locator("[data-series-list]").select_option(index=0)
    picture_at(chair, 1)
    (only,) = asked
    only.continue_()
    doctor_a.unroute(FACTS)

    # Discussion: from one to the other, and what belongs to county A stays with county A.
    say(doctor_a, "右上肺结节两个月")
    expect(chair.locator(".message-text")).to_have_text(["右上肺结节两个月"])
    head = chair.locator(".message-head")
    expect(head).to_contain_text("林县医")
    expect(head).to_contain_text("安远示范医院（虚构） · 普通外科")

    # Paging: the presenter leads, the chair follows; with an own step the chair looks freely.
    picture_at(doctor_a, 1)
    picture_at(chair, 1)
    doctor_a.locator("[data-series-stage]").focus()
    for _ in range(4):
        doctor_a.keyboard.press("ArrowDown")
    picture_at(chair, 5)
    doctor_a.get_by_role("button", name="肺窗").click()
    expect(chair.get_by_role("button", name="肺窗")).to_have_attribute("aria-pressed", "true")
    chair.locator("[data-series-stage]").focus()
    chair.keyboard.press("End")
    picture_at(chair, SLICES)
    expect(chair.locator("[data-follow]")).to_have_text("回到跟随")
    doctor_a.keyboard.press("ArrowDown")
    picture_at(doctor_a, 6)
    picture_at(chair, SLICES)
    chair.locator("[data-follow]").click()
    picture_at(chair, 6)

    # A key image is chosen as it stands, and takes everybody back to it.
    doctor_a.keyboard.press("j")
    chair.keyboard.press("4")
    thumbnails = chair.locator("[data-pictured] li")
    expect(thumbnails).to_have_count(1)
    doctor_a.locator("[data-series-stage]").focus()
    doctor_a.keyboard.press("Home")
    picture_at(chair, 1)
    doctor_a.locator("#tab-case").click()
    doctor_a.locator("[data-pictured] button").click()
    picture_at(doctor_a, 6)
    picture_at(chair, 6)
    expect(chair.get_by_role("button", name="肺窗")).to_have_attribute("aria-pressed", "true")

    # The opinion is seen while it is typed, by name, before anything is stored.
    chair.keyboard.press("2")
    doctor_a.locator("#tab-plan").click()
    chair.locator("#plan-answer").press_sequentially("建议先行EBUS", delay=20)
    expect(doctor_a.locator("#plan-answer")).to_have_value("建议先行EBUS")
    expect(chair.locator("[data-plan-state]")).to_contain_text("已保存")
    expect(doctor_a.locator("#plan-answer")).to_have_value("建议先行EBUS")
    expect(doctor_a.locator("#plan-answer")).not_to_be_editable()

    # County B: nothing of all that.
    expect(doctor_b.locator(".message-text")).to_have_count(0)
    expect(doctor_b.locator("[data-gate-title]")).to_contain_text("没有您参加的病例在讨论")
    expect(doctor_b.locator(".agenda-row").nth(0)).to_have_text("其他单位病例20 分钟")
    text = doctor_b.locator("body").inner_text()
    assert not re.search("安远|EBUS|结节|林县医", text)

    # A reload keeps everything, in the chair's seat as in the doctor's.
    for page in (chair, doctor_a):
        page.reload()
        expect_line(page)
        expect(page.locator(".message-text")).to_have_text(["右上肺结节两个月"])
        picture_at(page, 6)
        page.locator("#tab-plan").click()
        expect(page.locator("#plan-answer")).to_have_value("建议先行EBUS")

    # On to the next case: county A is out, county B is in.
    chair.locator("[data-item] button", has_text="结束本例").click()
    chair.get_by_role("dialog").get_by_role("button", name="结束本例").click()
    expect(doctor_b.locator("[data-case]")).to_contain_text("全南示范医院")
    expect(doctor_a.locator("[data-gate-title]")).to_contain_text("没有您参加的病例在讨论")

    # The end.
    chair.locator("[data-close]").click()
    chair.get_by_role("dialog").get_by_role("button", name="结束会议").click()
    for page in (chair, doctor_a, doctor_b):
        expect(page.locator("[data-gate-title]")).to_have_text("会议已结束")
        expect(page.locator("[data-say]")).to_be_hidden()


def test_who_votes_as_the_case_is_left_goes_on_to_the_next(enter: Any, room: LiveBoard) -> None:
    chair, expert = enter("chair"), enter("radiologist")
    start_with_case_a(chair)
    picture_at(expert, 1)
    # The patient's sides stand at the edges, and the keys page without a click on the picture.
    expect(expert.locator("[data-series-marks] span")).to_have_text(["A", "L", "P", "R"])
    expect(expert.locator("[data-series-stage]")).to_be_focused()
    expert.locator("#tab-plan").click()
    expert.get_by_role("button", name="赞成").click()
    expect(expert.get_by_role("button", name="赞成 1")).to_have_attribute("aria-pressed", "true")
    expect(expert.get_by_role("button", name="赞成 1")).to_be_focused()

    # Who has gone counts for the case and is not here; the chair is told what is lacking.
    expect(chair.locator("[data-quorum-case]")).to_have_text("本例到过 2 个学科，未达到要求")
    other = enter("oncologist")
    expect(chair.locator("[data-quorum-case]")).to_have_text("本例到过 3 个学科，未达到要求")
    other.close()
    expect(chair.locator("[data-quorum-now]")).to_have_text("现在在场 2 个学科")
    expect(chair.locator("[data-quorum-case]")).to_have_text("本例到过 3 个学科，未达到要求")
    chair.locator("[data-item] button", has_text="结束本例").click()
    expect(chair.locator("[data-leave-quorum]")).to_contain_text("未到会的核心学科：放疗科、病理科")
    chair.get_by_role("dialog").get_by_role("button", name="结束本例").click()

    # Case B has no pictures: nothing to choose from.
    for page in (chair, expert):
        expect(page.locator("[data-case]")).to_contain_text("全南示范医院")
        expect(page.locator("[data-stage-none]")).to_contain_text("没有可翻看的影像")
        expect(page.locator("[data-series-list]")).to_be_hidden()
    chair.locator("[data-close]").click()
    chair.get_by_role("dialog").get_by_role("button", name="结束会议").click()
    for page in (chair, expert):
        expect(page.locator("[data-gate-next] a")).to_have_attribute(
            "href", f"/cases/{room.board.cases['A']}/plan"
        )


def test_a_doctor_waiting_knows_what_is_on_and_where_the_own_words_go(enter: Any) -> None:
    chair, doctor = enter("chair"), enter("clinician2")
    start_with_case_a(chair)
    expect(doctor.locator("[data-case]")).to_have_text("其他单位病例讨论中", timeout=20_000)
    expect(doctor.locator("#say-text")).to_have_attribute("placeholder", re.compile("病例 2"))
    say(doctor, "请稍后看病理")
    expect(chair.locator(".message-about")).to_have_text(re.compile(r"病例 2 张\*\* 90\d002"))
    expect(doctor.locator(".message-about")).to_be_hidden()
    chair.locator("[data-item] button", has_text="结束本例").click()
    chair.get_by_role("dialog").get_by_role("button", name="结束本例").click()
    expect(chair.locator("[data-case]")).to_contain_text("全南示范医院")
    expect(chair.locator(".message-about")).to_be_hidden()


def test_a_broken_line_loses_nothing(enter: Any, room: LiveBoard) -> None:
    chair, doctor = enter("chair"), enter("clinician")
    start_with_case_a(chair)
    expect(doctor.locator("[data-case]")).to_contain_text("安远示范医院")

    doctor.context.set_offline(True)
    expect(doctor.locator("[data-alert]")).to_contain_text("不会丢失", timeout=30_000)
    say(doctor, "断线时写的")
    say(chair, "断线时说的")
    expect(doctor.locator(".message.is-unsent")).to_contain_text("未送达")
    expect(chair.locator(".message-text")).to_have_text(["断线时说的"])

    doctor.context.set_offline(False)
    expect_line(doctor)
    for page in (doctor, chair):
        expect(page.locator("[data-messages] .message-text")).to_have_text(
            ["断线时说的", "断线时写的"], timeout=30_000
        )
    expect(doctor.locator(".message.is-unsent")).to_have_count(0)
    expect(doctor.locator("[data-alert]")).to_be_hidden()

    # The server dies; what is written meanwhile survives even a reload of nothing but this tab.
    room.server.kill()
    expect(doctor.locator("[data-line]")).to_have_attribute("data-line", "down", timeout=30_000)
    say(doctor, "停机时写的")
    room.server.start()
    doctor.reload()
    expect_line(doctor)
    expect(chair.locator("[data-messages] .message-text")).to_have_text(
        ["断线时说的", "断线时写的", "停机时写的"], timeout=30_000
    )


def test_signing_out_elsewhere_ends_the_room(enter: Any, room: LiveBoard) -> None:
    doctor = enter("clinician")
    other = doctor.context.new_page()
    other.goto(f"{room.server.url}/")
    other.locator(".person-menu summary").click()
    other.get_by_role("button", name="退出登录").click()
    expect(doctor.get_by_role("dialog")).to_contain_text("登录已结束", timeout=15_000)
    doctor.get_by_role("link", name="重新登录").click()
    doctor.wait_for_url(re.compile("/sign-in"))


def test_where_no_socket_gets_through_the_room_is_read_by_requests(
    enter: Any, room: LiveBoard
) -> None:
    chair, doctor = enter("chair"), enter("clinician")
    start_with_case_a(chair)
    doctor.context.route("**/socket.io/**", lambda route: route.abort())
    doctor.add_init_script("window.WebSocket = class { constructor() { throw new Error('no'); } };")
    doctor.reload()
    expect(doctor.locator("[data-line]")).to_have_attribute("data-line", "polling", timeout=30_000)
    expect(doctor.locator("[data-alert]")).to_contain_text("低速模式")
    say(chair, "照样看得到")
    expect(doctor.locator(".message-text")).to_have_text(["照样看得到"], timeout=15_000)


def test_phone_pages_and_no_scroll_bar(enter: Any) -> None:
    chair = enter("chair")
    start_with_case_a(chair)
    picture_at(chair, 1)
    stage = chair.locator(".room-stage").bounding_box()
    assert stage is not None
    assert stage["width"] / WIDE["width"] >= 0.55
    phone = enter("clinician", viewport={"width": 390, "height": 844})
    for name in ("stage", "discussion", "plan", "people", "case", "agenda"):
        phone.locator(f"#tab-{name}").click()
        expect(phone.locator(f"#tab-{name}")).to_have_attribute("aria-selected", "true")
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
    expect(phone.locator(".room-agenda")).to_be_visible()
    expect(phone.locator(".room-stage")).to_be_hidden()
