"""Reading the content files: each once, at first use."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from mdt.rules.codes import DATA as CODES

CONTENT = Path(__file__).parent.parent / "data" / "content"


@cache
def content(name: str) -> dict[str, Any]:
    """One JSON file of ``mdt/rules/data/content``, by its stem."""
    loaded: dict[str, Any] = json.loads((CONTENT / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def code_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one CSV file of ``mdt/rules/data/codes``, by its stem."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
