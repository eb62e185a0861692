"""Before a conference: pictures come ahead, cases are read again, signing out empties it all."""

from playwright.sync_api import BrowserContext, expect

from tests.attachment_kit import ct, send, set_state
from tests.board import build_board
from tests.e2e.people import ExpertPage, Person, begins
from tests.fixtures_app import Browser
from tests.live_server import LiveServer
from tests.world import World

#: Bytes that came over the line for each whole picture that this page has shown or fetched.
CAME = """() => performance.getEntriesByType('resource')
  .filter((one) => one.name.includes('/images/') && !one.name.includes('size='))
  .map((one) => one.transferSize)"""


def sees_picture(person: Person, number: int) -> None:
    """Wait until this one of eight is drawn."""
    image = person.page.get_by_role("img", name=f"第 {number} / 8 幅", exact=True)
    expect(image).to_have_js_property("complete", True)
    expect(image).not_to_have_js_property("naturalWidth", 0)


def sign_out(person: Person) -> None:
    """Leave by the person's own menu."""
    person.page.locator(".person-menu > summary").click()
    person.presses("退出登录")
    expect(person.page.get_by_label("账号")).to_be_visible()


def test_what_was_fetched_ahead_is_there_until_signing_out(
    live_server: LiveServer, world: World, context: BrowserContext
) -> None:
    with live_server.app.app_context():
        board = build_board(world)
    case, conference = board.cases["A"], f"{live_server.url}/conferences/{board.conference}"
    set_state(live_server.app, case, "draft")
    send(Browser(live_server.app, "clinician"), case, *ct(8))
    set_state(live_server.app, case, "scheduled")

    reader = ExpertPage(context, live_server.url, "radiologist")
    page = reader.page
    page.goto(conference)
    reader.sees("已就绪，共 8 幅")
    assert min(page.evaluate(CAME)) > 0
    chair = Browser(live_server.app, "chair").get(f"/conferences/{board.conference}").text
    assert "已就绪 8/8" in chair

    # The session's cookie changes with every message that is shown; what was fetched stays.
    reader.presses("参加")
    reader.sees("已答复。会议开始前可以更改。")
    page.goto(f"{live_server.url}/cases/{case}/viewer?stills=1")
    sees_picture(reader, 1)
    page.keyboard.press("End")
    sees_picture(reader, 8)
    assert set(page.evaluate(CAME)) == {0}

    page.goto(f"{live_server.url}/reading")
    line = page.get_by_role("listitem").filter(has_text="MDT2026-900001")
    expect(line).to_contain_text("已阅")
    line.get_by_role("textbox").fill("右上肺结节，约 21 mm")
    expect(line.get_by_role("status")).to_contain_text("已保存")
    reader.button("给出意见", line).click()
    reader.sees("MDT2026-900001 的复阅意见已给出，能看到本例的人都可以看到。")

    sign_out(reader)
    again = ExpertPage(context, live_server.url, "radiologist")
    again.page.goto(conference)
    again.sees("已就绪，共 8 幅")
    assert min(again.page.evaluate(CAME)) > 0
    sign_out(again)

    recorder = Person(context, live_server.url, "recorder")
    recorder.page.goto(f"{live_server.url}/cases/{case}/plan")
    recorder.presses(begins("插入"))
    field = recorder.page.get_by_label("影像复阅意见")
    expect(field).to_have_value("孙影像（医学影像科）：右上肺结节，约 21 mm")
    recorder.sees_saved()
    assert reader.faults == []
