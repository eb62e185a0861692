"""2,000 damaged files through the whole path: all answered, the server's memory, the slowest."""

import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from benchmarks.upload_memory import MEGABYTE, empty_server, slice_of
from tests.mutations import mutated, whole_files
from tests.sending import machine
from tests.server_memory import watched

FILES = 2000
TOGETHER = 20
SEED = 1


def run() -> list[dict[str, Any]]:
    """How many were taken and refused, what was not answered, memory and the slowest request."""
    kept = refused = unanswered = 0
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as server:
        sender = machine(server.app, server.url)
        sender.send_together([("first.dcm", slice_of(0, series=999))])
        files = list(mutated(whole_files(), FILES, seed=SEED))
        with watched(server.pid) as memory:
            rest = memory.server
            for start in range(0, FILES, TOGETHER):
                begun = time.perf_counter()
                try:
                    results = sender.send_together(files[start : start + TOGETHER])
                except requests.RequestException:
                    unanswered += TOGETHER
                    continue
                slowest = max(slowest, time.perf_counter() - begun)
                kept += sum(one["ok"] for one in results)
                refused += sum(bool(not one["ok"] and one["message"]) for one in results)
        requests.get(f"{server.url}/healthz", timeout=10).raise_for_status()
    return [
        {"name": "damaged files taken", "value": kept, "unit": ""},
        {"name": "refused with a reason", "value": refused, "unit": ""},
        {"name": "not answered", "value": unanswered, "unit": "", "limit": 0},
        {"name": "more memory of the server, at most", "unit": "MB", "limit": 150,
         "value": (memory.most_server - rest) / MEGABYTE},
        {"name": f"slowest answer to {TOGETHER}", "value": slowest, "unit": "s"},
    ]  # fmt: skip
