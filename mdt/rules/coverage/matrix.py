"""A report by two groupings as rows and columns, with the sums of both."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mdt.rules.coverage.groups import group_rank
from mdt.rules.coverage.report import FIGURES, Line, Report

#: More columns are not readable side by side at 1366 pixels.
MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The lines of one first group; a cell is ``None`` where nothing counts."""

    sums: Line
    cells: tuple[Line | None, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """First groups down, second groups across, in the order of the report."""

    rows: tuple[MatrixRow, ...]
    columns: tuple[Line, ...]

    @property
    def fits(self) -> bool:
        """Whether the second groups can stand side by side."""
        return len(self.columns) <= MOST_COLUMNS


def matrix_of(report: Report) -> Matrix | None:
    """Set out a report by two groupings; ``None`` for one by a single grouping."""
    if report.by2 is None:
        return None
    by2 = report.by2
    of_second = _by_code(report.rows, "code2")
    seconds = sorted(of_second, key=lambda code: group_rank(code, by2))
    rows = []
    for lines in _by_code(report.rows, "code").values():
        found = {line.code2: line for line in lines}
        sums = replace(_sum(lines), code2="", name2="")
        rows.append(MatrixRow(sums, tuple(found.get(code) for code in seconds), tuple(lines)))
    columns = tuple(replace(_sum(of_second[code]), code="", name="") for code in seconds)
    return Matrix(tuple(rows), columns)


def first_groups(report: Report) -> tuple[Line, ...]:
    """The lines of the report; those of one first group added up."""
    matrix = matrix_of(report)
    return report.rows if matrix is None else tuple(row.sums for row in matrix.rows)


def _by_code(lines: Iterable[Line], name: str) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(getattr(line, name), []).append(line)
    return found


def _sum(lines: list[Line]) -> Line:
    counts = {figure: sum(line.count(figure) for line in lines) for figure in FIGURES}
    return replace(lines[0], counts=counts)
