"""An import beside others: who holds it, when it began and ended, how long a batch is."""

import threading
from datetime import timedelta

import pytest

from mdt.adapters.devices import storage
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import RegisterImport, Tumour
from mdt.queries.people import find_user, viewer_of
from mdt.queries.register_imports import show_import
from mdt.rules.calendar import utc_now
from mdt.services import register_uploads
from mdt.services.register_run import people_in_batches
from mdt.services.register_source import SourceRow, StoredRows, WritingOrder, store_rows
from mdt.services.register_tending import tend_imports
from mdt.services.register_work import check_file, import_file
from tests.fixtures_app import Browser
from tests.register_files import NOBODY, WOMAN, rows_to_csv
from tests.register_imports import confirm, upload
from tests.world import NOW, build_world


def record_of():
    statement = db.select(RegisterImport).execution_options(mdt_scoped=True)
    return db.session.scalars(statement).one()


def checked(person, *rows):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv(*rows)).location
    confirm(doctor, path)
    return doctor, path


@pytest.mark.parametrize(
    ("state", "late_job"), [("importing", check_file), ("checking", import_file)]
)
def test_a_late_job_leaves_a_file_that_has_moved_on_alone(app, person, state, late_job):
    checked(person, {})
    with app.app_context():
        db.session.execute(db.update(RegisterImport).values(state=state, holder=None, tries=0))
        db.session.commit()
        late_job(1, clock=utc_now)
        record = record_of()
        assert (record.state, record.holder, record.tries) == (state, None, 0)


def test_an_import_that_is_given_up_is_in_the_audit_trail(app, read_in):
    read_in({})
    with app.app_context():
        db.session.execute(
            db.update(RegisterImport).values(
                ended_at=None, state="importing", beat_at=utc_now() - timedelta(hours=2)
            )
        )
        db.session.commit()
        tend_imports(clock=utc_now)
        last = db.session.scalars(db.select(AuditRow).order_by(AuditRow.id.desc())).first()
        record = record_of()
        assert (record.state, record.error) == ("failed", "register_cut_off")
        assert (last.action, last.object_id, last.data) == (
            "registry:import", "1", {"step": "failed"},
        )  # fmt: skip


def test_a_machines_import_ends_after_it_began(app, read_in):
    read_in({}, WOMAN)
    with app.app_context():
        record = record_of()
        assert record.queued_at == NOW
        assert NOW < record.beat_at <= record.ended_at < NOW + timedelta(minutes=5)


def test_a_placeholder_is_nobodys_number(read_in, register):
    rows = [{"id_number": "123456", "mrn": f"M{n}", "name": f"病人{n}"} for n in range(3)]
    report = read_in(*rows)
    assert report.accepted == 3
    assert len(set(register("patient_id"))) == 3
    assert [(one.row, one.code) for one in report.warnings] == [
        (2, "id_number_shape"),
        (3, "id_number_shape"),
        (4, "id_number_shape"),
    ]
    nameless = read_in({**NOBODY, "id_number": "654321", "id_type": "其他法定有效证件"})
    assert [one.code for one in nameless.warnings] == ["identity_missing"]


def test_no_person_makes_a_batch_long():
    order = WritingOrder.of_persons([7] * 120 + [8])
    batches = list(people_in_batches(order))
    assert [len(one) for one in batches] == [50, 50, 20, 1]
    assert [place for one in batches for place in one] == list(range(121))


def test_a_person_of_many_rows_is_written_as_others_are(read_in, register):
    rows = [{"diagnosis_date": f"2026-0{1 + n // 28}-{1 + n % 28:02}"} for n in range(120)]
    assert read_in(*rows).accepted == 120
    assert len(register("id")) == 120
    assert read_in(*rows).unchanged == 120


def test_a_dry_run_with_many_errors_is_shown_as_far_as_it_is_read(app, world, person):
    bad = [{"icd10": "I10", "mrn": str(n)} for n in range(600)]
    doctor, path = checked(person, *bad, {"first_treatment_date": "2026-10-20"})
    page = doctor.get(path).text
    assert ("不能接收 600 行" in page, "仅显示前 500 处" in page) == (True, True)
    with app.app_context():
        quick = show_import(world.viewer("clinician"), 1, now=utc_now(), lists=False)
        assert (quick.found.refused, quick.found.warnings) == ((), ())
        assert quick.record.refused == 600
    assert doctor.get(f"{path}.json").json["handled"] == 601


def test_a_file_is_not_begun_and_cancelled_at_once(postgresql_app, monkeypatch):
    app = postgresql_app
    with app.app_context():
        build_world()
    doctor = Browser(app, "clinician")
    path = upload(doctor, rows_to_csv({}, WOMAN)).location
    confirm(doctor, path)
    plain, beside = register_uploads.check_move, []

    def begin():
        with app.app_context():
            viewer = viewer_of(find_user("clinician"), now=NOW)
            try:
                register_uploads.begin_import(viewer, 1, now=utc_now())
            except register_uploads.Refused:
                pass
            finally:
                db.session.remove()

    def check_and_let_another_in(state, to):
        plain(state, to)
        if not beside:
            beside.append(threading.Thread(target=begin))
            beside[0].start()
            beside[0].join(2)

    monkeypatch.setattr(register_uploads, "check_move", check_and_let_another_in)
    assert doctor.post(f"{path}/cancel").status_code == 302
    beside[0].join(20)
    with app.app_context():
        count = db.select(db.func.count(Tumour.id)).execution_options(mdt_scoped=True)
        assert (record_of().state, db.session.scalar(count)) == ("cancelled", 0)


class CountedStorage:
    """The storage, and how often it is read."""

    def __init__(self):
        self.reads = 0

    def read(self, key):
        self.reads += 1
        return storage().read(key)


@pytest.mark.parametrize("begun", [0, 6_500])
def test_rows_of_one_person_far_apart_do_not_cost_a_block_each(app, begun):
    total = 12_000
    # Every third row is of somebody who stood up to ten blocks before.
    order = WritingOrder.of_persons(
        [1 + n * 7 % 4_000 if n % 3 == 0 else total + n for n in range(total)]
    )
    with app.app_context():
        rows = [SourceRow(n, [f"{n}"]) for n in range(total)]
        keys = [key for key, _ in store_rows(storage(), rows)]
        counted = CountedStorage()
        stored = StoredRows(counted, keys, total, order.others)
        places = [place for people in order.people() for place in people][begun:]
        assert [stored[place] for place in places] == [SourceRow(n, [f"{n}"], []) for n in places]
    # Each in its turn, and each once more for those that stand elsewhere.
    assert counted.reads <= 2 * len(keys)
