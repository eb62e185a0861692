import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from mdt.adapters import sandbox
from mdt.adapters.sandbox import HEADER_SECONDS, Sandbox, SandboxFailure
from mdt.rules.attachments import FileRefused, Refusal
from tests.unit.adapters.dicom_files import dicom, run_length_zeros

FILE = dicom(PatientID="P1")


def patient_id(found: object) -> object:
    assert isinstance(found, dict)
    return found["patient"]["id"]


def children() -> set[int]:
    return {
        child.pid
        for child in psutil.Process().children()
        if "mdt.adapters.sandboxed" in child.cmdline()
    }


@pytest.fixture
def pool() -> Iterator[Sandbox]:
    # Children of the shared pool, which other tests have started, would be counted too.
    sandbox.stop()
    made = Sandbox(workers=1)
    yield made
    made.stop()


def read(pool: Sandbox, data: bytes = FILE) -> object:
    return patient_id(pool.call("read_header", data, seconds=HEADER_SECONDS))


def test_one_child_reads_many_files(pool: Sandbox) -> None:
    before = children()
    assert [read(pool) for _ in range(20)] == ["P1"] * 20
    assert children() == before
    assert len(before) == 1


def test_threads_share_the_children() -> None:
    pool = Sandbox(workers=2)
    files = [dicom(PatientID=f"P{n}") for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda data: read(pool, data), files)) == [
            f"P{n}" for n in range(40)
        ]
    pool.stop()


def test_refused_file_does_not_cost_the_child(pool: Sandbox) -> None:
    before = children()
    with pytest.raises(FileRefused) as caught:
        read(pool, b"not dicom at all")
    assert caught.value.refusal is Refusal.DICOM_UNREADABLE
    assert read(pool) == "P1"
    assert children() == before


def test_too_slow_file_is_refused_and_another_child_goes_on(pool: Sandbox) -> None:
    read(pool)
    before = children()
    with pytest.raises(SandboxFailure) as caught:
        pool.call("render", run_length_zeros(2048, 2048), 0, {"fmt": "png"}, seconds=1e-3)
    assert (caught.value.reason, caught.value.refusal) == ("timeout", Refusal.READING_TOO_SLOW)
    assert read(pool) == "P1"
    assert children().isdisjoint(before)


def test_file_that_eats_memory_is_refused_and_another_child_goes_on(pool: Sandbox) -> None:
    bomb = run_length_zeros(11008, 11008)
    assert len(bomb) < 4_000_000
    with pytest.raises(SandboxFailure) as caught:
        pool.call("render", bomb, 0, {"fmt": "png"}, seconds=60)
    assert (caught.value.reason, caught.value.refusal) == ("too_big", Refusal.READING_TOO_BIG)
    assert read(pool) == "P1"


def test_crash_is_refused_and_another_child_goes_on(pool: Sandbox) -> None:
    with pytest.raises(SandboxFailure) as caught:
        pool.call("no such task", seconds=HEADER_SECONDS)
    assert (caught.value.reason, caught.value.refusal) == ("crashed", Refusal.READING_CRASHED)
    assert read(pool) == "P1"


def test_child_killed_while_idle_costs_no_file(pool: Sandbox) -> None:
    read(pool)
    [child] = children()
    process = psutil.Process(child)
    process.kill()
    process.wait(10)
    assert read(pool) == "P1"


def test_child_that_cannot_be_started_costs_no_seat(pool: Sandbox) -> None:
    read(pool)
    [child] = children()
    process = psutil.Process(child)
    process.kill()
    process.wait(10)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        with pytest.raises(SandboxFailure) as caught:
            read(pool)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert caught.value.reason == "crashed"
    with ThreadPoolExecutor(1) as threads:
        later = threads.submit(read, pool)
        try:
            assert later.result(timeout=60) == "P1"
        finally:
            pool._seats.put(None)  # whoever waits for a lost seat is let go


def test_child_gets_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDT_SECRET_KEY", "canary")
    pool = Sandbox(workers=1)
    read(pool)
    environments = [psutil.Process(child).environ() for child in children()]
    pool.stop()
    assert environments
    assert [name for found in environments for name in found if name.startswith("MDT_")] == []


def test_stopped_pool_leaves_no_process(pool: Sandbox) -> None:
    read(pool)
    before = children()
    pool.stop()
    assert len(before) == 1
    assert children() == set()


SCRIPT = """
import os, signal, sys
from mdt.adapters import sandbox
FILE = open(sys.argv[1], "rb").read()
def read():
    return sandbox.call("read_header", FILE, seconds=10)["patient"]["id"]
def pids():
    import psutil
    return [child.pid for child in psutil.Process().children()]
assert read() == "P1"
print(*pids(), flush=True)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "fork":
    forked = os.fork()
    answer = read()  # in both processes, each with its own child
    if forked == 0:
        os._exit(0 if answer == "P1" else 1)
    assert os.waitpid(forked, 0)[1] == 0
    assert read() == "P1"
"""


@pytest.mark.parametrize("end", ["leave", "kill", "fork"])
def test_children_end_with_the_server(end: str, tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "a.dcm")  # noqa: PTH118
    with open(path, "wb") as stream:  # noqa: PTH123
        stream.write(FILE)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, path, end],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109
    )
    assert done.returncode == (-9 if end == "kill" else 0)
    [child] = map(int, done.stdout.split())
    if psutil.pid_exists(child):
        psutil.Process(child).wait(20)
    assert not psutil.pid_exists(child)
