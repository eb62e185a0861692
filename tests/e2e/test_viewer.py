"""The images themselves in the browser: tools, one state for all panes, the room in step."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.live_board import SLICES, LiveBoard, another
from tests.live_server import LiveServer
from tests.world import PASSWORD, World

WIDE = {"width": 1366, "height": 768}
#: Where the picture is: middle, normal, up and scale in millimetres, read off the first pane.
STATE = "() => JSON.stringify(document.querySelector('[data-lightbox]').lightbox.capture())"


@pytest.fixture
def board(live_server: LiveServer, world: World) -> LiveBoard:
    return another(live_server, world, 1, images=True)


@pytest.fixture
def enter(browser: Browser, board: LiveBoard) -> Iterator[Any]:
    """``enter("chair", "/cases/1/viewer")``: that page; errors of scripts fail the test."""
    contexts, errors = [], []

    def open_page(username: str, path: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, "locale": "zh-CN", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{username}: {error}"))
        page.on("console", lambda m: errors.append(m.text) if "Content Security" in m.text else 0)
        page.goto(f"{board.server.url}/sign-in")
        page.fill("input[name=username]", username)
        page.fill("input[type=password]", PASSWORD)
        page.press("input[type=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/sign-in)"))
        page.goto(board.server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def shown(page: Page, number: int, of: int = SLICES) -> None:
    """The real picture is there, and this one."""
    expect(page.locator(".pane canvas").first).to_be_visible(timeout=30_000)
    words = re.compile(rf"第 {number} / {of} 幅")
    expect(page.locator("[data-series-position]").first).to_have_text(words, timeout=30_000)


def state_of(page: Page) -> dict[str, Any]:
    text: str = page.evaluate(STATE)
    found: dict[str, Any] = json.loads(text)
    return found


def test_one_state_for_all(enter: Any, board: LiveBoard) -> None:
    """Another size, and drawn by the processor: the same middle, side, window; each tool by key."""
    viewer = f"/cases/{board.board.cases['A']}/viewer"
    wide = enter("clinician", viewer)
    tall = enter("clinician", viewer, viewport={"width": 800, "height": 900})
    plain = enter("clinician", f"{viewer}?cpu=1", viewport={"width": 900, "height": 600})
    for page in (wide, tall, plain):
        shown(page, 1)
    expect(wide.locator("[data-series-marks] span")).to_have_text(["A", "L", "P", "R"])

    def in_step(leader: Page) -> dict[str, Any]:
        state = state_of(leader)
        for page in {wide, tall, plain} - {leader}:
            page.evaluate("s => document.querySelector('[data-lightbox]').lightbox.apply(s)", state)
            other = state_of(page)
            near = zip(other.pop("camera"), state["camera"], strict=True)
            assert all(abs(a - b) < 0.01 for a, b in near)
            assert other == {name: state[name] for name in state if name != "camera"}
        return state

    begin = in_step(wide)
    wide.locator(".pane").focus()
    keys = ("ArrowDown", "ArrowDown", "=", "Shift+ArrowRight", ".", "x", "i", "Control+ArrowUp")
    for key in keys:
        wide.keyboard.press(key)
    shown(wide, 3)
    expect(wide.locator("[data-series-marks] span")).to_have_text(["R", "P", "L", "A"])
    moved = in_step(wide)
    assert (moved["index"], moved["invert"], moved["center"]) != (0, None, None)
    for page in (tall, plain):
        expect(page.locator("[data-series-marks] span")).to_have_text(["R", "P", "L", "A"])
        shown(page, 3)

    # By mouse: window, moving, zooming, paging; from the processor's picture to the card's.
    box = plain.locator(".pane").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for button in ("left", "middle", "right"):
        before = state_of(plain)
        plain.mouse.move(x, y)
        plain.mouse.down(button=button)
        plain.mouse.move(x + 40, y + 30, steps=4)
        plain.mouse.up(button=button)
        assert in_step(plain) != before
    plain.mouse.wheel(0, 100)
    shown(plain, 4)
    assert in_step(plain)["index"] == 3
    plain.get_by_role("button", name="肺窗").click()
    shown_window = in_step(plain)
    assert (shown_window["center"], shown_window["width"]) == (-600, 1500)
    plain.keyboard.press("0")
    plain.keyboard.press("Home")
    shown(plain, 1)
    near = zip(in_step(plain)["camera"][:9], begin["camera"][:9], strict=True)
    assert all(abs(a - b) < 0.01 for a, b in near)


def test_keys_go_on_while_the_viewer_is_loaded(enter: Any, board: LiveBoard) -> None:
    """Pictures drawn by the server stand in on a slow line; the place and the keys stay."""
    page = enter("clinician", "/")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/assets/radiology-*.js", hold)
    page.goto(f"{board.server.url}/cases/{board.board.cases['A']}/viewer")
    place = page.locator("[data-series-position]")
    expect(place).to_have_text(re.compile(rf"第 1 / {SLICES} 幅"))
    page.locator("[data-pane]").focus()
    page.keyboard.press("ArrowDown")
    expect(place).to_have_text(re.compile(rf"第 2 / {SLICES} 幅"))
    page.locator("[data-series-stage]").focus()
    page.keyboard.press("ArrowDown")
    expect(place).to_have_text(re.compile(rf"第 3 / {SLICES} 幅"))
    expect(page.locator(".pane canvas")).to_have_count(0)
    for one in waiting:
        one.continue_()
    shown(page, 3)
    page.keyboard.press("ArrowDown")
    shown(page, 4)


def test_the_room_sees_what_the_presenter_sees(enter: Any, board: LiveBoard) -> None:
    room = f"/conferences/{board.board.conference}/live"
    chair = enter("chair", room)
    doctor = enter("clinician", room, viewport={"width": 1100, "height": 900})
    chair.locator(".stage-gate [data-start]").click()
    chair.locator(".agenda-row").nth(0).get_by_role("button").click()
    shown(doctor, 1)
    shown(chair, 1)

    def same(page: Page, leader: Page) -> None:
        """Where the leader is, within a hundredth of a millimetre."""
        wanted = state_of(leader)
        page.wait_for_function(
            "w => { const now = document.querySelector('[data-lightbox]').lightbox.capture();"
            " return now && now.camera && now.index === w.index && now.center === w.center"
            " && Boolean(now.invert) === Boolean(w.invert)"
            " && now.camera.every((one, at) => Math.abs(one - w.camera[at]) < 0.01); }",
            arg=wanted, timeout=15_000,
        )  # fmt: skip

    doctor.locator(".pane").focus()
    for key in ("ArrowDown", "ArrowDown", "=", "Shift+ArrowUp", "x", "i"):
        doctor.keyboard.press(key)
    doctor.get_by_role("button", name="骨窗").click()
    shown(chair, 3)
    same(chair, doctor)

    # A free look, and back to where the presenter is by then.
    chair.locator(".pane").focus()
    chair.keyboard.press("End")
    shown(chair, SLICES)
    expect(chair.locator("[data-follow]")).to_have_text("回到跟随")
    doctor.locator(".pane").focus()
    doctor.keyboard.press("ArrowDown")
    shown(doctor, 4)
    shown(chair, SLICES)
    chair.locator("[data-follow]").click()
    shown(chair, 4)
    same(chair, doctor)

    # Two panes; who comes late sees both, and the pointer by name; who has stills sees the slice.
    doctor.keyboard.press("d")
    doctor.locator(".pane").nth(1).click()
    doctor.locator("[data-series-list]").dispatch_event("change")
    expect(doctor.locator(".pane").nth(1).locator("[data-series-position]")).to_contain_text("第 1")
    late = enter("radiologist", f"{room}?stills=1")
    for page in (chair, late):
        expect(page.locator(".pane")).to_have_count(2, timeout=15_000)
        places = page.locator("[data-series-position]")
        expect(places.nth(0)).to_contain_text("第 4", timeout=15_000)
        expect(places.nth(1)).to_contain_text("第 1", timeout=15_000)
    box = doctor.locator(".pane").nth(0).bounding_box()
    assert box is not None
    doctor.wait_for_function("() => performance.now() > 0")
    for step in range(8):
        doctor.mouse.move(box["x"] + box["width"] / 2 + step, box["y"] + box["height"] / 2)
    for page in (chair, late):
        expect(page.locator(".pane").nth(0).locator(".pointer")).to_have_text("林县医")


def test_marks_are_the_servers(enter: Any, board: LiveBoard) -> None:
    """Drawn by mouse and by keyboard, measured by the server, seen by others, struck out."""
    case = board.board.cases["A"]
    doctor = enter("clinician", f"/cases/{case}/viewer")
    shown(doctor, 1)
    room = f"/conferences/{board.board.conference}/live"
    chair, expert = enter("chair", room), enter("radiologist", room)
    chair.locator(".stage-gate [data-start]").click()
    chair.locator(".agenda-row").nth(0).get_by_role("button").click()
    shown(expert, 1)
    labels, rows = doctor.locator(".pane svg text"), doctor.locator("[data-marks-list] > li")

    def drag(right: int, down: int, *, by: int) -> None:
        box = doctor.locator(".pane").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down
        doctor.mouse.move(x, y)
        doctor.mouse.down()
        doctor.mouse.move(x + by, y + by, steps=3)
        doctor.mouse.up()

    def kept() -> list[dict[str, Any]]:
        found: dict[str, Any] = doctor.request.get(
            f"{board.server.url}/cases/{case}/marks.json"
        ).json()
        return sorted(found["marks"], key=lambda mark: int(mark["id"]))

    doctor.keyboard.press("l")
    drag(-150, -150, by=60)
    expect(rows).to_have_count(1)
    (first,) = kept()
    assert first["value"]["length_mm"] == pytest.approx(math.dist(*first["points"]), abs=0.001)
    words = f"{round(first['value']['length_mm'], 1):g} mm"
    expect(labels).to_have_text([words])
    # In the room, too, without asking.
    expect(expert.locator(".pane svg text")).to_have_text([words], timeout=15_000)

    # By keyboard: two corners of a rectangle.
    doctor.keyboard.press("r")
    doctor.locator(".pane").focus()
    for key in ("Enter", "Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        doctor.keyboard.press(key)
    expect(rows).to_have_count(2)
    assert set(kept()[1]["value"]) >= {"area_mm2", "mean", "deviation", "unit"}
    doctor.keyboard.press("t")
    drag(120, -150, by=-40)
    doctor.keyboard.type("结节")
    doctor.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(labels).to_contain_text(["结节"])

    # Moved: another mark, the old one struck out; of an end that is on the screen's diagonal.
    doctor.keyboard.press("w")
    drag(-90, -90, by=30)
    expect(doctor.locator("[data-marks-struck] li")).to_have_count(1)
    expect(rows).to_have_count(3)
    moved = kept()
    assert [bool(mark["struck"]) for mark in moved] == [True, False, False, False]
    assert moved[3]["value"]["length_mm"] > first["value"]["length_mm"]
    # As somebody finds it who opens the page anew.
    doctor.reload()
    shown(doctor, 1)
    expect(rows).to_have_count(3)
    rows.filter(has_text="结节").get_by_role("button", name="划除").click()
    expect(doctor.get_by_role("dialog")).to_be_visible()
    doctor.keyboard.type("画错")
    doctor.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(doctor.locator("[data-marks-struck]")).to_contain_text("画错")
    expect(expert.locator(".pane svg text")).not_to_contain_text(["结节"], timeout=15_000)
