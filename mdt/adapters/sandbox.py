"""A pool of child processes in which files of strangers are parsed.

Each child is a fresh interpreter with none of the server's memory, secrets or sockets, about 1 GB
of address space, and a watchdog. A child that dies, hangs or grows too big costs the file that did
it and nothing else: another child is started. One child reads many files, as a start costs half a
second. Children are started by exec and never forked from the threaded server.
"""

import atexit
import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from mdt.adapters.sandbox_wire import Line, Plain, WireClosed, new_area
from mdt.rules.attachments import MEBIBYTE, PASSING, FileRefused, Refusal

HEADER_SECONDS = 10.0
PIXEL_SECONDS = 30.0

_START_SECONDS = 60.0
_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_REASONS = {
    "too_big": Refusal.READING_TOO_BIG,
    "timeout": Refusal.READING_TOO_SLOW,
    "crashed": Refusal.READING_CRASHED,
}


class SandboxFailure(FileRefused):
    """The child did not finish: ``reason`` is ``too_big``, ``timeout`` or ``crashed``."""

    def __init__(self, reason: str) -> None:
        super().__init__(_REASONS[reason])
        self.reason = reason

    @property
    def passing(self) -> bool:
        """Whether it may go another time; memory is limited for each file alike, so not there."""
        return self.refusal in PASSING


class _Child:
    """One process and the line to it; used by one thread at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        area = new_area()
        self._line = Line(ours, area)
        environment = {
            # Nothing of the server's environment: it holds the secrets.
            "PATH": os.defpath,
            "PYTHONPATH": str(_PROJECT_ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
            # One thread for numerics: each reserves address space.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            # Memory of a slice is kept for the next one: having it cleared anew takes longer than
            # reading the header.
            "MALLOC_MMAP_THRESHOLD_": str(8 * MEBIBYTE),
            "MALLOC_TRIM_THRESHOLD_": str(32 * MEBIBYTE),
        }
        areas = () if area is None else (area,)
        command = [sys.executable, "-P", "-m", "mdt.adapters.sandboxed", *map(str, areas)]
        with theirs, _closing(areas):
            self._process = subprocess.Popen(  # noqa: S603 -- our own program and a number
                command,
                stdin=theirs.fileno(),
                pass_fds=areas,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        self._ready = False

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def call(self, task: str, arguments: list[Plain], seconds: float) -> dict[str, Plain]:
        """Send one task and wait for the answer, `TimeoutError` or `WireClosed`."""
        if not self._ready:
            self._line.receive(time.monotonic() + _START_SECONDS)
            self._ready = True
        deadline = time.monotonic() + seconds
        self._line.socket.settimeout(seconds)
        self._line.send({"task": task, "arguments": arguments, "seconds": seconds})
        answer = self._line.receive(deadline)
        if not isinstance(answer, dict):
            raise WireClosed
        return answer

    def kill(self) -> None:
        """End the process and collect it."""
        self._line.close()
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)

    def forget(self) -> None:
        """Let go of the line without touching the process, which is another server's child."""
        self._line.close()
        self._process.returncode = 0  # keeps Popen from waiting for somebody else's child


@contextlib.contextmanager
def _closing(descriptors: Iterable[int]) -> Iterator[None]:
    """What the child has got is not needed here any more."""
    try:
        yield
    finally:
        for one in descriptors:
            os.close(one)


class Sandbox:
    """A pool of up to ``workers`` children; each call borrows one."""

    def __init__(self, workers: int = 1) -> None:
        # A seat holds a child, or nothing until one is needed.
        self._seats: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._children: set[_Child] = set()
        self._lock = threading.Lock()
        self._stopped = False
        # The first is at hand; a quiet server needs no more of them.
        for place in reversed(range(workers)):
            self._seats.put(None if place else self._new_child())

    def call(self, task: str, *arguments: Plain, seconds: float) -> Plain:
        """Run a task of `mdt.adapters.sandboxed` on plain data and return plain data.

        ``seconds`` counts from when a child is free. Raises `FileRefused` with what the reader
        found, or `SandboxFailure`.
        """
        seat = self._seats.get()
        child: _Child | None = None
        keep: _Child | None = None
        # The seat is given back whatever happens, also where no child can be started.
        try:
            child = self._living(seat)
            answer = child.call(task, list(arguments), float(seconds))
            keep = child if answer.get("failed") is None else None
        except TimeoutError as error:
            raise SandboxFailure("timeout") from error
        except (WireClosed, OSError) as error:
            raise SandboxFailure("crashed") from error
        finally:
            if keep is None and child is not None:
                self._discard(child)
            self._seats.put(keep)
        return _value_of(answer)

    def stop(self) -> None:
        """End all children; a later call starts new ones."""
        with self._lock:
            children, self._children = self._children, set()
        for child in children:
            child.kill()

    def forget(self) -> None:
        """After a fork: drop the parent's children, which answer to the parent alone."""
        for child in self._children:
            child.forget()

    def _living(self, child: _Child | None) -> _Child:
        """Return the child, or a new one for a seat that is empty or whose child has died."""
        if child is not None and child.alive:
            return child
        if child is not None:
            self._discard(child)
        return self._new_child()

    def _new_child(self) -> _Child:
        child = _Child()
        with self._lock:
            self._children.add(child)
        return child

    def _discard(self, child: _Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.kill()


def _value_of(answer: dict[str, Plain]) -> Plain:
    refused = answer.get("refused")
    if isinstance(refused, str):
        known = refused in set(Refusal)
        raise FileRefused(Refusal(refused) if known else Refusal.READING_CRASHED)
    failed = answer.get("failed")
    if isinstance(failed, str):
        raise SandboxFailure(failed if failed in _REASONS else "crashed")
    return answer.get("value")


class _Shared:
    """The one pool of this process, made when first needed or by `start`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pool: Sandbox | None = None


_shared = _Shared()


def start(workers: int = 1) -> None:
    """Start the pool of this process, so that the first upload does not wait; once is enough."""
    with _shared.lock:
        if _shared.pool is None:
            _shared.pool = Sandbox(workers)


def call(task: str, *arguments: Plain, seconds: float) -> Plain:
    """Run a task in the pool of this process (see `Sandbox.call`)."""
    start()
    pool = _shared.pool
    if pool is None:  # stopped between the two lines: the server is going down
        raise SandboxFailure("crashed")
    return pool.call(task, *arguments, seconds=seconds)


def stop() -> None:
    """End the children of this process."""
    with _shared.lock:
        pool, _shared.pool = _shared.pool, None
    if pool is not None:
        pool.stop()


def _after_fork() -> None:
    pool = _shared.pool
    _shared.__init__()  # type: ignore[misc]  # the lock may have been held in the parent
    if pool is not None:
        pool.forget()


atexit.register(stop)
os.register_at_fork(after_in_child=_after_fork)
