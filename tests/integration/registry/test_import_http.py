"""Importing a register through the page and with a machine's token."""

import io

import pytest
from openpyxl import load_workbook

from mdt.adapters.spreadsheets import read_table, write_xlsx
from mdt.rules.registry import COLUMNS, recognise_header
from tests.clamd import EICAR
from tests.register_files import HEADER, ROW, WOMAN, rows_to_csv
from tests.register_imports import read_through, upload


def as_xlsx(*rows):
    header = [COLUMNS[column] for column in HEADER]
    return write_xlsx(
        header, [[{**ROW, **row}.get(name, "") for name in HEADER] for row in rows], title="台账"
    )


@pytest.mark.parametrize(
    "content",
    [
        rows_to_csv({}, WOMAN, {"icd10": "I10"}),
        rows_to_csv({}, WOMAN, {"icd10": "I10"}, encoding="gb18030"),
        as_xlsx({}, WOMAN, {"icd10": "I10"}),
    ],
    ids=["utf-8", "gb18030", "xlsx"],
)
def test_the_page_takes_a_file_and_shows_what_became_of_it(person, register, content):
    doctor = person("clinician")
    assert read_through(doctor, content) == "/registry/import/1"
    page = doctor.get("/registry/import/1").text
    assert "共 3 行：接收 2 行，未变 0 行，未接收 1 行" in page
    assert "诊断编码不是肿瘤" in page
    assert register("icd10") == [("C34.1",), ("C34.1",)]
    assert "/registry/import/1" in doctor.get("/registry/import").text


def test_a_file_that_cannot_be_read_is_explained_on_the_page(person, register):
    doctor = person("clinician")
    answer = upload(doctor, b"%PDF-1.7 \x00")
    assert (answer.status_code, "这不是表格文件" in answer.text) == (422, True)
    missing = doctor.post("/registry/import")
    assert (missing.status_code, "请先选择文件" in missing.text) == (422, True)
    assert register("id") == []


def test_the_template_is_a_file_that_can_be_read_in(person):
    doctor = person("clinician")
    header = read_table(doctor.get("/registry/import/template.csv").data + b"x").header
    assert header[:2] == ("机构代码*", "姓名")
    found = recognise_header(header)
    assert (list(found.by_heading.values()), found.missing) == (list(COLUMNS), ())
    book = load_workbook(io.BytesIO(doctor.get("/registry/import/template.xlsx").data))
    assert tuple(cell.value for cell in book.active[1]) == header
    assert doctor.get("/registry/import/template.pdf").status_code == 404


@pytest.mark.parametrize("username", ["coordinator", "approver", "observer", "sysadmin"])
def test_who_may_not_import_is_refused(person, username):
    browser = person(username)
    assert browser.get("/registry/import").status_code == 403
    assert upload(browser, rows_to_csv({})).status_code == 403


def test_another_hospitals_import_is_not_found(person):
    read_through(person("clinician"), rows_to_csv({}))
    stranger = person("clinician2")
    for path in ("", ".json", "/refused.csv", "/refused.xlsx"):
        assert stranger.get(f"/registry/import/1{path}").status_code == 404
    for step in ("columns", "begin", "cancel"):
        assert stranger.post(f"/registry/import/1/{step}").status_code == 404
    assert person("quality").get("/registry/import/1").status_code == 200


def test_values_are_for_the_own_hospital_alone(person, app, token):
    """Above it: row, column and reason, wherever they are read."""
    read_through(person("clinician"), rows_to_csv({}, {"icd10": "I10"}, {"sex": "Q7?"}))
    for username, seen in (("clinician", True), ("quality-hospital", True), ("quality", False)):
        browser = person(username)
        page = browser.get("/registry/import/1").text
        assert ("I10" in page, "Q7?" in page, "诊断编码不是肿瘤" in page) == (seen, seen, True)
        file = browser.get("/registry/import/1/refused.csv").data
        (row,) = read_table(file).rows
        # In full only for who may see names in full.
        if username == "clinician":
            assert (row.cells["icd10"], row.cells["name"]) == ("I10", "张三丰")
        else:
            cells = (row.cells["行号"], row.cells["列"], row.cells["内容"])
            assert cells == ("3", "诊断编码", "")
            assert "张三丰" not in file.decode()
    for username, value in (("clinician", "I10"), ("quality", "")):
        answer = app.test_client().post(
            "/registry/import",
            data=rows_to_csv({}, {"icd10": "I10"}),
            headers=token(username, "register"),
        )
        assert [(one["row"], one["value"]) for one in answer.json["refused"]] == [(3, value)]


