"""Rows of a register file judged: what is taken, what is refused, and whose row it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mdt.queries.register_problems import Findings, RefusedRow, RowProblem
from mdt.rules.registry import Problem, RegisterRow, parse_row
from mdt.rules.registry.persons import Known, person_of
from mdt.rules.registry.shown import shown_value
from mdt.rules.registry.values import plain_text
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
    """How the rows of one file are read: its columns, the hospitals that count, the day.

    ``hospitals`` are those whose rows may be taken, ``every_hospital`` all there are: codes with
    numbers.
    """

    def __init__(
        self,
        columns: Sequence[str],
        hospitals: Mapping[str, int],
        every_hospital: Mapping[str, int],
        regions: frozenset[str],
        today: date,
    ) -> None:
        # Of columns that mean the same the first is read.
        self._places = [(name, columns.index(name)) for name in dict.fromkeys(columns) if name]
        self.hospitals = hospitals
        self._every = {code.casefold(): number for code, number in every_hospital.items()}
        self._regions = regions
        self.today = today

    @property
    def basis(self) -> tuple[object, ...]:
        """All that a row is judged by, beside the rules."""
        return (self.today, self._places, sorted(self.hospitals.items()), sorted(self._regions))

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

    def owners(self, judged: JudgedRow) -> Collection[int]:
        """Numbers of the hospitals that a row can be of, taken or refused.

        Of the one that it names, whoever sends it; naming none, of any the sender may send for.
        """
        named = self._every.get(self._code(judged).casefold())
        return self.hospitals.values() if named is None else (named,)

    def _code(self, judged: JudgedRow) -> str:
        if judged.row is not None:
            return judged.row.hospital_code
        cells = judged.source.cells
        at = next((at for name, at in self._places if name == "hospital_code"), len(cells))
        return plain_text(cells[at]) if at < len(cells) else ""

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


def findings_of(rows: Sequence[JudgedRow]) -> Findings:
    """What is wrong with some rows, for the sender to read."""
    refused = [
        RefusedRow(row.source.number, row.source.cells, row.refusals)
        for row in rows
        if row.row is None
    ]
    return Findings(refused, [problem for row in rows for problem in row.warnings])
