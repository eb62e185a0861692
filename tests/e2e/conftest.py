"""Real servers for browsers: on the small world, and on the demo data."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.fixtures_app import Kept
from tests.live_server import LiveServer, running_server
from tests.world import World


@pytest.fixture(scope="session")
def one_server(kept_world: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The server that tests use one after the other, each with data of its own."""
    folder = tmp_path_factory.mktemp("one-server")
    with running_server(folder / "instance", kept_world.database) as server:
        yield server


@pytest.fixture
def live_server(one_server: LiveServer, kept_world: Kept) -> LiveServer:
    """A server with the world and nothing else; more is made through ``server.app``."""
    one_server.lay_under(kept_world.database)
    return one_server


@pytest.fixture
def world(live_server: LiveServer, kept_world: Kept) -> World:
    """The people and places of the server."""
    known: World = deepcopy(kept_world.known)
    return known


@pytest.fixture(scope="session")
def demo_server(kept_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on the demo data; tests that share it leave it as it was."""
    instance = tmp_path_factory.mktemp("demo-server") / "instance"
    shutil.copytree(kept_demo, instance)
    with running_server(instance, cold=True) as server:
        yield server
