"""A register file from another system, through the browser: guessed, put right, tried, mended."""

import time
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, expect

from mdt.adapters.spreadsheets import write_csv, write_xlsx
from mdt.extensions import db
from mdt.models.tumours import RegisterImport, Tumour
from mdt.rules.calendar import utc_now
from mdt.rules.registry.importing import LEASE
from tests.e2e.people import Person
from tests.live_server import LiveServer
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv

HEADINGS = (
    "医疗机构编码",
    "患者姓名",
    "身份证号",
    "部位码",
    "初诊/复诊",
    "入院日期",
    "首次确诊日期",
)


def line(**changes: str) -> list[str]:
    row = {**ROW, **changes}
    return [row["hospital_code"], row["name"], row["id_number"], row["icd10"], row["case_type"],
            "2026-10-01", row["diagnosis_date"]]  # fmt: skip


def test_errors_are_put_right_and_sent_again(
    live_server: LiveServer, context: BrowserContext, tmp_path: Path
) -> None:
    doctor = Person(context, live_server.url, "clinician")
    page = doctor.page
    file = tmp_path / "台账.csv"
    bad = line(**WOMAN, diagnosis_date="2026-02-30")
    file.write_bytes(write_csv(HEADINGS, [line(), bad, line(**OTHER_WOMAN, icd10="I10")]))
    doctor.opens("登记")
    doctor.follows("导入台账")
    page.get_by_label("台账文件").set_input_files(file)
    doctor.presses("上传")
    expect(page.get_by_label("患者姓名")).to_have_value("name")
    doctor.sees("张**；李**；王**")
    # Codes give themselves away. What somebody changes for the worse the page says.
    expect(page.get_by_label("部位码")).to_have_value("icd10")
    page.get_by_label("部位码").select_option("")
    page.get_by_label("入院日期").select_option("diagnosis_date")
    page.get_by_label("首次确诊日期").select_option("")
    doctor.presses("确认，开始试读")
    doctor.sees("还没有指定必填列：诊断编码（icd10）")
    page.get_by_label("部位码").select_option("icd10")
    page.get_by_label("入院日期").select_option("")
    page.get_by_label("首次确诊日期").select_option("diagnosis_date")
    doctor.presses("确认，开始试读")
    # Nobody works yet: it can be left, and found again from the worklist.
    doctor.sees("可以离开本页去做别的")
    address = page.url
    doctor.takes("台账文件正在处理")
    live_server.start_worker()
    page.get_by_role("row").filter(has_text="试读中").or_(
        page.get_by_role("row").filter(has_text="待确认导入")
    ).first.get_by_role("link").click()
    assert page.url == address
    doctor.sees("试读完成，共 3 行：可接收 1 行（其中 0 行请核对），不能接收 2 行")
    doctor.presses("现在导入")
    doctor.sees("共 3 行：接收 1 行，未变 0 行，未接收 2 行")
    with page.expect_download() as download:
        doctor.follows("下载未接收的行（XLSX）")
    refused = tmp_path / "未接收.xlsx"
    download.value.save_as(refused)
    sheet = load_workbook(refused).active
    assert sheet is not None
    rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == [*HEADINGS, "未接收原因", "未接收原因（英文）"]
    assert [row[1] for row in rows[1:]] == [WOMAN["name"], OTHER_WOMAN["name"]]
    mended = tmp_path / "更正.xlsx"
    rows[1][6], rows[2][3] = "2026-03-01", "C50.4"
    mended.write_bytes(write_xlsx(rows[0], rows[1:], title="更正"))
    doctor.follows("再导入一份")
    page.get_by_label("台账文件").set_input_files(mended)
    doctor.presses("上传")
    doctor.presses("现在导入")
    doctor.sees("共 2 行：接收 2 行，未变 0 行，全部读入")
    # The browser itself notes the one answer that said what was missing.
    assert [one for one in doctor.faults if "422" not in one] == []


def handled(server: LiveServer) -> int:
    """How many rows of the only import are written."""
    with server.app.app_context():
        statement = db.select(RegisterImport.handled).execution_options(mdt_scoped=True)
        return db.session.scalars(statement).one()


def let_time_pass(server: LiveServer) -> None:
    """The worker that held the import has not been heard of for some time."""
    long_ago = utc_now() - 2 * LEASE
    with server.app.app_context():
        db.session.execute(db.update(RegisterImport).values(beat_at=long_ago, queued_at=long_ago))
        db.session.commit()


def test_a_killed_import_goes_on_before_the_readers_eyes(
    live_server: LiveServer, context: BrowserContext, tmp_path: Path
) -> None:
    total = 4_000
    file = tmp_path / "全年.csv"
    file.write_bytes(rows_to_csv(*({**NOBODY, "mrn": f"M{n}"} for n in range(1, total + 1))))
    doctor = Person(context, live_server.url, "clinician")
    page = doctor.page
    live_server.start_worker()
    page.goto(f"{live_server.url}/registry/import")
    page.get_by_label("台账文件").set_input_files(file)
    doctor.presses("上传")
    doctor.presses("确认，开始试读")
    doctor.presses("现在导入")
    doctor.is_at("导入台账文件")
    while not handled(live_server):
        time.sleep(0.01)
    live_server.kill_worker()
    cut = handled(live_server)
    assert 0 < cut < total
    # It stands still where it was, and says how far that is.
    address, bar = page.url, page.locator("[data-progress-bar]")
    expect(bar).to_have_js_property("value", cut)
    expect(bar).to_have_js_property("max", total)
    let_time_pass(live_server)
    live_server.start_worker()
    doctor.sees(f"共 {total} 行：接收 {total} 行，未变 0 行，全部读入")
    assert page.url == address
    with live_server.app.app_context():
        rows = db.select(db.func.count(Tumour.id)).execution_options(mdt_scoped=True)
        assert db.session.scalar(rows) == total
    assert doctor.faults == []
