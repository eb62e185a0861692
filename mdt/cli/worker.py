"""``worker``: carries out what is queued, until it is stopped."""

import logging
import os
import threading

import click
from flask.cli import with_appcontext

from mdt.adapters.queue import queue

#: How often it looks whether the server that it stands beside is still there, in seconds.
_LOOKS = 1.0


@click.command("worker")
@click.option(
    "--beside-server", is_flag=True, help="End when the process that started it has ended."
)
@with_appcontext
def worker(beside_server: bool) -> None:
    """Carry out queued work: dry runs and imports of register files.

    Any number may run where Redis is the queue; on SQLite one is enough. It may be stopped or
    killed at any moment: the next one goes on where it was.
    """
    logging.basicConfig(level=os.environ.get("MDT_LOG_LEVEL", "warning").upper())
    consumer = queue().consumer()
    if beside_server:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    consumer.run()


def _end_with(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_LOOKS)
    # Nothing to tidy up: every batch is whole, whenever it ends.
    os._exit(0)
