"""What a page has shown, sent along with its form so that it can be shown once more as it was.

Signed, so that nobody has a page of ours show what this site never said.
"""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer


def seal_shown(shown: Mapping[str, Any]) -> str:
    """Return plain JSON as a text for a hidden field."""
    return str(_serializer().dumps(shown))


def read_shown(sealed: str) -> dict[str, Any] | None:
    """Return what was sealed, ``None`` for what this site has not sealed."""
    try:
        shown: dict[str, Any] = _serializer().loads(sealed)
    except BadData:
        return None
    return shown


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="shown")
