"""clamd is asked over its own protocol; whatever is not a clear answer is none."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdt.adapters.virus_scan import Scanner, ScannerUnavailable
from mdt.rules.attachments import FileRefused, Refusal
from tests.clamd import EICAR, MOST_BYTES, listening
from tests.services import free_port

DATA = b"%PDF-1.7 " + bytes(700_000)


@pytest.fixture(params=["tcp", "unix"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scanner]:
    place = ("127.0.0.1", 0) if request.param == "tcp" else str(tmp_path / "clamd.sock")
    with listening(place) as address:
        yield Scanner(address)


def refusal(scanner: Scanner, data: bytes) -> Refusal:
    with pytest.raises(FileRefused) as caught:
        scanner.check(data)
    return caught.value.refusal


def test_clean_infected_and_too_big_are_told_apart(scanner: Scanner) -> None:
    scanner.ping()
    scanner.check(DATA)
    scanner.check(b"")
    assert refusal(scanner, DATA + EICAR) is Refusal.VIRUS
    assert refusal(scanner, bytes(MOST_BYTES + 5_000_000)) is Refusal.VIRUS_CHECK_TOO_BIG


def test_no_answer_is_not_a_clean_bill(tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{free_port()}", str(tmp_path / "none.sock")):
        with pytest.raises(ScannerUnavailable):
            Scanner(address).check(DATA)
        with pytest.raises(ScannerUnavailable):
            Scanner(address).ping()


@pytest.mark.parametrize("answer", [b"", b"stream: OK but", b"ERROR\0", b"HTTP/1.1 400 Bad\r\n"])
def test_another_answer_is_not_a_clean_bill(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            line, _ = server.accept()
            with line:
                line.recv(64)
                line.sendall(answer)
                line.shutdown(socket.SHUT_WR)
                while line.recv(65536):
                    pass

        thread = threading.Thread(target=say)
        thread.start()
        with pytest.raises(ScannerUnavailable):
            Scanner(f"127.0.0.1:{server.getsockname()[1]}").check(DATA)
        thread.join()


def test_the_real_clamd_says_the_same(tmp_path: Path) -> None:
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed")
    (tmp_path / "own.ndb").write_text(f"Eicar-Own:0:*:{EICAR.hex()}\n")
    address, settings = str(tmp_path / "clamd.sock"), tmp_path / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {tmp_path}\nLocalSocket {address}\nForeground yes\n"
        "StreamMaxLength 2M\nMaxThreads 2\n"
    )
    with subprocess.Popen(
        [program, "-c", settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as clamd:
        try:
            assert clamd.stdout is not None
            for line in clamd.stdout:
                if b"Self checking" in line or b"Listening daemon" in line:
                    break
            scanner = Scanner(address)
            scanner.ping()
            scanner.check(DATA)
            assert refusal(scanner, DATA + EICAR) is Refusal.VIRUS
            assert refusal(scanner, bytes(5_000_000)) is Refusal.VIRUS_CHECK_TOO_BIG
        finally:
            clamd.terminate()
