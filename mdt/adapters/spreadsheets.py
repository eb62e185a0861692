"""Tables in files: CSV and XLSX in, CSV and XLSX out.

Reading is tolerant of what offices produce (UTF-8 with or without a byte-order mark, GB18030, any
usual delimiter); writing makes sure that no cell becomes a formula on somebody's desk.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
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
    """How much of a table is read; sizes in bytes, rows without the header.

    A workbook has limits of its own, where they are smaller: it is laid out in memory as a whole.
    """

    size: int = 20 * 1024 * 1024
    unpacked_size: int = 200 * 1024 * 1024
    rows: int = 100_000
    columns: int = 200

    @property
    def of_workbook(self) -> "Limits":
        """The same, as far as a workbook may go."""
        size, rows = min(self.size, _LARGEST_WORKBOOK), min(self.rows, _LONGEST_WORKBOOK)
        return replace(self, size=size, rows=rows)


_LARGEST_WORKBOOK, _LONGEST_WORKBOOK = 20 * 1024 * 1024, 100_000
DEFAULT_LIMITS = Limits()
#: So much of a file is looked at for its header.
_HEAD = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that is not blank.

    ``number`` is the row's number in the sheet, the header counted; ``values`` are its cells below
    the headings in their order, ``cells`` the same by heading; ``surplus`` holds filled cells
    beyond the header: a sign of a comma that should have been quoted.
    """

    number: int
    cells: dict[str, Cell]
    surplus: tuple[Cell, ...] = ()
    values: tuple[Cell, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it; the rows can be gone through once."""

    header: tuple[str, ...]
    rows: Iterator[TableRow] = field(repr=False)


def read_table(
    content: bytes | BinaryIO, limits: Limits = DEFAULT_LIMITS, *, ahead: bool = True
) -> Table:
    """Read a CSV or XLSX file, told apart by its bytes.

    The header is the first row that is not blank. Cells of CSV are text; of XLSX text, numbers,
    booleans or dates. Raises ``UnreadableSpreadsheet`` before the first row is handed out; with
    ``ahead`` off a fault further down a CSV file is raised when its rows are reached, and the file
    is read only once. CSV is read as a stream, whatever its size.
    """
    file = _checked_file(content, limits)
    if _kind(file) == "xlsx":
        return _table(_xlsx_rows(file.read(), limits.of_workbook), limits)
    encoding = _encoding(file)
    delimiter = _delimiter(_text(file, encoding))
    if ahead:
        # Once through the whole file, so that a fault at its end stops it at the start.
        for _ in _csv_rows(file, encoding, delimiter, limits):
            pass
    return _table(_csv_rows(file, encoding, delimiter, limits), limits)


def read_head(
    content: bytes | BinaryIO, limits: Limits = DEFAULT_LIMITS, *, rows: int = 3
) -> tuple[tuple[str, ...], list[TableRow]]:
    """The header and the first rows of a file of any size; of CSV only its beginning is read.

    Raises ``UnreadableSpreadsheet`` as far as that can be told.
    """
    file = _checked_file(content, limits)
    if _kind(file) == "csv":
        file.seek(0)
        head = file.read(_HEAD)
        if len(head) == _HEAD:
            # What ends within a row or a character would look broken.
            head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head[:-4]
        file = io.BytesIO(head)
    table = read_table(file, limits, ahead=False)
    return table.header, list(islice(table.rows, rows))


def _checked_file(content: bytes | BinaryIO, limits: Limits) -> BinaryIO:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    size = file.seek(0, io.SEEK_END)
    if size > limits.size:
        raise UnreadableSpreadsheet("too_large", limit=limits.size)
    if _kind(file) == "xlsx" and size > limits.of_workbook.size:
        raise UnreadableSpreadsheet("too_large", limit=limits.of_workbook.size)
    return file


def _kind(file: BinaryIO) -> str:
    """Tell CSV from XLSX, and refuse what is neither; leaves the file at its start."""
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if start.startswith(_OLE):
        raise UnreadableSpreadsheet("old_excel")
    if start.startswith(_OTHER_FILES):
        raise UnreadableSpreadsheet("not_a_table")
    return "xlsx" if start.startswith(_ZIP) else "csv"


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
    beyond = row[len(header) :]
    surplus = tuple(cell for cell in beyond if not _is_blank([cell])) if beyond else ()
    return TableRow(number, cells, surplus, tuple(row[: len(header)]))


def _heading(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _is_blank(row: Iterable[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _encoding(file: BinaryIO) -> str:
    """UTF-8, else UTF-16 by its mark, else GB18030; binary content is no table."""
    file.seek(0)
    if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        if _decodes(file, encoding):
            return encoding
    raise UnreadableSpreadsheet("encoding")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_HEAD):
            if _NOT_TEXT.search(decoder.decode(piece)):
                raise UnreadableSpreadsheet("not_a_table")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _Lines(io.TextIOWrapper):
    """Lines of a file that somebody else closes."""

    def close(self) -> None:
        """Leave the file open for the next who reads it."""


def _text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file from its start, each with its end, whichever kind that is."""
    file.seek(0)
    return _Lines(file, encoding=encoding, newline="")


def _delimiter(lines: Iterator[str]) -> str:
    """Find the delimiter that the first line with words has most of."""
    first = next((line for line in lines if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=unquoted.count)


def _csv_rows(
    file: BinaryIO, encoding: str, delimiter: str, limits: Limits
) -> Iterator[list[Cell]]:
    reader = csv.reader(_text(file, encoding), delimiter=delimiter, strict=True)
    filled = 0
    try:
        for row in reader:
            filled += not _is_blank(row)
            if len(row) > limits.columns and any(islice(row, limits.columns, None)):
                raise UnreadableSpreadsheet("too_many_columns", limit=limits.columns)
            if filled > limits.rows + 1:
                raise UnreadableSpreadsheet("too_many_rows", limit=limits.rows)
            yield [*row]
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


def bare(text: str) -> str:
    """Take the apostrophe of `neutralise` off: a file of ours that comes back says the same."""
    if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS):
        return text[1:]
    return text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a CSV file in UTF-8 with the byte-order mark that Excel needs to see it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([neutralise(heading) for heading in header])
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def write_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str, shares: bool = False
) -> bytes:
    """Write an XLSX file of one sheet, without control characters, which XLSX cannot hold.

    The header stays in sight. ``shares``: numbers that are not whole are shown as percentages.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_storable(heading) for heading in header])
    for row in rows:
        cells = (_storable(cell) for cell in row)
        sheet.append([_share(sheet, cell) if shares else cell for cell in cells])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _share(sheet: Any, cell: Cell) -> Any:
    """The number itself stays; how it is shown says that it is a share of one."""
    if not isinstance(cell, float):
        return cell
    shown = WriteOnlyCell(sheet, cell)
    shown.number_format = "0.0%"
    return shown


def _storable(cell: Cell) -> Cell:
    if isinstance(cell, str):
        cell = ILLEGAL_CHARACTERS_RE.sub("", cell)
    return neutralise(cell)
