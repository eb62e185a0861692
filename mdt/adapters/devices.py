"""The running app's devices, for services that know no Flask."""

from flask import Flask, current_app

from mdt.adapters.storage import Storage, storage_from_url
from mdt.config import Settings


def init_app(app: Flask, storage_url: str) -> None:
    """Open the storage of this app; what it keeps is sealed with the app's keyring."""
    app.extensions["mdt_storage"] = storage_from_url(storage_url, app.extensions["mdt_keyring"])


def storage() -> Storage:
    """Where blobs are kept."""
    found: Storage = current_app.extensions["mdt_storage"]
    return found


def settings() -> Settings:
    """The running app's settings."""
    found: Settings = current_app.config["MDT"]
    return found
