"""The demo data, loaded once for all tests of this folder, which only read it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from mdt.app import create_app
from mdt.extensions import db
from mdt.queries.people import find_user, viewer_of
from mdt.rules.access import Viewer
from mdt.rules.calendar import utc_now
from tests.fixtures_app import Browser, settings_for

DEMO_PASSWORD = "mdt-demo-2026"


@pytest.fixture(scope="session")
def demo_app(kept_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on the loaded demo data."""
    instance = tmp_path_factory.mktemp("demo-app") / "instance"
    shutil.copytree(kept_demo, instance)
    app = create_app(settings_for(instance))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def loaded(demo_app: Flask) -> Iterator[Flask]:
    """The same with a context pushed, for looking at what was loaded."""
    with demo_app.app_context():
        yield demo_app


@pytest.fixture
def viewer(demo_app: Flask) -> Callable[[str], Viewer]:
    """``viewer("clinician")``: an account of the demo, as services know it now."""

    def known(username: str) -> Viewer:
        with demo_app.app_context():
            user = find_user(username)
            assert user is not None
            return viewer_of(user, now=utc_now())

    return known


@pytest.fixture
def visitor(demo_app: Flask) -> Callable[[str], Browser]:
    """``visitor("clinician")``: a browser in which that account is signed in.

    Not together with ``loaded``: requests would share its context, and with it who is signed in.
    """

    def open_for(username: str) -> Browser:
        browser = Browser(demo_app)
        assert browser.sign_in(username, DEMO_PASSWORD).status_code == 302
        return browser

    return open_for
