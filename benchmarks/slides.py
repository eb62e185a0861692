"""Tiles of a slide over HTTP: each level from a server that has seen none of them, and again."""

import io
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.ground import empty_server, percentile, sign_in
from mdt.rules.calendar import utc_now
from mdt.rules.slides import Pyramid
from mdt.services.file_intake import Description, SentFile
from mdt.services.slide_intake import add_everything
from mdt.services.slide_preparing import prepare_slides
from tests.attachment_kit import draft
from tests.live_server import LiveServer
from tests.slide_kit import slide_file
from tests.world import PASSWORD, build_world

#: 50 megapixels, some 260 tiles in five levels.
WIDTH, HEIGHT = 8200, 6100
#: ms, as issue 5 asks; a cold one is not in the server's memory.
WARM, COLD = 10, 40
# A job stops after a while; one that has nothing left to do takes no time.
_MOST_JOBS = 10


def run() -> list[dict[str, Any]]:
    """Seconds to draw all tiles for a million pixels; ms of a tile, cold by level and warm."""
    with tempfile.TemporaryDirectory() as folder, empty_server(Path(folder)) as server:
        case_id, drawn = _fill(server)
        server.stop()
        server.start()
        client = sign_in(server.url, "clinician", PASSWORD)
        found = client.get(f"{server.url}/cases/{case_id}/slides.json").json()[0]
        cold, warm = (_times(client, server.url, found) for _ in range(2))
    every = [one for times in warm.values() for one in times]
    return [
        {"name": "tiles drawn, per megapixel", "value": drawn, "unit": "s"},
        *_rows("cold", cold, COLD),
        *_rows("warm", {"all levels": every}, WARM),
    ]


def _fill(server: LiveServer) -> tuple[int, float]:
    with server.app.app_context():
        world = build_world()
    case_id: int = draft(server.app, world)
    with server.app.app_context():
        doctor, file = world.viewer("clinician"), io.BytesIO(slide_file(WIDTH, HEIGHT))
        add_everything(doctor, case_id, [SentFile("a.tiff", file)], Description(), now=utc_now())
        begun = time.perf_counter()
        for _ in range(_MOST_JOBS):
            prepare_slides(clock=utc_now)
        return case_id, (time.perf_counter() - begun) / (WIDTH * HEIGHT / 1e6)


def _times(client: requests.Session, url: str, slide: dict[str, Any]) -> dict[str, list[float]]:
    """Ms of every tile, by its level, asked for in no order."""
    pyramid = Pyramid(slide["width"], slide["height"])
    places = [pyramid.place(number) for number in range(pyramid.count)]
    random.Random(1).shuffle(places)  # noqa: S311 -- an order, no secret
    found: dict[str, list[float]] = defaultdict(list)
    for level, x, y in places:
        address = slide["tiles"].format(level=level, x=x, y=y)
        begun = time.perf_counter()
        client.get(url + address).raise_for_status()
        found[f"level {level} of {pyramid.top}"].append((time.perf_counter() - begun) * 1000)
    return dict(sorted(found.items()))


def _rows(name: str, times: dict[str, list[float]], limit: int) -> Iterator[dict[str, Any]]:
    for which, one in times.items():
        yield {
            "name": f"tile {name}, {which}, p50",
            "value": percentile(one, 0.5),
            "unit": "ms",
            "limit": limit,
        }
        yield {"name": f"tile {name}, {which}, p95", "value": percentile(one, 0.95), "unit": "ms"}
