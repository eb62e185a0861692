"""Turns to write among threads and processes."""

import os
import subprocess
import sys
import threading

from mdt.adapters.write_turns import write_turn

_CHILD = """
import sys
from mdt.adapters.write_turns import write_turn
print("ready", flush=True)
with write_turn(sys.argv[1]):
    print("in", flush=True)
"""


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
