"""Every page that each role reaches opens, in both languages, at 1366 x 768."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mdt.cli.demo.people import NAMED_ACCOUNTS
from tests.e2e.crawl import crawl
from tests.live_server import LiveServer

#: Where screenshots go when somebody wants to look at them.
LOOK = os.environ.get("MDT_SCREENSHOTS")
#: One account for each role; whoever looks at the pictures sees those of every account.
ROLES = (
    "clinician", "approver", "coordinator", "chair", "radiologist", "recorder", "observer",
    "quality", "quality-hospital", "sysadmin", "secadmin", "auditor",
)  # fmt: skip


@pytest.mark.parametrize("username", [name for name, _ in NAMED_ACCOUNTS if LOOK or name in ROLES])
def test_every_page_of_a_role_opens_without_a_fault(
    demo_server: LiveServer, browser: Browser, username: str
):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{demo_server.url}/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", "mdt-demo-2026")
    page.click("button[type=submit]")
    found = {}
    for language in ("zh", "en"):
        page.goto(f"{demo_server.url}/language/{language}")

        def look(kind: str, language: str = language) -> None:
            if LOOK:
                folder = Path(LOOK) / username
                folder.mkdir(parents=True, exist_ok=True)
                name = kind.strip("/").replace("/", "_").replace("<n>", "n") or "home"
                page.screenshot(path=folder / f"{name}.{language}.png", full_page=True)

        found[language] = crawl(page, demo_server.url, look=look)
    context.close()
    assert {language: result.faults for language, result in found.items()} == {"zh": [], "en": []}
    assert len(found["zh"].opened) >= 2
