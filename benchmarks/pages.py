"""Start to ready, and the pages that people open most, on the demo data."""

import time
from typing import Any

from benchmarks.ground import demo_server, percentile, sign_in, times

#: page, account, path ("case" stands for a case of that person's own)
PAGES = (
    ("worklist", "clinician", "/"),
    ("worklist", "coordinator", "/"),
    ("case page", "clinician", "case"),
    ("triage", "coordinator", "/triage"),
)


def run() -> list[dict[str, Any]]:
    """Seconds from a warm start to ready; p50 and p95 in ms of each page."""
    with demo_server() as server:
        server.stop()
        begun = time.perf_counter()
        server.start()
        ready = time.perf_counter() - begun
        rows: list[dict[str, Any]] = [
            {"name": "start to ready, warm", "value": ready, "unit": "s", "limit": 5}
        ]
        for name, username, path in PAGES:
            client = sign_in(server.url, username)
            own = client.get(f"{server.url}/cases.json").json() if path == "case" else []
            url = server.url + (f"/cases/{own[0]['id']}" if own else path)
            measured = times(lambda: client.get(url).raise_for_status(), repeats=60)  # noqa: B023
            rows += [
                {"name": f"{name} ({username}) p50", "value": percentile(measured, 0.5),
                 "unit": "ms", "limit": 100},
                {"name": f"{name} ({username}) p95", "value": percentile(measured, 0.95),
                 "unit": "ms", "limit": 300},
            ]  # fmt: skip
        return rows
