"""What a dry run has read, kept for the import that follows, in sealed blocks beside the rows.

With each row goes what is costly to work out of it: its hash, its stage, its person sealed, what of
it tells who that is. Whoever imports takes it over only where reading anew would give the very
same: the same rules, key, day, columns, hospitals and regions. Rows that were refused are always
read anew.
"""

import hashlib
import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path

import mdt.rules
from mdt.adapters.storage import Storage
from mdt.extensions import sealing
from mdt.queries import patients
from mdt.queries.patients import IdentityIndexes, SealedPerson
from mdt.queries.register_problems import RowProblem
from mdt.rules.registry import RegisterRow
from mdt.rules.registry.persons import Person
from mdt.services import register_prepared, register_reading
from mdt.services.register_prepared import WorkedOut, work_out
from mdt.services.register_reading import JudgedRow, Reading
from mdt.services.register_source import SourceRow, StoredLines

_COLUMNS = tuple(field.name for field in fields(RegisterRow))
#: Where a row has days, which are kept as numbers.
_DAYS = tuple(at for at, name in enumerate(_COLUMNS) if name.endswith("_date"))
_values = attrgetter(*_COLUMNS)
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_read = json.JSONDecoder().decode
_day = lru_cache(maxsize=50_000)(date.fromordinal)


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


def _packed(worked: WorkedOut) -> tuple[object, ...]:
    sealed, own, who = worked.sealed, worked.sealed.indexes, worked.person
    person = b64encode(sealed.sealed_identity).decode()
    indexes = (own.id_number, own.name, own.mrn)
    tells = (bool(who.name), bool(who.number), bool(who.mrn))
    costly = (worked.digest, worked.iii_plus, worked.too_long, tells)
    return (*costly, sealed.patient_id, person, *indexes)


class KeptRows:
    """The rows that `store_judged` has stored, block by block in their order.

    ``far`` as of `StoredLines`.
    """

    def __init__(
        self, storage: Storage, keys: Sequence[str], far: "array[int] | None" = None
    ) -> None:
        self._lines = StoredLines(storage, keys, far)

    def get(self, place: int) -> tuple[JudgedRow, WorkedOut] | None:
        """The row in this place (from 0), without its cells; none where it was refused."""
        kept = _read(self._lines[place].decode())
        if kept is None:
            return None
        number, values, said, worked = kept
        for at in _DAYS:
            if values[at] is not None:
                values[at] = _day(values[at])
        row = RegisterRow(*values)
        warnings = tuple(RowProblem(number, *problem) for problem in said)
        return JudgedRow(SourceRow(number, ()), row, (), warnings), _unpacked(row, *worked)


def _unpacked(
    row: RegisterRow,
    digest: str,
    iii_plus: str,
    too_long: Sequence[str],
    tells: Sequence[bool],
    patient_id: str,
    sealed: str,
    *indexes: str | None,
) -> WorkedOut:
    name, number, mrn = tells
    person = Person(
        row.name if name else "",
        row.id_number if number else "",
        row.mrn if mrn else "",
        row.birth_date,
        row.sex,
    )
    kept = SealedPerson(patient_id, b64decode(sealed), IdentityIndexes(*indexes))
    return WorkedOut(digest, iii_plus, kept, person, tuple(too_long))
