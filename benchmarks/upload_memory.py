"""A ZIP of two gigabytes is uploaded and taken: how much memory the server needs beside its rest.

`MDT_BENCH_UPLOAD_MB` makes it smaller.
"""

import io
import os
import tempfile
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pydicom

from benchmarks.ground import empty_server
from mdt.adapters.demo_images import synthetic_chest_ct
from tests.sending import machine
from tests.server_memory import watched

MEGABYTE = 1_000_000
SIZE = int(os.environ.get("MDT_BENCH_UPLOAD_MB", "2000")) * MEGABYTE
SERIES = 300
LIMIT = 150
_STUDY, _SERIES, _OBJECT = (f"2.25.77{n}00000000000000000" for n in (1, 2, 3))


def run() -> list[dict[str, Any]]:
    """Megabytes at rest, and at most beside it while the bytes arrive and while they are taken."""
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as server:
        sender = machine(server.app, server.url)
        disc = Path(folder) / "disc.zip"
        objects = write_disc(disc)
        # What is loaded at the first file of all is no part of it.
        sender.send_together([("first.dcm", slice_of(0, series=999))])
        with watched(server.pid) as rest:
            time.sleep(1)
        with disc.open("rb") as file, watched(server.pid) as arriving:
            place = sender.send_parts("disc.zip", file, disc.stat().st_size)
        begun = time.perf_counter()
        with watched(server.pid) as taking:
            (result,) = sender.take(place)
        seconds = time.perf_counter() - begun
    if result["code"] != "archive" or result["inside"]:
        raise RuntimeError(result)

    def more(now: int) -> float:
        return (now - rest.server) / MEGABYTE

    size = f"{SIZE / 1e9:.2g} GB"
    return [
        {"name": "the server at rest", "value": rest.server / MEGABYTE, "unit": "MB"},
        {"name": f"more, while {size} arrive", "value": more(arriving.most_server), "unit": "MB",
         "limit": LIMIT},
        {"name": f"more, while {objects} slices are taken", "value": more(taking.most_server),
         "unit": "MB", "limit": LIMIT},
        {"name": "children that read files, at most", "value": taking.most_children / MEGABYTE,
         "unit": "MB"},
        {"name": "slices taken", "value": objects / seconds, "unit": "slices/s"},
    ]  # fmt: skip


def write_disc(path: Path) -> int:
    """Write a ZIP of so many slices that it is as big as wanted; gives their number."""
    count = max(1, SIZE // len(slice_of(0)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as disc:
        for number in range(count):
            series, place = divmod(number, SERIES)
            disc.writestr(f"DICOM/S{series:03d}/IM{place:05d}", slice_of(number, series))
    return count


def slice_of(number: int, series: int = 0) -> bytes:
    """A slice of 512 x 512 of its own series."""
    return _PATTERN.replace(_SERIES.encode(), f"{_SERIES[:-6]}{series:06d}".encode()).replace(
        _OBJECT.encode(), f"{_OBJECT[:-12]}{series:03d}{number:09d}".encode()
    )


def _pattern() -> bytes:
    (made,) = synthetic_chest_ct(
        patient_name="演示", patient_id="BENCH", sex="M", birth_date=date(1960, 1, 1),
        study_date=date(2026, 1, 1), seed=7, slices=1, size=512,
    )  # fmt: skip
    data = pydicom.dcmread(io.BytesIO(made))
    data.StudyInstanceUID, data.SeriesInstanceUID = _STUDY, _SERIES
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = _OBJECT
    out = io.BytesIO()
    data.save_as(out)
    return out.getvalue()


_PATTERN = _pattern()
