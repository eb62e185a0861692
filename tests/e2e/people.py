"""People at their screens: a method is what somebody does there with the mouse and the keyboard.

Each has a browser context of their own. What a page's scripts complain of stands in ``faults``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, Locator, expect

from tests.world import PASSWORD

# A busy machine is no failure: nothing here takes as long when nobody else is at work.
expect.set_options(timeout=30_000)

Name = str | re.Pattern[str]


def begins(words: str) -> re.Pattern[str]:
    """A name that begins with these words; a mark for required fields may follow."""
    return re.compile(f"^{re.escape(words)}")


class Person:
    """Somebody who signs in through the form. ``page`` is the tab in front."""

    def __init__(
        self, context: BrowserContext, url: str, username: str, password: str = PASSWORD
    ) -> None:
        self.faults: list[str] = []
        self.context = context
        context.on("weberror", lambda found: self.faults.append(f"script: {found.error}"))
        context.on("console", self._hear)
        self.page = context.new_page()
        self.page.goto(f"{url}/sign-in")
        self.page.get_by_label("账号").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.presses("登录")
        self.is_at("待办")

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"{message.page.url if message.page else ''}: {message.text}")

    def button(self, name: Name, within: Locator | None = None) -> Locator:
        """A button by the whole words on it."""
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def link(self, name: Name, within: Locator | None = None) -> Locator:
        """A link by its whole words."""
        return (within or self.page).get_by_role("link", name=name, exact=True)

    def region(self, name: str) -> Locator:
        """A part of the page by its heading."""
        return self.page.get_by_role("region", name=name, exact=True)

    def presses(self, name: Name) -> None:
        """Press a button."""
        self._waits_for_page()
        self.button(name).click()

    def follows(self, name: Name) -> None:
        """Follow a link; the same may stand at the head of a page and in its empty list."""
        self._waits_for_page()
        self.link(name).first.click()

    def _waits_for_page(self) -> None:
        """Until it is put together, what one is about to press may move away from the pointer."""
        self.page.wait_for_load_state("load")

    def sees(self, text: Name) -> None:
        """Wait until the words stand on the page."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def is_at(self, title: str) -> None:
        """Wait for the page with this title."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)

    def opens(self, entry: str) -> None:
        """Choose an entry of the main navigation."""
        self.link(entry, self.page.get_by_role("navigation", name="主导航")).click()

    def takes(self, task: str) -> None:
        """Open the worklist and press the button of a task."""
        self.opens("待办")
        self.page.get_by_role("listitem").filter(has_text=task).get_by_role("link").click()

    def turns_to(self, tab: str) -> None:
        """Choose a tab of the page; a number may follow its words."""
        self.page.get_by_role("tab", name=begins(tab)).click()

    def fills(
        self,
        section: str,
        texts: Mapping[str, str] | None = None,
        choices: Mapping[str, str] | None = None,
        marks: Sequence[str] = (),
    ) -> None:
        """Type, choose from lists and mark options in a section."""
        part = self.region(section)
        for label, text in (texts or {}).items():
            part.get_by_label(begins(label)).fill(text)
        for label, choice in (choices or {}).items():
            part.get_by_label(begins(label)).select_option(label=choice)
        for mark in marks:
            part.get_by_role("radio", name=mark, exact=True).check()

    def drafts(
        self,
        section: str,
        texts: Mapping[str, str] | None = None,
        choices: Mapping[str, str] | None = None,
        marks: Sequence[str] = (),
    ) -> None:
        """Fill in a section of a page that saves by itself, and see it saved."""
        self.fills(section, texts, choices, marks)
        self.sees_saved()

    def sees_saved(self) -> None:
        """Wait until the page says that all that was typed is stored."""
        expect(self.page.get_by_role("status").filter(has_text="已保存")).to_be_visible()

    def sees_picture(self, series: str, number: int, total: int) -> None:
        """Wait until a picture of a series is drawn."""
        expect(self.pane(number, total)).to_contain_text(series)

    def pages_on(self, number: int, total: int) -> None:
        """Turn over from this picture to the next."""
        self.pane(number, total).press("ArrowDown")

    def pane(self, number: int, total: int) -> Locator:
        """Find the pane that shows this picture; its texts are drawn with it."""
        words = re.compile(rf"第 {number} / {total} 幅")
        return self.page.locator("[data-pane]").filter(has_text=words)

    def answers_invitation(self) -> None:
        """Say yes to the conference."""
        self.takes("会议邀请待答复")
        self.presses("参加")
        self.sees("已答复。会议开始前可以更改。")

    def enters_room(self) -> None:
        """Go into the conference that is on."""
        self.takes("会议进行中")
        expect(self.page.get_by_role("status").filter(has_text="线路")).to_be_visible()

    def leaves_room(self) -> None:
        """Leave the live room for the conference's page."""
        self.follows("离开")

    def says(self, text: str) -> None:
        """Write to everybody in the live room."""
        field = self.page.get_by_label("发言", exact=True)
        field.fill(text)
        field.press("Enter")

    def hears(self, name: str, text: str) -> None:
        """Wait for what somebody said in the live room."""
        self.turns_to("讨论")
        said = self.page.get_by_role("tabpanel", name="讨论").get_by_role("listitem")
        expect(said.filter(has_text=name).filter(has_text=text)).to_be_visible()

    def reads_opinion(self, field: str, text: str) -> None:
        """Wait for the text of the opinion beside the image in the live room."""
        self.turns_to("方案")
        expect(self.page.get_by_label(field)).to_have_value(text)

    def signs(self) -> None:
        """Sign the opinion that waits, with the password."""
        self.takes("意见待您签署")
        self.page.get_by_label("登录密码").fill(PASSWORD)
        self.presses("确认签名")
        self.sees(re.compile("^(您已签名。|签署完成，意见书已生效。)$"))

    def reads_pdf(self) -> bytes:
        """The PDF behind the link on the page of the opinion."""
        address = self.link("查看 PDF").get_attribute("href") or ""
        return self.page.request.get(urljoin(self.page.url, address)).body()


