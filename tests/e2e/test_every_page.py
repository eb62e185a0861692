"""Every page that each role reaches opens, in both languages, at 1366 x 768."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from mdt.cli.demo.people import NAMED_ACCOUNTS
from tests.e2e.crawl import crawl, kind_of, open_each
from tests.live_server import LiveServer

#: Where screenshots go when somebody wants to look at them.
LOOK = os.environ.get("MDT_SCREENSHOTS")
#: One account for each role; whoever looks at the pictures sees those of every account.
ROLES = (
    "clinician", "approver", "coordinator", "chair", "radiologist", "recorder", "observer",
    "quality", "quality-hospital", "sysadmin", "secadmin", "auditor",
)  # fmt: skip


@pytest.fixture(scope="module")
def seen_in_english() -> set[str]:
    """Kinds of pages that a role before has opened in English."""
    return set()


@pytest.mark.parametrize("username", [name for name, _ in NAMED_ACCOUNTS if LOOK or name in ROLES])
def test_every_page_of_a_role_opens_without_a_fault(
    demo_server: LiveServer, browser: Browser, seen_in_english: set[str], username: str
):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{demo_server.url}/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", "mdt-demo-2026")
    page.click("button[type=submit]")
    chinese = crawl(page, demo_server.url, look=photographer(page, username, "zh"))
    # In English each kind of page once: what differs by role was seen in Chinese.
    new = [path for path in chinese.opened if LOOK or kind_of(path) not in seen_in_english]
    seen_in_english |= {kind_of(path) for path in new}
    page.goto(f"{demo_server.url}/language/en")
    english = open_each(page, demo_server.url, new, look=photographer(page, username, "en"))
    context.close()
    assert (chinese.faults, english.faults) == ([], [])
    assert len(chinese.opened) >= 2


def photographer(page: Page, username: str, language: str) -> Callable[[str], None] | None:
    """Keeps a picture of each page, where somebody wants to look at them."""
    if not LOOK:
        return None
    folder = Path(LOOK) / username

    def look(kind: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = kind.strip("/").replace("/", "_").replace("<n>", "n") or "home"
        page.screenshot(path=folder / f"{name}.{language}.png", full_page=True)

    return look
