"""Rows of a register file judged: what is taken, what is refused, and whose row it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mdt.queries.register_problems import PartFindings, RefusedRow, RowProblem
from mdt.rules.registry import Problem, RegisterRow, parse_row
from mdt.rules.registry.persons import Known, person_of
from mdt.rules.registry.shown import shown_value
from mdt.services.register_source import SourceRow

_SHOWN_VALUE = 60
#: The number of somebody whom no other row can be about.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row as read; ``row`` is ``None`` where it is refused."""

    source: SourceRow
    row: RegisterRow | None
    refusals: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...]


class Reading:
    """How the rows of one file are read: its columns, the hospitals that count, the day."""

    def __init__(
        self,
        columns: Sequence[str],
        hospitals: Mapping[str, int],
        regions: frozenset[str],
        today: date,
    ) -> None:
        # Of columns that mean the same the first is read.
        self._places = [(name, columns.index(name)) for name in dict.fromkeys(columns) if name]
        self.hospitals = hospitals
        self._regions = regions
        self.today = today

    def judge(self, source: SourceRow) -> JudgedRow:
        """Read one row."""
        cells = source.cells
        parsed = parse_row(
            {name: cells[at] for name, at in self._places if at < len(cells) and cells[at]},
            row_number=source.number,
            today=self.today,
            known_hospitals=self.hospitals,
            known_regions=self._regions,
        )
        warnings = _problems(source, parsed.warnings) if parsed.row else ()
        if source.surplus:
            shown = "、".join(shown_value("", cell) for cell in source.surplus)
            beyond = RowProblem(source.number, "", _shown(shown), "cells_beyond_header")
            warnings = (beyond, *warnings)
        return JudgedRow(source, parsed.row, _problems(source, parsed.refusals), warnings)

    def person(self, row: RegisterRow) -> int:
        """A number that rows of one person share, for as long as this process lives."""
        person = person_of(row)
        # Rows that say nothing of a person belong together only where they say the same.
        what = row if person.known is Known.NOTHING else None
        return hash((row.hospital_code, person.key, what)) or 1


def _problems(source: SourceRow, problems: Sequence[Problem]) -> tuple[RowProblem, ...]:
    return tuple(
        RowProblem(source.number, problem.column, _shown(problem.value), problem.code)
        for problem in problems
    )


def _shown(value: str) -> str:
    plain = value.replace("\x00", "")
    return plain if len(plain) <= _SHOWN_VALUE else plain[:_SHOWN_VALUE] + "…"


def findings_of(rows: Sequence[JudgedRow]) -> PartFindings:
    """What is wrong with some rows, for the sender to read."""
    refused = [
        RefusedRow(row.source.number, row.source.cells, row.refusals)
        for row in rows
        if row.row is None
    ]
    return PartFindings(refused, [problem for row in rows for problem in row.warnings])
