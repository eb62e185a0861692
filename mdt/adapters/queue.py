"""The queue of jobs: a SQLite file beside the database, or Redis where there is one.

A job is a name and plain arguments. It may be lost with the worker that took it and may come twice:
what must be done stands in the database, and a job only says that somebody should look there.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import time
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from huey.api import TaskWrapper
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from mdt.config import Settings
from mdt.rules.jobs import LOOK_AGAIN, NIGHTLY, REGULAR, JobName

Handler = Callable[..., None]

_SALT = "mdt jobs"
# Before people come, in China; the queue counts in UTC.
_NIGHT = time(19, 40)


class JobQueue:
    """The jobs of one app. Nothing is opened before the first job."""

    def __init__(self, app: Flask, settings: Settings, handlers: Mapping[JobName, Handler]) -> None:
        self._app = app
        self._settings = settings
        self._handlers = handlers
        self._lock = threading.Lock()

    def put(self, name: JobName, *arguments: int, delay: float = 0) -> None:
        """Ask for a job, at the earliest ``delay`` seconds from now."""
        with self._lock:
            run = self._run
        if delay:
            run.schedule(args=(name.value, *arguments), delay=delay)
        else:
            run(name.value, *arguments)

    def consumer(self) -> Consumer:
        """What takes jobs out of the queue and does them, one after the other."""
        crontab_task = self._huey.periodic_task(crontab(minute="*"), name="regular")
        crontab_task(self._ask_regular)
        nightly = crontab(minute=_NIGHT.minute, hour=_NIGHT.hour)
        self._huey.periodic_task(nightly, name="nightly")(self._ask_nightly)
        self._run  # noqa: B018 -- makes the task known
        self._ask_regular()
        # By then it is certain that whoever was at work when this one started is gone.
        for name in REGULAR:
            self._run.schedule(args=(name.value,), delay=LOOK_AGAIN)
        return self._huey.create_consumer(workers=1, initial_delay=0.1, max_delay=1)

    def _ask_regular(self) -> None:
        for name in REGULAR:
            self._run(name.value)

    def _ask_nightly(self) -> None:
        for name in NIGHTLY:
            self._run(name.value)

    @cached_property
    def _run(self) -> TaskWrapper:
        return self._huey.task(name="job")(self._do)

    def _do(self, name: str, *arguments: int) -> None:
        with self._app.app_context():
            self._handlers[JobName(name)](*arguments)

    @cached_property
    def _huey(self) -> Huey:
        signed = SignedSerializer(secret=self._settings.secret_key, salt=_SALT)
        shared = {"results": False, "serializer": signed}
        if self._settings.jobs_at_once:
            return MemoryHuey("mdt", immediate=True, **shared)
        if self._settings.redis_url:
            return RedisHuey("mdt", url=self._settings.redis_url, **shared)
        file = Path(self._settings.instance) / "jobs.sqlite3"
        return SqliteHuey("mdt", filename=str(file), fsync=True, **shared)


def init_app(app: Flask, settings: Settings, handlers: Mapping[JobName, Handler]) -> None:
    """Give the app its queue; ``handlers`` are what a worker does for each name."""
    app.extensions["mdt_queue"] = JobQueue(app, settings, handlers)


def queue() -> JobQueue:
    """The running app's queue."""
    found: JobQueue = current_app.extensions["mdt_queue"]
    return found
