"""Settings of gunicorn: one process for a room's sockets, a thread for each of them."""

import os
from importlib import import_module

from gunicorn.workers.base import Worker

bind = f"{os.environ.get('MDT_HOST', '127.0.0.1')}:{os.environ.get('MDT_PORT', '8000')}"

# Socket.IO keeps its rooms in the process; to grow, start several servers with Redis between them.
workers = 1
worker_class = "gthread"
# Each open web socket holds one thread; the rest answer pages.
threads = int(os.environ.get("MDT_THREADS", "128"))

# Open sockets do not end by themselves, and clients connect again and resume by their own.
graceful_timeout = 3
# The socket for gunicornc would lie in the home directory, where several servers clash.
control_socket_disable = True

loglevel = os.environ.get("MDT_LOG_LEVEL", "warning")


def post_fork(_arbiter: object, _worker: Worker) -> None:
    """Start what reads strangers' files while the worker has no threads yet."""
    # By name: this file is read before the project is on the path.
    import_module("mdt.adapters.sandbox").start(workers=min(4, os.cpu_count() or 1))


def post_worker_init(worker: Worker) -> None:
    """Say that the server answers; only once, not when a worker is replaced."""
    if worker.age == 1 and (welcome := os.environ.get("MDT_WELCOME")):
        if "{accounts}" in welcome:
            # Here the app is there already; a command of its own would start it once more.
            told = worker.wsgi.test_cli_runner().invoke(args=["demo", "accounts"])
            welcome = welcome.replace("{accounts}", told.output.rstrip())
        print(welcome, flush=True)
