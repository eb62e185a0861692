"""Addresses that are one person's own, so that a browser may keep what is under them.

Without, an answer that depends on who asks must say so (``Vary: Cookie``), and a browser forgets it
with every change of the session's cookie: each message that is shown is one. An address that names
the person by a keyed code is asked for by that person's pages alone.
"""

import hashlib
import hmac
from typing import Any

from flask import Flask, Response, current_app
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from mdt.web.guards import current_viewer

_LENGTH = 16


def own_code() -> str:
    """The code of who is asking; nothing for nobody."""
    viewer = current_viewer()
    if viewer is None:
        return ""
    key = str(current_app.secret_key).encode()
    mark = hmac.new(key, f"own-address:{viewer.user_id}".encode(), hashlib.sha256)
    return mark.hexdigest()[:_LENGTH]


def is_own(code: str | None) -> bool:
    """Whether a code is that of who is asking."""
    mine = own_code()
    return bool(mine) and hmac.compare_digest((code or "").encode(), mine.encode())


class OwnAddressSessions(SecureCookieSessionInterface):
    """Flask's sessions, which leave an answer under a person's own address as it is."""

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        """Keep the session; such an answer depends on its address alone."""
        super().save_session(app, session, response)
        if isinstance(response, Response) and getattr(response, "own_address", False):
            response.vary.discard("Cookie")
