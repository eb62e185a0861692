"""A draft that saves itself says where one writes how it stands, and survives a lost session."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.case_kit import load, start
from tests.e2e.people import ClinicianPage
from tests.fixtures_app import Browser
from tests.live_server import LiveServer
from tests.world import PASSWORD, World


def test_signed_out_while_writing_and_going_on(
    live_server: LiveServer, world: World, context: BrowserContext
) -> None:
    case = start(Browser(live_server.app, "clinician"), world)
    doctor = ClinicianPage(context, live_server.url, "clinician")
    page = doctor.page
    page.goto(f"{live_server.url}/cases/{case}/edit")
    state = page.locator(".save-bar").get_by_role("status")

    height, plan = page.locator("#height_cm"), page.locator("#own_plan")

    height.fill("3")
    page.locator("#chief_complaint").fill("咳嗽")
    expect(state).to_have_text("有误，未保存： 身高 · 其余内容已保存")
    state.get_by_role("link", name="身高").click()
    expect(height).to_be_focused()
    height.fill("170")
    expect(state).to_contain_text("已保存")

    context.clear_cookies()
    plan.fill("先行手术")
    expect(plan).to_be_in_viewport()
    expect(state).to_contain_text("登录已失效，未保存")
    expect(state).to_be_in_viewport()
    asked: list[str] = []
    page.once("dialog", lambda found: (asked.append(found.type), found.dismiss()))
    page.get_by_role("link", name="查看病例").click()
    assert asked == ["beforeunload"]

    with context.expect_page() as opened:
        state.get_by_role("link", name="在新窗口登录").click()
    window = opened.value
    window.get_by_label("账号").fill("clinician")
    window.get_by_label("密码").fill(PASSWORD)
    window.get_by_role("button", name="登录", exact=True).click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("待办")
    window.close()
    expect(state).to_have_text(re.compile("^已保存"))
    assert load(live_server.app, case).own_plan == "先行手术"


def test_the_reader_is_led_to_what_is_wrong(
    live_server: LiveServer, context: BrowserContext
) -> None:
    doctor = ClinicianPage(context, live_server.url, "clinician")
    doctor.page.goto(f"{live_server.url}/cases/new")
    doctor.presses("开始填写")
    expect(doctor.page.locator("[data-error-summary]")).to_be_focused()
