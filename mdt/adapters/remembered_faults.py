"""Files whose reading failed for a reason that may pass: how often, and when to try again.

In the memory of one process alone: after a restart everything is tried anew, which costs time and
loses nothing.
"""

import threading
from datetime import datetime, timedelta

#: Twice as long after each try, more than four hours in all: a night's trouble is over by then.
_FIRST_WAIT = timedelta(minutes=1)
_MOST_TRIES = 9


class RememberedFaults:
    """Failed tries of each file, by its number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[int, datetime]] = {}

    def note(self, number: int, *, now: datetime) -> bool:
        """Count a failed try; true once there were so many that the file itself is to blame."""
        with self._lock:
            tries = self._known.get(number, (0, now))[0] + 1
            self._known[number] = tries, now + _FIRST_WAIT * 2 ** (tries - 1)
        return tries >= _MOST_TRIES

    def waiting(self, *, now: datetime) -> list[int]:
        """Files whose time to be tried again has not come."""
        with self._lock:
            return [number for number, (_, until) in self._known.items() if until > now]

    def forget(self, number: int) -> None:
        """It was read, or given up."""
        with self._lock:
            self._known.pop(number, None)
