"""A register file on its way through the pages: columns, dry run, import, refused rows, history."""

import pytest

from mdt.adapters.spreadsheets import read_table, write_csv
from mdt.extensions import db
from mdt.models.register_imports import RegisterColumns, RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.rules.registry.columns import REASON_COLUMNS
from tests.register_files import HEADER, NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv
from tests.register_imports import confirm, read_through, shown_columns, upload

#: Headings of another system: one says nothing, and what stands below it everything.
FOREIGN = (
    "上报医疗机构编码", "患者姓名", "身份证号码", "dx", "初诊/复诊标志", "入院日期", "首次确诊日期",
)  # fmt: skip


def foreign(*rows):
    return write_csv(FOREIGN, rows)


def line(**changes):
    row = {**ROW, **changes}
    return [
        row[name] for name in ("hospital_code", "name", "id_number", "icd10", "case_type")
    ] + ["2026-10-30", row["diagnosis_date"]]  # fmt: skip


@pytest.fixture
def record(app):
    """``record(1)`` gives columns of an import's row."""

    def look(number, *columns):
        with app.app_context():
            statement = db.select(RegisterImport).where(RegisterImport.id == number)
            found = db.session.scalars(statement.execution_options(mdt_scoped=True)).one()
            return tuple(getattr(found, name) for name in columns)

    return look


@pytest.fixture
def blobs(app):
    """How many blobs lie in the storage."""
    folder = app.config["MDT"].instance / "storage"
    return lambda: sum(1 for one in folder.rglob("*") if one.is_file())


def test_columns_are_guessed_put_right_tried_and_then_read_in(person, register, record):
    doctor = person("clinician")
    path = upload(doctor, foreign(line(), line(**WOMAN, icd10="I10"))).location
    page = doctor.get(path).text
    assert shown_columns(page) == {
        "上报医疗机构编码": "hospital_code",
        "患者姓名": "name",
        "身份证号码": "id_number",
        "dx": "icd10",
        "初诊/复诊标志": "case_type",
        "入院日期": "",
        "首次确诊日期": "diagnosis_date",
    }
    assert ("张**；李**" in page, "张三丰" in page, ROW["id_number"] in page) == (
        True,
        False,
        False,
    )
    refused = confirm(doctor, path, dx="")
    assert refused.status_code == 422
    assert "还没有指定必填列：诊断编码（icd10）" in refused.text
    twice = confirm(doctor, path, dx="icd10", 入院日期="icd10")
    assert (twice.status_code, "有的列选了两次：诊断编码（icd10）" in twice.text) == (422, True)
    assert confirm(doctor, path, dx="icd10").location == path
    page = doctor.get(path).text
    assert "试读完成，共 2 行：可接收 1 行（其中 0 行请核对），不能接收 1 行" in page
    assert "诊断编码不是肿瘤" in page
    assert (register("id"), record(1, "state")) == ([], ("checked",))
    assert doctor.post(f"{path}/begin").location == path
    assert "共 2 行：接收 1 行，未变 0 行，未接收 1 行" in doctor.get(path).text
    assert register("icd10", "import_id") == [("C34.1", 1)]


def test_columns_can_still_be_changed_after_the_dry_run(person, register, record):
    doctor = person("clinician")
    path = upload(doctor, foreign(line())).location
    confirm(doctor, path, dx="icd10", 首次确诊日期="", 入院日期="diagnosis_date")
    page = doctor.get(f"{path}?columns=1").text
    assert shown_columns(page)["入院日期"] == "diagnosis_date"
    fields = {f"columns-{at}": one for at, one in enumerate(
        ("hospital_code", "name", "id_number", "icd10", "case_type", "", "diagnosis_date")
    )}  # fmt: skip
    assert doctor.post(f"{path}/columns", **fields).location == path
    assert record(1, "state", "total", "refused") == ("checked", 1, 0)
    doctor.post(f"{path}/begin")
    assert [str(day) for (day,) in register("diagnosis_date")] == [ROW["diagnosis_date"]]


def test_columns_are_remembered_for_the_hospital(person, register, record):
    doctor, colleague, stranger = person("clinician"), person("colleague"), person("clinician2")
    path = upload(doctor, foreign(line())).location
    confirm(doctor, path, 首次确诊日期="", 入院日期="diagnosis_date")
    again = upload(colleague, foreign(line(**WOMAN))).location
    page = colleague.get(again).text
    assert ("各列的含义采用本机构上次确认的结果" in page, record(2, "state")) == (
        True,
        ("checked",),
    )
    colleague.post(f"{again}/begin")
    assert [str(day) for (day,) in register("diagnosis_date")] == ["2026-10-30"]
    other = upload(stranger, foreign(line())).location
    assert shown_columns(stranger.get(other).text)["入院日期"] == ""


