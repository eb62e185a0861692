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
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for the whole run, and not again for each test's app."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def only_app(
    compiled_templates: FileSystemBytecodeCache, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """The one app of a run: its addresses, templates and statements are compiled once."""
    app = create_app(settings_for(tmp_path_factory.mktemp("app") / "instance"))
    app.jinja_env.bytecode_cache = compiled_templates
    app.extensions["mdt_room_server"] = socketio.server
    return app


@pytest.fixture
def app(only_app: Flask, migrated_sqlite: Path) -> Iterator[Flask]:
    """The app on an empty SQLite database and in an empty folder, with nobody in any room.

    No context is pushed: each request has its own.
    """
    instance = only_app.config["MDT"].instance
    shutil.rmtree(instance)
    instance.mkdir()
    shutil.copy(migrated_sqlite, instance / "mdt.sqlite3")
    only_app.extensions.pop("mdt_signer", None)
    only_app.extensions.pop("mdt_use", None)
    only_app.extensions.pop("mdt_looks", None)
    presence.init_app(only_app, None)
    # An app that another test made has put its own server here.
    socketio.server = only_app.extensions["mdt_room_server"]
    yield only_app
    _dispose(only_app)


@pytest.fixture
def postgresql_app(postgresql_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The same app on PostgreSQL."""
    app = create_app(settings_for(tmp_path / "instance", postgresql_url))
    with app.app_context():
        upgrade(MIGRATIONS)
    yield app
    _dispose(app)


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
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """An instance folder with the demo data, loaded once for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "kept-demo"
    with (shared / "kept-demo.lock").open("w") as lock:
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
