"""Which blobs the rows name: every column that does is listed here and nowhere else.

A column that is missing here would have its blobs swept away, so a test holds the list against the
tables.
"""

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance
from mdt.models.inbox import InboxObject
from mdt.models.plans import PlanRevision
from mdt.models.slides import Slide, SlidePack
from mdt.models.tumours import RegisterImport
from mdt.queries import scope

_BECAUSE = "the storage's own housekeeping"
_PAGE = 500


@dataclass(frozen=True)
class BlobColumn:
    """A column that names a blob; ``sha256`` is the one that remembers the content's hash."""

    key: InstrumentedAttribute[Any]
    sha256: InstrumentedAttribute[Any] | None = None

    @property
    def name(self) -> str:
        """``table.column``."""
        return f"{self.key.class_.__tablename__}.{self.key.key}"


#: One blob in each row.
SINGLE = (
    BlobColumn(Attachment.storage_key, Attachment.sha256),
    BlobColumn(Attachment.viewing_key),
    BlobColumn(Instance.storage_key, Instance.sha256),
    BlobColumn(Instance.served_key),
    BlobColumn(InboxObject.storage_key, InboxObject.sha256),
    BlobColumn(PlanRevision.pdf_key, PlanRevision.pdf_sha256),
    BlobColumn(Slide.storage_key, Slide.sha256),
    BlobColumn(SlidePack.storage_key),
)
#: A JSON list of blobs in each row; few rows have one at a time.
LISTS = (BlobColumn(RegisterImport.file_keys), BlobColumn(RegisterImport.order_keys))
#: Columns that are called alike and name no blob.
OTHER_KEYS = frozenset(
    {
        "identity_check.key",
        "key_image.key",
        "lesion.key",
        "live_event.key",
        "mark.key",
        "plan_revision.edit_keys",
        "sign_in_failure.username_key",
        "tumour.row_key",
    }
)


@dataclass(frozen=True)
class NamedBlob:
    """A blob and the row that names it; the hash where the row remembers one."""

    place: str
    row_id: int
    key: str
    sha256: str | None = None


def named_keys() -> Iterator[str]:
    """Every key that a row names, in ascending order, some more than once."""
    streams: list[Iterator[str]] = [_ordered(one.key) for one in SINGLE]
    listed = sorted(blob.key for one in LISTS for blob in _listed(one))
    return heapq.merge(*streams, listed)


def _ordered(column: InstrumentedAttribute[Any]) -> Iterator[str]:
    statement = select(column).where(column.is_not(None)).order_by(column)
    wanted = scope.unscoped(statement, because=_BECAUSE).execution_options(yield_per=_PAGE)
    yield from db.session.scalars(wanted)


def still_named(keys: Collection[str]) -> set[str]:
    """Those of a few keys that a row names now."""
    found = {blob.key for one in LISTS for blob in _listed(one)}.intersection(keys)
    for one in SINGLE:
        statement = select(one.key).where(one.key.in_(keys))
        found.update(db.session.scalars(scope.unscoped(statement, because=_BECAUSE)))
    return found


def named_blobs() -> Iterator[Sequence[NamedBlob]]:
    """Every blob that a row names, a page at a time; between pages nothing is being read."""
    for one in SINGLE:
        last = 0
        while page := _page(one, last):
            yield page
            last = page[-1].row_id
    for one in LISTS:
        yield tuple(_listed(one))


def names_it(blob: NamedBlob) -> bool:
    """Whether the row is still there and names this blob."""
    return any(
        _page(one, blob.row_id - 1, one.key == blob.key) for one in SINGLE if one.name == blob.place
    ) or any(blob in _listed(one) for one in LISTS if one.name == blob.place)


def _page(one: BlobColumn, last: int, *conditions: ColumnElement[bool]) -> Sequence[NamedBlob]:
    number: InstrumentedAttribute[int] = one.key.class_.id
    hashed = () if one.sha256 is None else (one.sha256,)
    statement = (
        select(number, one.key, *hashed)
        .where(number > last, one.key.is_not(None), *conditions)
        .order_by(number)
        .limit(_PAGE)
    )
    rows = db.session.execute(scope.unscoped(statement, because=_BECAUSE))
    return [NamedBlob(one.name, *row) for row in rows]


def _listed(one: BlobColumn) -> Iterator[NamedBlob]:
    number: InstrumentedAttribute[int] = one.key.class_.id
    statement = select(number, one.key).where(one.key.is_not(None))
    for row_id, keys in db.session.execute(scope.unscoped(statement, because=_BECAUSE)):
        for key in keys or ():
            yield NamedBlob(one.name, row_id, key)
