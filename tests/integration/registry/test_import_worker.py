"""Imports with the real queue and a real worker, which is killed on the way."""

import shutil
import time
from datetime import timedelta

import pytest

from mdt.adapters.devices import storage
from mdt.extensions import db
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport, Tumour
from mdt.queries.people import find_user, viewer_of
from mdt.queries.register_columns import open_columns
from mdt.queries.register_problems import open_findings, open_problems
from mdt.queries.registry import managed_hospitals, region_codes
from mdt.rules.calendar import local_date, utc_now
from mdt.services.register_reading import Reading
from mdt.services.register_run import HoldLost, Run, write_file
from mdt.services.register_source import StoredRows, WritingOrder
from mdt.services.register_tending import tend_imports
from mdt.services.registry import finish_import, import_register
from tests.fixtures_app import Browser
from tests.live_server import LiveServer
from tests.register_files import HEADER, NOBODY, ROW, rows_to_csv
from tests.register_imports import confirm, upload
from tests.world import build_world

_PATIENCE = 90
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: What a row of the register is, but for numbers that are made anew each time.
_SAME = ("icd10", "diagnosis_date", "laterality", "row_hash", "iii_plus", "counted_stage", "t")


def number_of(n: int) -> str:
    """A valid identity number of the n-th person."""
    first = f"369921{1940 + n % 50}0101{n % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


def rows(count):
    """People with one tumour or several, far apart in the file; some refused, some nameless."""
    for n in range(count):
        person = n % (count * 4 // 5)
        yield {
            "id_number": number_of(person),
            "name": f"病人{person}",
            "mrn": f"M{person}",
            "birth_date": "",
            "sex": "",
            "icd10": ("C34.1", "C16.2", "I10", "C18.7")[n % 4] if n % 7 else "C22.0",
            "diagnosis_date": f"2026-0{1 + n % 9}-11",
            **({**NOBODY, "icd10": "C61"} if n % 50 == 0 else {}),
        }


@pytest.fixture
def server(migrated_sqlite, tmp_path):
    """Data of its own, for workers and for an app in this process; nothing is served."""
    made = LiveServer(tmp_path / "worked-on")
    shutil.copy(migrated_sqlite, made.instance / "mdt.sqlite3")
    with made.app.app_context():
        build_world()
    yield made
    made.close()


def wait_for(browser, path, *wanted):
    """The progress of a file as soon as it is what is wanted."""
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        found = browser.get(f"{path}.json").json
        if any(one(found) for one in wanted):
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing came of it: {found}")


def in_state(state):
    return lambda found: found["state"] == state


def contents(app):
    """The register and the report of the last import, without numbers that are made anew."""
    with app.app_context():
        read = {"mdt_scoped": True}
        statement = db.select(Tumour).order_by(Tumour.id).execution_options(**read)
        register = [
            tuple(getattr(one, name) for name in _SAME) for one in db.session.scalars(statement)
        ]
        people = db.session.scalar(
            db.select(db.func.count(Tumour.patient_id.distinct())).execution_options(**read)
        )
        last = db.select(RegisterImport).order_by(RegisterImport.id.desc()).limit(1)
        record = db.session.scalars(last.execution_options(**read)).one()
        counts = ("state", "total", "handled", "accepted", "unchanged", "refused", "warned",
                  "matched", "possible_duplicates")  # fmt: skip
        report = tuple(getattr(record, name) for name in counts)
        refused = [row for found in open_findings(record) for row in found.refused]
        return register, people, report, open_problems(record), refused


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_was(app, world, server):
    content = rows_to_csv(*rows(2_500))
    with app.app_context():
        viewer = viewer_of(find_user("clinician"), now=utc_now())
        import_register(viewer, content, now=utc_now())
    doctor = Browser(server.app, "clinician")
    path = upload(doctor, content).location
    assert confirm(doctor, path).status_code == 302
    server.start_worker()
    wait_for(doctor, path, in_state("checked"))
    doctor.post(f"{path}/begin")
    cut = wait_for(doctor, path, lambda found: 200 < found["handled"] < 2_000)
    server.kill_worker()
    assert cut["state"] == "importing"
    with server.app.app_context():
        before = db.session.scalar(db.select(db.func.count(RegisterFindings.number)))
    server.start_worker()
    wait_for(doctor, path, in_state("done"))
    with server.app.app_context():
        after = db.session.scalar(db.select(db.func.count(RegisterFindings.number)))
    assert 0 < before < after
    # The dry run and whoever goes on later see today as it is.
    assert contents(server.app) == contents(app)


@pytest.mark.slow
def test_without_a_worker_the_page_says_since_when_it_waits(server, monkeypatch):
    doctor = Browser(server.app, "clinician")
    path = upload(doctor, rows_to_csv({})).location
    confirm(doctor, path)
    found = doctor.get(f"{path}.json").json
    assert (found["state"], found["waiting"]) == ("checking", False)
    for seconds, words in ((20, "等待后台程序处理"), (120, "没有后台程序处理。文件已安全保存")):
        with server.app.app_context():
            since = utc_now().timestamp() - seconds
            db.session.execute(
                db.update(RegisterImport).values(
                    queued_at=utc_now().fromtimestamp(since, tz=utc_now().tzinfo)
                )
            )
            db.session.commit()
        assert words in doctor.get(path).text
        assert words in doctor.get(f"{path}.json").json["text"]
    # It comes back to a file whose job was lost.
    (server.instance / "jobs.sqlite3").unlink()
    server.start_worker()
    wait_for(doctor, path, in_state("checked"))


def test_a_lost_job_is_asked_for_again(app, person, register):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv({})).location
    confirm(doctor, path)
    with app.app_context():
        long_ago = utc_now().replace(year=2025)
        lost = db.update(RegisterImport).values(
            state="importing", queued_at=long_ago, beat_at=None, handled=0
        )
        db.session.execute(lost)
        db.session.commit()
        tend_imports(clock=utc_now)
    assert doctor.get(f"{path}.json").json["state"] == "done"
    assert register("icd10") == [("C34.1",)]


