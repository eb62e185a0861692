"""The loop of one child: confine yourself, then answer one task after the other."""

import contextlib
import ctypes
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable

from mdt.adapters.sandbox_wire import Line, Plain, WireClosed
from mdt.adapters.sandboxed import (
    directories,
    documents,
    headers,
    ingest,
    measuring,
    overlaying,
    pixels,
    slides,
)
from mdt.rules.attachments import FileRefused, Refusal

MEMORY_BYTES = 1024 * 1024 * 1024

_TASKS: dict[str, Callable[..., Plain]] = {
    "ingest": ingest.ingest,
    "list_directory": directories.list_directory,
    "measure_frame": measuring.measure_frame,
    "native_file": ingest.native_file,
    "native_frame": pixels.native_frame,
    "read_header": headers.read_header,
    "read_overlay": overlaying.read_overlay,
    "render": pixels.render,
    "render_frame": pixels.render_frame,
    "slide_facts": slides.slide_facts,
    "slide_tiles": slides.slide_tiles,
    "view_image": documents.view_image,
    "view_pdf": documents.view_pdf,
}
_BROKEN = {
    "ingest": Refusal.DICOM_UNREADABLE,
    "list_directory": Refusal.DICOM_UNREADABLE,
    "measure_frame": Refusal.DICOM_UNREADABLE,
    "native_file": Refusal.DICOM_UNREADABLE,
    "native_frame": Refusal.DICOM_UNREADABLE,
    "read_header": Refusal.DICOM_UNREADABLE,
    "read_overlay": Refusal.DICOM_UNREADABLE,
    "render": Refusal.DICOM_UNREADABLE,
    "render_frame": Refusal.DICOM_UNREADABLE,
    "slide_facts": Refusal.SLIDE_UNREADABLE,
    "slide_tiles": Refusal.SLIDE_UNREADABLE,
    "view_image": Refusal.IMAGE_BROKEN,
    "view_pdf": Refusal.PDF_BROKEN,
}
_GRACE_SECONDS = 5.0
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    """Serve tasks from standard input, a socket, until the server closes it."""
    warnings.simplefilter("ignore")
    stream = socket.socket(fileno=0)
    stream.setblocking(True)
    line = Line(stream, *map(int, sys.argv[1:]))
    _confine()
    line.send({"ready": True})
    with contextlib.suppress(WireClosed, ConnectionError):
        while True:
            request = line.receive()
            if not isinstance(request, dict):
                return
            answer = _answer(request)
            line.send(answer)
            if "failed" in answer:
                return


def _answer(request: dict[str, Plain]) -> dict[str, Plain]:
    task, arguments, seconds = request["task"], request["arguments"], request["seconds"]
    if not (isinstance(task, str) and isinstance(arguments, list) and isinstance(seconds, float)):
        return {"failed": "crashed"}
    # The server's own watchdog comes first; this one is for a child whose server has died.
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
    try:
        return {"value": _TASKS[task](*arguments)}
    except FileRefused as refused:
        return {"refused": refused.refusal.value}
    except MemoryError:
        return {"failed": "too_big"}
    except RecursionError:
        return {"refused": Refusal.DICOM_TOO_DEEP.value}
    except Exception:  # whatever a parser raises on hostile bytes: it is not readable
        return {"refused": _BROKEN[task].value}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _confine() -> None:
    """Give up memory, core dumps, privileges and (where the kernel lets us) the network."""
    used = _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # Fails without harm where user namespaces are switched off.
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _address_space() -> int:
    """Return the bytes that the interpreter and the libraries have mapped so far."""
    with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
        return int(stream.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main()
