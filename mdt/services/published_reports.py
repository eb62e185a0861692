"""Coverage for outside the quality organisations: page, machine, file; each look is audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mdt.adapters.spreadsheets import Cell, write_csv, write_xlsx
from mdt.rules.access import Role, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.coverage import Audience, CoverageRequest, PublishedReport, publish, source_lines
from mdt.rules.coverage.published import published_sentence, published_table, why_hidden
from mdt.rules.coverage.table import REPORT_NAME
from mdt.services.report_print import print_published
from mdt.services.reports import make_coverage, record_report


@dataclass(frozen=True)
class Published:
    """A report for outside, and its sentence."""

    report: PublishedReport
    sentence: str
    scope_names: tuple[str, ...]


def audience_of(viewer: Viewer, asked: str) -> Audience:
    """For whom a report is made: quality managers choose, for all others it is for outside."""
    inside = Role.QUALITY in viewer.roles and asked != Audience.OUTSIDE.value
    return Audience.INSIDE if inside else Audience.OUTSIDE


def show_published(
    viewer: Viewer, request: CoverageRequest, *, now: datetime, language: str
) -> Published:
    """Make the report over the registers that the viewer sees. Side effects: one audit row."""
    found = _make(viewer, request, now, language)
    record_report(viewer, AuditAction.REPORT_VIEW, request, now, **_OUTSIDE)
    return found


def export_published(
    viewer: Viewer, request: CoverageRequest, kind: str, *, now: datetime, language: str
) -> bytes:
    """Write the report as ``csv``, ``xlsx`` or ``pdf``. Side effects: one audit row."""
    found = _make(viewer, request, now, language)
    content = _written(viewer, found, kind, now, language)
    record_report(viewer, AuditAction.REPORT_EXPORT, request, now, kind=kind, **_OUTSIDE)
    return content


_OUTSIDE = {"for": Audience.OUTSIDE.value}


def _make(viewer: Viewer, request: CoverageRequest, now: datetime, language: str) -> Published:
    made = make_coverage(viewer, request, now, language)
    report = publish(made.report)
    sentence = published_sentence(report, made.scope_names, language)
    return Published(report, sentence, made.scope_names)


def _written(viewer: Viewer, found: Published, kind: str, now: datetime, language: str) -> bytes:
    if kind == "pdf":
        return print_published(viewer, found.report, found.scope_names, now=now, language=language)
    header, rows = published_table(found.report, language)
    said = [*source_lines(found.report.report, viewer.name, now, language), why_hidden(language)]
    whole: list[Sequence[Cell]] = [*rows, [], *([line] for line in said)]
    if kind == "csv":
        return write_csv(header, whole)
    return write_xlsx(header, whole, title=REPORT_NAME.in_language(language), shares=True)
