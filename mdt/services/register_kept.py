"""What a dry run has read, kept for the import that follows, in sealed blocks beside the rows.

With each row goes what is costly to work out of it: its hash, its stage, its person sealed. Whoever
imports takes it over only where reading anew would give the very same: the same rules, key, day,
columns, hospitals and regions. Rows that were refused are always read anew.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import mdt.rules
from mdt.adapters.storage import Storage
from mdt.extensions import sealing
from mdt.queries import patients
from mdt.queries.patients import IdentityIndexes, SealedPerson
from mdt.queries.register_problems import RowProblem
from mdt.rules.registry import RegisterRow
from mdt.services import register_prepared, register_reading
from mdt.services.register_prepared import WorkedOut, work_out
from mdt.services.register_reading import JudgedRow, Reading
from mdt.services.register_source import SourceRow, StoredLines

_COLUMNS = tuple(field.name for field in fields(RegisterRow))
#: Where a row has days, which are kept as numbers.
_DAYS = tuple(at for at, name in enumerate(_COLUMNS) if name.endswith("_date"))
_values = attrgetter(*_COLUMNS)
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def basis_of(reading: Reading) -> str:
    """What rows were judged by, as a hash: equal where they would be judged alike."""
    found = hashlib.sha256(_rules().encode())
    found.update(repr((reading.basis, sealing.keyring.key_id)).encode())
    return found.hexdigest()


@cache
def _rules() -> str:
    """A hash of all that reads and judges a row: a file may wait while a new version is put in."""
    found = hashlib.sha256()
    rules = sorted(Path(path) for root in mdt.rules.__path__ for path in Path(root).rglob("*"))
    ours = (register_reading, register_prepared, patients)
    for path in (*rules, *(Path(str(module.__file__)) for module in ours), Path(__file__)):
        if path.is_file() and path.suffix != ".pyc":
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def store_judged(storage: Storage, judged: Iterable[JudgedRow]) -> str:
    """Store a block of the rows as they were judged; gives its key."""
    return storage.put("\n".join(map(_line, judged)).encode()).key


def _line(one: JudgedRow) -> str:
    if one.row is None:
        return "null"
    values = list(_values(one.row))
    for at in _DAYS:
        if values[at] is not None:
            values[at] = values[at].toordinal()
    said = [(problem.column, problem.value, problem.code) for problem in one.warnings]
    return _write((one.source.number, values, said, _packed(work_out(one.row))))


def _packed(worked: WorkedOut) -> tuple[str | None, ...]:
    sealed, own = worked.sealed, worked.sealed.indexes
    person = b64encode(sealed.sealed_identity).decode()
    indexes = (own.id_number, own.name, own.mrn)
    return (worked.digest, worked.iii_plus, sealed.patient_id, person, *indexes)


class KeptRows:
    """The rows that `store_judged` has stored, block by block in their order."""

    def __init__(self, storage: Storage, keys: Sequence[str]) -> None:
        self._lines = StoredLines(storage, keys)

    def get(self, place: int) -> tuple[JudgedRow, WorkedOut] | None:
        """The row in this place (from 0), without its cells; none where it was refused."""
        kept = json.loads(self._lines[place])
        if kept is None:
            return None
        number, values, said, worked = kept
        return _judged(number, values, said), _unpacked(*worked)


def _unpacked(
    digest: str, iii_plus: str, patient_id: str, person: str, *indexes: str | None
) -> WorkedOut:
    sealed = SealedPerson(patient_id, b64decode(person), IdentityIndexes(*indexes))
    return WorkedOut(digest, iii_plus, sealed)


def _judged(number: int, values: list[Any], said: Iterable[Sequence[str]]) -> JudgedRow:
    for at in _DAYS:
        if values[at] is not None:
            values[at] = date.fromordinal(values[at])
    warnings = tuple(RowProblem(number, *problem) for problem in said)
    return JudgedRow(SourceRow(number, ()), RegisterRow(*values), (), warnings)
