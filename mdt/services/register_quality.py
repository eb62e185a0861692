"""The quality of registers as page and file; each look and each export is audited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mdt.adapters.spreadsheets import write_csv
from mdt.queries.coverage import Place, visible_places
from mdt.queries.register_quality import CountedRegister, count_quality
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import By, CoverageRequest, Period, Placed, group_code
from mdt.rules.coverage.quality import (
    Quality,
    QualityLine,
    days_since,
    group_quality,
    quality_table,
    sum_quality,
)
from mdt.services.audit_log import record_view

#: What stands beside a rate, and over how many days.
_BESIDE = ("rows", "counted", "staged", "treated", "denominator", "matched", "late")
_LONGEST_BESIDE = timedelta(days=366)
_PLACES = {By.HOSPITAL, By.COUNTY, By.CITY, By.PROVINCE}


@dataclass(frozen=True)
class RegisterQuality:
    """What an audit row of such a report is about."""

    period: Period


def show_quality(viewer: Viewer, period: Period, *, now: datetime, language: str) -> Quality:
    """Count the registers that the viewer sees. Side effects: one audit row."""
    found = _make(viewer, period, now, language)
    _record(viewer, AuditAction.REPORT_VIEW, period, now)
    return found


def export_quality(viewer: Viewer, period: Period, *, now: datetime, language: str) -> bytes:
    """Write the same as CSV, with who took it out. Side effects: one audit row."""
    found = _make(viewer, period, now, language)
    header, rows = quality_table(found, viewer.name, now, language)
    content = write_csv(header, rows)
    _record(viewer, AuditAction.REPORT_EXPORT, period, now, kind="csv")
    return content


def _make(viewer: Viewer, period: Period, now: datetime, language: str) -> Quality:
    counted = count_quality(visible_places(viewer), period, today=local_date(now))
    return sum_quality(period, (_line(one, now, language) for one in counted))


def quality_by_group(
    viewer: Viewer, request: CoverageRequest, *, now: datetime, language: str
) -> dict[str, QualityLine]:
    """The quality of the registers beside the rates: by the code of a place, all under ``""``.

    A report by anything but places has the whole alone, one of more than a year nothing: a page of
    rates does not wait for rows to be read one by one.
    """
    if request.period.last - request.period.first > _LONGEST_BESIDE:
        return {}
    by_place = request.by in _PLACES
    counted = count_quality(
        visible_places(viewer), request.period, today=local_date(now), figures=_BESIDE
    )
    return group_quality(
        (_code(one.place, request) if by_place else "-", _line(one, now, language))
        for one in counted
    )


def _code(place: Place, request: CoverageRequest) -> str:
    day = request.period.first
    placed = Placed(place.code, place.county, place.city, place.province, day, "")
    return group_code(placed, request.by)


def _line(one: CountedRegister, now: datetime, language: str) -> QualityLine:
    imported = one.imported_at and local_date(one.imported_at)
    days = days_since(imported, local_date(now))
    return QualityLine(one.place.code, _name(one.place, language), one.counts, days)


def _name(place: Place, language: str) -> str:
    return place.name_en or place.name_zh if language == "en" else place.name_zh


def _record(
    viewer: Viewer, action: AuditAction, period: Period, now: datetime, **data: Any
) -> None:
    days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    record_view(viewer, action, RegisterQuality(period), now=now, **days, **data)
