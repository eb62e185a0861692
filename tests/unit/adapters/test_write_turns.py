"""Turns to write among threads and processes."""

import fcntl
import os
import subprocess
import sys
import threading
import time

from mdt.adapters import write_turns
from mdt.adapters.write_turns import write_turn

_CHILD = """
import sys
from mdt.adapters.write_turns import write_turn
print("ready", flush=True)
with write_turn(sys.argv[1]):
    print("in", flush=True)
"""

_IN_ORDER = """
import sys
from pathlib import Path
from mdt.adapters import write_turns
write_turns.PATIENCE = 60.0
with write_turns.write_turn(sys.argv[1], behind=sys.argv[2] == "behind"):
    with Path(sys.argv[3]).open("a") as order:
        print(sys.argv[2], file=order)
"""


def until(seen):
    """Wait for what another thread or process is about to do."""
    give_up = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < give_up
        time.sleep(0.001)


def locked(path):
    """Whether some process has locked a file."""
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_another_process_waits_for_its_turn(tmp_path):
    database = str(tmp_path / "mdt.sqlite3")
    with write_turn(database):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, database], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.set_blocking(child.stdout.fileno(), False)
        assert child.stdout.readline() == ""
        os.set_blocking(child.stdout.fileno(), True)
    assert (child.stdout.readline(), child.wait(30)) == ("in\n", 0)
    child.stdout.close()


def test_threads_take_turns(tmp_path):
    database, inside, most = str(tmp_path / "mdt.sqlite3"), [], []

    def write():
        for _ in range(50):
            with write_turn(database):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(most), max(most)) == (200, 1)


def test_a_database_in_memory_has_no_file(tmp_path):
    with write_turn(None), tmp_path.joinpath("x").open("w"):
        pass
    with write_turn(":memory:"):
        assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_a_folder_that_was_made_anew_has_its_own_turns(tmp_path):
    database = tmp_path / "mdt.sqlite3"
    with write_turn(str(database)):
        pass
    turns = tmp_path / "mdt.sqlite3.turn"
    turns.unlink()
    with write_turn(str(database)):
        assert turns.exists()


def test_who_stands_behind_lets_another_process_go_first(tmp_path):
    database, order = str(tmp_path / "mdt.sqlite3"), tmp_path / "order"
    with write_turn(database):
        behind, first = (
            subprocess.Popen([sys.executable, "-c", _IN_ORDER, database, name, str(order)])
            for name in ("behind", "first")
        )
        until(lambda: locked(tmp_path / "mdt.sqlite3.waiting"))
    assert (behind.wait(30), first.wait(30)) == (0, 0)
    assert order.read_text().split() == ["first", "behind"]


def test_who_stands_behind_lets_another_thread_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(write_turns, "PATIENCE", 60.0)
    database, order = str(tmp_path / "mdt.sqlite3"), []

    def write(behind):
        with write_turn(database, behind=behind):
            order.append("behind" if behind else "first")

    threads = [threading.Thread(target=write, args=(behind,)) for behind in (True, False)]
    with write_turn(database):
        for one in threads:
            one.start()
        until(lambda: write_turns._threads.waiting)
    for one in threads:
        one.join(30)
    assert order == ["first", "behind"]


def test_who_stands_behind_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(write_turns, "PATIENCE", 0.0)
    database = str(tmp_path / "mdt.sqlite3")
    with tmp_path.joinpath("mdt.sqlite3.waiting").open("w") as always:
        fcntl.flock(always, fcntl.LOCK_SH)
        with write_turn(database, behind=True):
            assert locked(tmp_path / "mdt.sqlite3.turn")