class ClinicianPage(Person):
    """The doctor of the county hospital."""

    def starts_case(self, ask: str, id_number: str, name: str) -> str:
        """Begin a case for a patient; gives its number."""
        self.follows("新建病例")
        self.page.get_by_label("就哪个瘤种、向哪个团队提出").select_option(label=ask)
        self.page.get_by_label("证件号码").fill(id_number)
        self.page.get_by_label("姓名").fill(name)
        self.presses("开始填写")
        self.is_at("填写病例")
        return self.page.get_by_role("heading", level=1).inner_text().split()[1]

    def opens_files(self) -> None:
        """Go from the form to the page of the case's files."""
        self.link("上传与管理", self.region("影像与资料")).click()
        self.is_at("影像与资料")

    def uploads(self, *paths: Path) -> None:
        """Choose a folder, or files, and wait until each file is taken."""
        folder = len(paths) == 1 and paths[0].is_dir()
        sent = sum(one.is_file() for one in paths[0].rglob("*")) if folder else len(paths)
        table = self.page.get_by_role("table", name="上传的文件")
        taken = table.get_by_role("row").filter(has_text="已接收")
        before = taken.count()
        with self.page.expect_file_chooser() as chooser:
            self.presses("选择文件夹" if folder else "选择文件")
        chooser.value.set_files(paths[0] if folder else list(paths))
        expect(taken).to_have_count(before + sent)
        self.sees("全部完成")

    def stands_for_headers(self, reason: str) -> None:
        """Confirm of each header that names somebody else that it is the patient's."""
        waiting = self.link("核对并确认是本患者")
        while waiting.count():
            waiting.first.click()
            self.page.get_by_label(begins("依据")).fill(reason)
            self.presses("确认是本患者")
            self.sees("已确认为本患者，您的姓名和依据已记录。")

    def releases_everything(self) -> None:
        """Look at what may show a name, one after the other, and let it out."""
        self.follows("逐个查看并放行")
        self.is_at("查看并放行")
        while self.button("没有患者信息，放行").count():
            with self.page.expect_navigation():
                self.presses("没有患者信息，放行")

    def records_consent(self, paper: str, on: date, scan: Path) -> None:
        """Enter who signed a consent, and attach its scan."""
        line = self.region("知情同意").get_by_role("row").filter(has_text=paper)
        self.link("登记", line).click()
        self.page.get_by_role("radio", name="患者本人").check()
        self.page.get_by_label("签署日期").fill(on.isoformat())
        self.presses("保存登记")
        self.sees("已登记")
        self.follows("上传扫描件")
        self.uploads(scan)
        self.follows("返回知情同意")
        expect(line).to_contain_text("已上传")

    def submits(self) -> None:
        """Check everything once more and send it to the team."""
        self.follows("核对并提交")
        self.is_at("核对并提交")
        self.presses("提交给会诊团队")
        self.sees("已提交。团队受理后会在待办中通知您。")

    def opens_series(self, series: str) -> None:
        """Open a series from the case's page."""
        self.turns_to("影像")
        self.follows(begins(series))

    def shows_series(self, series: str, total: int, number: int) -> None:
        """Choose a series for everybody in the live room, and page on to a picture."""
        chooser = self.page.get_by_role("combobox", name="序列", exact=True)
        option = chooser.locator("option", has_text=series).filter(has_text=f"（{total} 幅）")
        chooser.select_option(value=option.get_attribute("value"))
        for place in range(1, number):
            self.sees_picture(series, place, total)
            self.pages_on(place, total)