@pytest.mark.parametrize("sender", ["clinician", "quality"])
def test_our_own_file_of_refused_rows_is_recognised_when_it_comes_back(person, register, sender):
    sender = person(sender)
    path = upload(sender, foreign(line(), line(**WOMAN, icd10="I10"))).location
    confirm(sender, path, 首次确诊日期="", 入院日期="diagnosis_date")
    sender.post(f"{path}/begin")
    mended = write_csv([*FOREIGN, *REASON_COLUMNS], [[*line(**WOMAN), "诊断编码不是肿瘤", ""]])
    again = upload(sender, mended).location
    page = sender.get(again).text
    assert ("各列的含义采用" in page, shown_columns(page)) == (True, {})
    sender.post(f"{again}/begin")
    assert [str(day) for (day,) in register("diagnosis_date")] == ["2026-10-30"] * 2


def test_headings_and_names_are_sealed_while_a_file_waits(app, person, record):
    doctor = person("clinician")
    upload(doctor, write_csv(["张三丰", "机构代码"], [[ROW["id_number"], "T-JX-A"]]))
    read_through(doctor, rows_to_csv({}, {"name": "欧阳锋", "icd10": "I10"}))
    instance = app.config["MDT"].instance
    with app.app_context():
        db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    for file in instance.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert [
                one for one in ("张三丰", "欧阳锋", ROW["id_number"]) if one.encode() in content
            ] == []


def test_refused_rows_are_taken_home_whole_mended_and_sent_again(person, register, app):
    doctor = person("clinician")
    bad = {**WOMAN, "diagnosis_date": "2026-13-01", "icd10": "C50.4"}
    path = read_through(doctor, rows_to_csv({}, bad, {**OTHER_WOMAN, "hospital_code": "=x()"}))
    for kind in ("csv", "xlsx"):
        answer = doctor.get(f"{path}/refused.{kind}")
        assert f"register-refused-1.{kind}" in answer.headers["Content-Disposition"]
        table = read_table(answer.data)
        assert table.header == (*HEADER, *REASON_COLUMNS)
        rows = list(table.rows)
        assert [row.cells["name"] for row in rows] == [WOMAN["name"], OTHER_WOMAN["name"]]
        assert rows[0].cells[REASON_COLUMNS[0]].startswith("确诊日期: 日期无法识别")
        assert rows[0].cells[REASON_COLUMNS[1]].startswith("Date of diagnosis (diagnosis_date): ")
        assert rows[1].cells["hospital_code"] == "'=x()"
    assert doctor.get(f"{path}/refused.pdf").status_code == 404
    csv = doctor.get(f"{path}/refused.csv").data.decode()
    mended = csv.replace("2026-13-01", "2026-11-03").encode()
    again = read_through(doctor, mended)
    assert "共 2 行：接收 1 行，未变 0 行，未接收 1 行" in doctor.get(again).text
    assert register("icd10") == [("C34.1",), ("C50.4",)]
    # Those that were refused once more have no second pair of reasons.
    table = read_table(doctor.get(f"{again}/refused.csv").data)
    assert table.header == (*HEADER, *REASON_COLUMNS)
    (row,) = table.rows
    assert row.cells["hospital_code"] == "'=x()"


def test_the_same_file_again_says_so_and_changes_nothing(person, register):
    doctor = person("clinician")
    content = rows_to_csv({}, WOMAN)
    read_through(doctor, content)
    before = register("id", "row_hash", "import_id", "updated_at")
    path = upload(doctor, content).location
    assert "同一个文件已在" in doctor.get(path).text
    doctor.post(f"{path}/begin")
    assert "共 2 行：接收 0 行，未变 2 行，全部读入" in doctor.get(path).text
    assert register("id", "row_hash", "import_id", "updated_at") == before


def test_an_import_is_called_off_before_it_is_begun(person, register, record, blobs):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv({})).location
    assert blobs() == 1
    assert doctor.post(f"{path}/cancel").location == path
    assert "台账没有改变。文件已删除。" in doctor.get(path).text
    assert (record(1, "state", "file_keys"), blobs()) == (("cancelled", None), 0)
    assert doctor.post(f"{path}/begin").status_code == 409
    other = upload(doctor, rows_to_csv({})).location
    confirm(doctor, other)
    doctor.post(f"{other}/begin")
    assert doctor.post(f"{other}/cancel").status_code == 409
    assert (register("icd10"), blobs()) == ([("C34.1",)], 0)


