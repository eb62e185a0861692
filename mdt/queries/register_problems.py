"""What was wrong with the rows of a register file: sealed and opened here, and to whom it shows.

Values come masked (`mdt.rules.registry.shown`). Still they are of persons' rows: they are sealed at
rest, and above the own hospital only row, column and reason are shown.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy import select

from mdt.extensions import db, sealing
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.rules.access import Viewer


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell of one row; ``code`` is one of ``mdt.rules.registry.MESSAGES``.

    ``row`` is the row's number in the sheet, the header counted. ``value`` is masked.
    """

    row: int
    column: str
    value: str
    code: str


_FIELDS = tuple(field.name for field in fields(RowProblem))


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of one file."""

    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()

    def visible_to(self, viewer: Viewer, hospital_id: int | None) -> "Problems":
        """The same, without what is not for this viewer."""
        return Problems(
            without_values(viewer, hospital_id, self.refused),
            without_values(viewer, hospital_id, self.warnings),
        )


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken, as it stood in the file: its cells in the order of the headings."""

    number: int
    cells: Sequence[str]
    problems: Sequence[RowProblem]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one batch of rows had wrong with it."""

    refused: Sequence[RefusedRow] = ()
    warnings: Sequence[RowProblem] = ()


def seal_findings(import_id: int, number: int, found: Findings) -> bytes | None:
    """What `open_findings` gives back; nothing for nothing."""
    if not (found.refused or found.warnings):
        return None
    plain = [
        [[row.number, list(row.cells), _tuples(row.problems)] for row in found.refused],
        _tuples(found.warnings),
    ]
    packed = zlib.compress(json.dumps(plain, ensure_ascii=False).encode())
    return sealing.keyring.seal(packed, aad=_findings_aad(import_id, number))


def _tuples(problems: Iterable[RowProblem]) -> list[tuple[object, ...]]:
    return [(one.row, one.column, one.value, one.code) for one in problems]


def open_findings(record: RegisterImport) -> Iterator[Findings]:
    """What was wrong with an import that the viewer was found to see, batch by batch."""
    statement = (
        select(RegisterFindings.number, RegisterFindings.sealed)
        .where(RegisterFindings.import_id == record.id, RegisterFindings.sealed.is_not(None))
        .order_by(RegisterFindings.number)
    )
    for number, sealed in db.session.execute(statement.execution_options(yield_per=20)):
        packed = sealing.keyring.open(sealed or b"", aad=_findings_aad(record.id, number))
        refused, warnings = json.loads(zlib.decompress(packed))
        yield Findings(
            [RefusedRow(row, cells, _problems(problems)) for row, cells, problems in refused],
            _problems(warnings),
        )


def _problems(plain: Iterable[Sequence[object]]) -> list[RowProblem]:
    return [RowProblem(*one) for one in plain]  # type: ignore[arg-type]


def _findings_aad(import_id: int, number: int) -> bytes:
    return f"register_import_part:{import_id}:{number}".encode()


def seal_problems(import_id: int, problems: Problems) -> bytes:
    """What `open_problems` reads."""
    plain = {"refused": _named(problems.refused), "warnings": _named(problems.warnings)}
    text = json.dumps(plain, ensure_ascii=False)
    return sealing.keyring.seal(text.encode(), aad=_aad(import_id))


def _named(problems: Iterable[RowProblem]) -> list[dict[str, object]]:
    return [dict(zip(_FIELDS, one, strict=True)) for one in _tuples(problems)]


def open_problems(record: RegisterImport) -> Problems:
    """Read the sealed column; nothing where the import never ended. Raises `SealBroken`."""
    if record.sealed_problems is None:
        return Problems()
    plain = json.loads(sealing.keyring.open(record.sealed_problems, aad=_aad(record.id)))
    return Problems(**{kind: tuple(RowProblem(**one) for one in plain[kind]) for kind in plain})


def _aad(import_id: int) -> bytes:
    return f"register_import:{import_id}".encode()


def visible_problems(viewer: Viewer, record: RegisterImport) -> Problems:
    """The problems of an import that the viewer may see, without what is not for this viewer."""
    return open_problems(record).visible_to(viewer, record.hospital_id)


def without_values(
    viewer: Viewer, hospital_id: int | None, problems: Iterable[RowProblem]
) -> tuple[RowProblem, ...]:
    """Take the values out, unless the viewer sees names in the register of this hospital."""
    if hospital_id is not None and scope.sees_register_names(viewer, hospital_id):
        return tuple(problems)
    return tuple(replace(one, value="") for one in problems)
