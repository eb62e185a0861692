"""The servers that other tests stand on."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis

from tests import services
from tests.conftest import skip_where_lacking

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """A machine with no program on its path and nothing set."""
    for name in ("MDT_TEST_CHROMIUM", "MDT_TEST_DATABASE_URL", "MDT_TEST_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_each_database_is_empty_and_its_own(postgresql_server):
    with services.postgresql_database(postgresql_server) as one:
        with psycopg.connect(one.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE patient (name text)")
        with services.postgresql_database(postgresql_server) as two:
            assert one != two
            with psycopg.connect(two.replace("+psycopg", "")) as connection:
                found = connection.execute("SELECT to_regclass('patient')").fetchone()
    assert found == (None,)


def test_redis_answers(redis_url):
    with Redis.from_url(redis_url) as client:
        assert client.ping()


def test_chromium_is_found_on_the_path(bare_machine):
    with pytest.raises(services.Lacking, match="Chromium"):
        services.chromium()
    program = bare_machine / "chromium-browser"
    program.touch()
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert services.chromium() == str(program)


def test_a_server_given_by_the_environment_is_used(bare_machine, monkeypatch):
    monkeypatch.setenv("MDT_TEST_DATABASE_URL", "postgresql+psycopg://me@db/x")
    monkeypatch.setenv("MDT_TEST_REDIS_URL", "redis://cache/3")
    with services.postgresql() as database, services.redis() as cache:
        assert (database, cache) == ("postgresql://me@db/x", "redis://cache/3")


@pytest.mark.parametrize(
    ("required", "outcome"), [("", pytest.skip.Exception), ("all", pytest.fail.Exception)]
)
def test_what_is_lacking_is_skipped_unless_required(monkeypatch, required, outcome):
    monkeypatch.setenv("MDT_TEST_REQUIRE", required)
    with pytest.raises(outcome, match="no Redis here"), skip_where_lacking():
        raise services.Lacking("no Redis here")


KEEPS_A_SERVER = """
from tests import services
with services.redis() as url:
    print(url, flush=True)
    input()
"""


def test_servers_end_with_the_process_that_started_them(redis_url):
    """Even a killed run leaves nothing behind."""
    environment = {k: v for k, v in os.environ.items() if k != "MDT_TEST_REDIS_URL"}
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_SERVER],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        port = urlsplit(run.stdout.readline().strip()).port
        with socket.create_connection(("127.0.0.1", port), timeout=services.PATIENCE) as client:
            client.sendall(b"PING\r\n")
            assert client.recv(64) == b"+PONG\r\n"
            run.kill()
            assert client.recv(64) == b"", "the server ended, and with it the connection"
