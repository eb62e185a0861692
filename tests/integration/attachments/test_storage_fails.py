"""Where files cannot be kept or read, that is said, and what was acknowledged is still there."""

import contextlib
import io
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest
from PIL import Image
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from mdt.adapters.storage_url import storage_from_url
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.inbox import InboxObject
from mdt.models.tumours import RegisterImport
from mdt.rules.calendar import utc_now
from mdt.services.inbox import Sender, receive_object
from tests.attachment_kit import codes, ct, pdf, rows, send
from tests.integration.attachments.test_upload_in_parts import begin, offset_of, patch, take
from tests.register_files import rows_to_csv
from tests.register_imports import upload
from tests.unit.adapters.dicom_files import dataset, file_of

FULL = "存储空间不足"
DOWN = "文件存储暂时连不上"


@pytest.fixture
def stored_at(app):
    """``with stored_at(url)`` has the app keep its files there."""

    @contextmanager
    def use(url):
        before = app.extensions["mdt_storage"]
        app.extensions["mdt_storage"] = storage_from_url(url, app.extensions["mdt_keyring"])
        try:
            yield
        finally:
            app.extensions["mdt_storage"] = before

    return use


@pytest.fixture
def small_disk(app):
    """A disk of half a megabyte under the files."""
    folder = app.config["MDT"].instance / "storage"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may make a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


@contextmanager
def line_breaks_after_commit(app, table):
    """Each commit that has put rows into the table is done, and its answer never comes."""
    with app.app_context():
        engine = db.engine
    wrote = []

    def note(connection, cursor, statement, *more):
        if f"INSERT INTO {table} " in statement:
            wrote.append(connection)

    def commit(connection):
        if connection in wrote:
            line = connection.connection.dbapi_connection
            line.commit()
            line.close()

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", commit)


def is_whole(app):
    checked = app.test_cli_runner().invoke(args=["storage", "check"])
    return (checked.exit_code, checked.output.endswith(" 0 missing or damaged\n")) == (0, True)


@pytest.mark.parametrize("table", [Attachment, Instance])
def test_files_stay_where_a_commit_was_done_and_its_answer_lost(app, doctor, case_id, table):
    sent = ct(2) if table is Instance else [("1.pdf", pdf("1")), ("2.pdf", pdf("2"))]
    with line_breaks_after_commit(app, table.__tablename__):
        assert send(doctor, case_id, *sent).status_code == 500
    assert len(rows(app, table)) == 2
    assert is_whole(app)
    assert codes(send(doctor, case_id, *sent)) == ["duplicate"] * 2


def test_the_inbox_keeps_what_a_commit_was_done_for_and_its_answer_lost(app, world):
    made = dataset()
    names = {"sop_class_uid": made.SOPClassUID, "sop_uid": made.SOPInstanceUID}
    sender, data = Sender(world.hospitals["A"], "CTPACS"), file_of(made)
    with line_breaks_after_commit(app, "inbox_object"), app.app_context():
        with pytest.raises(DBAPIError) as caught:
            receive_object(sender, data, **names, now=utc_now())
        assert caught.value.connection_invalidated
    assert len(rows(app, InboxObject)) == 1
    assert is_whole(app)


def test_a_register_file_stays_where_a_commit_was_done_and_its_answer_lost(app, person):
    with line_breaks_after_commit(app, "register_import"):
        assert upload(person("clinician"), rows_to_csv({})).status_code == 500
    assert len(rows(app, RegisterImport)) == 1
    assert is_whole(app)


def test_files_go_into_a_bucket_and_come_out_of_it(app, doctor, case_id, s3_url, stored_at):
    data = pdf()
    with stored_at(s3_url):
        assert codes(send(doctor, case_id, ("a.pdf", data), *ct(2))) == ["taken"] * 3
        (document,), (image, _) = rows(app, Attachment), rows(app, Instance)
        page = f"/cases/{case_id}/attachments/{document.id}"
        assert doctor.get(f"{page}/original").data == data
        picture = doctor.get(f"/cases/{case_id}/series/{image.series_id}/images/1.jpg")
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
        checked = app.test_cli_runner().invoke(args=["storage", "check"])
        assert checked.output == "6 blobs read, 0 missing or damaged\n"
    assert not (app.config["MDT"].instance / "storage").exists()


