"""A report as a plain PDF, A4: title, sentence, tables, what the figures mean, where it is from.

Plain data in, bytes out. A character of a name that no font has is marked, as it must not keep a
report from being printed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from mdt.adapters.pdf_fonts import marked
from mdt.adapters.pdf_layout import (
    SMALL,
    TITLE,
    PageFrame,
    build_pdf,
    heading,
    ruled_table,
    text,
)


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table with its heading; ``note`` stands under it; ``widths`` are shares."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    note: str


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """What is printed; ``mark`` (who made it and when) stands at the foot of every page.

    ``number`` is how its pages are counted, with ``{page}`` and ``{pages}``.
    """

    title: str
    sentence: str
    tables: Sequence[PrintedTable]
    source: str
    mark: str
    author: str
    made_at: datetime
    number: str


def render_report(report: PrintedReport) -> bytes:
    """Set the report; the same report gives the same bytes. Raises `FontsNotInstalled`."""
    page = PageFrame(
        title=report.title,
        author=report.author,
        head_left=marked(report.title),
        head_right="",
        foot_left=marked(report.mark),
        made_at=report.made_at,
        number=report.number,
    )
    return build_pdf(list(_story(report)), page)


def _story(report: PrintedReport) -> Iterator[Flowable]:
    yield text(marked(report.title), TITLE)
    yield Spacer(0, 3 * mm)
    yield text(marked(report.sentence))
    yield text(marked(report.source), SMALL)
    for table in report.tables:
        yield from heading(marked(table.title))
        rows = [[marked(cell) for cell in row] for row in table.rows]
        yield ruled_table(table.head, rows, table.widths)
        yield Spacer(0, 2 * mm)
        yield text(marked(table.note), SMALL)
