"""Real servers for browsers: on empty tables, and on the demo data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdt.cli.demo.load import load_demo
from mdt.rules.calendar import utc_now
from tests.live_server import LiveServer, running_server


@pytest.fixture
def live_server(migrated_sqlite: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server on an empty, migrated database; data are made through ``server.app``."""
    with running_server(tmp_path / "server", migrated_sqlite) as server:
        yield server


@pytest.fixture(scope="session")
def demo_server(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server on the demo data; tests that share it leave it as it was."""
    instance = tmp_path_factory.mktemp("demo")
    with running_server(instance, migrated_sqlite) as server:
        with server.app.app_context():
            load_demo("mdt-demo-2026", now=utc_now(), say=lambda _: None)
        yield server
