"""Who looked at what lately, so that not every tile of a slide asks the audit trail.

In the memory of one process alone: another one asks the trail itself.
"""

import threading
from datetime import datetime, timedelta

# Far more than people that look at once; then all is forgotten, which costs a question each.
_MOST = 10_000


class RememberedLooks:
    """The moment at which each person's look at each thing was written down, or found to be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[int, str, int], datetime] = {}

    def is_new(
        self, person: int, thing: tuple[str, int], *, now: datetime, within: timedelta
    ) -> bool:
        """Whether that is longer ago; if so, it counts from now."""
        key = person, *thing
        with self._lock:
            before = self._known.get(key)
            if before is not None and before <= now < before + within:
                return False
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = now
        return True

    def forget(self, person: int, thing: tuple[str, int]) -> None:
        """It could not be written down."""
        with self._lock:
            self._known.pop((person, *thing), None)
