"""The storage is looked after: every blob that a row names is read, those that none names go."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from mdt.adapters import devices
from mdt.adapters.storage import BlobError, BlobNotFound, KeptBlob, Storage
from mdt.queries import blobs as queries
from mdt.queries.blobs import NamedBlob
from mdt.queries.uploads import known_uploads
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Refused
from mdt.services.audit_log import record_act
from mdt.services.unit_of_work import Work, begin_reading

log = logging.getLogger(__name__)

#: A blob is stored before the row that names it: what is younger may still get its row.
UNNAMED_FOR = timedelta(days=1)
#: More than this and a tenth of all blobs is no litter but another installation's storage.
_LITTER = 100
_LITTER_SHARE = 10
_BATCH = 500


class TooMuchToSweep(Refused):
    """So many blobs have no row that database and storage can hardly belong together."""


@dataclass(frozen=True)
class Finding:
    """A row whose blob is ``missing`` or ``damaged``."""

    blob: NamedBlob
    code: str


@dataclass
class Checked:
    """How many blobs were read, and what is wrong with which."""

    blobs: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Swept:
    """Blobs in all, those that no row named and are gone, and half-written ones that are gone."""

    blobs: int
    unnamed: int
    unfinished: int


def check_blobs() -> Checked:
    """Read every blob that a row names and compare its hash. Raises `StorageUnavailable`."""
    storage, checked = devices.storage(), Checked()
    begin_reading()
    for page in queries.named_blobs():
        # Reading may take hours: no transaction stays open for it.
        begin_reading()
        for blob in page:
            checked.blobs += 1
            code = _fault(storage, blob)
            if code and queries.names_it(blob):
                checked.findings.append(Finding(blob, code))
    return checked


def _fault(storage: Storage, blob: NamedBlob) -> str:
    try:
        storage.check(blob.key, blob.sha256)
    except BlobNotFound:
        return "missing"
    except BlobError:
        return "damaged"
    return ""


def sweep_blobs(*, now: datetime, however_many: bool = False) -> Swept:
    """Delete blobs that no row has named for a day, and what was begun and never finished.

    Raises `TooMuchToSweep` before anything is deleted, `StorageUnavailable`. Side effects: blobs
    go; one audit row where any went.
    """
    storage, before = devices.storage(), now - UNNAMED_FOR
    begin_reading()
    blobs, unnamed = _unnamed(storage.keys(), queries.named_keys(), before)
    if not however_many and len(unnamed) > max(_LITTER, blobs // _LITTER_SHARE):
        raise TooMuchToSweep("storage_too_much_to_sweep", unnamed=len(unnamed), blobs=blobs)
    gone = _delete(storage, unnamed)
    unfinished = storage.clear_unfinished(before=before) + _sweep_parts(before)
    if gone:
        record_act(None, AuditAction.STORAGE_SWEEP, now=now, count=gone)
    return Swept(blobs, gone, unfinished)


def _unnamed(
    kept: Iterator[KeptBlob], named: Iterator[str], before: datetime
) -> tuple[int, list[str]]:
    """Count the blobs and find the old ones without a name: both sides come in order."""
    count, found = 0, []
    name = next(named, None)
    for blob in kept:
        count += 1
        while name is not None and name < blob.key:
            name = next(named, None)
        if blob.key != name and blob.at < before:
            found.append(blob.key)
    return count, found


def _sweep_parts(before: datetime) -> int:
    """Delete arriving uploads that have no row: a server was killed between the two."""
    parts = devices.parts()
    old = parts.names(before=before)
    begin_reading()
    gone = set(old) - known_uploads(old)
    for name in gone:
        parts.delete(name)
    return len(gone)


def _delete(storage: Storage, keys: Sequence[str]) -> int:
    """Delete those that no row names now; return how many. A few at a time are asked for."""
    count = 0
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        begin_reading()
        gone = set(some) - queries.still_named(some)
        for key in gone:
            storage.delete(key)
        count += len(gone)
    return count


def discard_later(work: Work, keys: Collection[str]) -> None:
    """Delete the bytes once no row speaks of them; what a crash leaves over harms nobody.

    Another case may have taken them over (`mdt.services.earlier_studies`): the last row decides.
    """
    storage = devices.storage()
    work.after_commit(lambda: _delete(storage, sorted(keys)))


def take_back(keys: Collection[str], error: BaseException | None) -> None:
    """Delete what was stored for rows whose writing ended with an error, unless a row names it.

    Where the line to the database broke, the commit may have been done, or be done a moment later:
    then all of it is left to the sweep, as where the database cannot be asked.
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return
    try:
        _delete(devices.storage(), sorted(keys))
    except Exception:
        log.exception("blobs without rows are left to the sweep")
