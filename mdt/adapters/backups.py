"""Copies of database and storage in a folder, and back into an empty place.

A folder without ``manifest.json`` is no backup: it is written last. Secrets are not in it; the
manifest only says which field key the sealed parts need.

The server goes on meanwhile. Blobs are written before the rows that name them and deleted after
those are gone, so the storage is copied twice: all of it before the database, which may take hours,
then what was added until then. What the database's copy names and is deleted after it is in the
first of the two.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from mdt.adapters.storage import Storage, StorageUnavailable
from mdt.adapters.upload_parts import Parts

MANIFEST = "manifest.json"
_SQLITE, _POSTGRESQL = "database.sqlite3", "database.pgdump"
_STORAGE, _UPLOADS = "storage", "uploads"


class BackupError(Exception):
    """Why a backup cannot be made or restored, for the person at the shell."""


@dataclass(frozen=True)
class Place:
    """What is copied, or where to: database, storage, uploads and the field key's number."""

    database_url: str
    storage: Storage
    parts: Parts
    key_id: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ``files`` gives the SHA-256 of each, ``rows`` the rows of each table.

    Rows are counted on SQLite alone; PostgreSQL's own dump is checked by its own tool.
    """

    made_at: str
    database: str
    key_id: str
    rows: dict[str, int]
    files: dict[str, str]


def make_backup(
    place: Place, folder: Path, waiting: Callable[[], Collection[str]], *, now: datetime
) -> Manifest:
    """Copy the database as it stands at one moment, and the storage before and after.

    ``waiting`` names the uploads that wait for the virus scanner: they were acknowledged, and are
    copied likewise. Raises `BackupError`.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_files(place, folder, waiting())
    rows: dict[str, int] = {}
    if _kind(place.database_url) == "sqlite":
        _copy_sqlite(_sqlite_path(place.database_url), folder / _SQLITE)
        rows = _count_rows(folder / _SQLITE)
    else:
        _pg("pg_dump", place.database_url, "--format=custom", f"--file={folder / _POSTGRESQL}")
    _copy_files(place, folder, waiting())
    kind = _kind(place.database_url)
    manifest = Manifest(now.isoformat(), kind, place.key_id, rows, _hashes(folder))
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    return manifest


def restore_backup(place: Place, folder: Path) -> Manifest:
    """Check every byte of a backup, then put it into an empty database and an empty storage.

    Raises `BackupError` before anything is written where the backup is damaged, the place is not
    empty, or the field key is another one.
    """
    manifest = read_manifest(folder)
    _check_place(place, manifest)
    with _storage_answers():
        if next(place.storage.keys(), None) is not None:
            raise BackupError("the storage is not empty")
    if manifest.files != _hashes(folder):
        raise BackupError("the backup is damaged: its files are not those of its manifest")
    if manifest.database == "sqlite":
        _put_sqlite(folder / _SQLITE, _sqlite_path(place.database_url), manifest.rows)
    else:
        _pg(
            "pg_restore", place.database_url, "--exit-on-error", "--no-owner",
            "--single-transaction", str(folder / _POSTGRESQL),
        )  # fmt: skip
    if (folder / _STORAGE).exists():
        with _storage_answers():
            place.storage.copy_in(folder / _STORAGE)
    if (folder / _UPLOADS).exists():
        place.parts.copy_in(folder / _UPLOADS)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """What the folder says that it holds. Raises `BackupError`."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{folder} holds no whole backup (no readable {MANIFEST})") from error


def _copy_files(place: Place, folder: Path, waiting: Collection[str]) -> None:
    with _storage_answers():
        place.storage.copy_out(folder / _STORAGE)
    place.parts.copy_out(waiting, folder / _UPLOADS)


def _check_place(place: Place, manifest: Manifest) -> None:
    here = _kind(place.database_url)
    if manifest.database != here:
        raise BackupError(f"the backup is of {manifest.database}, MDT_DATABASE_URL is {here}")
    if manifest.key_id != place.key_id:
        raise BackupError("the backup was sealed with another MDT_FIELD_KEY; set that one first")


def _kind(url: str) -> str:
    return make_url(url).get_backend_name()


def _sqlite_path(url: str) -> Path:
    return Path(make_url(url).database or "")


@contextmanager
def _storage_answers() -> Iterator[None]:
    try:
        yield
    except StorageUnavailable as error:
        raise BackupError(str(error)) from error


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def _count_rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        # Names of our own tables, as the database lists them.
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in sorted(tables)
        }


def _put_sqlite(source: Path, target: Path, rows: dict[str, int]) -> None:
    if target.exists() and target.stat().st_size and _count_rows(target):
        raise BackupError(f"the database {target} is not empty")
    target.parent.mkdir(parents=True, exist_ok=True)
    for rest in (f"{target}-wal", f"{target}-shm"):
        Path(rest).unlink(missing_ok=True)
    fresh = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    with closing(sqlite3.connect(fresh)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok" or _count_rows(fresh) != rows:
        fresh.unlink()
        raise BackupError(f"the database in the backup is damaged: {verdict}")
    fresh.replace(target)


def _pg(program: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, not the command line."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not on the path; install PostgreSQL's client programs")
    parts = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": parts.password or ""}
    name = parts.set(password=None).render_as_string()
    ended = subprocess.run(  # noqa: S603 -- our own arguments, no shell
        [path, f"--dbname={name}", *options],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode:
        raise BackupError(f"{program} failed: {ended.stderr.strip()[-500:]}")


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): _hash(path)
        for path in sorted(_files(folder))
        if path.name != MANIFEST
    }


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
