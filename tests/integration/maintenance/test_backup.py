"""A backup put into an empty place is the same installation; anything less is refused."""

import json
import shutil
from dataclasses import replace

import pytest
from flask_migrate import upgrade

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.adapters.storage_url import storage_from_url
from mdt.app import create_app
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.patients import open_identity
from mdt.rules.jobs import JobName
from tests import services
from tests.attachment_kit import codes, ct, draft, pdf, rows, send
from tests.board import build_board
from tests.fixtures_app import MIGRATIONS, Browser, settings_for
from tests.world import build_world


def tables(app):
    """Rows of every table but the trail, which each copy writes on."""
    with app.app_context():
        return {
            table.name: db.session.execute(
                db.select(*table.columns).order_by(*table.primary_key.columns)
            ).all()
            for table in db.metadata.sorted_tables
            if table.name not in {"audit_row", "audit_batch"}
        }


def fill(app):
    """A world with two cases and a blob; gives the blob's key."""
    with app.app_context():
        build_board(build_world())
        return devices.storage().put(b"bytes of a scan").key


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=[*map(str, arguments)])


@pytest.fixture
def backup(app, tmp_path):
    key = fill(app)
    folder = tmp_path / "backup"
    made = run(app, "backup", folder)
    assert (made.exit_code, "MDT_FIELD_KEY" in made.output) == (0, True)
    return folder, key


