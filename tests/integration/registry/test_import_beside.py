"""An import beside others: what it has looked up no longer holds, or what its dry run has read."""

import sqlite3
import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from mdt.adapters.devices import storage
from mdt.extensions import db
from mdt.models.people import User
from mdt.models.regions import Region
from mdt.models.tumours import RegisterImport
from mdt.queries.patients import open_identity, ordered_number, take_person
from mdt.queries.registry import managed_hospitals, region_codes
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.services.register_kept import KeptRows, basis_of, store_judged
from mdt.services.register_prepared import prepare_row
from mdt.services.register_reading import Reading
from mdt.services.register_source import SourceRow
from mdt.services.unit_of_work import Overtaken, unit_of_late_work, unit_of_work
from tests.register_files import HEADER, NOBODY, ROW, WOMAN, rows_to_csv
from tests.register_imports import confirm, upload
from tests.world import NOW

_BECAUSE = {"mdt_scoped": True}


def write_beside(app):
    """Write as another program would that knows of no turns."""
    database = app.config["MDT"].instance / "mdt.sqlite3"
    connection = sqlite3.connect(database, timeout=0)
    connection.execute("UPDATE user_account SET name = name || '某'")
    connection.commit()
    connection.close()


def rename(work):
    work.silent = True
    user = work.session.scalars(db.select(User).where(User.username == "clinician")).one()
    user.name = "改名"
    work.begin_writing()


def rename_too_late(app):
    with unit_of_late_work(None, AuditAction.REGISTRY_IMPORT, now=NOW) as work:
        work.session.scalar(db.select(User.id))
        write_beside(app)
        rename(work)


def name_of_clinician():
    db.session.rollback()
    return db.session.scalar(db.select(User.name).where(User.username == "clinician"))


def test_late_work_is_done_if_nobody_else_has_written_since_it_looked(app, world):
    with app.app_context():
        with unit_of_late_work(None, AuditAction.REGISTRY_IMPORT, now=NOW) as work:
            rename(work)
        assert (name_of_clinician(), db.session.autoflush) == ("改名", True)


def test_late_work_alone_does_not_wait_for_the_disk(app, world):
    durable, as_wholes = 2, 1
    with app.app_context():
        levels = []
        for unit in (unit_of_late_work, unit_of_work):
            with unit(None, AuditAction.REGISTRY_IMPORT, now=NOW) as work:
                levels.append(work.session.scalar(db.text("PRAGMA synchronous")))
                work.silent = True
        assert levels == [as_wholes, durable]


def test_numbers_of_people_are_in_the_order_in_which_they_were_made(app):
    first, second = ordered_number(), ordered_number()
    assert uuid.UUID(first).version == 7
    assert first != second
    assert first[:11] <= second[:11]


def test_late_work_is_undone_if_somebody_else_has_written_since_it_looked(app, world):
    with app.app_context():
        before = name_of_clinician()
        with pytest.raises(Overtaken):
            rename_too_late(app)
        assert (name_of_clinician(), db.session.autoflush) == (f"{before}某", True)
        # Its turn is over, too.
        with unit_of_work(None, AuditAction.REGISTRY_IMPORT, now=NOW) as work:
            rename(work)
        assert name_of_clinician() == "改名"


@pytest.mark.parametrize("times", [1, 2])
def test_an_import_that_is_overtaken_ends_as_an_undisturbed_one(app, read_in, register, times):
    read_in({}, {**WOMAN, "icd10": "C16.2"})
    looked = []

    def disturb(connection, cursor, statement, parameters, context, many):
        if "WHERE 0" in statement:
            looked.append(statement)
            if len(looked) <= times:
                write_beside(app)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", disturb)
        try:
            rows = {"t": "T3"}, {**WOMAN, "icd10": "C16.2"}, {**WOMAN, "icd10": "C50.4"}, NOBODY
            report = read_in(*rows)
        finally:
            event.remove(db.engine, "before_cursor_execute", disturb)
    # In the end it keeps others out, and need not ask whether they have written.
    assert len(looked) == 2
    assert (report.accepted, report.unchanged, report.refused) == (3, 1, ())
    assert register("id", "icd10", "t") == [
        (1, "C34.1", "T3"), (2, "C16.2", "T2a"), (3, "C50.4", "T2a"), (4, "C34.1", "T2a"),
    ]  # fmt: skip


def test_what_a_dry_run_has_read_is_what_reading_anew_would_give(app, world):
    rows = (
        {},
        {"icd10": "I10", "id_number": "1"},
        {
            **WOMAN,
            "sex": "男",
            "emergency": "是",
            "laterality": "左侧\n",
            "death_date": "2026-12-01",
        },
        {**NOBODY, "name": "「\u2028」", "stage_group": "ⅢA", "first_treatment_date": "2026-10-01"},
    )
    sources = [
        SourceRow(number, [{**ROW, **row}.get(name, "") for name in HEADER], ["多"] * (number % 2))
        for number, row in enumerate(rows, 2)
    ]
    with app.app_context():
        hospitals = managed_hospitals(world.viewer("clinician"))
        reading = Reading(HEADER, hospitals, hospitals, region_codes(), local_date(NOW))
        judged = [reading.judge(source) for source in sources]
        kept = KeptRows(storage(), [store_judged(storage(), judged)])
        found = [kept.get(place) for place in range(len(rows))]
        other = Reading(HEADER, {}, hospitals, region_codes(), local_date(NOW))
        assert basis_of(reading) != basis_of(other)
        assert found.pop(1) is None
        assert judged.pop(1).row is None
        assert [shown(one, worked) for one, worked in found] == [shown(one) for one in judged]
    assert all(one.warnings for one, _ in found[1:])


def shown(judged, worked=None):
    """All of a row but the number that a new patient is given."""
    row = prepare_row(judged.row, judged.source.number, 1, worked)
    patient = SimpleNamespace(id=row.sealed.patient_id)
    take_person(patient, row.sealed)
    sealed = (open_identity(patient), row.sealed.indexes)
    return (judged.warnings, replace(row, sealed=None), sealed)


@pytest.mark.parametrize(("known_by_then", "warned"), [(False, 1), (True, 0)])
def test_rows_are_read_anew_where_that_changes_something(app, person, known_by_then, warned):
    header, row, _ = rows_to_csv({}).split(b"\r\n")
    doctor = person("clinician")
    content = header + b",residence_code\r\n" + row + b",369901\r\n"
    path = upload(doctor, content).location
    confirm(doctor, path)
    assert "现住址区划" in doctor.get(path).text
    with app.app_context():
        if known_by_then:
            db.session.add(Region(code="369901", name_zh="某县", level="county"))
            db.session.commit()
    doctor.post(f"{path}/begin")
    with app.app_context():
        statement = db.select(RegisterImport).execution_options(**_BECAUSE)
        record = db.session.scalars(statement).one()
        assert (record.state, record.accepted, record.warned) == ("done", 1, warned)
    files = app.config["MDT"].instance / "storage"
    assert [one for one in files.rglob("*") if one.is_file()] == []
