"""The app on an empty, migrated database for each test, and a small world to act in."""

import fcntl
import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache

from mdt.adapters import presence
from mdt.app import create_app
from mdt.cli.demo.load import load_demo
from mdt.config import Settings
from mdt.extensions import db, socketio
from mdt.models.people import SignInSession
from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from tests import services
from tests.board import Board, build_board
from tests.clamd import listening
from tests.live_server import FIELD_KEY, SECRET_KEY
from tests.services import free_port
from tests.world import PASSWORD, World, build_world

MIGRATIONS = str(Path(__file__).resolve().parent.parent / "migrations")


def settings_for(instance: Path, database_url: str = "", **changes: Any) -> Settings:
    """Settings of a test's app; SQLite in its own folder by default."""
    instance.mkdir(parents=True, exist_ok=True)
    base = Settings(
        secret_key=SECRET_KEY,
        field_key=FIELD_KEY,
        database_url=database_url or f"sqlite:///{instance / 'mdt.sqlite3'}",
        storage_url=str(instance / "storage"),
        instance=instance,
        jobs_at_once=True,
        testing=True,
    )
    return replace(base, **changes)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(settings_for(folder))
    with app.app_context():
        upgrade(MIGRATIONS)
        db.session.remove()
        db.engine.dispose()
    return folder / "mdt.sqlite3"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def compiled_templates(shared_folder: Path) -> FileSystemBytecodeCache:
    """Templates are compiled once for the whole run, and not again for each test's app."""
    folder = shared_folder / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def _make_lasting(settings: Settings, templates: FileSystemBytecodeCache) -> Flask:
    """Make an app for many tests: its addresses, templates and statements are compiled once."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = templates
    app.extensions["mdt_room_server"] = socketio.server
    return app


def _begin_anew(app: Flask) -> Path:
    """Empty the app's folder, which is given, and its memory; nobody is in any room."""
    instance: Path = app.config["MDT"].instance
    shutil.rmtree(instance)
    instance.mkdir()
    for memory in ("mdt_looks", "mdt_signer", "mdt_use"):
        app.extensions.pop(memory, None)
    presence.init_app(app, None)
    # An app that another test made has put its own server here.
    socketio.server = app.extensions["mdt_room_server"]
    return instance