def test_only_who_sent_a_file_goes_on_with_it(person, register):
    path = upload(person("clinician"), rows_to_csv({})).location
    colleague = person("colleague")
    page = colleague.get(path)
    assert (page.status_code, shown_columns(page.text)) == (200, {})
    for step in ("columns", "begin", "cancel"):
        answer = colleague.post(f"{path}/{step}", **{"columns-0": ""})
        assert answer.status_code == 403, step
    assert register("id") == []


def test_all_that_looks_wrong_is_in_a_file_and_its_number_on_the_page(person):
    doctor = person("clinician")
    treated = {"first_treatment_date": "2026-10-20", "first_treatment_type": "化疗"}
    rows = [{**NOBODY, **treated, "mrn": f"M{number}"} for number in range(502)]
    path = upload(doctor, rows_to_csv(*rows)).location
    confirm(doctor, path)
    for step in ("", "begin"):
        if step:
            doctor.post(f"{path}/{step}")
        page = doctor.get(path).text
        assert "共 502 行请核对，这里列出前 500 处" in page
        found = list(read_table(doctor.get(f"{path}/warnings.csv").data).rows)
        days = [row.cells["行号"] for row in found if row.cells["列"] == "首次治疗日期"]
        assert days == [str(number) for number in range(2, 504)]
    assert person("clinician2").get(f"{path}/warnings.csv").status_code == 404
    assert doctor.get(f"{path}/warnings.txt").status_code == 404


def test_a_fault_far_down_is_told_on_the_page(person, record, register, blobs):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv(*({},) * 25) + b'"never closed,1\n').location
    confirm(doctor, path)
    page = doctor.get(path).text
    assert ("没有完成" in page, "文件已损坏或格式有误" in page) == (True, True)
    assert (record(1, "state", "error"), register("id"), blobs()) == (
        ("failed", "register_malformed"), [], 0,
    )  # fmt: skip


def test_progress_is_told_as_json(person):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv({}, {"icd10": "x"})).location
    assert doctor.get(f"{path}.json").json["state"] == "columns"
    confirm(doctor, path)
    doctor.post(f"{path}/begin")
    answer = doctor.get(f"{path}.json").json
    assert answer == {"state": "done", "handled": 2, "total": 2, "text": "", "waiting": False}


def test_a_file_of_no_rows_is_tried_and_not_begun(person, record):
    doctor = person("clinician")
    path = upload(doctor, ",".join(HEADER).encode()).location
    confirm(doctor, path)
    page = doctor.get(path).text
    assert ("共 0 行" in page, "现在导入" in page) == (True, False)


def test_nothing_of_a_dry_run_is_left_beside_the_import(app, person):
    doctor = person("clinician")
    read_through(doctor, rows_to_csv({}, {"icd10": "x"}))
    with app.app_context():
        found = db.session.scalars(db.select(RegisterFindings)).all()
        assert [(one.number, one.refused, one.tumour_ids) for one in found] == [(0, 1, None)]
        kept = db.select(RegisterColumns).execution_options(mdt_scoped=True)
        assert len(db.session.scalars(kept).all()) == 1


def test_a_file_under_way_stands_in_the_worklist_and_the_tabs(person, app):
    doctor = person("clinician")
    assert "tab-count" not in doctor.get("/registry/import").text
    path = upload(doctor, rows_to_csv({})).location
    assert "上传的台账文件待核对或待确认导入" in doctor.get("/").text
    page = doctor.get("/registry/import").text
    assert ('<span class="tab-count">1</span>' in page, "待核对列" in page) == (True, True)
    with app.app_context():
        db.session.execute(db.update(RegisterImport).values(state="importing"))
        db.session.commit()
    assert "台账文件正在处理" in doctor.get("/").text
    with app.app_context():
        db.session.execute(db.update(RegisterImport).values(state="columns"))
        db.session.commit()
    doctor.post(f"{path}/cancel")
    assert "台账文件" not in doctor.get("/").text


def test_a_file_that_was_only_uploaded_does_not_count_as_the_last_import(person):
    manager = person("quality")
    upload(manager, rows_to_csv({}))
    assert "登记数据超过35天未更新" in manager.get("/").text
