"""The storage is checked against the rows, and what no row names is swept."""

from datetime import timedelta

import pytest

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.tumours import RegisterImport
from mdt.rules.calendar import utc_now
from mdt.rules.jobs import NIGHTLY, JobName
from mdt.services.stored_blobs import Swept, sweep_blobs
from tests.attachment_kit import codes, ct, draft, pdf, rows, send
from tests.integration.attachments.test_upload_in_parts import begin
from tests.storage_places import grow_old


@pytest.fixture
def folder(app):
    return app.config["MDT"].instance / "storage"


@pytest.fixture
def files(app, world, person):
    """A report and two slices in a case, and the parts of a register file."""
    doctor = person("clinician")
    assert codes(send(doctor, draft(app, world), ("a.pdf", pdf()), *ct(2))) == ["taken"] * 3
    with app.app_context():
        part = devices.storage().put(b"rows").key
        db.session.add(RegisterImport(at=utc_now(), file_keys=[part], state="columns"))
        db.session.commit()
    return doctor


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["storage", *arguments])


def keys(app):
    with app.app_context():
        kept = devices.storage().keys()
        return {one.key for one in kept}


def path_of(folder, key):
    return folder / key[:2] / key[2:4] / key


def put(app, *contents):
    with app.app_context():
        return {devices.storage().put(one).key for one in contents}


def test_a_sound_storage_is_said_to_be(app, files):
    checked = run(app, "check")
    assert (checked.exit_code, checked.output) == (0, "7 blobs read, 0 missing or damaged\n")


def test_what_is_missing_or_damaged_is_named(app, files, folder):
    (document,), (first, second) = rows(app, Attachment), rows(app, Instance)
    path_of(folder, first.storage_key).unlink()
    damaged = path_of(folder, document.viewing_key)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    other = path_of(folder, second.storage_key)
    with app.app_context():
        wrong = db.update(Instance).where(Instance.id == second.id).values(sha256="0" * 64)
        db.session.execute(wrong)
        db.session.commit()
    checked = run(app, "check")
    assert checked.exit_code == 1
    assert set(checked.output.splitlines()) == {
        f"damaged: attachment.viewing_key of row {document.id} ({document.viewing_key})",
        f"missing: instance.storage_key of row {first.id} ({first.storage_key})",
        f"damaged: instance.storage_key of row {second.id} ({second.storage_key})",
        "7 blobs read, 3 missing or damaged",
    }
    assert other.exists()


def test_only_old_blobs_without_a_row_are_swept(app, files, folder):
    named = keys(app)
    old = put(app, b"one", b"two")
    (folder / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (folder / "ab" / "cd" / ".new-half").write_bytes(b"half")
    arriving = folder.parent / "uploads"
    case_id = rows(app, Attachment)[0].case_id
    begun = begin(files, case_id, 9, filename="a.pdf").headers["Location"].rsplit("/", 1)[1]
    (arriving / "orphan").write_bytes(b"half")
    (arriving / "orphan.tags").write_bytes(b"half")
    for one in (folder, arriving):
        grow_old(one, utc_now() - timedelta(hours=25))
    (arriving / "young").write_bytes(b"half")
    young = put(app, b"three")
    swept = run(app, "sweep")
    assert (swept.exit_code, swept.output) == (
        0,
        "10 blobs, 2 without a row deleted, 2 unfinished ones cleared\n",
    )
    assert keys(app) == named | young
    assert {path.name for path in arriving.iterdir()} == {begun, f"{begun}.tags", "young"}
    assert not (folder / "ab" / "cd" / ".new-half").exists()
    assert not old & keys(app)
    assert run(app, "check").exit_code == 0


def test_the_worker_sweeps_every_night(app, files, folder):
    assert JobName.STORAGE_SWEEP in NIGHTLY
    named = keys(app)
    put(app, b"one")
    grow_old(folder, utc_now() - timedelta(hours=25))
    with app.app_context():
        queue().put(JobName.STORAGE_SWEEP)
    assert keys(app) == named


def test_a_storage_that_is_not_this_database_s_is_left_alone(app, folder):
    put(app, *(bytes([one]) for one in range(101)))
    grow_old(folder, utc_now() - timedelta(hours=25))
    refused = run(app, "sweep")
    assert (refused.exit_code, "101 of 101 blobs have no row" in refused.output) == (1, True)
    with app.app_context():
        queue().put(JobName.STORAGE_SWEEP)
        assert len(keys(app)) == 101
        assert sweep_blobs(now=utc_now(), however_many=True) == Swept(101, 101, 0)
    assert keys(app) == set()


def test_a_damaged_file_is_an_answer_and_not_a_crash(app, files, folder):
    (document,) = rows(app, Attachment)
    page = f"/cases/{document.case_id}/attachments/{document.id}"
    shown = path_of(folder, document.viewing_key)
    good = shown.read_bytes()
    for content, words in (
        (good[:-1] + b"\0", "已损坏"),
        (None, "找不到"),
    ):
        shown.unlink()
        if content:
            shown.write_bytes(content)
        answer = files.get(f"{page}/copy")
        assert (answer.status_code, words in answer.text) == (500, True)
    shown.write_bytes(good)
    assert files.get(f"{page}/copy").status_code == 200
