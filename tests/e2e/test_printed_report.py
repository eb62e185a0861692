"""A coverage report as it comes out of the printer: figures and definition, nothing to press."""

from playwright.sync_api import BrowserContext, expect

from tests.e2e.people import Person
from tests.live_server import LiveServer


def test_a_report_on_paper(demo_server: LiveServer, context: BrowserContext) -> None:
    page = Person(context, demo_server.url, "quality", "mdt-demo-2026").page
    page.goto(f"{demo_server.url}/reports/coverage")
    seen, pressed = page.locator(".watermark"), page.locator(".filter-bar").first
    expect(seen).to_be_hidden()
    expect(pressed).to_be_visible()
    page.emulate_media(media="print")
    expect(seen).to_be_visible()
    for hidden in (pressed, page.locator(".topbar"), page.locator(".page-head-actions")):
        expect(hidden).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".report-definition")).to_contain_text("统计单位为一个原发肿瘤")
    expect(page.locator(".report-definition")).to_contain_text("制表人")
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF-")
