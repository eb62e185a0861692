"""The archive over DICOMweb: 300 slices in by STOW-RS, a raw frame, a series' metadata.

Beside Orthanc with its DICOMweb plug-in where both are installed (Debian `orthanc`,
`orthanc-dicomweb`), in the same run and by the same client, after a few slices to warm up; the
frame also beside Orthanc's own REST, which gives it uncompressed. MDT_BENCH_SLICES asks for fewer
slices.
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import requests

from benchmarks.ground import demo_server, times
from mdt.adapters.demo_images import synthetic_chest_ct
from mdt.extensions import db
from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.services import free_port

SLICES = int(os.environ.get("MDT_BENCH_SLICES", "300"))
AT_ONCE = 20
_WARMING = 8
REPEATS = 60
_PLUGINS = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"))
_EDGE = "edge-of-a-part-9f2c1e"
_LIMITS = ("Orthanc {0:.4g}", "Orthanc {1:.4g}, by its REST {3:.4g}", "a twentieth of {2:.4g}")


def run() -> list[dict[str, Any]]:
    """Give instances a second, milliseconds of a frame and of a series; the peer's as limit."""
    files = _slices(SLICES, seed=7)
    peer = _peer(files)
    with demo_server() as server:
        with server.app.app_context():
            user = find_user("clinician")
            token = create_token(user, ("cases", "dicomweb"), days=1, now=utc_now())
            db.session.commit()
        client = requests.Session()
        client.headers["Authorization"] = f"Bearer {token}"
        drafts = [c for c in client.get(f"{server.url}/cases.json").json() if c["state"] == "draft"]
        own = _measure(client, f"{server.url}/cases/{drafts[0]['id']}/dicom-web", files)
    names = (f"STOW-RS of {SLICES} slices, {AT_ONCE} a request", "raw frame", "series metadata")
    units = ("instances/s", "ms", "ms")
    rows = []
    for place, (name, unit) in enumerate(zip(names, units, strict=True)):
        limit = _LIMITS[place].format(*peer) if peer else "no Orthanc with DICOMweb here"
        rows.append({"name": name, "value": own[place], "unit": unit, "limit": limit})
    return rows


def _slices(count: int, *, seed: int) -> list[bytes]:
    return list(
        synthetic_chest_ct(
            patient_name="演示", patient_id="BENCH", sex="M", birth_date=date(1960, 1, 1),
            study_date=date(2026, 1, 1), seed=seed, slices=count, size=512,
        )
    )  # fmt: skip


def _measure(client: requests.Session, root: str, files: list[bytes]) -> tuple[float, float, float]:
    """Send, then fetch: instances a second, and medians in milliseconds."""
    # Both servers have seen images before: processes are started, statements are known.
    _store(client, root, _slices(_WARMING, seed=8))
    begun = time.perf_counter()
    for start in range(0, len(files), AT_ONCE):
        _store(client, root, files[start : start + AT_ONCE])
    speed = len(files) / (time.perf_counter() - begun)
    accept = {"Accept": "application/dicom+json"}
    found = client.get(f"{root}/instances", headers=accept).json()
    sizes = Counter(one["0020000E"]["Value"][0] for one in found)
    largest = max(sizes, key=sizes.__getitem__)
    mine = next(one for one in found if one["0020000E"]["Value"] == [largest])
    study, series, uid = (mine[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))
    place = f"{root}/studies/{study}/series/{series}"
    plain = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    frame = f"{place}/instances/{uid}/frames/1"
    return (
        speed,
        _median(client, frame, plain),
        _median(client, f"{place}/metadata", "application/dicom+json", REPEATS // 6),
    )


def _median(client: requests.Session, url: str, accept: str, repeats: int = REPEATS) -> float:
    def fetch() -> None:
        client.get(url, headers={"Accept": accept}).raise_for_status()

    return statistics.median(times(fetch, repeats=repeats))


def _store(client: requests.Session, root: str, files: list[bytes]) -> None:
    head = f"--{_EDGE}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join([head + one + b"\r\n" for one in files]) + f"--{_EDGE}--\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={_EDGE}'
    headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
    client.post(f"{root}/studies", data=body, headers=headers).raise_for_status()


def _peer(files: list[bytes]) -> tuple[float, ...] | None:
    program = shutil.which("Orthanc")
    plugin = next((one for folder in _PLUGINS for one in folder.glob("libOrthancDicomWeb*")), None)
    if program is None or plugin is None:
        return None
    with _orthanc(program, plugin) as root:
        client = requests.Session()
        measured = _measure(client, root, files)
        rest = root.removesuffix("/dicom-web")
        first = client.get(f"{rest}/instances?limit=1&since=0").json()[0]
        return (*measured, _median(client, f"{rest}/instances/{first}/frames/0/raw", "*/*"))


@contextmanager
def _orthanc(program: str, plugin: Path) -> Iterator[str]:
    """Give the address of an Orthanc on empty folders; it ends with the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {
            "StorageDirectory": folder, "IndexDirectory": folder, "HttpPort": port,
            "DicomServerEnabled": False, "AuthenticationEnabled": False, "Plugins": [str(plugin)],
            "HttpCompressionEnabled": False, "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }  # fmt: skip
        file = Path(folder) / "orthanc.json"
        file.write_text(json.dumps(settings))
        quiet = subprocess.DEVNULL
        process = subprocess.Popen([program, str(file)], stdout=quiet, stderr=quiet)
        try:
            _wait(f"http://127.0.0.1:{port}/system")
            yield f"http://127.0.0.1:{port}/dicom-web"
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str) -> None:
    give_up = time.monotonic() + 30
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return
