"""A coverage report on paper: both definitions, and by what and by whom it was made."""

from datetime import datetime

from mdt.adapters.report_pdf import PrintedReport, PrintedTable, render_report
from mdt.rules.access import Viewer
from mdt.rules.coverage import PublishedReport, Report, export_mark, source_lines
from mdt.rules.coverage.printed import (
    PAGE_NUMBER,
    PRINTED_TITLE,
    printed_table,
    report_sentence,
)
from mdt.rules.coverage.published import (
    published_sentence,
    published_table,
    published_text,
    why_hidden,
)

#: Shares of the columns of `printed_table`: the name, and figures of which two are ranges.
_WIDTHS = (3.2, 1.1, 1.4, 1.2, 2.1, 0.9, 2.1, 1.4)


def print_coverage(
    viewer: Viewer,
    reports: tuple[Report, ...],
    where: tuple[str, ...],
    *,
    now: datetime,
    language: str,
) -> bytes:
    """Write the report as PDF, the definition that was asked for first."""
    asked = reports[0]
    source, _ = source_lines(asked, viewer.name, now, language)
    return render_report(
        PrintedReport(
            title=PRINTED_TITLE.in_language(language),
            sentence=report_sentence(asked, where, language),
            tables=[_table(report, language) for report in reports],
            source=source,
            mark=export_mark(viewer.name, now).in_language(language),
            author=viewer.name,
            made_at=now,
            number=PAGE_NUMBER.in_language(language),
        )
    )


def print_published(
    viewer: Viewer, report: PublishedReport, where: tuple[str, ...], *, now: datetime, language: str
) -> bytes:
    """Write a report for outside as PDF, with what is hidden and why."""
    source, text = source_lines(report.report, viewer.name, now, language)
    head, _ = published_table(report, language)
    widths = [3.2 if at in {1, 3} else 1.2 for at in range(len(head))]
    table = PrintedTable(
        title=report.report.definition.label.in_language(language),
        head=head,
        rows=published_text(report, language),
        widths=widths,
        note=f"{why_hidden(language)}\n{text}",
    )
    return render_report(
        PrintedReport(
            title=PRINTED_TITLE.in_language(language),
            sentence=published_sentence(report, where, language),
            tables=[table],
            source=source,
            mark=export_mark(viewer.name, now).in_language(language),
            author=viewer.name,
            made_at=now,
            number=PAGE_NUMBER.in_language(language),
        )
    )


def _table(report: Report, language: str) -> PrintedTable:
    head, rows = printed_table(report, language)
    return PrintedTable(
        title=report.definition.label.in_language(language),
        head=head,
        rows=rows,
        widths=_WIDTHS,
        note=report.definition.text.in_language(language),
    )
