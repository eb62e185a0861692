"""Coverage over a million tumours of 120 hospitals and five years, beside plain SQL.

On SQLite, and on PostgreSQL where the machine has it (`MDT_BENCH_DATABASES`); a tenth of
`MDT_BENCH_REGISTER_ROWS` is measured first. The peer answers the same question with one
statement written by hand for it; the product's time includes names, intervals and rounding.
"""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Table, text

from benchmarks.ground import DATABASES, percentile, say, times
from mdt.app import create_app
from mdt.extensions import db
from mdt.models.patients import Patient
from mdt.models.people import User, UserRole
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import Tumour
from mdt.queries.bulk import insert_rows, tuned_for_writing
from mdt.queries.people import viewer_of
from mdt.rules.coverage import By, CoverageRequest, Definition, Exclusion, Period
from mdt.rules.coverage.definition_fields import StageRule
from mdt.services.register_new import NewTumour
from mdt.services.register_quality import quality_by_group
from mdt.services.reports import show_coverage
from tests import services
from tests.fixtures_app import MIGRATIONS, Browser, settings_for

HOSPITALS, YEARS = 120, 5
#: The larger one can be set, to see in little that all of it works.
ROWS = int(os.environ.get("MDT_BENCH_REGISTER_ROWS", "1000000"))
SIZES = (ROWS // 10, ROWS)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = date(2021, 1, 1)
SITES = ("C34", "C16", "C18", "C22", "C50", "C53", "C15", "C61", "C73", "C91", "D05")
_BATCH = 20_000
_TUMOUR = cast("Table", Tumour.__table__)
_COLUMNS = tuple(_TUMOUR.columns.keys())
_values = attrgetter(*_COLUMNS)

_PEER = """
SELECT hospital_id, diagnosis_month, count(*),
  sum(CASE WHEN {yes} THEN 1 ELSE 0 END),
  sum(CASE WHEN {yes} AND board_after IS NOT NULL
      AND (treated_after IS NULL OR board_after <= treated_after) THEN 1 ELSE 0 END),
  sum(CASE WHEN counted_stage = 'unknown' AND exclusion = '' THEN 1 ELSE 0 END),
  sum(CASE WHEN exclusion <> '' THEN 1 ELSE 0 END)
FROM tumour WHERE diagnosis_date BETWEEN :first AND :last
GROUP BY hospital_id, diagnosis_month
"""
_YES = "counted_stage = 'yes' AND exclusion = '' AND duplicate_of_id IS NULL"


def run() -> list[dict[str, Any]]:
    """Milliseconds of reports, and of plain SQL for the same question."""
    rows: list[dict[str, Any]] = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        if name.lower() not in DATABASES:
            continue
        try:
            with database() as app, app.app_context():
                rows += _measure(app, name)
        except services.Lacking as lacking:
            print(f"left out: {lacking}")
    return rows


@contextmanager
def _sqlite() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as folder:
        yield _migrated(Path(folder), "")


@contextmanager
def _postgresql() -> Iterator[Flask]:
    with (
        tempfile.TemporaryDirectory() as folder,
        services.postgresql() as server,
        services.postgresql_database(server) as url,
    ):
        app = _migrated(Path(folder), url)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _migrated(folder: Path, url: str) -> Flask:
    app = create_app(settings_for(folder, url))
    with app.app_context():
        upgrade(MIGRATIONS)
    return app


WHOLE = Period(FIRST, date(FIRST.year + YEARS - 1, 12, 31))
QUARTER = Period(date(2025, 10, 1), date(2025, 12, 31))
#: A definition that a province might make: it asks for every column that version 1 leaves alone.
MADE = Definition(
    code="strict", version="2", stage_rule=StageRule.CLINICAL_ONLY, systems=frozenset({"TNM"}),
    grace_days=14, outside_boards=True, opinions_alone=True, exclusions=frozenset(Exclusion),
)  # fmt: skip
QUESTIONS = (
    ("a definition of its own, five years", CoverageRequest(WHOLE, By.QUARTER, made_by=MADE)),
    ("province by quarter, five years", CoverageRequest(WHOLE, By.QUARTER)),
    ("province by hospital, one quarter", CoverageRequest(QUARTER, By.HOSPITAL)),
    ("province by site, one quarter", CoverageRequest(QUARTER, By.SITE)),
    ("county by quarter, five years", CoverageRequest(WHOLE, By.COUNTY, by2=By.QUARTER)),
)
#: The page as a manager of the province opens it: both definitions, earlier periods, the quality.
PAGES = (
    ("as it opens by itself", "/reports/coverage"),
    ("by hospital, one quarter", "/reports/coverage?from=2025-10-01&to=2025-12-31&by=hospital"),
    ("by quarter, five years", "/reports/coverage?from=2021-01-01&to=2025-12-31&by=quarter"),
)


def _measure(app: Flask, engine: str) -> list[dict[str, Any]]:
    _places()
    browser = Browser(app, "province")
    rows, written = [], 0
    for size in SIZES:
        _tumours(written, size)
        written = size
        label = f"{engine}, {size:,} rows: "
        for what, asked in QUESTIONS:
            peer = _median(lambda: _plain(asked.period))  # noqa: B023
            found = {"name": label + what, "value": _report(1, asked), "unit": "ms"}
            times_ = f"{found['value'] / peer:.2f} x plain SQL; 1.5 x: {1.5 * peer:.0f}"
            rows.append({**found, "limit": times_})
        name = f"{label}quality of the registers beside the rates, one quarter"
        rows.append({"name": name, "unit": "ms", "value": _quality(CoverageRequest(QUARTER))})
        own = {"name": label + "one hospital, five years", "unit": "ms", "limit": 30}
        rows.append({**own, "value": _report(2, CoverageRequest(WHOLE, By.QUARTER))})
        for what, page in PAGES:
            shown = {"name": f"{label}page {what}", "unit": "ms", "limit": 1_000}
            rows.append({**shown, "value": _median(lambda: _open(browser, page))})  # noqa: B023
        say(f"{label}measured")
    return rows


def _open(browser: Browser, address: str) -> None:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status}")


