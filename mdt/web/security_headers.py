"""Headers on every answer (security.md rows 21 to 23)."""

import re
from wsgiref.headers import Headers

from flask import Flask, Response, request

_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: Pages that decode and draw images: WebAssembly in workers of our own, and drawing tools that
#: place their lines by style attributes. Chromium knows ``wasm-unsafe-eval`` from 97 on.
_DECODER_CSP = _CSP.replace(
    "script-src 'self';",
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src-attr 'unsafe-inline';",
)
#: Name of a worker in the built front end; it has the policy of its own answer, not of its page.
_WORKER = re.compile(r"/build/assets/[^/]*worker[^/]*\.js$", re.IGNORECASE)
#: A document shown in a frame of our own page (PDF of an attachment or a plan).
FRAMED_CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


#: What every answer carries, unless it sets its own.
HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self)",
}


def static_headers(headers: Headers, path: str, url: str) -> None:
    """The same for files that the server in front of Flask sends by itself."""
    for name, value in HEADERS.items():
        headers[name] = value
    if _WORKER.search(url):
        headers["Content-Security-Policy"] = _DECODER_CSP


def with_decoders(response: Response) -> Response:
    """Allow a page to decode and draw images in the browser."""
    response.headers["Content-Security-Policy"] = _DECODER_CSP
    return response


def register_security_headers(app: Flask) -> None:
    """Attach the headers; patient pages are never stored."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        own = {name.lower() for name, _ in headers}
        headers.extend((name, HEADERS[name]) for name in HEADERS if name.lower() not in own)
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
