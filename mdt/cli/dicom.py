"""``dicom listen``: takes what the hospitals' PACS send, until it is stopped."""

import logging
import os
import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from mdt.adapters import sandbox
from mdt.adapters.dicom_listener import Answer, Listener, ReceivedObject
from mdt.adapters.sandbox import SandboxFailure
from mdt.adapters.storage import StorageUnavailable
from mdt.rules.attachments import FileRefused
from mdt.rules.calendar import utc_now
from mdt.rules.pacs import is_title
from mdt.services.inbox import NotAsAnnounced, Sender, receive_object, sender_of
from mdt.services.quota import HospitalFull
from mdt.web.full_disk import is_full_disk

log = logging.getLogger(__name__)
dicom_cli = AppGroup("dicom", help="Images from the hospitals' PACS.")
_READERS = 2


@dicom_cli.command("listen")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104 -- a PACS is another machine; only those that are known are let in
@click.option("--port", default=11112, show_default=True, type=click.IntRange(0, 65535))
@click.option("--title", default="MDT", show_default=True, help="AE title that senders call.")
def listen(host: str, port: int, title: str) -> None:
    """Receive C-STORE and C-ECHO from the senders that stand under /admin/pacs.

    May be stopped or killed at any moment: what was answered with success is kept.
    """
    if not is_title(title):
        raise click.BadParameter("1 to 16 plain characters", param_hint="--title")
    logging.basicConfig(level=os.environ.get("MDT_LOG_LEVEL", "warning").upper())
    sandbox.start(_READERS)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    listener = Listener(title, _Inbox(app))
    try:
        number = listener.start(host, port)
    except OSError as error:
        raise click.ClickException(f"{host}:{port}: {error.strerror}") from error
    ended = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    click.echo(f"{title} listens on {host}:{number}")
    ended.wait()
    listener.stop()


class _Inbox:
    """What the listener asks, answered by the services."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def admit(self, title: str, address: str) -> Sender | None:
        """Who calls; nothing for somebody unknown."""
        with self._app.app_context():
            return sender_of(title, address)

    def take(self, sender: Sender, received: ReceivedObject) -> Answer:
        """Keep an object."""
        with self._app.app_context():
            try:
                receive_object(
                    sender,
                    received.data,
                    sop_class_uid=received.sop_class_uid,
                    sop_uid=received.sop_uid,
                    now=utc_now(),
                )
            except FileRefused as refused:
                if isinstance(refused, SandboxFailure) and refused.passing:
                    # A sender tries again after this answer, and gives up after the other.
                    log.warning("reading failed for %s: %s", sender.ae_title, refused.reason)
                    return Answer.NO_ROOM
                log.warning("%s sent what is not taken: %s", sender.ae_title, refused.refusal)
                return Answer.UNREADABLE
            except NotAsAnnounced:
                return Answer.NOT_AS_ANNOUNCED
            except (HospitalFull, StorageUnavailable) as error:
                log.warning("no room for %s: %s", sender.ae_title, error)
                return Answer.NO_ROOM
            except Exception as error:
                if not is_full_disk(error):
                    raise
                log.error("no room for %s: the disk is full", sender.ae_title)  # noqa: TRY400 -- it says everything
                return Answer.NO_ROOM
        return Answer.STORED
