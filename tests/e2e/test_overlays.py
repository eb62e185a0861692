"""What derived objects draw lies on its pixels, whatever draws the picture, and moves with it."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mdt.rules.calendar import utc_now
from mdt.services.attachments import add_files
from mdt.services.file_intake import SentFile
from tests.live_board import LiveBoard, another
from tests.live_server import LiveServer
from tests.overlay_kit import dose, presentation_state, segmentation, slices
from tests.world import PASSWORD, World

SLICES = 10
#: How far, in pixels of the screen, the middle of the outline lies beside the middle of its pixels.
OFF = """() => {
  const { pane } = document.querySelector('[data-lightbox]').lightbox.current;
  const box = document.querySelector('.overlay-layer path').getBoundingClientRect();
  const around = pane.element.getBoundingClientRect();
  const wanted = pane.placeOf({ x: 6 / 16, y: 7 / 16 });
  const off = [box.x + box.width / 2 - around.x - wanted.x,
    box.y + box.height / 2 - around.y - wanted.y];
  return Math.hypot(...off);
}"""


@pytest.fixture
def board(live_server: LiveServer, world: World) -> LiveBoard:
    made = another(live_server, world, 1)
    now = utc_now()
    files = [
        *slices(SLICES),
        ("s.dcm", segmentation()),
        ("p.dcm", presentation_state()),
        ("d.dcm", dose()),
    ]
    with live_server.app.app_context():
        sent = [SentFile(name, io.BytesIO(data)) for name, data in files]
        results = add_files(
            world.viewer("clinician", now=now), made.board.cases["A"], sent, now=now
        )
    assert "taken" in {one.code for one in results}
    return made


@pytest.fixture
def page(browser: Browser, board: LiveBoard) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if "Content Security" in m.text else None)
    page.goto(f"{board.server.url}/sign-in")
    page.fill("input[name=username]", "clinician")
    page.fill("input[type=password]", PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/sign-in)"))
    yield page
    context.close()
    assert errors == []


@pytest.mark.parametrize("how", ["", "&cpu=1"])
def test_an_overlay_is_switched_on_and_moves_with_the_picture(
    page: Page, board: LiveBoard, how: str
) -> None:
    page.goto(f"{board.server.url}/cases/{board.board.cases['A']}/viewer?series=1{how}")
    position = page.locator("[data-series-position]").first
    expect(page.locator(".pane canvas").first).to_be_visible(timeout=30_000)
    expect(position).to_have_text(re.compile("第 1 / 10 幅"), timeout=30_000)
    page.keyboard.press("q")
    menu = page.locator("[data-overlay-list]")
    expect(menu.locator("label")).to_have_text(["Liver", "轮廓 2", "PR"])
    expect(menu).to_contain_text("放疗剂量分布不在图像上显示")
    paths = page.locator(".overlay-layer path")
    menu.get_by_label("Liver").check()
    expect(paths).to_have_count(1)
    page.keyboard.press("Escape")
    assert page.evaluate(OFF) < 1
    page.locator(".pane").focus()
    for key in ("=", "=", "Shift+ArrowRight", ".", "x"):
        page.keyboard.press(key)
    page.wait_for_function(f"() => ({OFF})() < 1")
    page.keyboard.press("ArrowDown")
    expect(position).to_have_text(re.compile("第 2 / 10 幅"))
    expect(paths).to_have_count(0)
    page.keyboard.press("Home")
    expect(paths).to_have_count(1)

    # A presentation state also has a window; what is written in it has lost its name.
    page.keyboard.press("q")
    menu.get_by_label("PR").check()
    expect(page.locator(".overlay-layer text")).to_have_text(["Liver"])
    state: dict[str, Any] = page.evaluate(
        "() => document.querySelector('[data-lightbox]').lightbox.capture()"
    )
    assert (state["center"], state["width"]) == (40, 400)


def test_a_series_is_cut_in_three_directions(page: Page, board: LiveBoard) -> None:
    viewer = f"{board.server.url}/cases/{board.board.cases['A']}/viewer?series=1"
    page.goto(viewer)
    position = page.locator("[data-series-position]").first
    letters = page.locator("[data-series-marks] span")
    window = page.locator(".pane-text.is-window")
    expect(position).to_have_text(re.compile("第 1 / 10 幅"), timeout=30_000)
    page.get_by_role("button", name="骨窗").click()
    expect(window).to_contain_text("窗宽")
    (chosen,) = re.findall(r"窗宽 \S+ 窗位 \S+", window.inner_text())
    for name, edges in (
        ("轴位", ["A", "L", "P", "R"]),
        ("冠状位", ["H", "L", "F", "R"]),
        ("矢状位", ["H", "P", "F", "A"]),
    ):
        page.keyboard.press("v")
        expect(position).to_contain_text(name, timeout=15_000)
        expect(letters).to_have_text(edges)
        expect(window).to_contain_text(chosen)
    before = position.inner_text()
    page.locator(".pane").focus()
    page.keyboard.press("ArrowDown")
    expect(position).not_to_have_text(before)
    page.keyboard.press("v")
    expect(position).to_have_text(re.compile("第 1 / 10 幅"))
    expect(window).to_contain_text(chosen)

    page.goto(f"{viewer}&cpu=1")
    expect(position).to_have_text(re.compile("第 1 / 10 幅"), timeout=30_000)
    page.keyboard.press("v")
    expect(page.locator(".pane-note")).to_contain_text("此电脑用处理器绘图")
