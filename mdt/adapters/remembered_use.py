"""Figures that are counted again after half a minute, as counting them takes long."""

import threading
import time

_SECONDS = 30.0


class RememberedUse:
    """Bytes of each hospital, by its number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, int]] = {}

    def get(self, number: int) -> int | None:
        """What was counted lately, and added since."""
        with self._lock:
            at, used = self._known.get(number, (0.0, 0))
        return used if at and time.monotonic() - at < _SECONDS else None

    def keep(self, number: int, used: int) -> int:
        """Remember what was just counted."""
        with self._lock:
            self._known[number] = (time.monotonic(), used)
        return used

    def add(self, number: int, more: int) -> None:
        """Count what is on its way, until all is counted anew."""
        with self._lock:
            if number in self._known:
                at, used = self._known[number]
                self._known[number] = (at, used + more)
