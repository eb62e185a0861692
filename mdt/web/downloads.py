"""Files to a browser: typed by us, never guessed, never stored beyond the session."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from typing import IO

from flask import Response

from mdt.web.security_headers import FRAMED_CSP

#: A picture never changes under its address: kept for as long as a session may last.
_PICTURE_SECONDS = 12 * 60 * 60
#: One that was fetched the day before is still there when the conference ends.
_OWN_SECONDS = 36 * 60 * 60
_PIECE = 64 * 1024
CSV = "text/csv"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A PDF is drawn by the browser's own viewer, an object of its own, which many refuse to start in a
# sandbox. What could act was taken out of it, and its type is fixed.
_PDF_CSP = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_EXTENSIONS = {
    PDF: "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    CSV: "csv",
    XLSX: "xlsx",
}


def inline(data: bytes, media_type: str, stem: str) -> Response:
    """Something to look at in a frame of our own page, in which nothing can act.

    ``stem`` is the name that it gets when saved: ours, as people's names of files hold patients'.
    """
    response = _named(data, media_type, "inline", stem)
    is_pdf = media_type == "application/pdf"
    response.headers["Content-Security-Policy"] = _PDF_CSP if is_pdf else FRAMED_CSP
    return response


def picture(data: bytes, stem: str, *, lasting: bool, own: bool = False) -> Response:
    """A drawn picture; ``lasting`` where its address names these very pixels.

    ``own`` where it names the person, too: it then outlives a change of the session's cookie, and
    is gone when the person signs out.
    """
    response = inline(data, "image/jpeg", stem)
    if lasting:
        seconds = _OWN_SECONDS if own else _PICTURE_SECONDS
        response.headers["Cache-Control"] = f"private, max-age={seconds}, immutable"
        response.own_address = own  # type: ignore[attr-defined]
    return response


def inline_pdf(data: bytes, name: str) -> Response:
    """A PDF of our own making, shown by the browser; ``name`` holds no patient's name."""
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Security-Policy"] = _PDF_CSP
    return response


def attachment(data: bytes, media_type: str, stem: str) -> Response:
    """A file to save under our own name."""
    return _named(data, media_type, "attachment", stem)


def sent_from_disk(file: IO[bytes], media_type: str, stem: str) -> Response:
    """A file to save, sent piece by piece from its start; it is closed when it has gone."""
    response = _named(b"", media_type, "attachment", stem)
    response.response = _pieces(file)
    # A request that asks for the head alone never begins to read.
    response.call_on_close(file.close)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _named(data: bytes, media_type: str, disposition: str, stem: str) -> Response:
    response = Response(data, mimetype=media_type)
    name = f"{stem}.{_EXTENSIONS.get(media_type, 'bin')}"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response


def archive(stem: str, names: Iterable[str], read: Callable[[str], bytes]) -> Response:
    """A ZIP that is made while it is sent: ``read`` gives the bytes of a name's file."""
    response = Response(_zipped(names, read), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.zip"'
    return response


class _Pipe(RawIOBase):
    """What was written and not yet sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _zipped(names: Iterable[str], read: Callable[[str], bytes]) -> Iterator[bytes]:
    pipe = _Pipe()
    # Images hardly shrink, and a county's computer should not wait for the attempt.
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as packed:
        for name in names:
            packed.writestr(name, read(name))
            yield pipe.take()
    yield pipe.take()