def test_a_bucket_that_is_away_is_an_answer_and_loses_nothing(
    app, doctor, case_id, s3_url, stored_at
):
    data = pdf()
    with stored_at(s3_url):
        assert codes(send(doctor, case_id, ("a.pdf", data))) == ["taken"]
    (document,) = rows(app, Attachment)
    copy = f"/cases/{case_id}/attachments/{document.id}/copy"
    with stored_at("s3://no-such-bucket-of-ours"):
        answer = doctor.get(copy)
        assert (answer.status_code, DOWN in answer.text) == (503, True)
        assert doctor.get(f"/cases/{case_id}/attachments").status_code == 200
        other = pdf("other")
        place = begin(doctor, case_id, len(other), other, filename="b.pdf").headers["Location"]
        refused = take(doctor, case_id, place)
        assert (refused.status_code, refused.json["error"]["code"]) == (503, "storage_unavailable")
        checked = app.test_cli_runner().invoke(args=["storage", "check"])
        assert (checked.exit_code, "NoSuchBucket" in checked.output) == (1, True)
    with stored_at(s3_url):
        assert codes(take(doctor, case_id, place)) == ["taken"]
        assert doctor.get(copy).status_code == 200
    assert len(rows(app, Attachment)) == 2


def test_no_room_for_a_part_is_said_and_the_part_can_be_sent_again(app, doctor, case_id):
    data = pdf()
    place = begin(doctor, case_id, len(data), filename="a.pdf").headers["Location"]
    arriving = app.config["MDT"].instance / "uploads" / place.rsplit("/", 1)[1]
    arriving.unlink()
    arriving.symlink_to("/dev/full")
    refused = patch(doctor, place, 0, data)
    assert (refused.status_code, FULL in refused.json["error"]["message"]) == (507, True)
    arriving.unlink()
    arriving.touch()
    assert offset_of(doctor, place) == 0
    assert patch(doctor, place, 0, data).status_code == 204
    assert codes(take(doctor, case_id, place)) == ["taken"]


def test_no_room_for_a_file_is_said_and_nothing_half_is_left(app, doctor, case_id, small_disk):
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["taken"]
    kept = {path for path in small_disk.rglob("*") if path.is_file()}
    stream = io.BytesIO()
    Image.effect_noise((900, 900), 80).save(stream, "PNG")
    refused = send(doctor, case_id, *ct(2), ("scan.png", stream.getvalue()))
    assert (refused.status_code, FULL in refused.json["error"]["message"]) == (507, True)
    assert {path for path in small_disk.rglob("*") if path.is_file()} == kept
    (document,) = rows(app, Attachment)
    assert rows(app, Instance) == []
    copy = f"/cases/{case_id}/attachments/{document.id}/copy"
    assert doctor.get(copy).data.startswith(b"%PDF")


def test_no_room_in_the_database_is_said_and_nothing_is_lost(app, doctor, case_id):
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["taken"]
    with app.app_context():
        engine = db.engine
    # What migrations left free would be room.
    with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute("VACUUM")

    def fill(connection, _record, _proxy):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "checkout", fill)
    try:
        names = [(f"{n}.pdf", pdf(str(n))) for n in range(40)]
        refused = send(doctor, case_id, *names)
        assert (refused.status_code, FULL in refused.json["error"]["message"]) == (507, True)
    finally:
        event.remove(engine, "checkout", fill)
        engine.dispose()
    assert len(rows(app, Attachment)) == 1
    assert codes(send(doctor, case_id, *names[:2])) == ["taken"] * 2
