"""One tumour entered by the keyboard alone, and the next one after it."""

from playwright.sync_api import BrowserContext, expect

from mdt.extensions import db
from mdt.models.tumours import Tumour
from tests.e2e.people import ClinicianPage
from tests.live_server import LiveServer

#: What is typed into the fields one behind the other, as the Tab key leads from one to the next.
KEYS = ("369921196203050015", "张三丰", "C34.1", "20261101", "", "T2a", "N2b", "M0")


def test_a_tumour_is_entered_without_the_mouse(
    live_server: LiveServer, context: BrowserContext
) -> None:
    page = ClinicianPage(context, live_server.url, "clinician").page
    page.goto(f"{live_server.url}/registry")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_contain_text("录入一例")
    expect(page.locator("#id_number")).to_be_focused()
    for keys in KEYS:
        page.keyboard.type(keys)
        page.keyboard.press("Tab")
    expect(page.locator("[data-derived=icd10_label]")).to_contain_text("上叶")
    expect(page.locator("#entry-stage .stage-group")).to_have_text("IIIB")
    expect(page.locator("#staging_edition")).to_have_value("9")
    expect(page.locator("#choices-t option").first).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.get_by_text("已保存：台账记录 1")).to_be_visible()
    expect(page.locator("#id_number")).to_be_focused()
    expect(page.locator("#id_number")).to_have_value("")
    expect(page.locator("#diagnosis_date")).to_have_value("20261101")

    page.keyboard.type(KEYS[0])
    page.keyboard.press("Tab")
    page.keyboard.type(KEYS[1])
    page.keyboard.press("Tab")
    page.keyboard.type("肺上叶")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("相近的有")
    # The page leads to what is wrong as it is ready; what is typed before may go astray.
    page.wait_for_load_state("load")
    page.locator("#icd10").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("C34.1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("本院台账中已有该患者同一部位的记录")).to_be_visible()
    expect(page.locator("#id_number")).not_to_be_focused()

    # What was typed is there again after the page was left; a doubt has the next key.
    page.goto(f"{live_server.url}/registry")
    page.keyboard.press("n")
    page.get_by_role("link", name="继续录入").click()
    expect(page.locator("#name")).to_have_value(KEYS[1])
    page.locator("#id_number").fill("369921196203050031")
    page.locator("#t").fill("T9z")
    expect(page.locator("[data-autosave-state]")).to_contain_text("尚未登记")
    page.locator("#t").press("Enter")
    expect(page.get_by_text("请核对，无误则再次保存")).to_be_visible()
    expect(page.locator("#t")).to_be_focused()
    with live_server.app.app_context():
        statement = db.select(Tumour).execution_options(mdt_scoped=True)
        [row] = db.session.scalars(statement)
        assert (row.icd10, row.t, row.staging_edition, row.iii_plus) == ("C34.1", "T2a", "9", "yes")