class CoordinatorPage(Person):
    """The secretary of the team."""

    def accepts(self, number: str) -> None:
        """Take a case from the queue."""
        self.opens("受理")
        line = self.region("待受理 1").get_by_role("row").filter(has_text=number)
        self.link("受理", line).click()
        self.presses("受理")
        self.sees(f"已受理 {number}，可以排入会议。")

    def plans_conference(self, begin: datetime, place: str) -> None:
        """Plan a conference and invite the whole roster."""
        self.opens("会议")
        self.follows("新建会议")
        self.page.get_by_label("日期").fill(begin.date().isoformat())
        self.page.get_by_label("开始时间").fill(f"{begin:%H:%M}")
        self.page.get_by_label("地点").fill(place)
        self.presses("建立会议并发出邀请")

    def lists_case(self, number: str, reason: str, text: str) -> None:
        """Put a case on the agenda although not all of its papers are there."""
        line = self.region("可排入的病例").get_by_role("listitem").filter(has_text=number)
        line.get_by_text("看缺什么，或说明原因后列入").click()
        line.get_by_role("combobox", name="特批原因").select_option(label=reason)
        line.get_by_role("textbox", name="说明").fill(text)
        self.button("仍要列入", line).click()
        self.sees("已加入议程，已邀请主管医师汇报。")


class ExpertPage(Person):
    """A specialist of the panel."""


class ChairPage(Person):
    """Who leads the conference."""

    def starts_conference(self) -> None:
        """Open the conference from its page and stand in its room."""
        self.takes("会议时间已到，请开会")
        self.presses("开始会议")
        self.sees("从议程中选择一个病例，按“开始讨论”。")

    def sees_company(self, people: int, disciplines: int) -> None:
        """Wait until so many people are here, of so many disciplines."""
        expect(self.page.get_by_role("tab", name=f"人员 {people}", exact=True)).to_be_visible()
        self.sees(f"现在在场 {disciplines} 个学科")

    def takes_up(self, patient: str) -> None:
        """Begin with a case of the agenda."""
        self.presses(re.compile(rf"^开始讨论，{re.escape(patient)} \d+$"))

    def types_opinion(self, field: str, text: str) -> None:
        """Type on in the opinion beside the image, key by key."""
        self.turns_to("方案")
        self.page.get_by_label(field).press_sequentially(text)

    def concludes(self) -> None:
        """End the case as discussed."""
        self.presses("结束本例…")
        self.presses("结束本例")

    def closes(self) -> None:
        """End the conference."""
        self.presses("结束会议…")
        self.presses("结束会议")
        self.sees("会议已结束，内容只能查看。")

    def opens_opinion(self) -> None:
        """Go from the agenda to the page of the opinion, which opens a tab."""
        with self.context.expect_page() as opened:
            self.follows("诊疗意见书")
        self.page = opened.value
        self.is_at("诊疗意见书")

    def adds_step(self, modality: str, cells: Mapping[str, str]) -> None:
        """Add a step to the opinion."""
        self.presses("添加步骤")
        row = self.region("诊疗方案").get_by_role("listitem").last
        row.get_by_label("项目").select_option(label=modality)
        for label, text in cells.items():
            row.get_by_label(label).fill(text)
        self.sees_saved()

    def sends_out(self) -> None:
        """Give the opinion to those who sign it."""
        self.sees("内容齐全，可以发出签署")
        self.presses("发出签署")
        self.button("发出签署", self.page.get_by_role("dialog")).click()
        self.sees("已发出签署，签名人会在待办中看到。")

    def verifies(self, pdf: Path) -> None:
        """Follow the code of the opinion and compare the file with what was issued."""
        self.follows(re.compile("^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$"))
        self.sees("本意见书已签署，现行有效。")
        self.page.get_by_label("PDF 文件").set_input_files(pdf)
        self.presses("比较")
        self.sees("与出具的文件完全一致。")


class QualityPage(Person):
    """The quality manager of the province."""

    def imports(self, register: Path) -> None:
        """Read a register file in."""
        self.opens("登记")
        self.follows("导入台账")
        self.page.get_by_label("文件").set_input_files(register)
        self.presses("上传")
        self.presses("确认，开始试读")
        self.presses("现在导入")
        self.is_at("导入结果")

    def reads_coverage(self, hospital: str) -> dict[str, str]:
        """The report's line of a hospital by column, as it opens: this quarter, strict."""
        self.opens("报表")
        self.sees(re.compile("严格口径，第1版$"))
        table = self.page.get_by_role("table", name="讨论率")
        heads = table.get_by_role("columnheader").all_inner_texts()
        cells = self._line(hospital).get_by_role("cell").all_inner_texts()
        return dict(zip(heads, cells, strict=True))

    def opens_figure(self, hospital: str, figure: str) -> Locator:
        """Follow the first such figure of a line to the tumours behind it; gives their lines."""
        self.link(figure, self._line(hospital)).first.click()
        self.is_at("已讨论（分子）")
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("cell"))

    def _line(self, hospital: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=hospital)
