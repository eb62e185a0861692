"""What the columns of a register file mean: sealed with the file, remembered for the hospital.

A file without a header has a person where the headings should be: they are sealed like a name.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import undefer

from mdt.extensions import db, sealing
from mdt.models.register_imports import RegisterColumns
from mdt.models.tumours import RegisterImport
from mdt.queries import scope
from mdt.rules.access import Viewer
from mdt.rules.registry.columns import REASON_COLUMNS
from mdt.rules.registry.importing import ImportState

#: Of the last files of a sender.
_LOOKED_THROUGH = 10


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The headings of a file, first values below each (masked), and the column chosen for each.

    A heading that is not read has an empty column. ``remembered``: chosen for an earlier file.
    """

    headings: Sequence[str]
    samples: Sequence[Sequence[str]]
    chosen: Sequence[str]
    remembered: bool = False


def seal_columns(record: RegisterImport, columns: FileColumns) -> None:
    """Write the sealed column. The import must have its id."""
    text = json.dumps(asdict(columns), ensure_ascii=False)
    record.sealed_columns = sealing.keyring.seal(text.encode(), aad=_aad(record.id))


def open_columns(record: RegisterImport) -> FileColumns:
    """Read the sealed column; nothing for a file that a machine sent. Raises `SealBroken`."""
    if record.sealed_columns is None:
        return FileColumns((), (), ())
    return FileColumns(
        **json.loads(sealing.keyring.open(record.sealed_columns, aad=_aad(record.id)))
    )


def _aad(import_id: int) -> bytes:
    return f"register_import_columns:{import_id}".encode()


def headings_index(headings: Sequence[str]) -> str:
    """A keyed hash by which the same headings in the same order are found again."""
    return sealing.keyring.blind_index("register_headings", json.dumps(list(headings)))


def without_reasons(headings: Sequence[str]) -> tuple[str, ...]:
    """The headings that were the sender's before we wrote beside them why rows were refused."""
    return tuple(one for one in headings if one not in REASON_COLUMNS)


def with_reasons(headings: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """The column of each heading, given those of `without_reasons`."""
    rest = iter(chosen)
    return tuple("" if one in REASON_COLUMNS else next(rest) for one in headings)


def find_confirmed(viewer: Viewer, headings: Sequence[str]) -> tuple[str, ...] | None:
    """What the sender chose for these headings in one of their last files.

    For who keeps several registers: nothing is remembered for a hospital there.
    """
    statement = (
        scope.register_imports(viewer)
        .where(
            RegisterImport.by_user_id == viewer.user_id,
            RegisterImport.sealed_columns.is_not(None),
            RegisterImport.state.in_([ImportState.CHECKED.value, ImportState.DONE.value]),
        )
        .options(undefer(RegisterImport.sealed_columns))
        .order_by(RegisterImport.id.desc())
        .limit(_LOOKED_THROUGH)
    )
    for record in db.session.scalars(statement):
        found = open_columns(record)
        if without_reasons(found.headings) == tuple(headings):
            pairs = zip(found.headings, found.chosen, strict=True)
            return tuple(one for name, one in pairs if name not in REASON_COLUMNS)
    return None


def find_remembered(hospital_id: int, headings: Sequence[str]) -> RegisterColumns | None:
    """What the hospital chose for these headings the last time."""
    statement = select(RegisterColumns).where(
        RegisterColumns.hospital_id == hospital_id,
        RegisterColumns.headings_index == headings_index(headings),
    )
    found: RegisterColumns | None = db.session.scalar(
        scope.unscoped(statement, because="bounded by the hospital whose file it is")
    )
    return found


def open_remembered(kept: RegisterColumns) -> tuple[str, ...]:
    """The column of each heading."""
    plain = sealing.keyring.open(kept.sealed_columns, aad=_kept_aad(kept))
    return tuple(json.loads(plain))


def seal_remembered(kept: RegisterColumns, chosen: Sequence[str]) -> None:
    """Write the sealed column."""
    plain = json.dumps(list(chosen)).encode()
    kept.sealed_columns = sealing.keyring.seal(plain, aad=_kept_aad(kept))


def _kept_aad(kept: RegisterColumns) -> bytes:
    return f"register_columns:{kept.hospital_id}:{kept.headings_index}".encode()
