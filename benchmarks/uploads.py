"""An upload of 300 slices as the page sends it: groups of 16 files, forgery token, real server."""

import time
from datetime import date
from typing import Any

import requests

from benchmarks.ground import demo_server, sign_in
from mdt.adapters.demo_images import synthetic_chest_ct
from tests.fixtures_app import Browser

SLICES = 300
GROUP = 16


def run() -> list[dict[str, Any]]:
    """Slices and megabytes a second, from the first byte to the last acknowledgement."""
    files = list(
        synthetic_chest_ct(
            patient_name="演示", patient_id="BENCH", sex="M", birth_date=date(1960, 1, 1),
            study_date=date(2026, 1, 1), seed=7, slices=SLICES, size=512,
        )
    )  # fmt: skip
    with demo_server() as server:
        client = sign_in(server.url, "clinician")
        drafts = [c for c in client.get(f"{server.url}/cases.json").json() if c["state"] == "draft"]
        url = f"{server.url}/cases/{drafts[0]['id']}/attachments"
        headers = {"X-CSRFToken": Browser.find_token(client.get(url).text)}
        begun = time.perf_counter()
        for start in range(0, SLICES, GROUP):
            _send(client, url, headers, files[start : start + GROUP], start)
        seconds = time.perf_counter() - begun
    megabytes = sum(map(len, files)) / 1e6
    return [
        {"name": "300 slices of 512 x 512", "value": SLICES / seconds, "unit": "slices/s",
         "limit": 100},
        {"name": "the same", "value": megabytes / seconds, "unit": "MB/s"},
    ]  # fmt: skip


def _send(
    client: requests.Session, url: str, headers: dict[str, str], files: list[bytes], first: int
) -> None:
    parts = [
        ("files", (f"IM{first + n:04d}.dcm", data, "application/dicom"))
        for n, data in enumerate(files)
    ]
    answer = client.post(url, files=parts, headers={**headers, "Accept": "application/json"})
    answer.raise_for_status()
    refused = [one for one in answer.json()["results"] if not one["ok"]]
    if refused:
        raise RuntimeError(refused[0]["message"])
