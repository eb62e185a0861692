"""Unbound Flask extensions; the factory in ``mdt.app`` binds them."""

from flask import Flask, current_app
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData

from mdt.crypto import Keyring

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

db = SQLAlchemy(
    metadata=MetaData(naming_convention=NAMING_CONVENTION),
    session_options={"expire_on_commit": False},
)
babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
migrate = Migrate()
socketio = SocketIO()


class Sealing:
    """The app's keyring, found the way other extensions are."""

    def init_app(self, app: Flask, field_key: str) -> None:
        """Make the keyring of this app."""
        app.extensions["mdt_keyring"] = Keyring(field_key)

    @property
    def keyring(self) -> Keyring:
        """The running app's keyring."""
        ring: Keyring = current_app.extensions["mdt_keyring"]
        return ring


sealing = Sealing()