def _report(user_id: int, asked: CoverageRequest) -> float:
    viewer = viewer_of(db.session.get_one(User, user_id), now=NOW)
    return _median(lambda: show_coverage(viewer, asked, now=NOW, language="zh", both=False))


def _quality(asked: CoverageRequest) -> float:
    viewer = viewer_of(db.session.get_one(User, 1), now=NOW)
    return _median(lambda: quality_by_group(viewer, asked, now=NOW, language="zh"))


def _median(act: Any) -> float:
    return percentile(times(act, repeats=5), 0.5)


def _plain(period: Period) -> None:
    statement = text(_PEER.format(yes=_YES))
    db.session.execute(statement, {"first": str(period.first), "last": str(period.last)}).all()


def _places() -> None:
    db.session.add(Region(code="360000", name_zh="江西省", level="province"))
    db.session.flush()
    for city in range(1, 12):
        code = f"36{city:02}00"
        db.session.add(Region(code=code, name_zh=code, level="city", parent_code="360000"))
        db.session.flush()
        for county in range(1, 11):
            place = f"36{city:02}{county + 20}"
            db.session.add(Region(code=place, name_zh=place, level="county", parent_code=code))
    db.session.flush()
    regions = [row.code for row in db.session.query(Region) if row.level == "county"]
    for number in range(1, HOSPITALS + 1):
        region = regions[number % len(regions)]
        db.session.add(Hospital(code=f"H{number:03}", name_zh=f"医院{number}", region_code=region))
    for number, name in ((1, "province"), (2, "hospital")):
        db.session.add(User(id=number, username=name, name=name, password_hash="", created_at=NOW))
    db.session.flush()
    db.session.add(UserRole(user_id=1, role="quality", region_code="360000"))
    db.session.add(UserRole(user_id=2, role="quality", hospital_id=7))
    db.session.add(Patient(id="p", hospital_id=1, sex="1", sealed_identity=b"", created_at=NOW))
    db.session.commit()


def _tumours(start: int, end: int) -> None:
    # The reports before have left a read transaction open.
    db.session.rollback()
    draw = random.Random(start)  # noqa: S311 -- no secret
    session = db.session()
    with tuned_for_writing(session):
        for first in range(start, end, _BATCH):
            rows = (_tumour(number, draw) for number in range(first, min(first + _BATCH, end)))
            insert_rows(session, _TUMOUR, _COLUMNS, map(_values, rows))
            session.commit()
            say(f"{min(first + _BATCH, end):,} rows written")
    _tidy()


def _tidy() -> None:
    """What PostgreSQL does by itself within a minute of so many rows; SQLite's figures with it."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        postgresql = db.engine.dialect.name == "postgresql"
        connection.execute(text("VACUUM ANALYZE" if postgresql else "ANALYZE"))


def _tumour(number: int, draw: random.Random) -> NewTumour:
    day = FIRST + timedelta(days=draw.randrange(365 * YEARS))
    treated = day + timedelta(days=draw.randrange(60)) if draw.random() < 0.8 else None
    stage = draw.choice(("yes", "yes", "yes", "no", "no", "no", "unknown"))
    board = day + timedelta(days=draw.randrange(40)) if draw.random() < 0.25 else None
    site = draw.choice(SITES)
    tumour = NewTumour(
        id=number + 1, hospital_id=draw.randrange(1, HOSPITALS + 1), patient_id="p",
        row_key=str(number), row_hash="", icd10=site, site3=site,
        case_type="new" if draw.random() < 0.9 else "recurrence",
        diagnosis_date=day, diagnosis_basis="7", stage_basis="c",
        first_treatment_date=treated, first_treatment_type="surgery" if treated else "",
        iii_plus=stage, board_on=board, created_at=NOW, updated_at=NOW, staging_system="TNM",
        emergency=draw.random() < 0.1,
    )  # fmt: skip
    Tumour.follow_from_row(cast("Tumour", tumour))
    return tumour