@pytest.fixture
def empty(tmp_path):
    """``empty()`` is a new installation, with nothing in it."""
    made = []

    def make(**changes):
        made.append(create_app(settings_for(tmp_path / f"empty{len(made)}", **changes)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_the_round_trip_brings_everything_back(app, backup, empty):
    folder, key = backup
    other = empty()
    restored = run(other, "restore", folder)
    assert restored.exit_code == 0, restored.output
    assert tables(other) == tables(app)
    with other.app_context():
        assert devices.storage().read(key) == b"bytes of a scan"
        case = db.session.scalar(
            scope.unscoped(
                db.select(Case).options(db.joinedload(Case.patient)).limit(1), because="a test"
            )
        )
        assert open_identity(case.patient).name == "张三丰"
    assert Browser(other, "clinician").get("/").status_code == 200
    assert run(other, "audit", "verify").exit_code == 0


class Busy:
    """A storage in which something happens as soon as the database was copied."""

    def __init__(self, storage, happens):
        self._storage, self._happens = storage, happens

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def copy_out(self, folder):
        if any(folder.parent.glob("database.*")):
            self._happens()
        self._storage.copy_out(folder)


@pytest.fixture
def back_up_while(app, tmp_path, monkeypatch):
    """``back_up_while(happens)`` is the folder of a backup of a server that is not quiet."""

    def make(happens):
        busy = Busy(app.extensions["mdt_storage"], happens)
        monkeypatch.setitem(app.extensions, "mdt_storage", busy)
        folder = tmp_path / "busy"
        made = run(app, "backup", folder)
        assert made.exit_code == 0, made.output
        return folder

    return make


def test_what_is_deleted_while_it_is_copied_is_restored_with_its_bytes(
    app, world, person, back_up_while, empty
):
    doctor, case_id = person("clinician"), draft(app, world)
    send(doctor, case_id, *ct(2), ("a.pdf", pdf()))

    def happens():
        doctor.post(f"/cases/{case_id}/series/1/take-back")
        send(doctor, case_id, ("b.pdf", pdf("b")))

    folder, other = back_up_while(happens), empty()
    assert (rows(app, Instance), len(rows(app, Attachment))) == ([], 2)
    assert run(other, "restore", folder).exit_code == 0
    assert (len(rows(other, Instance)), len(rows(other, Attachment))) == (2, 1)
    checked = run(other, "storage", "check")
    assert (checked.exit_code, checked.output) == (0, "6 blobs read, 0 missing or damaged\n")


def test_what_waits_for_the_virus_scanner_is_taken_where_it_is_restored(
    app, world, person, clamd, back_up_while, empty
):
    doctor, case_id = person("clinician"), draft(app, world)
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["quarantined"]

    def take(one):
        with clamd(), one.app_context():
            queue().put(JobName.UPLOADS_TAKE)
        return [row.sha256 for row in rows(one, Attachment)]

    folder, other = back_up_while(lambda: take(app)), empty()
    (taken,) = rows(app, Attachment)
    assert run(other, "restore", folder).exit_code == 0
    other.config["MDT"] = replace(other.config["MDT"], clamd=app.config["MDT"].clamd)
    assert rows(other, Attachment) == []
    assert take(other) == [taken.sha256]


def test_the_backup_is_for_its_owner_and_holds_no_name(backup):
    folder, _ = backup
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.rglob("*"):
        if path.is_file():
            assert "张三丰".encode() not in path.read_bytes()
            assert b"369921196203050015" not in path.read_bytes()


def test_nothing_is_overwritten(app, backup, empty):
    folder, _ = backup
    assert "is not empty" in run(app, "backup", folder).output
    assert "is not empty" in run(app, "restore", folder).output
    other = empty()
    with other.app_context():
        upgrade(MIGRATIONS)
    again = run(other, "restore", folder)
    assert (again.exit_code, "is not empty" in again.output) == (1, True)


@pytest.mark.parametrize("damage", ["byte", "lost", "more", "manifest", "torn"])
def test_a_damaged_backup_is_refused_and_nothing_written(backup, empty, damage):
    folder, _ = backup
    manifest, database = folder / "manifest.json", folder / "database.sqlite3"
    if damage == "byte":
        content = bytearray(database.read_bytes())
        content[5000] ^= 1
        database.write_bytes(content)
    elif damage == "lost":
        shutil.rmtree(folder / "storage")
    elif damage == "more":
        (folder / "storage" / "extra").write_bytes(b"x")
    elif damage == "manifest":
        manifest.unlink()
    else:
        manifest.write_text(manifest.read_text()[:50])
    other = empty()
    answer = run(other, "restore", folder)
    assert (answer.exit_code, "backup" in answer.output) == (1, True)
    assert not (other.config["MDT"].instance / "mdt.sqlite3").exists()


def test_another_field_key_is_named_before_anything_is_written(backup, empty):
    folder, _ = backup
    other = empty(field_key="another-key-0123456789-abcdefghijklm")
    assert "another MDT_FIELD_KEY" in run(other, "restore", folder).output
    assert not (other.config["MDT"].instance / "mdt.sqlite3").exists()


def test_postgresql_goes_the_same_way(postgresql_app, postgresql_server, tmp_path, empty):
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip("PostgreSQL's client programs are not on the path")
    key = fill(postgresql_app)
    folder = tmp_path / "backup"
    made = run(postgresql_app, "backup", folder)
    assert made.exit_code == 0, made.output
    assert json.loads((folder / "manifest.json").read_text())["database"] == "postgresql"
    with services.postgresql_database(postgresql_server) as url:
        other = empty(database_url=url)
        restored = run(other, "restore", folder)
        assert restored.exit_code == 0, restored.output
        assert tables(other) == tables(postgresql_app)
        with other.app_context():
            assert devices.storage().read(key) == b"bytes of a scan"
            db.session.remove()
            db.engine.dispose()


def test_a_bucket_is_copied_like_a_folder(app, tmp_path, empty, s3_url, monkeypatch):
    def keep_in(one, url):
        storage = storage_from_url(url, one.extensions["mdt_keyring"])
        monkeypatch.setitem(one.extensions, "mdt_storage", storage)

    keep_in(app, s3_url)
    key, folder = fill(app), tmp_path / "backup"
    assert run(app, "backup", folder).exit_code == 0
    assert "is not empty" in run(app, "restore", folder).output
    in_a_folder, in_a_bucket, nowhere = empty(), empty(), empty()
    keep_in(in_a_bucket, f"{s3_url}-restored")
    for other in (in_a_folder, in_a_bucket):
        assert run(other, "restore", folder).exit_code == 0
        with other.app_context():
            assert devices.storage().read(key) == b"bytes of a scan"
            assert [one.key for one in devices.storage().keys()] == [key]  # noqa: SIM118
    keep_in(nowhere, "s3://no-such-bucket-of-ours")
    refused = run(nowhere, "restore", folder)
    assert (refused.exit_code, "NoSuchBucket" in refused.output) == (1, True)
    assert not (nowhere.config["MDT"].instance / "mdt.sqlite3").exists()
