"""Migrations run up, down and up, and end at the models: `python -m tools.check_migrations`.

On SQLite and on PostgreSQL. Without a PostgreSQL server that half is left out and said so, unless
`MDT_TEST_REQUIRE=all`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import services
from tools.steps import ROOT
from tools.toolchain import BIN

COMMANDS = ("upgrade", "downgrade base", "upgrade", "check")


def main() -> None:
    """Check both databases; end with 1 where a command fails."""
    with tempfile.TemporaryDirectory(prefix="mdt-migrations-") as folder:
        walk("SQLite", f"sqlite:///{folder}/mdt.db", Path(folder))
        try:
            with (
                services.postgresql() as server,
                services.postgresql_database(server) as url,
            ):
                walk("PostgreSQL", url, Path(folder))
        except services.Lacking as lacking:
            if os.environ.get("MDT_TEST_REQUIRE") == "all":
                sys.exit(str(lacking))
            print(f"Left out: {lacking}")


def walk(name: str, url: str, instance: Path) -> None:
    """Run the commands on one empty database."""
    environment = {**os.environ, "MDT_DATABASE_URL": url, "MDT_INSTANCE": str(instance)}
    for command in COMMANDS:
        answer = subprocess.run(
            [BIN / "flask", "--app", "wsgi", "db", *command.split()],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if answer.returncode:
            sys.exit(f"{answer.stdout}{answer.stderr}\n{name}: flask db {command} failed")
    print(f"{name}: up, down, up, and nothing differs from the models")


if __name__ == "__main__":
    main()
