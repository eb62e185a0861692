"""Long tables into files, row by row: CSV and XLSX whose cells never become formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from mdt.adapters.spreadsheets import neutralise

_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; its rows are gone through once. Without a header there is none."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[str]]


def write_csv_file(file: IO[bytes], sheet: Sheet) -> None:
    """Write UTF-8 with the byte-order mark that Excel needs to see it; the file stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([neutralise(heading) for heading in sheet.header])
    writer.writerows([neutralise(cell) for cell in row] for row in sheet.rows)
    text.flush()
    text.detach()


def write_xlsx_file(file: IO[bytes], *sheets: Sheet) -> None:
    """Write a workbook, its sheets in this order, each whole before the next is asked for."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        page = workbook.create_sheet(_NOT_IN_TITLES.sub(" ", sheet.title)[:_LONGEST_TITLE])
        if sheet.header:
            page.freeze_panes = "A2"
            page.append([neutralise(heading) for heading in sheet.header])
        for row in sheet.rows:
            page.append([neutralise(ILLEGAL_CHARACTERS_RE.sub("", cell)) for cell in row])
    workbook.save(file)
