"""From sign-in to which hospitals are below 50 % and whom they could still discuss."""

from playwright.sync_api import BrowserContext, expect

from tests.e2e.people import Person
from tests.live_server import LiveServer


def test_a_manager_finds_whom_to_discuss_in_three_clicks(
    demo_server: LiveServer, context: BrowserContext
) -> None:
    manager = Person(context, demo_server.url, "quality", "mdt-demo-2026")
    page = manager.page
    page.locator('a[href="/registry/not-discussed"]').first.click()
    manager.is_at("尚未讨论")
    distances = page.locator("details.distance")
    expect(distances.locator("summary")).to_contain_text("未超过 50%")
    if distances.get_attribute("open") is None:
        distances.locator("summary").click()
    # Those that can still make it stand first; a click leaves their tumours alone in the list.
    first = distances.locator("tr[data-distance]").first
    expect(first).to_contain_text("尚可达标")
    hospital = first.locator("a").inner_text()
    first.locator("a").click()
    expect(page.locator("tr[data-distance]")).to_have_count(1)
    expect(page.locator("table.table-stack tbody tr").first).to_contain_text(hospital)
    assert manager.faults == []
