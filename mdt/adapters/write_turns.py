"""Turns to write for all processes on one SQLite file.

SQLite lets a waiting process ask again now and then: one that writes batch after batch would keep
all others out. Here they stand in a queue, and whoever is next goes as soon as the last is done.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_threads = threading.Lock()
_files: dict[tuple[int, str], int] = {}


@contextmanager
def write_turn(database: str | None) -> Iterator[None]:
    """Hold the turn to write to a database file; threads of this process queue up first."""
    with _threads:
        handle = _handle(database) if database else None
        if handle is None:
            yield
            return
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def _handle(database: str) -> int | None:
    """The file beside the database on which processes wait; none where it is only in memory."""
    path = Path(database)
    if not path.parent.is_dir() or database.startswith((":", "file:")):
        return None
    # One of our own: a child shares its parent's, and would be let in with it.
    key = (os.getpid(), str(path))
    turns = path.with_name(f"{path.name}.turn")
    handle = _files.get(key)
    if handle is None or not _is(handle, turns):
        _files[key] = handle = os.open(turns, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
