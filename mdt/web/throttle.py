"""A light brake on public pages: so many requests from one address, then wait."""

import threading
import time
from collections import OrderedDict

from flask import abort, request

from mdt.rules.events import Bucket

_MOST_ADDRESSES = 10_000


class Throttle:
    """Buckets by address, in this process alone: a brake, not a wall."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def check(self) -> None:
        """Answer 429 to an address that asks too often."""
        if not self.allows(request.remote_addr or "", time.monotonic()):
            abort(429)

    def allows(self, address: str, now: float) -> bool:
        """Whether one more is allowed at ``now`` (seconds of any steady clock)."""
        with self._lock:
            fresh = Bucket(self._rate, self._burst, self._burst, now)
            bucket = self._buckets.setdefault(address, fresh)
            self._buckets.move_to_end(address)
            while len(self._buckets) > _MOST_ADDRESSES:
                self._buckets.popitem(last=False)
            return bucket.take(now)
