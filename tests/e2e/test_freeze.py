"""A quarter is closed, a row corrected, the quarter closed again, and why it changed is read."""

from playwright.sync_api import BrowserContext, expect

from mdt.services.registry import import_register
from tests.e2e.people import QualityPage, begins
from tests.live_server import LiveServer
from tests.register_files import OTHER_WOMAN, WOMAN, rows_to_csv
from tests.world import NOW, PASSWORD, World

DAY = {"diagnosis_date": "2026-08-03"}


def sign(manager: QualityPage, label: str) -> None:
    manager.page.get_by_label(begins("登录密码")).fill(PASSWORD)
    manager.presses(label)


def test_closing_correcting_closing_again_and_reading_why(
    live_server: LiveServer, world: World, context: BrowserContext
) -> None:
    with live_server.app.app_context():
        rows = rows_to_csv(
            {**DAY, "external_mdt_date": "2026-08-05"},
            {**WOMAN, **DAY},
            {**OTHER_WOMAN, **DAY},
        )
        import_register(world.viewer("quality"), rows, now=NOW)
    manager = QualityPage(context, live_server.url, "quality-hospital")
    page = manager.page

    # The definition is the lenient one; the quarter is over.
    manager.opens("报表")
    manager.follows("关账")
    manager.sees("还没有关账的期间")
    page.get_by_label("期间").select_option(label="2026年第三季度")
    page.get_by_label("口径").select_option(label="宽松口径")
    manager.presses("核对后关账")
    manager.is_at("2026年第三季度关账")
    expect(page.locator("tfoot tr").first).to_contain_text("1/3")
    page.get_by_label(begins("登录密码")).fill("not the password")
    manager.presses("签名并关账")
    manager.sees("密码不正确，请重新输入。")
    sign(manager, "签名并关账")
    manager.is_at("2026年第三季度，已关账")
    manager.sees("今天的数字与关账时相同。")

    # One row turns out to be a recurrence.
    page.goto(f"{live_server.url}/registry/2/edit")
    page.get_by_label("复发", exact=True).check()
    manager.presses("保存更正")
    manager.is_at("肺")
    manager.opens("报表")
    manager.follows("关账")
    manager.follows("2026年第三季度")
    manager.sees("今天的数字与关账时不同")
    total = page.locator('tr[data-frozen=""]')
    expect(total).to_contain_text("1/3")
    expect(total).to_contain_text("1/2")

    # It is closed again, with a reason; the first revision stands as it was.
    manager.follows("重新关账")
    sign(manager, "签名并重新关账")
    manager.sees("请写明重新关账的原因。")
    page.get_by_label("重新关账的原因").fill("一例实为复发")
    sign(manager, "签名并重新关账")
    manager.sees("重新关账的原因：一例实为复发")
    manager.sees("今天的数字与关账时相同。")
    manager.follows("与上一次比较")

    # Why: one row, corrected, and the sums come out even.
    manager.is_at("为什么变了")
    expect(page.locator("tr[data-change]")).to_have_count(1)
    change = page.locator('tr[data-change="corrected"]')
    expect(change).to_contain_text("剔除 无 → 复发或复治")
    expect(change).to_contain_text("III期及以上（分母） -1")
    for line, words in (("then", "3"), ("corrected", "-1"), ("now", "2")):
        cells = page.locator(f'tr[data-sum="{line}"] td').all_inner_texts()
        assert words in [cell.strip() for cell in cells], line
    manager.follows("2")
    manager.is_at("肺")
    # The two refusals above are all that the browser complained of.
    assert [one for one in manager.faults if "422" not in one] == []
