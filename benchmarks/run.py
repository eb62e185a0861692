"""Run the benchmarks, print a table and write `benchmarks/results.json`.

Each module has `run()`, which gives rows `{"name", "value", "unit", "limit"}`; a limit may be a
figure of ours or a peer's measured in the same run. A timing is never a test's assertion.
"""

import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

MODULES = (
    "staging",
    "pages",
    "uploads",
    "archive",
    "upload_memory",
    "coverage",
    "register",
    "register_import",
    "live_room",
    "viewer",
    "thin_line",
    "slides",
)


def main(wanted: list[str]) -> None:
    """Run the wanted modules, or all."""
    rows: list[dict[str, Any]] = []
    for name in wanted or MODULES:
        print(f"{name} ...", flush=True)
        rows += [{"module": name, **row} for row in import_module(f"benchmarks.{name}").run()]
    print(table(rows))
    result = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": rows}
    (HERE / "results.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def table(rows: list[dict[str, Any]]) -> str:
    """Lay the rows out for a terminal."""
    lines = [("what", "value", "unit", "limit")]
    lines += [
        (f"{r['module']}: {r['name']}", f"{r['value']:.4g}", r["unit"], str(r.get("limit", "")))
        for r in rows
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines
    )


if __name__ == "__main__":
    main(sys.argv[1:])
