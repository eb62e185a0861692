"""The register file: its columns, its values, and what is refused or warned about in a row."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

from mdt.rules.registry.checks import find_contradictions
from mdt.rules.registry.columns import COLUMNS, REQUIRED, Header, recognise_header
from mdt.rules.registry.messages import MESSAGES, message_of
from mdt.rules.registry.rows import Problem, RegisterRow, RowReader, read_row
from mdt.rules.registry.stage_checks import find_stage_contradictions

__all__ = [
    "COLUMNS",
    "MESSAGES",
    "REQUIRED",
    "Header",
    "ParsedRow",
    "Problem",
    "RegisterRow",
    "message_of",
    "parse_row",
    "recognise_header",
]


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row of the file as read; ``row`` is ``None`` exactly where there are refusals."""

    row_number: int
    row: RegisterRow | None
    refusals: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def parse_row(
    raw: Mapping[str, object],
    *,
    row_number: int,
    today: date,
    known_hospitals: Container[str],
    known_regions: Container[str],
) -> ParsedRow:
    """Read one row, its cells by column name (see ``Header.translate``).

    Cells are text, numbers or dates as a spreadsheet holds them. ``row_number`` is the row's
    number in the file and is only handed on.
    """
    reader = RowReader(raw, today)
    row = read_row(reader, known_hospitals)
    if row is not None:
        for column, code in find_contradictions(row, today, known_regions):
            reader.warn(column, code)
        for column, code in find_stage_contradictions(row):
            reader.warn(column, code)
    return ParsedRow(row_number, row, tuple(reader.refusals), tuple(reader.warnings))