def test_a_file_that_nobody_decided_on_goes_after_a_week(app, person):
    doctor = person("clinician")
    path = upload(doctor, ",".join(HEADER).encode() + b"\n" + ROW["name"].encode()).location
    with app.app_context():
        db.session.execute(db.update(RegisterImport).values(at=utc_now().replace(year=2025)))
        db.session.commit()
        tend_imports(clock=utc_now)
        tend_imports(clock=utc_now)
    assert doctor.get(f"{path}.json").json["state"] == "cancelled"
    storage = app.config["MDT"].instance / "storage"
    assert [one for one in storage.rglob("*") if one.is_file()] == []


class CutOff(Exception):
    """The worker is gone."""


def test_on_postgresql_a_cut_import_ends_as_an_undisturbed_one(app, world, postgresql_app):
    content = rows_to_csv(*rows(600))
    with app.app_context():
        import_register(viewer_of(find_user("clinician"), now=utc_now()), content, now=utc_now())
    with postgresql_app.app_context():
        build_world()
    doctor = Browser(postgresql_app, "clinician")
    path = upload(doctor, content).location
    confirm(doctor, path)
    with postgresql_app.app_context():
        state = {"state": "importing", "holder": "first", "handled": 0, "accepted": 0}
        counts = {"refused": 0, "warned": 0, "beat_at": utc_now()}
        db.session.execute(db.update(RegisterImport).values(**state, **counts))
        db.session.execute(db.delete(RegisterFindings))
        db.session.commit()
        statement = db.select(RegisterImport).execution_options(mdt_scoped=True)
        record = db.session.scalars(statement).one()
        with pytest.raises(CutOff):
            write_file(run_of(record, "first", cut_after=1))
        begun = doctor.get(f"{path}.json").json["handled"]
        assert 0 < begun < record.total
        # Whoever was there before has lost it for good.
        db.session.execute(db.update(RegisterImport).values(holder="second"))
        db.session.commit()
        with pytest.raises(HoldLost):
            write_file(run_of(record, "first"))
        assert doctor.get(f"{path}.json").json["handled"] == begun
        run = run_of(record, "second")
        finish_import(run, write_file(run))
    assert contents(postgresql_app) == contents(app)


def run_of(record, holder, cut_after=None):
    """A run of a file that was tried; it is cut off after some batches."""
    left = iter(range(cut_after or 0))

    def after_batch(_):
        if cut_after is not None and next(left, None) is None:
            raise CutOff

    viewer = viewer_of(find_user("clinician"), now=utc_now())
    order = WritingOrder.from_bytes(record.total, storage().read(record.order_keys[0]))
    stored = StoredRows(storage(), record.file_keys, record.total)
    chosen = open_columns(record).chosen
    hospitals = managed_hospitals(viewer)
    reading = Reading(chosen, hospitals, hospitals, region_codes(), local_date(utc_now()))
    return Run(viewer, record.id, stored, order, reading, holder, utc_now, after_batch=after_batch)


def test_what_a_machine_waited_for_is_given_up_when_it_was_cut_off(app, person, read_in):
    read_in({}, by="clinician")
    doctor = person("clinician")
    with app.app_context():
        cut = {"state": "importing", "beat_at": utc_now() - timedelta(minutes=20)}
        db.session.execute(db.update(RegisterImport).values(ended_at=None, **cut))
        db.session.commit()
        tend_imports(clock=utc_now)
    assert "中断。请重新发送这个文件" in doctor.get("/registry/import/1").text
    with app.app_context():
        long_ago = db.update(RegisterImport).values(beat_at=utc_now() - timedelta(hours=2))
        db.session.execute(long_ago)
        db.session.commit()
        tend_imports(clock=utc_now)
    page = doctor.get("/registry/import/1").text
    assert ("导入中断，没有完成" in page, "未完成" in page) == (True, True)


def test_rows_alike_are_noted_where_two_imports_raced(app, read_in, register):
    """As if neither had seen the other's rows, which happens on PostgreSQL."""
    read_in({}, by="clinician")
    with app.app_context():
        running = db.update(RegisterImport).values(state="importing", ended_at=None)
        db.session.execute(running)
        db.session.execute(db.update(Tumour).values(maybe_duplicate=False))
        db.session.commit()
    at_b = {"hospital_code": "T-JX-B"}
    read_in(at_b, by="clinician2")
    with app.app_context():
        db.session.execute(db.update(Tumour).values(maybe_duplicate=False))
        db.session.commit()
    read_in(at_b, by="clinician2")
    assert register("maybe_duplicate") == [(False,), (True,)]
