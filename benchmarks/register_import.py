"""Importing a large register file by the worker, and what a live room feels of it meanwhile.

On SQLite, and on PostgreSQL where the machine has it (`MDT_BENCH_DATABASES`);
`MDT_BENCH_IMPORT_ROWS` sets the size. The peer reads the same file with the csv module and writes
its cells as they are, many at a time, into a table without an index: no checks, no persons, no
sealing, nothing to find it by.
"""

import csv
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import requests
from flask_migrate import upgrade

from benchmarks.ground import DATABASES, percentile, say
from mdt.extensions import db
from mdt.models.regions import Hospital
from mdt.models.tumours import RegisterImport
from mdt.queries.people import find_user, viewer_of
from mdt.rules.calendar import utc_now
from mdt.rules.identity import check_character
from mdt.rules.registry.columns import guess_columns
from mdt.services.register_uploads import begin_import, confirm_columns, receive_register_file
from tests import services
from tests.fixtures_app import MIGRATIONS
from tests.live_board import LiveBoard, set_up
from tests.live_server import LiveServer
from tests.register_files import HEADER
from tests.room_client import RoomClient, sign_in

ROWS = int(os.environ.get("MDT_BENCH_IMPORT_ROWS", "100000"))
HOSPITALS = 40
RATE_LIMIT = 3_000  # rows a second
IDLE = 8.0  # seconds in which the room is measured alone
PACE = 0.2  # seconds between two messages
TOLD = 15  # seconds between two words to who waits for the benchmark
_SITES = ("C34.1", "C16.2", "C18.7", "C22.0", "C50.4", "C53.9", "C15.4", "C61", "C73", "D05.1")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程"
)
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华文玉兰建国红梅志海燕春晓东宁雪峰"


