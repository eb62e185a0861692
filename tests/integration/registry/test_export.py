"""The register in its own columns: read back it changes nothing; nobody is named above."""

import csv
import io

import openpyxl
import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import TumourVersion
from mdt.rules.registry import COLUMNS
from mdt.rules.registry.values import CODED, read_code
from mdt.services.registry import import_register
from tests.counting import count_queries
from tests.fixtures_app import Browser
from tests.page_forms import cells_in
from tests.register_files import NOBODY, ROW, WOMAN, rows_to_csv
from tests.world import NOW, build_world

EXPORT = "/registry/export"
IDENTITY = ["name", "id_type", "id_number", "birth_date", "residence_code", "mrn"]
FULL = {
    "diagnosis_basis": "7",
    "stage_basis": "c",
    "stage_group": "ⅢB",
    "stage_date": "2026-11-02",
    "first_treatment_date": "2026-11-20",
    "first_treatment_type": "手术",
    "external_mdt_date": "2026-11-05",
}
FORMULA = {**WOMAN, "name": "=HYPERLINK(1)", "icd10": "C16.9", "laterality": "", "t": "-", "n": "+"}


def csv_rows(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def xlsx_rows(answer):
    book = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
    first, second = book.worksheets
    header, *rows = first.iter_rows(values_only=True)
    notes = [row[0] for row in second.iter_rows(values_only=True)]
    return [dict(zip(header, row, strict=True)) for row in rows], notes


def versions(app):
    with app.app_context():
        statement = db.select(db.func.count(TumourVersion.id)).execution_options(mdt_scoped=True)
        return db.session.scalar(statement)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_taken_out_reads_back_and_changes_nothing(
    app, person, read_in, register, kind, language
):
    read_in(FULL, WOMAN, FORMULA, {**WOMAN, "icd10": "C50.9", "sex": "", "staging_edition": "八"})
    doctor = person("clinician")
    doctor.get(f"/language/{language}")
    columns = ("updated_at", "import_id", "iii_plus", "t", "laterality")
    before = register(*columns)
    report = read_in(content=doctor.get(f"{EXPORT}.{kind}").data)
    assert (report.total, report.accepted, report.unchanged) == (4, 0, 4)
    assert (report.unknown_headings, register(*columns)) == ((), before)
    assert versions(app) == 0


@pytest.mark.parametrize("column", sorted(CODED))
def test_every_word_of_a_code_is_read_as_that_code(column):
    for code, label in CODED[column].items():
        assert [read_code(column, word) for word in (label.zh, label.en, code)] == [code] * 3


def test_the_file_has_exactly_the_columns_of_the_register(person, read_in):
    read_in(FULL)
    doctor = person("clinician")
    answer = doctor.get(f"{EXPORT}.csv")
    [row] = csv_rows(answer)
    assert list(row) == list(COLUMNS.values())
    assert (row["姓名"], row["证件号码"], row["首次治疗方式"]) == (
        "张三丰",
        ROW["id_number"],
        "手术",
    )
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="register-20')
    doctor.get("/language/en")
    assert list(csv_rows(doctor.get(f"{EXPORT}.csv"))[0]) == list(COLUMNS)


def test_a_workbook_says_who_took_it_out(app, person, read_in):
    read_in({}, WOMAN)
    answer = person("clinician").get(f"{EXPORT}.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).active.freeze_panes == "A2"
    rows, notes = xlsx_rows(answer)
    assert [row["姓名"] for row in rows] == ["李四娘", "张三丰"]
    assert notes[0].startswith("导出人：林县医；导出时间：")
    assert notes[1:] == ["行数: 2"]
    with app.app_context():
        [audited] = db.session.scalars(
            db.select(AuditRow).where(AuditRow.action == "registry:export")
        )
        assert audited.data == {"file": "register", "kind": "xlsx", "rows": 2}


def test_no_cell_is_a_formula(person, read_in):
    read_in(FORMULA)
    doctor = person("clinician")
    [row] = csv_rows(doctor.get(f"{EXPORT}.csv"))
    assert (row["姓名"], row["T"], row["N"]) == ("'=HYPERLINK(1)", "'-", "'+")
    [[row], _] = xlsx_rows(doctor.get(f"{EXPORT}.xlsx"))
    assert (row["姓名"], row["T"], row["N"]) == ("'=HYPERLINK(1)", "'-", "'+")


@pytest.mark.parametrize("username", ["quality", "quality-hospital"])
def test_nobody_is_named_above_the_own_hospital_nor_to_who_may_not_see_names(
    person, read_in, username
):
    read_in({}, {"hospital_code": "T-JX-B"}, by="quality")
    manager = person(username)
    manager.get("/language/en")
    answer = manager.get(f"{EXPORT}.csv")
    rows = csv_rows(answer)
    assert list(rows[0]) == [name for name in COLUMNS if name not in IDENTITY]
    assert len(rows) == (2 if username == "quality" else 1)
    rows, notes = xlsx_rows(manager.get(f"{EXPORT}.xlsx"))
    assert notes[2] == "De-identified: no columns of the person"
    for hidden in ("张三丰", ROW["id_number"], "MRN-1", "1962-03-05"):
        assert (hidden in answer.text, hidden in str(rows)) == (False, False)


def test_a_file_holds_what_the_list_shows(person, read_in):
    read_in(
        {},
        {**WOMAN, "t": "T1a", "n": "N0"},
        {**WOMAN, "icd10": "C16.9", "t": "", "n": "", "m": "", "diagnosis_date": "2026-09-01"},
        {"hospital_code": "T-JX-B", "external_mdt_date": "2026-11-05"},
        by="quality",
    )
    manager = person("quality")
    for query, codes in (
        ("", ["C34.1", "C34.1", "C34.1", "C16.9"]),
        ("stage=no", ["C34.1"]),
        ("stage=unknown", ["C16.9"]),
        ("from=2026-09-01&to=2026-09-30", ["C16.9"]),
        ("hospital=T-JX-B", ["C34.1"]),
        ("board=yes", ["C34.1"]),
        ("board=no&stage=yes", ["C34.1"]),
        ("hospital=NONE", []),
    ):
        listed = csv_rows(manager.get(f"{EXPORT}.csv?{query}"))
        assert [row["诊断编码"] for row in listed] == codes, query
    page = manager.get("/registry?stage=no").text
    assert 'href="/registry/export.csv?stage=no"' in page


def test_others_take_out_their_own_register_alone(person, read_in):
    read_in({}, {"hospital_code": "T-JX-B", "name": "李四"}, by="quality")
    assert [row["姓名"] for row in csv_rows(person("clinician2").get(f"{EXPORT}.csv"))] == ["李四"]
    assert csv_rows(person("quality-jilin").get(f"{EXPORT}.csv")) == []


@pytest.mark.parametrize("username", ["coordinator", "observer", "auditor"])
def test_who_does_not_see_the_register_gets_no_file(person, read_in, username):
    read_in({})
    assert person(username).get(f"{EXPORT}.csv").status_code == 403


def test_other_kinds_and_periods_are_none(person):
    doctor = person("clinician")
    assert doctor.get(f"{EXPORT}.pdf").status_code == 404
    assert doctor.get(f"{EXPORT}.csv?from=2026-13-01").status_code == (
        doctor.get("/registry?from=2026-13-01").status_code
    )


def test_it_asks_no_more_for_three_rows_than_for_one(app, person, read_in):
    doctor = person("clinician")
    counts = []
    for rows in ([{}], [{}, WOMAN, NOBODY]):
        read_in(*rows)
        with count_queries(app) as sent:
            assert len(csv_rows(doctor.get(f"{EXPORT}.csv?board=no"))) == len(rows)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_correction_outlives_the_own_file_and_the_one_before(person, read_in, register):
    read_in({})
    doctor = person("clinician")
    sent = cells_in(doctor.get("/registry/1/edit").text) | {"t": "T1b"}
    assert doctor.post("/registry/1/edit", **sent).status_code == 302
    assert read_in(content=doctor.get(f"{EXPORT}.csv").data).unchanged == 1
    assert (read_in({}).unchanged, register("t")) == (1, [("T1b",)])
    assert (read_in({"t": "T4"}).accepted, register("t")) == (1, [("T4",)])


def test_the_same_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        viewer = build_world().viewer("clinician")
        import_register(viewer, rows_to_csv(FULL, WOMAN), now=NOW)
        doctor = Browser(postgresql_app, "clinician")
        content = doctor.get(f"{EXPORT}.csv?stage=yes").data
        report = import_register(viewer, content, now=NOW)
    assert (report.total, report.unchanged) == (2, 2)
