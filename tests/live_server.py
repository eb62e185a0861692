"""The real server for tests: gunicorn as `make run` starts it, on a free port and its own data.

It can be killed without notice and started again. Ends with the process that started it.
"""

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from flask import Flask

from mdt.app import create_app
from mdt.config import settings_from_env
from mdt.extensions import db, socketio
from tests import warm_start
from tests.services import PR_SET_PDEATHSIG, free_port
from tests.warm_start import ROOT, WarmProcess

#: Of every app of the tests, so that data made by one can be read by another.
SECRET_KEY = "secret-of-a-test-app-0123456789abcdef"
FIELD_KEY = "field-key-of-a-test-app-0123456789abc"
PATIENCE = 60  # seconds until it answers: far more than it ever needs


class LiveServer:
    """A server on its own instance folder. ``url`` has no slash at its end.

    ``cold``: in an interpreter of its own, which loads the program by itself (see `warm_start`).
    """

    def __init__(
        self, instance: Path, *, wsgi: str = "wsgi:app", cold: bool = False, **settings: str
    ) -> None:
        instance.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.instance = instance
        self.log = instance / "server.log"
        self._wsgi = wsgi
        self._cold = cold
        self._settings = {
            "MDT_ENV": "demo",
            "MDT_INSTANCE": str(instance),
            "MDT_SECRET_KEY": SECRET_KEY,
            "MDT_FIELD_KEY": FIELD_KEY,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None
        self._worker: subprocess.Popen[bytes] | WarmProcess | None = None

    @cached_property
    def app(self) -> Flask:
        """An app in this process on the same data, for setting things up and looking at them."""
        return create_app(settings_from_env(self._settings))

    def environment(self) -> dict[str, str]:
        """Give the variables by which a command works on the same data."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MDT_")}
        return {**inherited, **self._settings}

    def start(self) -> None:
        """Start it and wait until it answers."""
        address = {"MDT_HOST": "127.0.0.1", "MDT_PORT": str(self.port)}
        command = ["gunicorn", "--config", "deploy/gunicorn.conf.py", self._wsgi]
        self._process = self._spawn(command, **address)
        give_up = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the server did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _spawn(self, command: list[str], **variables: str) -> subprocess.Popen[bytes] | WarmProcess:
        environment = {**self.environment(), **variables}
        with self.log.open("ab") as output:
            if not self._cold:
                return warm_start.start(command, environment, output.fileno())
            # Loaded before the fork: a child of a process with threads must not import anything.
            prctl = ctypes.CDLL(None, use_errno=True).prctl
            return subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 -- see above
            )  # fmt: skip

    def start_worker(self) -> None:
        """Start what carries out queued work; it needs no server beside it."""
        self._worker = self._spawn(["flask", "--app", "wsgi", "worker"])

    @property
    def pid(self) -> int:
        """The process that everything of the server hangs on."""
        if self._process is None:
            raise RuntimeError("no server was started")
        return self._process.pid

    @property
    def worker_pid(self) -> int:
        """The process of the worker."""
        if self._worker is None:
            raise RuntimeError("no worker was started")
        return self._worker.pid

    def lay_under(self, database: Path) -> None:
        """Begin anew on a copy of this database, with nothing stored, while the server goes on."""
        self.kill_worker()
        own_path = self.instance / "mdt.sqlite3"
        with closing(sqlite3.connect(database)) as kept, closing(sqlite3.connect(own_path)) as own:
            kept.backup(own)
        for folder in ("storage", "uploads"):
            shutil.rmtree(self.instance / folder, ignore_errors=True)
        if not self._answers():
            self.restart()

    def kill_worker(self) -> None:
        """End the worker as a power cut would."""
        if self._worker is None:
            return
        if self._worker.poll() is None:
            os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self._worker = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/sign-in", timeout=5) as answer:  # noqa: S310 -- our own address
                return answer.status == 200
        except HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    def kill(self) -> None:
        """End it as a power cut would: no process of it gets to do anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def wait_until_dead(self, patience: float = 20) -> None:
        """Wait for the end of a worker that ends itself; gunicorn's parent is ended too."""
        give_up = time.monotonic() + patience
        while self._answers() and time.monotonic() < give_up:
            time.sleep(0.05)
        self.kill()

    def restart(self) -> None:
        """Start it again on the same port and data, killing it where it still runs."""
        self.kill()
        self.start()

    def close(self) -> None:
        """End it and let go of its data."""
        self.kill_worker()
        self.stop()
        # There is one Socket.IO in a process: the next app must not inherit this one's queue.
        socketio.server_options.pop("client_manager", None)
        if "app" in self.__dict__:
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()


@contextmanager
def running_server(
    instance: Path, database: Path | None = None, **options: Any
) -> Iterator[LiveServer]:
    """Give a started server; ``database`` is a migrated SQLite file to begin with."""
    server = LiveServer(instance, **options)
    if database is not None:
        shutil.copy(database, instance / "mdt.sqlite3")
    try:
        server.start()
        yield server
    finally:
        server.close()
