"""2,000 damaged files through the whole path: all answered, the server's memory, the slowest."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.ground import empty_server
from benchmarks.upload_memory import MEGABYTE, slice_of
from mdt.services.attachments import KEPT
from tests.mutations import mutated, whole_files
from tests.sending import Machine, machines
from tests.server_memory import watched

FILES = 2000
TOGETHER = 20
SEED = 1


def run() -> list[dict[str, Any]]:
    """How many were taken and refused, what was not answered, memory and the slowest request."""
    whole = whole_files()
    files = list(mutated(whole, FILES, seed=SEED))
    codes: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as server:
        # The same object damaged twice has one UID: each time it goes into another case.
        senders = machines(server.app, server.url, -(-FILES // len(whole)))
        senders[0].send_together([("first.dcm", slice_of(0, series=999))])
        with watched(server.pid) as memory:
            rest = memory.server
            for sender, start in _groups(senders, len(whole)):
                group = files[start : min(start + TOGETHER, _end(start, len(whole)))]
                begun = time.perf_counter()
                try:
                    codes.update(one["code"] for one in sender.send_together(group))
                except requests.RequestException:
                    codes["not answered"] += len(group)
                slowest = max(slowest, time.perf_counter() - begun)
        requests.get(f"{server.url}/healthz", timeout=10).raise_for_status()
    unanswered = codes.pop("not answered", 0)
    kept = sum(count for code, count in codes.items() if code in KEPT)
    print(f"  {dict(codes.most_common())}")
    return [
        {"name": "damaged files taken", "value": kept, "unit": ""},
        {"name": "refused with a reason", "value": codes.total() - kept, "unit": ""},
        {"name": "not answered", "value": unanswered, "unit": "", "limit": 0},
        {"name": "more memory of the server, at most", "unit": "MB", "limit": 150,
         "value": (memory.most_server - rest) / MEGABYTE},
        {"name": f"slowest answer to {TOGETHER}", "value": slowest, "unit": "s"},
    ]  # fmt: skip


def _groups(senders: list[Machine], length: int) -> Iterator[tuple[Machine, int]]:
    """Each case's files in groups: who sends, and where the group begins."""
    for place, sender in enumerate(senders):
        begin = place * length
        for start in range(begin, min(begin + length, FILES), TOGETHER):
            yield sender, start


def _end(start: int, length: int) -> int:
    return (start // length + 1) * length
