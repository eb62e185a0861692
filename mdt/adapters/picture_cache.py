"""Drawn pictures that were asked for lately, so that paging back and forth is quick.

In memory and never on disk: what is at rest is sealed. Keys begin with a blob's random key, so that
what was deleted is never asked for again, and hold all else that the picture is drawn by.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from mdt.rules.attachments import MEBIBYTE


class PictureCache:
    """The pictures used last, up to ``limit`` bytes in all; safe for many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pictures: OrderedDict[Hashable, bytes] = OrderedDict()
        self._running: dict[Hashable, Future[bytes]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """Return the picture, drawing it where it is not kept; errors of ``draw`` pass through.

        Who asks for one that somebody else is drawing waits for it: a whole room asks at once.
        """
        with self._lock:
            found = self._pictures.get(key)
            if found is not None:
                self._pictures.move_to_end(key)
                return found
            running = self._running.get(key)
            if running is None:
                own = self._running[key] = Future[bytes]()
        if running is not None:
            return running.result()
        try:
            drawn = draw()
        except BaseException as error:
            own.set_exception(error)
            raise
        else:
            self._keep(key, drawn)
            own.set_result(drawn)
            return drawn
        finally:
            with self._lock:
                del self._running[key]

    def _keep(self, key: Hashable, picture: bytes) -> None:
        with self._lock:
            if key in self._pictures or len(picture) > self._limit:
                return
            self._pictures[key] = picture
            self._size += len(picture)
            while self._size > self._limit:
                _, dropped = self._pictures.popitem(last=False)
                self._size -= len(dropped)


#: The one of this process: about 2,500 slices of a CT.
pictures = PictureCache(128 * MEBIBYTE)
