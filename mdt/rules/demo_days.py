"""Demo cases moved to days that fit the day of loading, and variants made out of them.

Only days move: identity numbers and birth dates stay as they are.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from mdt.rules.content.demo import demo_cases, demo_prepared_on, demo_variants

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPOKEN_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")
_TISSUE = ("cytology_report", "pathology_report")
_OWN = ("base", "staged_days_ago", "take")


def recent_cases(today: date) -> tuple[dict[str, Any], ...]:
    """The invented cases as if they had been written today."""
    days = (today - demo_prepared_on()).days
    return tuple(moved(case, days) for case in demo_cases())


def recent_variants(today: date) -> tuple[dict[str, Any], ...]:
    """The further patients, each staged as many days before today as its row says."""
    bases = {case["id"]: case for case in demo_cases()}
    return tuple(_variant(row, bases[row["base"]], today) for row in demo_variants())


def _variant(row: Mapping[str, Any], base: Mapping[str, Any], today: date) -> dict[str, Any]:
    own = {name: value for name, value in row.items() if name not in _OWN}
    merged = {**base, "reports": _two(base["reports"]), **own}
    if row.get("take") == "last":
        merged["sessions"] = [base["sessions"][-1]]
        staged_on = base["stage_submitted"]["stage_date"]
        merged["stage_submitted"] = {**base["stage_agreed"], "stage_date": staged_on}
    staged_on = date.fromisoformat(merged["stage_submitted"]["stage_date"])
    return moved(merged, (today - staged_on).days - row["staged_days_ago"])


def _two(reports: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One picture's report and one of the tissue: enough for a case that is only passed by."""
    tissue = [one for one in reports if one["type"] in _TISSUE]
    return [*[one for one in reports if one not in tissue][:1], *tissue[:1]]


def moved(case: Mapping[str, Any], days: int) -> dict[str, Any]:
    """The case with every day of it later by ``days``, but for those of the patient."""
    later = timedelta(days=days)
    return {
        name: value if name == "patient" else _later(value, later) for name, value in case.items()
    }


def _later(value: Any, later: timedelta) -> Any:
    if isinstance(value, Mapping):
        return {name: _later(one, later) for name, one in value.items()}
    if isinstance(value, list):
        return [_later(one, later) for one in value]
    if not isinstance(value, str):
        return value
    if _ISO_DAY.fullmatch(value):
        return (date.fromisoformat(value) + later).isoformat()
    return _SPOKEN_DAY.sub(lambda found: _spoken(found, later), value)


def _spoken(found: re.Match[str], later: timedelta) -> str:
    day = date(demo_prepared_on().year, int(found[1]), int(found[2])) + later
    return f"{day.month}月{day.day}日"
