"""Tables in files: CSV and XLSX in, CSV and XLSX out.

Reading is tolerant of what offices produce (UTF-8 with or without a byte-order mark, GB18030, any
usual delimiter); writing makes sure that no cell becomes a formula on somebody's desk.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from mdt.rules.errors import MdtError

Cell = str | int | float | bool | date | datetime | time | timedelta | None

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: How files begin that people pick by mistake: PDF, pictures, RTF, older archives.
_OTHER_FILES = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"{\\rtf",
    b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b",
)  # fmt: skip
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_DELIMITERS = ",\t;|"
_NUMBER = re.compile(r"-\d+(\.\d+)?", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A cell with something in it; one that is only formatted closes itself.
_FILLED_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
_WORKBOOK_PART = "xl/workbook.xml"


class UnreadableSpreadsheet(MdtError):
    """The file cannot be read as a table.

    Codes: ``empty``, ``encoding``, ``malformed`` (``line``), ``not_a_table``, ``old_excel`` (also
    an encrypted workbook), ``too_large`` (``limit`` in bytes), ``too_many_columns`` and
    ``too_many_rows`` (``limit``).
    """

    status = 422


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a table is read; sizes in bytes, rows without the header."""

    size: int = 20 * 1024 * 1024
    unpacked_size: int = 200 * 1024 * 1024
    rows: int = 100_000
    columns: int = 200


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that is not blank.

    ``number`` is the row's number in the sheet, the header counted; ``surplus`` holds filled cells
    beyond the header: a sign of a comma that should have been quoted.
    """

    number: int
    cells: dict[str, Cell]
    surplus: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it; the rows can be gone through once."""

    header: tuple[str, ...]
    rows: Iterator[TableRow] = field(repr=False)


def read_table(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Read a CSV or XLSX file, told apart by its bytes.

    The header is the first row that is not blank. Cells of CSV are text; of XLSX text, numbers,
    booleans or dates. Raises ``UnreadableSpreadsheet`` before the first row is handed out.
    """
    if len(content) > limits.size:
        raise UnreadableSpreadsheet("too_large", limit=limits.size)
    if content.startswith(_OLE):
        raise UnreadableSpreadsheet("old_excel")
    if content.startswith(_OTHER_FILES):
        raise UnreadableSpreadsheet("not_a_table")
    if content.startswith(_ZIP):
        return _table(_xlsx_rows(content, limits), limits)
    text = _decode(content)
    delimiter = _delimiter(text)
    _check_csv(text, delimiter, limits)
    return _table(_csv_rows(text, delimiter), limits)


def _table(rows: Iterator[list[Cell]], limits: Limits) -> Table:
    numbered = ((number, row) for number, row in enumerate(rows, 1) if not _is_blank(row))
    first = next(numbered, None)
    if first is None:
        raise UnreadableSpreadsheet("empty")
    header = [_heading(cell) for cell in first[1]]
    while not header[-1]:
        header.pop()
    if len(header) > limits.columns:
        raise UnreadableSpreadsheet("too_many_columns", limit=limits.columns)
    return Table(tuple(header), (_row(number, header, row) for number, row in numbered))


def _row(number: int, header: Sequence[str], row: Sequence[Cell]) -> TableRow:
    cells: dict[str, Cell] = {}
    for heading, cell in zip(header, row, strict=False):
        # A heading that comes twice keeps its first column; the header shows that it is repeated.
        if heading:
            cells.setdefault(heading, cell)
    surplus = tuple(cell for cell in row[len(header) :] if not _is_blank([cell]))
    return TableRow(number, cells, surplus)


def _heading(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _is_blank(row: Iterable[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _decode(content: bytes) -> str:
    """UTF-8, else UTF-16 by its mark, else GB18030; binary content is no table."""
    encodings = ["utf-8-sig", "gb18030"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _NOT_TEXT.search(text):
            raise UnreadableSpreadsheet("not_a_table")
        return text
    raise UnreadableSpreadsheet("encoding")


def _delimiter(text: str) -> str:
    """Find the delimiter that the first line with words has most of."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=unquoted.count)


def _csv_rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _check_csv(text: str, delimiter: str, limits: Limits) -> None:
    """Go through the whole file once, so that a fault at its end stops it at the start."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    filled = 0
    try:
        for row in reader:
            filled += not _is_blank(row)
            if len(row) > limits.columns and any(islice(row, limits.columns, None)):
                raise UnreadableSpreadsheet("too_many_columns", limit=limits.columns)
            if filled > limits.rows + 1:
                raise UnreadableSpreadsheet("too_many_rows", limit=limits.rows)
    except csv.Error as error:
        raise UnreadableSpreadsheet("malformed", line=reader.line_num) from error


def _xlsx_rows(content: bytes, limits: Limits) -> Iterator[list[Cell]]:
    _check_xlsx(content, limits)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = _first_filled_sheet(workbook)
    except CalamineError as error:
        raise UnreadableSpreadsheet("malformed") from error
    return ([_xlsx_cell(cell) for cell in row] for row in sheet.iter_rows())


def _first_filled_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
            found = workbook.get_sheet_by_index(index)
            if found.height:
                return found
    raise UnreadableSpreadsheet("empty")


def _xlsx_cell(cell: Cell) -> Cell:
    return None if cell == "" else cell


def _check_xlsx(content: bytes, limits: Limits) -> None:
    """Refuse a workbook that would unpack into more than the limits.

    The reader lays a sheet out as a full rectangle: one cell at XFD1048576 would ask for the
    memory of 17 billion.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _WORKBOOK_PART not in archive.namelist():
                raise UnreadableSpreadsheet("not_a_table")
            if sum(part.file_size for part in archive.infolist()) > limits.unpacked_size:
                raise UnreadableSpreadsheet("too_large", limit=limits.unpacked_size)
            for part in archive.namelist():
                if part.endswith(".xml"):
                    _check_extent(archive.read(part), limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise UnreadableSpreadsheet("malformed") from error


def _check_extent(xml: bytes, limits: Limits) -> None:
    for match in _FILLED_CELL.finditer(xml):
        if int(match[2]) > limits.rows + 1:
            raise UnreadableSpreadsheet("too_many_rows", limit=limits.rows)
        if _column_number(match[1]) > limits.columns:
            raise UnreadableSpreadsheet("too_many_columns", limit=limits.columns)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def neutralise(cell: Cell) -> Cell:
    """Put an apostrophe before a cell that a spreadsheet would take for a formula.

    Numbers stay, written as numbers or as a negative number in text.
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a CSV file in UTF-8 with the byte-order mark that Excel needs to see it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([neutralise(heading) for heading in header])
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def write_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str = "Sheet1"
) -> bytes:
    """Write an XLSX file of one sheet, without control characters, which XLSX cannot hold."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.append([_storable(heading) for heading in header])
    for row in rows:
        sheet.append([_storable(cell) for cell in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _storable(cell: Cell) -> Cell:
    if isinstance(cell, str):
        cell = ILLEGAL_CHARACTERS_RE.sub("", cell)
    return neutralise(cell)
