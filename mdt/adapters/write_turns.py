"""Turns to write for all processes on one SQLite file.

SQLite lets a waiting process ask again now and then: one that writes batch after batch would keep
all others out. Here they stand in a queue, and whoever is next goes as soon as the last is done.
What runs for minutes stands behind: it begins its next turn only when nobody else waits.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

#: For how long others go first, in seconds: somebody who never comes to a turn gets nowhere.
PATIENCE = 1.0
_files: dict[tuple[int, str], int] = {}


class _Threads:
    """The threads of this process, one at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        #: How many stand here who need not stand behind.
        self.waiting = 0
        self._nobody_waits = threading.Event()
        self._nobody_waits.set()

    def enter(self) -> None:
        """Wait for the turn."""
        self._count(1)
        try:
            self._turn.acquire()
        finally:
            self._count(-1)

    def enter_behind(self, until: float) -> None:
        """Wait for a turn that nobody else waits for; from a moment on for any."""
        while True:
            self._nobody_waits.wait(max(0.0, until - monotonic()))
            self._turn.acquire()
            if self._nobody_waits.is_set() or monotonic() >= until:
                return
            self._turn.release()

    def leave(self) -> None:
        """Let the next one in."""
        self._turn.release()

    def _count(self, more: int) -> None:
        with self._counting:
            self.waiting += more
            if self.waiting:
                self._nobody_waits.clear()
            else:
                self._nobody_waits.set()


_threads = _Threads()


@contextmanager
def write_turn(database: str | None, *, behind: bool = False) -> Iterator[None]:
    """Hold the turn to write to a database file; threads of this process queue up first.

    With ``behind`` whoever else waits goes first, for some time at most.
    """
    until = monotonic() + PATIENCE
    if behind:
        _threads.enter_behind(until)
    else:
        _threads.enter()
    try:
        with _process_turn(database, until if behind else None):
            yield
    finally:
        _threads.leave()


@contextmanager
def _process_turn(database: str | None, until: float | None) -> Iterator[None]:
    handle = _handle(database, "turn") if database else None
    waiting = _handle(database, "waiting") if database else None
    if handle is None or waiting is None:
        yield
        return
    if until is None:
        _wait(handle, waiting)
    else:
        _wait_behind(handle, waiting, until)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _wait(handle: int, waiting: int) -> None:
    """Take the turn; as long as that needs waiting, others can see it."""
    if _free(handle):
        return
    fcntl.flock(waiting, fcntl.LOCK_SH)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    finally:
        fcntl.flock(waiting, fcntl.LOCK_UN)


def _wait_behind(handle: int, waiting: int, until: float) -> None:
    """Take the turn when no other process waits for it; from a moment on in any case."""
    while True:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if monotonic() >= until:
            return
        if _free(waiting):
            fcntl.flock(waiting, fcntl.LOCK_UN)
            return
        fcntl.flock(handle, fcntl.LOCK_UN)
        # Until all who wait have had their turn; it keeps nobody out.
        fcntl.flock(waiting, fcntl.LOCK_EX)
        fcntl.flock(waiting, fcntl.LOCK_UN)


def _free(handle: int) -> bool:
    """Take a file that nobody has; whether it was so."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _handle(database: str, what: str) -> int | None:
    """A file beside the database on which processes wait; none where it is only in memory."""
    path = Path(database)
    if not path.parent.is_dir() or database.startswith((":", "file:")):
        return None
    # One of our own: a child shares its parent's, and would be let in with it.
    key = (os.getpid(), f"{path}.{what}")
    queue = path.with_name(f"{path.name}.{what}")
    handle = _files.get(key)
    if handle is None or not _is(handle, queue):
        _files[key] = handle = os.open(queue, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return handle


def _is(handle: int, path: Path) -> bool:
    """Whether the file is still the one that is open: a restored database has a new folder."""
    try:
        same = os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        same = False
    if not same:
        os.close(handle)
    return same
