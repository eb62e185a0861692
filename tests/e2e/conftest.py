"""Real servers for browsers: on empty tables, and on the demo data."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import LiveServer, running_server


@pytest.fixture
def live_server(migrated_sqlite: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server on an empty, migrated database; data are made through ``server.app``."""
    with running_server(tmp_path / "server", migrated_sqlite) as server:
        yield server


@pytest.fixture(scope="session")
def demo_server(kept_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on the demo data; tests that share it leave it as it was."""
    instance = tmp_path_factory.mktemp("demo-server") / "instance"
    shutil.copytree(kept_demo, instance)
    with running_server(instance) as server:
        yield server
