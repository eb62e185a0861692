"""What the benchmarks share: a real server on the demo data, a signed-in client, percentiles."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.fixtures_app import Browser
from tests.live_server import ROOT, LiveServer

#: On which databases, for those that measure on both: one of them alone takes half the time.
DATABASES = frozenset(os.environ.get("MDT_BENCH_DATABASES", "sqlite,postgresql").split(","))
_BEGUN = time.monotonic()

PASSWORD = "mdt-demo-2026"  # noqa: S105 -- printed in the README


@contextmanager
def demo_server() -> Iterator[LiveServer]:
    """Give a server on freshly loaded demo data."""
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), "demo load") as server:
        yield server


@contextmanager
def empty_server(folder: Path) -> Iterator[LiveServer]:
    """Give a server with empty tables."""
    with _server(folder) as server:
        yield server


@contextmanager
def _server(folder: Path, *commands: str) -> Iterator[LiveServer]:
    """Give a server with what these commands of ours put into its tables."""
    server = LiveServer(folder / "instance")
    for command in ("db upgrade", *commands):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command.split()],
            cwd=ROOT, env=server.environment(), check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        server.start()
        yield server
    finally:
        server.close()


def sign_in(base: str, username: str, password: str = PASSWORD) -> requests.Session:
    """Give a client with a session, keeping its connection open."""
    client = requests.Session()
    page = client.get(f"{base}/sign-in").text
    form = {"csrf_token": Browser.find_token(page), "username": username, "password": password}
    client.post(f"{base}/sign-in", data=form).raise_for_status()
    return client


def say(words: str) -> None:
    """Tell who waits how far it is."""
    print(f"  {time.monotonic() - _BEGUN:5.0f} s: {words}", flush=True)


def times(act: Callable[[], object], *, repeats: int) -> list[float]:
    """Milliseconds of each repeat, after one that warms up."""
    act()
    measured = []
    for _ in range(repeats):
        begun = time.perf_counter()
        act()
        measured.append((time.perf_counter() - begun) * 1000)
    return measured


def percentile(values: list[float], share: float) -> float:
    """Give the value below which ``share`` of the values lie."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
