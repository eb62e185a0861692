"""``worker``: carries out what is queued, until it is stopped."""

import gc
import logging
import os
import threading

import click
from flask.cli import with_appcontext

from mdt.adapters.queue import queue

#: How often it looks whether the server that it stands beside is still there, in seconds.
_LOOKS = 1.0
#: So many new objects are looked through at once for circles that nobody holds.
_YOUNG = 20_000


@click.command("worker")
@click.option("--beside", type=int, metavar="PID", help="End when this parent process has ended.")
@with_appcontext
def worker(beside: int | None) -> None:
    """Carry out queued work: dry runs and imports of register files.

    Any number may run where Redis is the queue; on SQLite one is enough. It may be stopped or
    killed at any moment: the next one goes on where it was.
    """
    logging.basicConfig(level=os.environ.get("MDT_LOG_LEVEL", "warning").upper())
    if beside is not None:
        threading.Thread(target=_end_with, args=(beside,), daemon=True).start()
    # What is there now stays to the end: it need not be looked through again and again.
    gc.collect()
    gc.freeze()
    # An import makes and drops objects by the thousand, nearly none of them in a circle.
    gc.set_threshold(_YOUNG, 20, 50)
    queue().consumer().run()


def _end_with(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_LOOKS)
    # Nothing to tidy up: every batch is whole, whenever it ends.
    os._exit(0)
