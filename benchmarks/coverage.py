"""The coverage report on the demo register, beside counting its rows in plain SQL."""

from typing import Any

from sqlalchemy import text

from benchmarks.ground import demo_server, percentile, sign_in, times
from mdt.extensions import db

_SQL = (
    "SELECT hospital_id, count(*), sum(iii_plus = 'yes') FROM tumour "
    "WHERE case_type = 'new' GROUP BY hospital_id"
)


def run() -> list[dict[str, Any]]:
    """Milliseconds of the JSON and the page over six quarters, and of a bare count."""
    with demo_server() as server:
        client = sign_in(server.url, "quality")
        rows: list[dict[str, Any]] = []
        for name, path in (
            ("JSON by hospital, two years", "/reports/coverage.json?by=hospital"),
            ("page by hospital, two years", "/reports/coverage?by=hospital"),
        ):
            url = f"{server.url}{path}&from=2025-01-01&to=2026-12-31&definition=strict"
            measured = times(lambda: client.get(url).raise_for_status(), repeats=20)  # noqa: B023
            rows.append(
                {"name": name, "value": percentile(measured, 0.5), "unit": "ms", "limit": 1000}
            )
        with server.app.app_context():
            plain = times(lambda: db.session.execute(text(_SQL)).all(), repeats=20)
        rows.append(
            {"name": "peer: plain count in SQL", "value": percentile(plain, 0.5), "unit": "ms"}
        )
        return rows
