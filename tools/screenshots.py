"""Take the README's screenshots from a running demo: ``python -m tools.screenshots [URL]``."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.services import CHROMIUM_OPTIONS, chromium

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PASSWORD = "mdt-demo-2026"  # noqa: S105 -- printed in the README
#: file, account, path ("live" stands for the conference in progress)
PICTURES = (
    ("worklist", "coordinator", "/"),
    ("case", "clinician", "case"),
    ("room", "chair", "live"),
    ("coverage", "quality", "/reports/coverage"),
)


def main(base: str) -> None:
    """Write the pictures to docs/screenshots."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(CHROMIUM_OPTIONS)
        )
        for name, username, path in PICTURES:
            _take(browser, base, name, username, path)
        browser.close()


def _take(browser: Browser, base: str, name: str, username: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    if path == "live":
        rows = page.request.get(f"{base}/conferences.json").json()
        number = next(row["id"] for row in rows if row["state"] == "live")
        path = f"/conferences/{number}/live"
    elif path == "case":
        rows = page.request.get(f"{base}/cases.json").json()
        number = next(row["id"] for row in rows if row["state"] == "following")
        path = f"/cases/{number}"
    page.goto(base + path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
