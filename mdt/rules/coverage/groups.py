"""The rows of a coverage report: which one a tumour stands in, its words and its place."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from mdt.rules.codes import SiteRange, regions, site_ranges
from mdt.rules.icd10 import NO_GROUP


class By(StrEnum):
    """What the rows of a report stand for."""

    CITY = "city"
    COUNTY = "county"
    HOSPITAL = "hospital"
    MONTH = "month"
    PROVINCE = "province"
    QUARTER = "quarter"
    SITE = "site"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where tumours stand in every report: hospital, its regions, the month, the group of sites.

    Region codes are ``""`` where the hospital has none; ``month`` is any day of it.
    """

    hospital_code: str
    county_code: str
    city_code: str
    province_code: str
    month: date
    site: str


def group_code(placed: Placed, by: By) -> str:
    """Return the code of the row of a report in which a tumour stands.

    A hospital of no county stands under its city, one of no city under its province, so that the
    rows add up. Stretches of time are ``2026``, ``2026-Q1`` and ``2026-01``.
    """
    match by:
        case By.HOSPITAL:
            return placed.hospital_code
        case By.COUNTY:
            return placed.county_code or placed.city_code or placed.province_code
        case By.CITY:
            return placed.city_code or placed.province_code
        case By.PROVINCE:
            return placed.province_code
        case By.SITE:
            return placed.site
        case _:
            return _time_code(placed.month, by)


def _time_code(day: date, by: By) -> str:
    if by is By.MONTH:
        return f"{day:%Y-%m}"
    if by is By.QUARTER:
        return f"{day:%Y}-Q{(day.month + 2) // 3}"
    return f"{day:%Y}"


def group_name(code: str, by: By, language: str) -> str:
    """Name a row: by a site, a stretch of time, a region that ships; else its code."""
    if by is By.SITE:
        return _sites()[code].label.in_language(language)
    if by in {By.YEAR, By.QUARTER, By.MONTH}:
        return _time_name(code, language)
    region = regions().get(code)
    return region.label.in_language(language) if region else code


def _time_name(code: str, language: str) -> str:
    if language.startswith("en"):
        return code
    year, _, part = code.partition("-")
    if not part:
        return f"{year}年"
    if part.startswith("Q"):
        return f"{year}年第{part[1:]}季度"
    return f"{year}年{int(part)}月"


def group_rank(code: str, by: By) -> tuple[int, str]:
    """Where a row stands: sites in the order of the scheme, all else by code."""
    return (_sites()[code].sort if by is By.SITE else 0, code)


@cache
def _sites() -> dict[str, SiteRange]:
    found = {part.group: part for part in site_ranges() if part.scheme == "app"}
    return found | {NO_GROUP.group: NO_GROUP}