@pytest.fixture(scope="session")
def only_app(
    compiled_templates: FileSystemBytecodeCache, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """The one app of a run on SQLite."""
    settings = settings_for(tmp_path_factory.mktemp("app") / "instance")
    return _make_lasting(settings, compiled_templates)


@pytest.fixture
def app(only_app: Flask, migrated_sqlite: Path) -> Iterator[Flask]:
    """The app on an empty SQLite database and in an empty folder.

    No context is pushed: each request has its own.
    """
    shutil.copy(migrated_sqlite, _begin_anew(only_app) / "mdt.sqlite3")
    yield only_app
    _dispose(only_app)


@pytest.fixture(scope="session")
def migrated_postgresql(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name of a migrated, empty PostgreSQL database, copied for each test."""
    with services.postgresql_database(postgresql_server) as url:
        app = create_app(settings_for(tmp_path_factory.mktemp("migrated-postgresql"), url))
        with app.app_context():
            upgrade(MIGRATIONS)
        _dispose(app)
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def only_postgresql_app(
    postgresql_server: str,
    compiled_templates: FileSystemBytecodeCache,
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:
    """The one app of a run on PostgreSQL; its database is there during a test."""
    url = services.database_url(postgresql_server, f"mdt_test_{uuid4().hex[:12]}")
    settings = settings_for(tmp_path_factory.mktemp("app-postgresql") / "instance", url)
    return _make_lasting(settings, compiled_templates)


@pytest.fixture
def postgresql_app(
    only_postgresql_app: Flask, postgresql_server: str, migrated_postgresql: str
) -> Iterator[Flask]:
    """The same app on PostgreSQL."""
    _begin_anew(only_postgresql_app)
    name = only_postgresql_app.config["MDT"].database_url.rpartition("/")[2]
    with services.postgresql_database(postgresql_server, name, like=migrated_postgresql):
        yield only_postgresql_app
        _dispose(only_postgresql_app)


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@dataclass(frozen=True)
class Kept:
    """A database to be laid under many tests, and what is known of it."""

    database: Path
    known: Any

    def lay_under(self, app: Flask) -> None:
        """Give the app a copy of the database."""
        _dispose(app)
        shutil.copy(self.database, _database_of(app))


def _database_of(app: Flask) -> Path:
    path: Path = app.config["MDT"].instance / "mdt.sqlite3"
    return path


def _keep(app: Flask, known: Any, folder: Path) -> Kept:
    with app.app_context():
        db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    _dispose(app)
    return Kept(Path(shutil.copy(_database_of(app), folder)), known)


@pytest.fixture(scope="session")
def kept_world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The world, made once."""
    app = create_app(settings_for(tmp_path_factory.mktemp("world")))
    shutil.copy(migrated_sqlite, _database_of(app))
    with app.app_context():
        world = build_world()
    return _keep(app, world, tmp_path_factory.mktemp("kept-world"))


@pytest.fixture(scope="session")
def kept_board(kept_world: Kept, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The world with a conference in it, made once."""
    app = create_app(settings_for(tmp_path_factory.mktemp("board")))
    kept_world.lay_under(app)
    with app.app_context():
        board = build_board(kept_world.known)
    return _keep(app, board, tmp_path_factory.mktemp("kept-board"))


@pytest.fixture
def world(app: Flask, kept_world: Kept, kept_board: Kept, request: pytest.FixtureRequest) -> World:
    """Two county hospitals, a tertiary one with a team, and one person of every kind."""
    # The board is laid with the world: later, it would cover what a test made until then.
    kept = kept_board if "board" in request.fixturenames else kept_world
    kept.lay_under(app)
    return deepcopy(kept_world.known)


class Browser:
    """A signed-in browser over the test client, which fetches forgery tokens as a page would."""

    def __init__(self, app: Flask, username: str | None = None) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.token = ""
        if username:
            self.enter(username)

    def enter(self, username: str) -> None:
        """Be signed in, without the form and the price of a password check."""
        token, now = secrets.token_urlsafe(32), utc_now()
        with self.app.app_context():
            user = find_user(username)
            assert user is not None
            db.session.add(
                SignInSession(
                    token_hash=hashlib.sha256(token.encode()).hexdigest(),
                    user_id=user.id,
                    created_at=now,
                    last_seen_at=now,
                    reauthenticated_at=now,
                    address="127.0.0.1",
                )
            )
            db.session.commit()
        forgery = secrets.token_hex(20)
        with self.client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True, csrf_token=forgery)
        signer = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token")
        self.token = signer.dumps(forgery)

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        """Sign in through the form."""
        self.token = self.find_token(self.client.get("/sign-in").text)
        answer = self.post("/sign-in", username=username, password=password)
        self.token = self.find_token(self.client.get("/").text)
        return answer

    @staticmethod
    def find_token(page: str) -> str:
        """The forgery token of a page."""
        found = re.search(r'name="csrf[_-]token"[^>]*?(?:value|content)="([^"]+)"', page)
        return found.group(1) if found else ""

    def get(self, path: str, **options: Any) -> Any:
        """GET a page."""
        return self.client.get(path, **options)

    def post(self, path: str, **fields: Any) -> Any:
        """POST a form with its forgery token. Lists become repeated fields; files may be tuples."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def post_json(self, path: str, body: Any) -> Any:
        """POST JSON as the page's scripts do."""
        return self.client.post(path, json=body, headers={"X-CSRFToken": self.token})


@pytest.fixture
def person(app: Flask, world: World) -> Any:
    """``person("clinician")`` gives a browser in which that person of the world is signed in."""

    def open_for(username: str | None = None) -> Browser:
        return Browser(app, username)

    return open_for


@pytest.fixture
def clamd(app: Flask) -> Iterator[Any]:
    """``with clamd():`` the virus scanner answers; outside of it, nobody does."""
    address = ("127.0.0.1", free_port())
    before = app.config["MDT"]
    app.config["MDT"] = replace(before, clamd="{}:{}".format(*address))

    @contextmanager
    def up() -> Iterator[None]:
        with listening(address):
            yield

    yield up
    app.config["MDT"] = before


@pytest.fixture
def board(world: World, kept_board: Kept) -> Board:
    """A scheduled conference with a case of county A and one of county B."""
    return deepcopy(kept_board.known)


@pytest.fixture(scope="session")
def kept_demo(
    migrated_sqlite: Path, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An instance folder with the demo data, loaded once for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = shared_folder / "kept-demo"
    with (shared_folder / "kept-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            app = create_app(settings_for(base / "loading-demo"))
            shutil.copy(migrated_sqlite, _database_of(app))
            with app.app_context():
                load_demo("mdt-demo-2026", now=utc_now(), say=lambda _: None, detail=0.25)
                db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            _dispose(app)
            (base / "loading-demo").rename(folder)
    return folder
