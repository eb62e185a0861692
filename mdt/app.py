"""Assembly: builds the app, registers everything, refuses to start with an unguarded view."""

import sqlite3
from datetime import timedelta
from importlib import import_module

from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import mdt.models  # noqa: F401 -- registers the tables
from mdt.adapters import devices, presence, queue
from mdt.adapters.broadcast import NAMESPACE
from mdt.cli.accounts import accounts_cli, regions_cli
from mdt.cli.demo import demo_cli
from mdt.cli.dicom import dicom_cli
from mdt.cli.images import images_cli
from mdt.cli.maintenance import audit_cli, backup, restore
from mdt.cli.registry import registry_cli
from mdt.cli.staging import staging_cli
from mdt.cli.storage import storage_cli
from mdt.cli.tokens import tokens_cli
from mdt.cli.worker import worker
from mdt.config import ConfigError, Settings, settings_from_env
from mdt.extensions import babel, csrf, db, login_manager, migrate, sealing, socketio
from mdt.jobs import HANDLERS
from mdt.queries.scope import install_guard
from mdt.queries.system import demo_loaded
from mdt.realtime.conference_room import ConferenceRoom
from mdt.services.unit_of_work import UNHURRIED_OPTION, WRITE_OPTION
from mdt.web.errors import register_errors
from mdt.web.guards import bearer_token, load_user
from mdt.web.own_addresses import OwnAddressSessions
from mdt.web.security_headers import register_security_headers, static_headers
from mdt.web.templating import choose_locale, register_templating
from mdt.web.uploads import UploadRequest

#: Blueprint packages, each with ``views.bp``.
FEATURES = (
    "accounts",
    "admin",
    "attachments",
    "audit",
    "cases",
    "conferences",
    "dicomweb",
    "followup",
    "inbox",
    "live",
    "marks",
    "phone",
    "plans",
    "reading",
    "registry",
    "reports",
    "slides",
    "system",
    "triage",
    "uploads",
    "verify",
    "worklist",
)
#: Commands of ``flask --app wsgi``.
COMMANDS = (
    accounts_cli,
    audit_cli,
    backup,
    demo_cli,
    dicom_cli,
    images_cli,
    registry_cli,
    regions_cli,
    restore,
    staging_cli,
    storage_cli,
    tokens_cli,
    worker,
)
MAX_REQUEST_BYTES = 600 * 1024 * 1024


class UnguardedView(RuntimeError):
    """A view that declares neither a permission nor that it is public."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the app from settings (by default the environment's)."""
    settings = settings or settings_from_env()
    app = Flask("mdt", instance_path=str(settings.instance))
    app.request_class = UploadRequest
    _configure(app, settings)
    _bind(app, settings)
    for feature in FEATURES:
        app.register_blueprint(import_module(f"mdt.blueprints.{feature}.views").bp)
    for group in COMMANDS:
        app.cli.add_command(group)
    register_templating(app)
    register_errors(app)
    register_security_headers(app)
    _check_guards(app)
    _refuse_demo_data(app, settings)
    _wrap(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        MDT=settings,
        MDT_ENV=settings.env,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 64,
            "max_overflow": 64,
            # A line can break; a file's cannot.
            "pool_pre_ping": not settings.database_url.startswith("sqlite"),
        },
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not settings.demo,
        SESSION_COOKIE_NAME="mdt" if settings.demo else "__Host-mdt",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        TESTING=settings.testing,
    )


def _bind(app: Flask, settings: Settings) -> None:
    app.session_interface = OwnAddressSessions()
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=choose_locale)
    login_manager.init_app(app)
    login_manager.session_protection = None
    login_manager.user_loader(load_user)
    socketio.init_app(
        app,
        async_mode="threading",
        async_handlers=False,
        message_queue=settings.redis_url,
        ping_interval=10,
        ping_timeout=10,
        max_http_buffer_size=64 * 1024,
        manage_session=False,
    )
    socketio.on_namespace(ConferenceRoom(NAMESPACE))
    sealing.init_app(app, settings.field_key)
    devices.init_app(app, settings.storage_url)
    presence.init_app(app, settings.redis_url)
    queue.init_app(app, settings, HANDLERS)
    install_guard(db.session)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine)
    app.before_request(_protect_from_forgery)


def _protect_from_forgery() -> None:
    """Ask for the token on every unsafe request of a browser; a machine's token needs none."""
    if not bearer_token():
        csrf.protect()


def _tune_sqlite(engine: Engine) -> None:
    """WAL, durable commits, and writing transactions that begin as such (realtime.md section 4)."""

    @event.listens_for(engine, "connect")
    def pragmas(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=5000",
            "foreign_keys=ON",
            # An import carries its own pages over before others come to do that with a commit.
            "wal_autocheckpoint=16000",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get(WRITE_OPTION)
        level = "NORMAL" if options.get(UNHURRIED_OPTION) else "FULL"
        # The connection may have served another kind of transaction before.
        if connection.info.get("synchronous", "FULL") != level:
            connection.connection.cursor().execute(f"PRAGMA synchronous={level}")
            connection.info["synchronous"] = level
        if writes:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # It waits for nobody and looks at nothing: no error of the database's can come of it.
            connection.connection.cursor().execute("BEGIN")


def _check_guards(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint != "static" and not hasattr(view, "mdt_policy"):
            raise UnguardedView(endpoint)


def _refuse_demo_data(app: Flask, settings: Settings) -> None:
    """Accounts with a known password have no place in production."""
    if settings.demo:
        return
    with app.app_context():
        try:
            loaded = demo_loaded()
        except DBAPIError:
            # No tables yet, or no database: its own messages say so.
            loaded = False
        db.session.remove()
    if loaded:
        raise ConfigError("this database holds demo data; production needs an empty one")


def _wrap(app: Flask, settings: Settings) -> None:
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=app.static_folder,
        prefix="static/",
        max_age=31536000,
        add_headers_function=static_headers,
    )
