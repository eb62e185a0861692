"""What becomes of the rows of a file: taken, unchanged, replaced, refused; whose they are."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from mdt.crypto import SealBroken
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.patients import Patient
from mdt.models.tumours import RegisterImport, Tumour
from mdt.queries.patients import open_identity
from mdt.queries.register_history import list_former_rows
from mdt.queries.register_problems import Problems, RowProblem, open_problems
from mdt.rules.errors import NotFound
from mdt.services.registry import RegisterFileRefused
from tests.register_files import HEADER, NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv


def counts(report):
    return report.total, report.accepted, report.unchanged, report.refused_rows


def codes(problems):
    return [(problem.row, problem.column, problem.code) for problem in problems]


def test_a_bad_row_never_loses_a_good_one(read_in, register):
    report = read_in(
        {"icd10": "I10"},
        {},
        {"diagnosis_date": "2026-13-01", "id_number": "369921196203050016"},
        {"hospital_code": "T-JX-B"},
        {"hospital_code": "NOWHERE"},
        WOMAN,
    )
    assert counts(report) == (6, 2, 0, 4)
    assert codes(report.refused) == [
        (2, "icd10", "icd10_not_neoplasm"),
        (4, "diagnosis_date", "date_unreadable"),
        (4, "id_number", "id_number_check_digit"),
        (5, "hospital_code", "hospital_code_unknown"),
        (6, "hospital_code", "hospital_code_unknown"),
    ]
    assert report.refused[2].value == "3699**********0016"
    assert register("icd10", "iii_plus", "site3") == [("C34.1", "yes", "C34")] * 2


def test_the_same_file_twice_changes_nothing(read_in, register):
    rows = ({}, WOMAN, {"icd10": "C16.9"}, NOBODY, NOBODY, {**NOBODY, "name": "赵六"})
    first = read_in(*rows)
    before = register("id", "patient_id", "row_hash", "updated_at", "import_id")
    again = read_in(*reversed(rows))
    assert (counts(first), counts(again)) == ((6, 6, 0, 0), (6, 0, 6, 0))
    assert register("id", "patient_id", "row_hash", "updated_at", "import_id") == before


@pytest.mark.parametrize(
    ("correction", "changed"),
    [
        ({"t": "T1b", "n": "N0"}, ("C34.1", "2", date(2026, 11, 1), "no")),
        ({"icd10": "C34.3"}, ("C34.3", "2", date(2026, 11, 1), "yes")),
        ({"diagnosis_date": "2026-10-02"}, ("C34.1", "2", date(2026, 10, 2), "yes")),
        ({"name": "张三峰"}, ("C34.1", "2", date(2026, 11, 1), "yes")),
    ],
)
def test_a_corrected_row_replaces_its_former_self(read_in, register, correction, changed):
    read_in({}, WOMAN)
    report = read_in(correction, WOMAN)
    assert counts(report) == (2, 1, 1, 0)
    columns = ("icd10", "laterality", "diagnosis_date", "iii_plus")
    assert register(*columns) == [changed, ("C34.1", "2", date(2026, 11, 1), "yes")]


def former_rows(app):
    with app.app_context():
        statement = db.select(Tumour).order_by(Tumour.id).execution_options(mdt_scoped=True)
        return [list_former_rows(tumour) for tumour in db.session.scalars(statement)]


def test_a_row_that_says_the_same_in_other_words_changes_nothing(app, read_in, register):
    read_in({"laterality": ""}, WOMAN)
    before = register("id", "updated_at", "import_id")
    report = read_in({"laterality": "不详", "id_number": "", "diagnosis_date": "2026/11/1"}, WOMAN)
    assert counts(report) == (2, 0, 2, 0)
    assert register("id", "updated_at", "import_id") == before
    assert former_rows(app) == [[], []]


def test_what_a_corrected_row_said_before_is_kept(app, world, read_in):
    read_in({}, WOMAN)
    first = read_in({"t": "T1b", "name": "张三峰"}, WOMAN)
    second = read_in({"t": "T1c"}, WOMAN, by="quality")
    users = world.users
    kept = {one.cells["t"]: one for one in former_rows(app)[0]}
    assert {t: (one.cells["name"], one.import_id, one.by_user_id) for t, one in kept.items()} == {
        "T2a": ("张三丰", first.id, users["clinician"]),
        "T1b": ("张三峰", second.id, users["quality"]),
    }
    assert former_rows(app)[1] == []


def test_what_a_row_said_before_cannot_be_changed(app, read_in):
    read_in({})
    read_in({"t": "T1b"})
    for statement in ("UPDATE tumour_version SET import_id = NULL", "DELETE FROM tumour_version"):
        with app.app_context(), pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(db.text(statement))
    with app.app_context():
        sealed = db.session.execute(db.text("SELECT sealed_content FROM tumour_version")).scalar()
    assert "张三丰".encode() not in sealed


def test_a_moved_diagnosis_is_told_to_the_sender(read_in):
    read_in({})
    report = read_in({"diagnosis_date": "2026-10-02"})
    assert codes(report.warnings) == [(2, "diagnosis_date", "row_replaces_date")]


@pytest.mark.parametrize(
    "second",
    [
        {"laterality": "左"},
        {"icd10": "C16.9"},
        {"diagnosis_date": "2027-03-01"},
        {"case_type": "复发", "diagnosis_date": "2026-11-20"},
    ],
)
def test_a_second_primary_is_a_second_row_of_the_same_person(read_in, register, second):
    read_in({})
    report = read_in(second)
    assert report.accepted == 1
    assert len(register("id")) == 2
    assert len({patient for (patient,) in register("patient_id")}) == 1


def test_rows_of_one_file_are_each_a_tumour_and_an_equal_one_is_told(read_in, register):
    report = read_in({}, {"icd10": "C34.3"}, {"icd10": "C34.3"})
    assert counts(report) == (3, 2, 1, 0)
    assert (4, "icd10", "row_repeated") in codes(report.warnings)
    assert register("icd10") == [("C34.1",), ("C34.3",)]


def test_rows_about_nobody_count_each_and_are_told(read_in, register):
    report = read_in(NOBODY, NOBODY, NOBODY)
    assert counts(report) == (3, 3, 0, 0)
    assert codes(report.warnings) == [(row, "id_number", "identity_missing") for row in (2, 3, 4)]
    assert counts(read_in(NOBODY, NOBODY, NOBODY, NOBODY)) == (4, 1, 3, 0)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"id_number": "", "id_type": ""}, {}),
        ({"id_number": "", "mrn": ""}, {"id_number": ""}),
        ({"mrn": ""}, {"name": "", "birth_date": "", "sex": ""}),
        ({"id_number": "369921196203050015 "}, {"name": ""}),
    ],
)
def test_a_person_is_found_again_by_what_is_known(app, read_in, register, first, then):
    read_in({**first, "icd10": "C16.9"})
    read_in(then)
    assert len(register("id")) == 2
    assert len({patient for (patient,) in register("patient_id")}) == 1


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"id_number": "229921195509110038"}),
        ({"id_number": ""}, {"id_number": "", "mrn": "MRN-9"}),
        ({"id_number": "", "mrn": ""}, {"id_number": "", "mrn": "", "birth_date": "1962-03-06"}),
        ({"id_number": "", "mrn": ""}, {"id_number": "", "mrn": "", "sex": "女"}),
        ({"id_number": "3.69921E+17", "mrn": ""}, {**WOMAN, "id_number": "3.69921E+17"}),
    ],
)
def test_people_are_not_mixed_up(read_in, register, first, then):
    read_in(first)
    read_in(then)
    assert len({patient for (patient,) in register("patient_id")}) == 2


def test_the_patient_is_sealed_and_completed(app, read_in, register):
    read_in({"id_number": "", "birth_date": ""})
    read_in({"name": "张三丰"})
    ((patient_id,),) = register("patient_id")
    with app.app_context():
        statement = db.select(Patient).execution_options(mdt_scoped=True)
        (patient,) = db.session.scalars(statement)
        who = open_identity(patient)
        assert b"369921" not in patient.sealed_identity
    assert (patient.id, patient.sex) == (patient_id, "1")
    assert (who.id_number, who.birth_date, who.mrn) == (
        "369921196203050015", date(1962, 3, 5), "MRN-1",
    )  # fmt: skip


def test_the_same_tumour_in_two_hospitals_is_a_possible_duplicate(read_in, register):
    read_in({})
    elsewhere = {"hospital_code": "T-JX-B"}
    assert read_in({**elsewhere, "laterality": "左"}, by="clinician2").possible_duplicates == 0
    far = {**elsewhere, "diagnosis_date": "2026-08-01"}
    assert read_in(far, by="clinician2").possible_duplicates == 0
    report = read_in({**elsewhere, "diagnosis_date": "2026-12-20"}, by="clinician2")
    assert (report.accepted, report.possible_duplicates) == (1, 1)
    assert len({patient for (patient,) in register("patient_id")}) == 2


def test_a_quality_manager_reads_in_for_the_region_and_the_system_for_the_named(read_in, register):
    rows = ({}, {**WOMAN, "hospital_code": "T-JX-B"}, {**OTHER_WOMAN, "hospital_code": "T-JX-T"})
    assert counts(read_in(*rows, by="quality")) == (3, 3, 0, 0)
    assert counts(read_in(*rows, by="quality-jilin")) == (3, 0, 0, 3)
    assert counts(read_in(*rows, by="quality-hospital")) == (3, 0, 1, 2)
    assert counts(read_in(*rows, by=None, hospital_code="T-JX-B")) == (3, 0, 1, 2)
    with pytest.raises(NotFound):
        read_in(*rows, by=None, hospital_code="NOWHERE")
    with pytest.raises(NotFound):
        read_in(*rows, by="clinician", hospital_code="T-JX-B")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "register_empty"),
        (b"\x00\x01\x02", "register_not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "register_old_excel"),
        ("机构代码,姓名\n".encode(), "register_columns_missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(read_in, register, content, code):
    with pytest.raises(RegisterFileRefused) as refused:
        read_in(content=content)
    assert refused.value.code == code
    assert register("id") == []


def test_a_shifted_row_is_told(read_in):
    content = rows_to_csv({}).rstrip() + b",,,surplus\r\n"
    report = read_in(content=content)
    assert codes(report.warnings) == [(2, "", "cells_beyond_header")]


def shifted(by):
    """The row of the file with its cells from the name on moved ``by`` columns."""
    cells = [ROW.get(name, "") for name in HEADER]
    moved = [*cells[:1], *[""] * by, *cells[1:]] if by > 0 else [*cells[:1], *cells[1 - by :]]
    return (",".join(HEADER) + "\r\n" + ",".join(moved) + "\r\n").encode()


@pytest.mark.parametrize("by", [1, 2, -1, -2])
def test_a_shifted_row_shows_nobodys_identity(app, read_in, by):
    report = read_in(content=shifted(by))
    shown = " ".join(one.value for one in (*report.refused, *report.warnings))
    assert [secret for secret in (ROW["id_number"], ROW["name"], "1962-03-05") if secret in shown
    ] == []  # fmt: skip
    assert report.refused_rows == 1


def test_surplus_cells_show_nobodys_identity(read_in):
    surplus = f",,,,,,,李四娘,{WOMAN['id_number']},ok\r\n".encode()
    report = read_in(content=rows_to_csv({}).rstrip() + surplus)
    (warning,) = report.warnings
    assert warning.value.endswith("李**、3699**********0023、ok")


def test_what_is_wrong_is_sealed_at_rest(app, read_in):
    report = read_in({"hospital_code": "NOWHERE"}, {"sex": "月球"})
    with app.app_context():
        statement = db.select(RegisterImport).execution_options(mdt_scoped=True)
        record = db.session.scalar(statement)
        assert b"NOWHERE" not in record.sealed_problems
        assert open_problems(record) == Problems(
            refused=report.refused,
            warnings=(RowProblem(3, "sex", "月*", "sex_unknown"),),
        )
        record.id += 1
        with pytest.raises(SealBroken):
            open_problems(record)
        db.session.rollback()


def test_text_longer_than_its_column_is_cut_and_told(read_in, register):
    report = read_in({"stage_group": "Ⅲ" * 70, "t": "", "n": "", "m": ""})
    assert (2, "stage_group", "cell_too_long") in codes(report.warnings)
    assert register("stage_group") == [("Ⅲ" * 60,)]


def test_an_import_is_audited_as_it_begins_and_ends(app, read_in):
    report = read_in({}, {"icd10": "I10"})
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action == "registry:import")
        rows = db.session.scalars(statement.order_by(AuditRow.id)).all()
    assert [(row.object_id, row.actor_name, row.data) for row in rows] == [
        (str(report.id), "clinician", {"step": "begin", "rows": 2}),
        (
            str(report.id),
            "clinician",
            {"step": "end", "accepted": 1, "unchanged": 0, "refused": 1},
        ),
    ]


def test_many_people_are_read_in_several_batches(read_in, register):
    rows = [{**NOBODY, "mrn": f"M{n}", "name": f"人{n % 7}"} for n in range(1, 161)]
    assert counts(read_in(*rows)) == (160, 160, 0, 0)
    assert counts(read_in(*rows)) == (160, 0, 160, 0)
    assert len({patient for (patient,) in register("patient_id")}) == 160
