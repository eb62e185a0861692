"""A look at files by ClamAV's daemon, where there is one (its INSTREAM command, over a socket)."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.errors import MdtError

_PORT = 3310
_CONNECT_SECONDS = 5.0
_SCAN_SECONDS = 120.0
_PIECE = 256 * 1024
_LONGEST_ANSWER = 4096


class ScannerUnavailable(MdtError):
    """The scanner does not answer, so nothing can be said of a file: it is not taken now."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__("scanner_unavailable", reason=reason)

    def __str__(self) -> str:
        return f"{self.code}: {self.details['reason']}"


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: ``host:port``, ``host``, or the path of its socket."""

    address: str

    def check(self, data: bytes | BinaryIO) -> None:
        """Raise `FileRefused` where a virus is found, or the file is more than clamd looks at.

        Raises `ScannerUnavailable` where it does not answer, or answers anything else.
        """
        answer = self._ask(b"zINSTREAM\0", data)
        if answer.endswith("OK"):
            return
        if answer.endswith("FOUND"):
            raise FileRefused(Refusal.VIRUS)
        if "size limit exceeded" in answer:
            raise FileRefused(Refusal.VIRUS_CHECK_TOO_BIG)
        raise ScannerUnavailable(f"clamd: {answer[:200]}")

    def ping(self) -> None:
        """Raise `ScannerUnavailable` where it does not answer."""
        if self._ask(b"zPING\0") != "PONG":
            raise ScannerUnavailable("clamd: no PONG")

    def _ask(self, command: bytes, data: bytes | BinaryIO | None = None) -> str:
        try:
            with self._connected() as line:
                line.settimeout(_SCAN_SECONDS)
                line.sendall(command)
                if data is not None:
                    _stream(line, data)
                return _answer(line)
        except OSError as error:
            raise ScannerUnavailable(f"clamd at {self.address}: {error}") from error

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(_CONNECT_SECONDS)
            try:
                line.connect(self.address)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.address.partition(":")
        return socket.create_connection((host, int(port or _PORT)), _CONNECT_SECONDS)


def _stream(line: socket.socket, data: bytes | BinaryIO) -> None:
    """Send the content in pieces, each behind its length; one of no length ends it."""
    try:
        for piece in _pieces(data):
            line.sendall(struct.pack(">I", len(piece)))
            line.sendall(piece)
        line.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # Past its limit it says so and hangs up; the answer is read all the same.
        return


def _pieces(data: bytes | BinaryIO) -> Iterator[bytes | memoryview]:
    if isinstance(data, bytes):
        view = memoryview(data)
        yield from (view[start : start + _PIECE] for start in range(0, len(view), _PIECE))
        return
    while piece := data.read(_PIECE):
        yield piece


def _answer(line: socket.socket) -> str:
    said = b""
    while len(said) < _LONGEST_ANSWER and (piece := line.recv(_LONGEST_ANSWER)):
        said += piece
        if piece.endswith(b"\0"):
            break
    return said.rstrip(b"\0\n").decode("utf-8", "replace").strip()
