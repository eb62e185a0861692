"""Starts servers out of a process that has loaded the program already.

To load the program costs far more than all else that a start does, and the tests start many. What
comes from here is the same program with the same arguments, in a session of its own; it shares with
others the modules as they were imported, and nothing else: this process never makes an app. Only
passwords cost less there (see `cheap_passwords`).
"""

import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a child gets when its parent dies
LONGEST_ORDER = 1024 * 1024
#: What the commands import only when they run, and the price of passwords in tests.
LATE = (
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "flask.cli",
    "mdt.adapters.sandbox",
    "tests.cheap_passwords",
)


class WarmProcess:
    """A process that was started here: as `subprocess.Popen`, its code at the end being unknown."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def __del__(self) -> None:
        os.close(self._handle)

    def poll(self) -> int | None:
        """Return None as long as it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises `subprocess.TimeoutExpired`."""
        code = self._look(None if timeout is None else timeout * 1000)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def _look(self, milliseconds: float | None) -> int | None:
        handles = select.poll()
        handles.register(self._handle, select.POLLIN)
        return 0 if handles.poll(milliseconds) else None


class _Starter:
    """The process that starts the others, made when first needed; it ends with this one."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST_ORDER)
        # Loaded before the fork: a child of a process with threads must not import anything.
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm_start", str(theirs.fileno())],
                cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 -- see above
            )  # fmt: skip

    def start(self, command: list[str], environment: dict[str, str], output: int) -> WarmProcess:
        """Ask for a process, and have it once it stands by itself."""
        order = json.dumps([command, environment]).encode()
        socket.send_fds(self._line, [order], [output])
        return WarmProcess(int(self._line.recv(32)))

    def stop(self) -> None:
        """End it; whatever it has started gets a SIGTERM."""
        self._line.close()
        self._process.wait()


_starter: list[_Starter] = []


def start(command: list[str], environment: dict[str, str], output: int) -> WarmProcess:
    """Do what ``python -m COMMAND`` does, in ROOT, with both outputs to the descriptor."""
    if not _starter:
        _starter.append(_Starter())
    return _starter[0].start(command, environment, output)


def stop() -> None:
    """End the process that starts others, if there is one."""
    while _starter:
        _starter.pop().stop()


def _load() -> None:
    """Import the program, and have its tables' relations worked out."""
    gc.disable()
    program: Any = import_module("mdt.app")
    for name in (*(f"mdt.blueprints.{one}.views" for one in program.FEATURES), *LATE):
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    gc.freeze()
    gc.enable()


def _serve(line: socket.socket) -> list[str] | None:
    """Carry out orders; gives the command to a child, and None to this process at the end."""
    while True:
        order, handles, _, _ = socket.recv_fds(line, LONGEST_ORDER, 1)
        while _collected():
            pass
        if not order:
            return None
        command, environment = json.loads(order)
        if os.fork() == 0:
            _stand_alone(environment, *handles)
            line.send(str(os.getpid()).encode())
            line.close()
            return command
        os.close(*handles)


def _collected() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _stand_alone(environment: dict[str, str], output: int) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for own in (1, 2):
        os.dup2(output, own)
    os.close(output)
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    _load()
    if wanted := _serve(socket.socket(fileno=int(sys.argv[1]))):
        sys.argv = wanted
        runpy.run_module(wanted[0], run_name="__main__", alter_sys=True)
