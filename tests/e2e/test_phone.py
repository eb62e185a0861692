"""A county doctor photographs a paper report: the code at the desk, the phone in the other hand."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from mdt.adapters import devices
from mdt.models.attachments import Attachment
from tests.attachment_kit import draft, rows
from tests.e2e.people import ClinicianPage
from tests.live_server import LiveServer
from tests.world import World

#: Where the camera sees the corners of the sheet, and how large its picture is.
PHOTO = (900, 1200)
SEEN = ((150, 120), (760, 200), (820, 1050), (90, 980))
#: The sheet's quarters, clockwise from the upper left.
QUARTERS = ((220, 40, 40), (40, 170, 60), (40, 60, 210), (230, 210, 50))
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "zh-CN",
    "user_agent": "Mozilla/5.0 (Linux; Android 9; A57) Chrome/90.0.4430.91 Mobile Safari/537.36",
}
#: A phone that has no memory left for the next picture, once.
FAIL_ONCE = """() => {
  const canvas = HTMLCanvasElement.prototype, coded = canvas.toBlob;
  canvas.toBlob = (told) => { canvas.toBlob = coded; told(null); };
}"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sheet of four colours on a dark table, seen at an angle by a phone held upright.

    Cameras store such a picture lying, and note how it is to be turned.
    """
    sheet = Image.new("RGB", (400, 400))
    draw = ImageDraw.Draw(sheet)
    for (x, y), colour in zip(((0, 0), (200, 0), (200, 200), (0, 200)), QUARTERS, strict=True):
        draw.rectangle((x, y, x + 199, y + 199), fill=colour)
    whole = ((0, 0), (400, 0), (400, 400), (0, 400))
    matrix = projection(SEEN, whole)
    seen = sheet.transform(PHOTO, Image.Transform.PERSPECTIVE, matrix, fillcolor=(20, 20, 20))
    path = tmp_path_factory.mktemp("photo") / "IMG_0001.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    seen.transpose(Image.Transpose.ROTATE_90).save(path, quality=95, exif=exif)
    return path


def projection(
    seen: tuple[tuple[int, int], ...], whole: tuple[tuple[int, int], ...]
) -> tuple[float, ...]:
    """The eight numbers by which Pillow draws ``whole`` between the corners ``seen``."""
    lines, values = [], []
    for (x, y), (u, v) in zip(seen, whole, strict=True):
        lines += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(lines, float), np.array(values, float)))


def open_on_phone(page: Page, desk: Page) -> None:
    """Scan what stands on the screen."""
    page.goto(desk.locator("#phone-address").text_content() or "")
    expect(page.get_by_text("MDT2026-000001")).to_be_visible()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a finger over the glass."""
    glass = page.context.new_cdp_session(page)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    for kind, point in (
        ("touchStart", start),
        ("touchMove", middle),
        ("touchMove", end),
        ("touchEnd", None),
    ):
        points = [{"x": point[0], "y": point[1]}] if point else []
        glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    glass.detach()


def place(box: Locator, x: float, y: float) -> tuple[float, float]:
    """A place on the screen by shares of an element's width and height."""
    found = box.bounding_box()
    assert found is not None
    return found["x"] + x * found["width"], found["y"] + y * found["height"]


def straighten(page: Page) -> None:
    """Drag the four handles to the corners of the sheet."""
    picture = page.locator("[data-corners-picture]")
    for name, (x, y) in zip(("左上角", "右上角", "右下角", "左下角"), SEEN, strict=True):
        handle = page.get_by_role("button", name=name, exact=True)
        drag(page, place(handle, 0.5, 0.5), place(picture, x / PHOTO[0], y / PHOTO[1]))


def black_out(page: Page) -> None:
    """Cover most of the lower left quarter."""
    layer = page.get_by_role("application", name="遮挡区")
    drag(page, place(layer, 0.1, 0.6), place(layer, 0.4, 0.9))
    expect(page.get_by_text("已画 1 处")).to_be_visible()


def shade(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place, the camera's and the coding's noise rounded away."""
    found = picture.getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(found, tuple)
    return min(
        (*QUARTERS, (0, 0, 0)), key=lambda c: sum(abs(a - b) for a, b in zip(c, found, strict=True))
    )


def test_a_paper_report_comes_straight_into_the_case(
    live_server: LiveServer, world: World, context: BrowserContext, browser: Browser, photo: Path
) -> None:
    case = draft(live_server.app, world)
    doctor = ClinicianPage(context, live_server.url, "clinician")
    doctor.page.goto(f"{live_server.url}/cases/{case}/attachments")
    doctor.presses("用手机拍照")
    doctor.sees("等待扫码")
    phone = browser.new_context(**PHONE)
    page = phone.new_page()
    open_on_phone(page, doctor.page)
    assert page.url == f"{live_server.url}/phone"
    doctor.sees("手机已连接")

    page.get_by_label("拍照").set_input_files(photo)
    straighten(page)
    page.evaluate(FAIL_ONCE)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("手机内存不足")).to_be_visible()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("手机内存不足")).to_be_hidden()
    black_out(page)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("请选择资料类别。")).to_be_visible()
    page.get_by_label("资料类别").select_option("pathology_report")
    phone.set_offline(True)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("等待发送")).to_be_visible()
    phone.set_offline(False)
    expect(page.get_by_text("已收到 1 张")).to_be_visible()

    expect(doctor.region("病理、报告与同意书").get_by_role("row").nth(1)).to_contain_text(
        "手机拍照"
    )
    doctor.sees("已收到 1 张")
    (row,) = rows(live_server.app, Attachment)
    with live_server.app.app_context():
        kept = Image.open(io.BytesIO(devices.storage().read(row.storage_key)))
    corners = [
        shade(kept, x, y) for x, y in ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))
    ]
    assert corners == list(QUARTERS)
    assert shade(kept, 0.25, 0.75) == (0, 0, 0)
    assert kept.getpixel((kept.width // 4, 3 * kept.height // 4)) == (0, 0, 0)
    assert [shade(kept, 0.25, y) for y in (0.55, 0.95)] == [QUARTERS[3]] * 2

    # What is not sent when it ends goes on once the same phone has scanned the next code.
    page.get_by_label("从相册选择").set_input_files(photo)
    page.get_by_role("button", name="下一步").click()
    doctor.presses("立即结束")
    doctor.sees("已结束")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("已到时间或已结束")).to_be_visible()
    doctor.presses("用手机拍照")
    doctor.sees("等待扫码")
    second = phone.new_page()
    open_on_phone(second, doctor.page)
    second.close()
    page.get_by_role("button", name="已重新扫码").click()
    expect(page.get_by_text("已收到 2 张")).to_be_visible()
    page.get_by_role("button", name="拍完了，结束").click()
    expect(page.get_by_role("heading", name="手机拍照已结束")).to_be_visible()
    doctor.sees("已结束")
    assert doctor.faults == []
    phone.close()