def run() -> list[dict[str, Any]]:
    """Rows a second, the worker's memory at a fifth and at the end, messages beside."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "register.csv"
        _write_register(file)
        say(f"a file of {ROWS:,} rows is written")
        for name, database in (("SQLite", nullcontext("")), ("PostgreSQL", _postgresql())):
            if name.lower() not in DATABASES:
                continue
            try:
                with database as url, _server(Path(folder) / name, url) as live:
                    label = f"import, {name}, {ROWS:,} rows"
                    rows += _measure(live, file, label, url, Path(folder) / f"{name}.peer")
            except services.Lacking as lacking:
                print(f"left out: {lacking}")
    return rows


@contextmanager
def _postgresql() -> Iterator[str]:
    with services.postgresql() as server, services.postgresql_database(server) as url:
        yield url


@contextmanager
def _server(folder: Path, url: str) -> Iterator[LiveBoard]:
    server = LiveServer(folder, **({"MDT_DATABASE_URL": url} if url else {}))
    try:
        with server.app.app_context():
            upgrade(MIGRATIONS)
        live = set_up(server)
        with server.app.app_context():
            for number in range(HOSPITALS):
                code = f"H{number:03}"
                db.session.add(Hospital(code=code, name_zh=code, region_code="360726"))
            db.session.commit()
        server.start()
        server.start_worker()
        yield live
    finally:
        server.close()


def _write_register(path: Path) -> None:
    """A register as provinces gather them: a twentieth of the people have two tumours."""
    draw = random.Random(1)  # noqa: S311 -- no secret
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        for number in range(ROWS):
            again = number > 20 and draw.random() < 0.05
            writer.writerow(_row(draw.randrange(number) if again else number, draw))


def _row(person: int, draw: random.Random) -> dict[str, str]:
    own = random.Random(person)  # noqa: S311 -- no secret
    born = date(1935, 1, 1) + timedelta(days=own.randrange(20_000))
    first = f"3699{own.randrange(1, 90):02}{born:%Y%m%d}{own.randrange(1000):03}"
    day = date(2021, 1, 1) + timedelta(days=draw.randrange(1_800))
    return {
        "hospital_code": f"H{own.randrange(HOSPITALS):03}",
        "name": own.choice(_SURNAMES) + own.choice(_GIVEN) + own.choice(_GIVEN),
        "id_type": "居民身份证",
        "id_number": first + check_character(first),
        "sex": "男" if int(first[16]) % 2 else "女",
        "birth_date": born.isoformat(),
        "mrn": f"MRN{person:08}",
        "icd10": draw.choice(_SITES),
        "morphology": draw.choice(("8140/3", "8070/3", "8500/3")),
        "laterality": draw.choice(("左", "右", "不详")),
        "case_type": draw.choice(("初诊", "初诊", "初诊", "复发")),
        "diagnosis_date": day.isoformat(),
        "diagnosis_basis": "7",
        "staging_system": "TNM",
        "staging_edition": draw.choice("89"),
        "stage_basis": "c",
        "t": draw.choice(("T1a", "T2", "T3", "T4")),
        "n": draw.choice(("N0", "N1", "N2", "N3")),
        "m": draw.choice(("M0", "M0", "M1")),
        "stage_date": day.isoformat(),
        "first_treatment_date": (day + timedelta(days=draw.randrange(60))).isoformat(),
        "first_treatment_type": "手术",
    }


@dataclass
class _Watch:
    """What is seen while the worker is at it."""

    live: LiveBoard
    seat: RoomClient
    said: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    #: Seconds of a processor that the worker has used.
    used: float = 0.0

    def say(self) -> None:
        """Send one message and note how long its acknowledgement takes (ms)."""
        begun = time.monotonic()
        self.seat.act("say", item=self.live.board.items["A"], text="一句")
        self.said.append((time.monotonic() - begun) * 1000)
        time.sleep(max(0.0, begun + PACE - time.monotonic()))

    def until(self, number: int, state: str) -> float:
        """Say on until the file is in this state; gives the seconds from its first row on."""
        begun = told = 0.0
        used = _processor_time(self.live.server.worker_pid)
        while True:
            self.say()
            with self.live.server.app.app_context():
                record = db.session.get_one(
                    RegisterImport, number, execution_options={"mdt_scoped": True}
                )
                standing, handled, total = record.state, record.handled, record.total
            begun = begun or (time.monotonic() if handled else 0.0)
            if time.monotonic() - told > TOLD:
                say(f"{standing}: {handled or 0:,} of {total or ROWS:,}")
                told = time.monotonic()
            if state == "done" and total and handled >= total / 5:
                self.memory.setdefault("at a fifth", _peak_memory(self.live.server.worker_pid))
            if standing == state:
                self.used = _processor_time(self.live.server.worker_pid) - used
                self.memory["at the end"] = _peak_memory(self.live.server.worker_pid)
                return time.monotonic() - begun
            if standing == "failed":
                raise RuntimeError(f"the import failed: {record.error}")


def _processor_time(pid: int) -> float:
    """The seconds of a processor that a process has used so far, its children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_memory(pid: int) -> float:
    """The most that a process has held so far, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _measure(live: LiveBoard, file: Path, label: str, url: str, peer: Path) -> list[dict[str, Any]]:
    server = live.server
    seat = RoomClient(server.url, sign_in(server.url, "chair"), live.board.conference)
    seat.connect()
    idle, tried, written = (_Watch(live, seat) for _ in range(3))
    give_up = time.monotonic() + IDLE
    while time.monotonic() < give_up:
        idle.say()
    with server.app.app_context():
        viewer = viewer_of(find_user("quality"), now=utc_now())  # type: ignore[arg-type]
        with file.open("rb") as stream:
            number = receive_register_file(viewer, stream, now=utc_now())
        confirm_columns(viewer, number, guess_columns(HEADER), now=utc_now())
    checking = tried.until(number, "checked")
    with server.app.app_context():
        begin_import(viewer, number, now=utc_now())
    importing = written.until(number, "done")
    reported = _seconds_until_reported(server.url, ROWS)
    seat.close()
    plain = _plain(file, url, peer)
    p95 = percentile(idle.said, 0.95)
    beside = f"idle: {p95:.0f} ms"
    return [
        {"name": f"{label}: dry run", "value": ROWS / checking, "unit": "rows/s"},
        {
            "name": f"{label}: import", "value": ROWS / importing, "unit": "rows/s",
            "limit": f"{RATE_LIMIT} (plain: {ROWS / plain:,.0f})",
        },
        *(
            {"name": f"{label}: worker's processor, {what}", "value": watch.used / ROWS * 1e6,
             "unit": "µs/row"}
            for what, watch in (("dry run", tried), ("import", written))
        ),
        {
            "name": f"{label}: in the report's page, all five years by hospital, after",
            "value": reported, "unit": "s", "limit": 5,
        },
        *(
            {"name": f"{label}: worker's peak memory {when}", "value": most, "unit": "MB"}
            for when, most in written.memory.items()
        ),
        {
            "name": f"{label}: a message's acknowledgement meanwhile, p95",
            "value": percentile(written.said, 0.95), "unit": "ms", "limit": beside,
        },
    ]  # fmt: skip


def _seconds_until_reported(url: str, expected: int) -> float:
    """How long after its end an import stands behind the figures of the coverage report."""
    cookie = {"Cookie": sign_in(url, "quality")}
    asked = "from=2021-01-01&to=2025-12-31&by=hospital"
    begun = time.monotonic()
    page = requests.get(f"{url}/reports/coverage?{asked}", headers=cookie, timeout=60)
    seconds = time.monotonic() - begun
    page.raise_for_status()
    answer = requests.get(f"{url}/reports/coverage.json?{asked}", headers=cookie, timeout=60)
    total = answer.json()["total"]
    if f"{total['denominator']:,}" not in page.text or total["denominator"] < expected / 10:
        raise RuntimeError(f"the report does not have the import: {total}")
    return seconds


def _plain(file: Path, url: str, database: Path) -> float:
    """Seconds of the peer."""
    mark = "%s" if url else "?"
    columns = ", ".join(f"c{number} text" for number in range(len(HEADER)))
    insert = f"INSERT INTO plain VALUES ({', '.join([mark] * len(HEADER))})"  # noqa: S608 -- no input
    connection: Any = (
        psycopg.connect(url.replace("+psycopg", "")) if url else sqlite3.connect(database)
    )
    begun = time.monotonic()
    cursor = connection.cursor()
    cursor.execute(f"CREATE TABLE plain ({columns})")
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        while some := list(islice(rows, 500)):
            cursor.executemany(insert, some)
            connection.commit()
    seconds = time.monotonic() - begun
    connection.close()
    return seconds


if __name__ == "__main__":
    for row in run():
        print(row)
