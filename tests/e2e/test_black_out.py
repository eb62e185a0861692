"""A name burned into a picture: drawn over by mouse and by keys, looked at, let out."""

from playwright.sync_api import BrowserContext, expect

from mdt.models.attachments import Instance, Series
from tests.attachment_kit import draft, rows, send, ultrasound
from tests.e2e.people import ClinicianPage
from tests.fixtures_app import Browser
from tests.live_server import LiveServer
from tests.world import World


def test_drawn_by_mouse_and_by_keys_then_released(
    live_server: LiveServer, world: World, context: BrowserContext
) -> None:
    case = draft(live_server.app, world)
    send(Browser(live_server.app, "clinician"), case, *ultrasound(3))
    doctor = ClinicianPage(context, live_server.url, "clinician")
    page = doctor.page
    page.goto(f"{live_server.url}/cases/{case}/attachments")
    doctor.follows("逐个查看并放行")
    doctor.follows("遮挡患者信息")
    picture = page.get_by_role("application", name="遮挡区")
    field = page.locator("[data-regions-value]")

    def at(column: float, row: float) -> tuple[float, float]:
        box = picture.bounding_box()
        assert box is not None
        return box["x"] + column * box["width"] / 64, box["y"] + row * box["height"] / 48

    page.mouse.move(*at(4.5, 3.5))
    page.mouse.down()
    page.mouse.move(*at(20.5, 7.5), steps=4)
    page.mouse.up()
    expect(field).to_have_value("[[4,3,17,5]]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(field).to_have_value("[[5,3,17,6]]")

    doctor.button("添加遮挡区").press("Enter")
    expect(
        page.get_by_role("button", name="遮挡区 2：左 24，上 21，宽 16，高 5 像素")
    ).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.get_by_text("已画 1 处")).to_be_visible()
    # A strip at the very edge is begun beside the picture, once the page has come to rest.
    picture.scroll_into_view_if_needed()
    page.mouse.move(*at(-2.5, 10.5))
    page.mouse.down()
    page.mouse.move(*at(6.5, 12.5), steps=4)
    page.mouse.up()
    expect(field).to_have_value("[[5,3,17,6],[0,10,7,3]]")
    page.keyboard.press("Delete")
    expect(field).to_have_value("[[5,3,17,6]]")

    page.get_by_label("本序列所有同尺寸影像（3 份）").check()
    doctor.presses("预览遮挡效果")
    expect(page.get_by_text("第 1 / 3 幅")).to_be_visible()
    doctor.presses("返回修改")
    expect(field).to_have_value("[[5,3,17,6]]")
    doctor.presses("预览遮挡效果")
    doctor.presses("确认遮挡")
    doctor.sees("已遮挡 3 幅图像，记录在您名下。")
    doctor.presses("没有患者信息，放行")
    doctor.sees("已放行，记录在您名下。")

    assert [row.black_boxes for row in rows(live_server.app, Instance)] == [[[-1, 5, 3, 17, 6]]] * 3
    assert rows(live_server.app, Series)[0].released_at is not None
    assert doctor.faults == []
