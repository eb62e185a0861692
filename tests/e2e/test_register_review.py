"""A quality manager at the screen: a group of duplicates decided and taken back; figures opened."""

import io

from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, expect

from mdt.services.registry import import_register
from tests.e2e.people import Person
from tests.live_server import LiveServer
from tests.register_files import rows_to_csv
from tests.world import NOW, World

AT = {code: {"hospital_code": code, "mrn": code} for code in ("T-JX-B", "T-JX-T")}


def test_duplicates_are_decided_at_once_and_figures_lead_to_their_rows(
    live_server: LiveServer, world: World, context: BrowserContext
) -> None:
    with live_server.app.app_context():
        import_register(world.viewer("quality"), rows_to_csv({}, *AT.values()), now=NOW)
    manager = Person(context, live_server.url, "quality")
    page = manager.page

    page.goto(f"{live_server.url}/registry/duplicates")
    group = page.locator("#group-1-2-3")
    group.get_by_label("记录 1 的判定").select_option(label="保留，单独计入")
    group.get_by_label("记录 2 的判定").select_option(label="与记录 1 相同")
    manager.presses("按所选判定")
    expect(page.locator("main")).to_contain_text("请为每一条记录选择")
    # What was chosen is still there.
    expect(group.get_by_label("记录 2 的判定")).to_have_value("1")
    group.get_by_label("记录 3 的判定").select_option(label="保留，单独计入")
    manager.presses("按所选判定")
    expect(page.locator("main")).to_contain_text("没有待判定的疑似重复")

    report = f"{live_server.url}/reports/coverage?from=2026-10-01&to=2026-12-31"
    page.goto(f"{report}&by=hospital&by2=quarter")
    page.locator('[data-pair="T-JX-T/2026-Q4"] a').last.click()
    manager.is_at("III期及以上（分母）")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.goto(f"{report}&for=outside")
    expect(page.locator("tfoot")).to_contain_text("*")
    with page.expect_download() as taken:
        page.get_by_role("link", name="XLSX").click()
    sheet = load_workbook(io.BytesIO(taken.value.path().read_bytes())).active
    assert [cell.value for cell in sheet[2]][2:5] == ["*", "*", "*"]

    page.goto(f"{live_server.url}/registry/duplicates/decided")
    manager.presses("整组撤销")
    page.goto(f"{live_server.url}/registry/duplicates")
    expect(page.locator("#group-1-2-3")).to_be_visible()
    assert ["422" in fault for fault in manager.faults] == [True]
