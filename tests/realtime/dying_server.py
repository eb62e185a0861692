"""The app on a machine that loses power at a chosen word: stored, and not yet sent."""

import os
import signal
from pathlib import Path
from typing import Any

from mdt.app import create_app
from mdt.extensions import socketio

app = create_app()
_send = socketio.emit
_died = Path(app.config["MDT"].instance) / "died"


def _emit(event: str, *arguments: Any, **options: Any) -> None:
    if "断电" in str(arguments) and not _died.exists():
        _died.touch()
        os.killpg(os.getpgid(0), signal.SIGKILL)
    _send(event, *arguments, **options)


socketio.emit = _emit
