"""A file goes on its way over a poor line: a cut, a killed server, a page loaded anew."""

import hashlib
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from mdt.adapters.upload_parts import Parts
from mdt.models.attachments import Attachment, Upload
from tests.attachment_kit import draft, rows
from tests.e2e.people import ClinicianPage
from tests.live_server import LiveServer
from tests.world import World

#: Bytes a second: slow enough that something can happen while 12 MB are on their way.
LINE = 6_000_000


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 12 MB that no coding makes smaller."""
    path = tmp_path_factory.mktemp("scan") / "CT报告.png"
    Image.frombytes("RGB", (2000, 2000), os.urandom(12_000_000)).save(path, compress_level=0)
    return path


@pytest.fixture
def page(live_server: LiveServer, world: World, context: BrowserContext) -> Page:
    """The files of a draft, before its doctor, who sits at the end of a slow line."""
    case = draft(live_server.app, world)
    doctor = ClinicianPage(context, live_server.url, "clinician")
    doctor.page.goto(f"{live_server.url}/cases/{case}/attachments")
    line = context.new_cdp_session(doctor.page)
    line.send("Network.enable")
    conditions = {"offline": False, "latency": 5, "downloadThroughput": -1}
    line.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": LINE})
    return doctor.page


def choose(page: Page, scan: Path) -> None:
    page.set_input_files('[data-upload-input="files"]', scan)


def wait_for_bytes(page: Page, server: LiveServer, least: int) -> int:
    """Wait until so many bytes of the only upload are on disk; return how many."""
    folder = server.instance / "uploads"
    for _ in range(1500):
        kept = [Parts(folder).offset(one.name) for one in folder.glob("*") if one.name.isalnum()]
        if kept and kept[0] >= least:
            return kept[0]
        page.wait_for_timeout(20)
    raise AssertionError(f"fewer than {least} bytes arrived")


def sent_from(page: Page) -> list[int]:
    """Offsets at which parts are sent from now on; the list grows."""
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def expect_whole(page: Page, server: LiveServer, scan: Path) -> None:
    expect(page.locator("[data-upload-line]")).to_have_text(
        "全部完成 · 已接收 1，已存在 0，未接收 0", timeout=60_000
    )
    (row,) = rows(server.app, Attachment)
    data = scan.read_bytes()
    assert (row.size, row.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_killed_server_loses_nothing_that_arrived(
    live_server: LiveServer, page: Page, scan: Path
) -> None:
    offsets = sent_from(page)
    choose(page, scan)
    arrived = []
    for least in (2_000_000, 5_000_000):
        arrived.append(wait_for_bytes(page, live_server, least))
        live_server.restart()
    expect_whole(page, live_server, scan)
    assert len(rows(live_server.app, Upload)) == 1
    assert offsets[0] == 0
    assert [offset >= least for least, offset in zip(arrived, offsets[1:], strict=False)] == [
        True,
        True,
    ]


def test_after_a_reload_the_same_file_goes_on_where_it_was(
    live_server: LiveServer, page: Page, scan: Path
) -> None:
    choose(page, scan)
    wait_for_bytes(page, live_server, 3_000_000)
    page.once("dialog", lambda asked: asked.accept())
    page.reload()
    expect(page.get_by_text("有未传完的文件")).to_be_visible()
    expect(page.get_by_text(re.compile(r"已收到 \d+%，12\.0 MB"))).to_be_visible()
    offsets = sent_from(page)
    choose(page, scan)
    expect_whole(page, live_server, scan)
    assert offsets[0] >= 3_000_000
    assert len(rows(live_server.app, Upload)) == 1
    # Its name may hold the patient's: what the browser keeps must not.
    kept = page.evaluate("JSON.stringify(Object.entries(localStorage))")
    assert "uploadUrl" in kept
    assert "CT报告" not in kept


def test_after_a_restart_of_the_browser_it_goes_on_where_it_was(
    live_server: LiveServer, page: Page, scan: Path, browser: Browser
) -> None:
    choose(page, scan)
    wait_for_bytes(page, live_server, 3_000_000)
    # What a browser keeps on disk when it is closed, and nothing of its memory.
    kept = page.context.storage_state()
    where = page.url
    page.context.close()
    again = browser.new_context(storage_state=kept, locale="zh-CN").new_page()
    try:
        again.goto(where)
        expect(again.get_by_text(re.compile(r"已收到 \d+%，12\.0 MB"))).to_be_visible()
        offsets = sent_from(again)
        choose(again, scan)
        expect_whole(again, live_server, scan)
    finally:
        again.context.close()
    assert offsets[0] >= 3_000_000
    assert len(rows(live_server.app, Upload)) == 1


def test_what_is_given_up_is_gone(live_server: LiveServer, page: Page, scan: Path) -> None:
    choose(page, scan)
    wait_for_bytes(page, live_server, 1_000_000)
    page.once("dialog", lambda asked: asked.accept())
    page.reload()
    page.get_by_role("button", name="全部放弃").click()
    page.get_by_role("dialog").get_by_role("button", name="全部放弃").click()
    expect(page.get_by_text("未传完的文件已放弃。")).to_be_visible()
    assert rows(live_server.app, Upload) == []
    assert list((live_server.instance / "uploads").glob("*")) == []