def test_a_mixed_file_is_shown_to_who_sent_it(person):
    manager = person("quality")
    mixed = rows_to_csv({}, {**WOMAN, "hospital_code": "T-JX-B"}, {"hospital_code": "X"})
    path = read_through(manager, mixed)
    assert "接收 2 行" in manager.get(path).text
    assert person("clinician").get(path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"data": rows_to_csv({}, {"icd10": "I10"}), "content_type": "text/csv"},
        {
            "data": rows_to_csv({}, {"icd10": "I10"}),
            "content_type": "application/x-www-form-urlencoded",
        },
        {"data": as_xlsx({}, {"icd10": "I10"}), "content_type": "application/octet-stream"},
        {"data": {"file": (io.BytesIO(rows_to_csv({}, {"icd10": "I10"})), "r.csv")}},
    ],
    ids=["csv", "as curl sends it", "xlsx", "multipart"],
)
def test_a_machine_gets_the_whole_answer(app, token, register, body):
    answer = app.test_client().post(
        "/registry/import", headers=token("clinician", "register"), **body
    )
    assert answer.status_code == 200
    assert answer.json == {
        "accepted": 1,
        "unchanged": 0,
        "total": 2,
        "refused_rows": 1,
        "refused": [
            {
                "row": 3,
                "column": "icd10",
                "value": "I10",
                "reason": "诊断编码不是肿瘤。台账只收 C00–C97 和 D00–D48，如 C16.9。",
                "code": "icd10_not_neoplasm",
            }
        ],
        "warnings": [],
        "matched": 0,
        "possible_duplicates": 0,
        "unknown_headings": [],
        "import_id": 1,
    }
    assert register("icd10") == [("C34.1",)]


@pytest.mark.parametrize(
    ("username", "scopes", "status"),
    [
        ("clinician", ("reports",), 403),
        ("clinician", ("cases", "dicomweb", "fhir"), 403),
        ("coordinator", ("register",), 403),
        ("quality", ("register",), 200),
    ],
)
def test_a_token_needs_the_scope_and_its_owner_the_permission(app, token, username, scopes, status):
    answer = app.test_client().post(
        "/registry/import", data=rows_to_csv({}), headers=token(username, *scopes)
    )
    assert answer.status_code == status


def test_without_a_token_a_machine_is_asked_to_sign_in(app, world):
    bad = {"Authorization": "Bearer mdt_nonsense"}
    assert app.test_client().post("/registry/import", headers=bad).status_code == 401


def test_a_machines_bad_file_is_answered_in_words(app, token):
    client, headers = app.test_client(), token("clinician", "register")
    bad = client.post("/registry/import", data=b"a,b\n1,2\n", headers=headers)
    assert (bad.status_code, bad.json["error"]["code"]) == (422, "register_columns_missing")
    assert bad.json["error"]["message"].startswith("缺少必填列：机构代码（hospital_code）")
    empty = client.post("/registry/import", headers=headers)
    assert (empty.status_code, empty.json["error"]["code"]) == (422, "register_empty")


def test_a_token_of_the_register_opens_no_page(app, token):
    client, headers = app.test_client(), token("clinician", "register")
    for path in ("/registry", "/registry/import", "/registry/not-discussed"):
        assert client.get(path, headers=headers).status_code == 403


def test_a_treatment_before_the_diagnosis_is_taken_with_a_warning_of_both_dates(person, register):
    doctor = person("clinician")
    treated = {"first_treatment_date": "2026-10-20", "first_treatment_type": "手术"}
    page = doctor.get(read_through(doctor, rows_to_csv(treated))).text
    assert register("icd10") == [("C34.1",)]
    assert "<td>2026-10-20 &lt; 2026-11-01</td><td>首次治疗日期早于确诊日期" in page


def test_a_picture_of_a_table_is_no_table(person):
    doctor = person("clinician")
    for content in (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\xff\xfe\x81\n", b"\x89PNG\r\n\x1a\n\xff"):
        assert "这不是表格文件。请上传 CSV 或 XLSX。" in upload(doctor, content).text


def test_only_a_date_that_may_be_missing_is_said_to_stay_empty(person):
    doctor = person("clinician")
    for column, may_be_empty in (("diagnosis_date", False), ("stage_date", True)):
        page = doctor.get(read_through(doctor, rows_to_csv({column: "昨天"}))).text
        assert "日期无法识别或不存在" in page
        assert ("填写。没有则留空。</td>" in page) is may_be_empty


def test_a_mistyped_hospital_code_is_shown_whole(person):
    doctor = person("clinician")
    page = doctor.get(read_through(doctor, rows_to_csv({"hospital_code": "T-JX-AA"}))).text
    assert "<td>T-JX-AA</td>" in page


def test_a_machine_is_told_that_its_register_file_is_not_taken(app, clamd, token):
    clean, bad_file = rows_to_csv({}), rows_to_csv({}) + EICAR
    client, headers = app.test_client(), token("clinician", "register")
    away = client.post("/registry/import", data=clean, headers=headers)
    assert (away.status_code, away.json["error"]["code"]) == (503, "scanner_unavailable")
    with clamd():
        bad = client.post("/registry/import", data=bad_file, headers=headers)
        good = client.post("/registry/import", data=clean, headers=headers)
    assert (bad.status_code, bad.json["error"]["code"]) == (422, "register_virus")
    assert (good.status_code, good.json["accepted"]) == (200, 1)
