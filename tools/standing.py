"""What an earlier start has left, read without starting the app: that alone takes seconds.

Only the demo's own SQLite file is looked into. Of any other database nothing is known here, and the
app's commands are asked.
"""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tools.steps import ROOT

_REVISION = re.compile(r"^(down_)?revision(?:: [^=]+)? = [\"'](\w+)[\"']", re.MULTILINE)


def database_is_current() -> bool:
    """Tell whether the database has the tables of the newest migration."""
    return _answer("SELECT version_num FROM alembic_version") in _heads()


def demo_is_loaded() -> bool:
    """Tell whether the demo data was loaded to its end."""
    return _answer("SELECT 1 FROM audit_row WHERE action = 'demo:load' LIMIT 1") == 1


def _answer(question: str) -> object:
    file = Path(os.environ.get("MDT_INSTANCE", ROOT / "instance")).resolve() / "mdt.sqlite3"
    if os.environ.get("MDT_DATABASE_URL") or not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute(question).fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row else None


def _heads() -> set[str]:
    """Revisions that no other one follows."""
    here, followed = set(), set()
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        for down, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (followed if down else here).add(name)
    return here - followed
