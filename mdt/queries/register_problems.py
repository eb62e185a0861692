"""What was wrong with the rows of a register file: sealed and opened here, and to whom it shows.

Values come masked (`mdt.rules.registry.shown`). Still they are of persons' rows: they are sealed at
rest, and above the own hospital only row, column and reason are shown.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from mdt.extensions import sealing
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


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of one file."""

    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()


def seal_problems(record: RegisterImport, problems: Problems) -> None:
    """Write the sealed column. The import must have its id."""
    text = json.dumps(asdict(problems), ensure_ascii=False)
    record.sealed_problems = sealing.keyring.seal(text.encode(), aad=_aad(record.id))


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
    found = open_problems(record)
    return Problems(
        without_values(viewer, record.hospital_id, found.refused),
        without_values(viewer, record.hospital_id, found.warnings),
    )


def without_values(
    viewer: Viewer, hospital_id: int | None, problems: Iterable[RowProblem]
) -> tuple[RowProblem, ...]:
    """Take the values out, unless the viewer sees names in the register of this hospital."""
    if hospital_id is not None and scope.sees_register_names(viewer, hospital_id):
        return tuple(problems)
    return tuple(replace(one, value="") for one in problems)
