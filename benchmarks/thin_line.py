"""A case with a long CT over 256 kbit/s and 400 ms: opened as it is, and fetched ahead.

The browser has been at the worklist before, so that what every page has is in its cache; the viewer
is opened for the first time. MDT_BENCH_SLICES asks for fewer slices.
"""

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.ground import empty_server
from mdt.adapters.demo_images import synthetic_chest_ct
from tests.attachment_kit import send, set_state
from tests.board import Board, build_board
from tests.fixtures_app import Browser as Client
from tests.live_server import LiveServer
from tests.world import PASSWORD, build_world

SLICES = int(os.environ.get("MDT_BENCH_SLICES", "300"))
_AT_ONCE = 20
KBITS, DELAY = 256, 400
_PATIENCE = 120_000
_DRAWN = """(last) => {
  const image = document.querySelector('[data-series-image]');
  return image && image.complete && image.naturalWidth > 0
    && (!last || image.src.includes(`/images/${last}.jpg`));
}"""


def run() -> list[dict[str, Any]]:
    """Seconds until the first picture stands, and until one far away does after a key."""
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as server:
        board = _board(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("MDT_CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox"],
            )
            plain = _open(browser, server, board, lambda page: None)
            ahead = _open(browser, server, board, lambda page: _prepare(page, server, board))
            browser.close()
    what = f"{SLICES} slices at {KBITS} kbit/s, {DELAY} ms"
    return [
        {"name": f"{what}: first picture", "value": plain[0], "unit": "s", "limit": 10},
        {"name": f"{what}: last picture after the key", "value": plain[1], "unit": "s",
         "limit": 10},
        {"name": f"{what}, fetched ahead: first picture", "value": ahead[0], "unit": "s",
         "limit": 3},
        {"name": f"{what}, fetched ahead: last picture after the key", "value": ahead[1],
         "unit": "s", "limit": 3},
    ]  # fmt: skip


def _board(server: LiveServer) -> Board:
    """A conference with a long CT on its agenda."""
    with server.app.app_context():
        board = build_board(build_world())
    case = board.cases["A"]
    set_state(server.app, case, "draft")
    files = list(
        synthetic_chest_ct(
            patient_name="张三丰", patient_id="BENCH", sex="M", birth_date=date(1962, 3, 5),
            study_date=date(2026, 1, 1), seed=7, slices=SLICES, size=512,
        )
    )  # fmt: skip
    doctor = Client(server.app, "clinician")
    for start in range(0, SLICES, _AT_ONCE):
        part = files[start : start + _AT_ONCE]
        named = [(f"{start + place}.dcm", one) for place, one in enumerate(part)]
        send(doctor, case, *named)
    set_state(server.app, case, "scheduled")
    return board


def _open(
    browser: Browser, server: LiveServer, board: Board, before: Callable[[Page], None]
) -> tuple[float, float]:
    """Sign in, do something on a good line, then open the viewer on a thin one."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{server.url}/sign-in")
    page.fill("input[name=username]", "radiologist")
    page.fill("input[type=password]", PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_selector("h1:has-text('待办')")
    before(page)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    bytes_a_second = KBITS * 1000 / 8
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": DELAY, "downloadThroughput": bytes_a_second,
         "uploadThroughput": bytes_a_second},
    )  # fmt: skip
    begun = time.perf_counter()
    page.goto(f"{server.url}/cases/{board.cases['A']}/viewer", wait_until="commit")
    page.wait_for_function(_DRAWN)
    first = time.perf_counter() - begun
    page.keyboard.press("End")
    begun = time.perf_counter()
    page.wait_for_function(_DRAWN, arg=SLICES)
    last = time.perf_counter() - begun
    context.close()
    return first, last


def _prepare(page: Page, server: LiveServer, board: Board) -> None:
    page.goto(f"{server.url}/conferences/{board.conference}")
    page.wait_for_selector("[data-preparation][data-step=done]")
