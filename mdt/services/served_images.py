"""The served form of images: the secret of a case, its rows, and what is made after the fact.

It is made of the original, and of what the rows say: whether somebody has let it pass, what is
blacked out in it, and what the pictures that it names are called. So it can be made again.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, true, update

from mdt.adapters import devices
from mdt.adapters.dicom_ingest import Making, ServedForm, ingest
from mdt.adapters.queue import queue
from mdt.adapters.sandbox import SandboxFailure
from mdt.adapters.storage import BlobNotFound, CorruptBlob, Storage, StoredBlob
from mdt.extensions import db
from mdt.models.attachments import ImageSecret, Instance, InstanceMetadata, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.sealed_files import open_image_secret, seal_image_secret
from mdt.rules.attachments import FileRefused
from mdt.rules.audit import AuditAction
from mdt.rules.black_out import FrameBox, frame_boxes
from mdt.rules.deidentification import CaseUids, changed_uid
from mdt.rules.jobs import JobName
from mdt.services.stored_blobs import discard_later
from mdt.services.unit_of_work import Work, unit_of_work

# The served syntax of an object whose pixels nobody can decode: not to be tried again.
_NEVER = ""
_SECRET_BYTES = 32
_BATCH = 16


@dataclass(frozen=True)
class Prepared:
    """How many objects got a served form, how many cannot have one, which are tried again."""

    served: int = 0
    refused: int = 0
    put_off: int = 0


@dataclass(frozen=True)
class Source:
    """What the served form of an object is made of; ``served_key`` is the one that it has."""

    id: int
    case_id: int
    series_id: int
    sop_uid: str
    storage_key: str
    served_key: str | None
    served_uid: str | None
    boxes: tuple[FrameBox, ...] = ()
    cleared: bool = False


@dataclass(frozen=True)
class Made:
    """A served form that is on disk and that no row names yet."""

    source: Source
    columns: Mapping[str, Any]
    metadata: bytes
    study_uid: str
    series_uid: str

    @property
    def key(self) -> str:
        """Its blob."""
        return str(self.columns["served_key"])


def image_secret(case_id: int, *, now: datetime) -> bytes:
    """The secret by which the UIDs of a case are mapped; made when first asked for.

    The caller has found the case for its viewer. Side effects: a row, the first time.
    """
    found = _secret(case_id)
    if found is not None:
        return found
    with unit_of_work(None, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        # Somebody else's upload may have made it since, or is making it this moment.
        locked = select(Case.id).where(Case.id == case_id).with_for_update(key_share=True)
        work.session.execute(scope.scoped_children(locked, of="case"))
        found = _secret(case_id)
        if found is None:
            found = os.urandom(_SECRET_BYTES)
            work.session.add(ImageSecret(case_id=case_id, sealed=seal_image_secret(case_id, found)))
    return found


def _secret(case_id: int) -> bytes | None:
    statement = select(ImageSecret).where(ImageSecret.case_id == case_id)
    row = db.session.scalar(scope.scoped_children(statement, of="case"))
    return None if row is None else open_image_secret(row)


def case_uids(case_id: int, *, now: datetime) -> CaseUids:
    """How the UIDs of a case are served; as `image_secret`."""
    secret = image_secret(case_id, now=now)
    return CaseUids(secret, _renamed(case_id, secret))


def _renamed(case_id: int, secret: bytes) -> dict[str, str]:
    statement = (
        select(Instance.sop_uid, Instance.served_uid, Series.revision)
        .join(Series, Series.id == Instance.series_id)
        .where(Instance.case_id == case_id, Instance.black_boxes.is_not(None))
    )
    rows = db.session.execute(scope.scoped_children(statement, of="case"))
    # One that was taken over with its rectangles has no served form yet.
    return {uid: served or changed_uid(secret, uid, number) for uid, served, number in rows}


def is_renamed_since(case_id: int, uids: CaseUids) -> bool:
    """Whether pictures of a case are called otherwise by now: for a unit of work that locked it."""
    return _renamed(case_id, uids.secret) != uids.renamed


def make_again_if_renamed(work: Work, case_id: int, uids: CaseUids, keys: Sequence[str]) -> None:
    """Let a job make these new objects (by `storage_key`) anew, where names have changed meanwhile.

    They may name a picture that was blacked out while they were read by ``uids``. The case is
    locked.
    """
    if not keys or not is_renamed_since(case_id, uids):
        return
    statement = update(Instance).where(Instance.case_id == case_id, Instance.storage_key.in_(keys))
    work.session.execute(statement.values(served_stale=True))
    work.after_commit(lambda: queue().put(JobName.IMAGES_PREPARE))


def served_columns(served: ServedForm, blob: StoredBlob) -> dict[str, object]:
    """What an instance's row says of its served form."""
    return {
        "served_uid": served.sop_uid,
        "served_key": blob.key,
        "served_syntax_uid": served.syntax_uid,
        "served_size": blob.size,
        "frame_spans": [list(span) for span in served.spans],
    }


def list_sources(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """A SELECT whose rows are `Source`'s values (see `source_of`), in the order of the rows."""
    return (
        select(
            Instance.id,
            Instance.case_id,
            Instance.series_id,
            Instance.sop_uid,
            Instance.storage_key,
            Instance.served_key,
            Instance.served_uid,
            Instance.black_boxes,
            Series.released_at.is_not(None).label("cleared"),
        )
        .join(Series, Series.id == Instance.series_id)
        .where(*conditions)
        .order_by(Instance.id)
    )


def source_of(row: Any) -> Source:
    """A row of `list_sources`."""
    return Source(
        id=row.id,
        case_id=row.case_id,
        series_id=row.series_id,
        sop_uid=row.sop_uid,
        storage_key=row.storage_key,
        served_key=row.served_key,
        served_uid=row.served_uid,
        boxes=frame_boxes(row.black_boxes),
        cleared=bool(row.cleared),
    )


def make(storage: Storage, source: Source, uids: CaseUids) -> Made:
    """Make the served form of an object and store it; raise `FileRefused` or a `BlobError`.

    Needs nothing of the request, so that several can be made at once.
    """
    how = Making(source.cleared, uids.renamed, source.boxes)
    form = ingest(storage.read(source.storage_key), uids.secret, how)[1]
    columns = served_columns(form, storage.put(form.data))
    return Made(source, columns, form.metadata, form.study_uid, form.series_uid)


def write_made(work: Work, made: Sequence[Made]) -> None:
    """Let the rows name what was made; the blobs that they named go after the commit."""
    rows = [{"id": one.source.id, "served_stale": False, **one.columns} for one in made]
    work.session.execute(update(Instance), rows)
    numbers = [one.source.id for one in made]
    work.session.execute(delete(InstanceMetadata).where(InstanceMetadata.instance_id.in_(numbers)))
    work.session.execute(
        insert(InstanceMetadata),
        [{"instance_id": one.source.id, "json": one.metadata} for one in made],
    )
    discard_later(work, [one.source.served_key for one in made if one.source.served_key])


def prepare_images(*, now: datetime, most: int | None = None) -> Prepared:
    """Make the served form of objects that have none, and of those whose does not hold any more.

    ``most`` of them at a time: for what was taken by an earlier version, taken over, or released.
    Each batch is committed, so that it goes on where it was broken off. One that the sandbox could
    not finish is left as it is and tried again later; where none of a batch could be read, the rest
    waits, too. Side effects: blobs, rows.
    """
    served = refused = put_off = 0
    while most is None or served + refused + put_off < most:
        left = _BATCH if most is None else min(_BATCH, most - served - refused - put_off)
        found = _waiting(left, now)
        uids = {number: case_uids(number, now=now) for number in {one.case_id for one in found}}
        made, later = _made(found, uids, now)
        batch = [one for one in found if one.id not in later]
        put_off += len(later)
        # That may be the machine's fault, as well as there being nothing left to do.
        if not batch:
            break
        _write(batch, made, uids, now)
        served += len(made)
        refused += len(batch) - len(made)
    return Prepared(served, refused, put_off)


def _waiting(most: int, now: datetime) -> Sequence[Source]:
    db.session.rollback()
    not_yet = Instance.id.not_in(devices.remembered_faults().waiting(now=now))
    for condition in (Instance.served_syntax_uid.is_(None), Instance.served_stale == true()):
        statement = list_sources(condition, not_yet).limit(most)
        found = scope.unscoped(statement, because="every object of every case is to be served")
        rows = [source_of(row) for row in db.session.execute(found)]
        if rows:
            return rows
    return ()


def _made(
    batch: Sequence[Source], uids: Mapping[int, CaseUids], now: datetime
) -> tuple[Sequence[Made], Collection[int]]:
    """What could be made of a batch, and the numbers of those that are to be tried again."""
    storage, faults = devices.storage(), devices.remembered_faults()
    made: list[Made] = []
    later: set[int] = set()
    for source in batch:
        try:
            made.append(make(storage, source, uids[source.case_id]))
        except (FileRefused, BlobNotFound, CorruptBlob) as error:
            passing = isinstance(error, SandboxFailure) and error.passing
            if passing and not faults.note(source.id, now=now):
                later.add(source.id)
                continue
        faults.forget(source.id)
    return made, later


def _write(
    batch: Sequence[Source], made: Sequence[Made], uids: Mapping[int, CaseUids], now: datetime
) -> None:
    """Note the forms of a batch; of what was changed or taken back meanwhile, nothing.

    Nor of a case in which a picture got another name: they may name it by the old one.
    """
    forms = {one.source.id: one for one in made}
    with unit_of_work(None, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        _lock_cases(work, uids)
        same = {number for number, known in uids.items() if not is_renamed_since(number, known)}
        still = {row.id: row for row in current_sources(work, [one.id for one in batch])}
        as_read = [one for one in batch if one.id in still and is_as_read(still[one.id], one)]
        valid = [one for one in as_read if one.case_id in same]
        kept = [forms[one.id] for one in valid if one.id in forms]
        if kept:
            write_made(work, kept)
        _give_up(work, [one for one in valid if one.id not in forms])
        for one in kept:
            _note_uids(one)
        lost = {one.key for one in made} - {one.key for one in kept}
        discard_later(work, lost)


def _lock_cases(work: Work, numbers: Collection[int]) -> None:
    """As everybody does who changes what is served of a case."""
    statement = select(Case.id).where(Case.id.in_(numbers)).order_by(Case.id).with_for_update()
    work.session.execute(scope.unscoped(statement, because="cases of rows that were just read"))


def current_sources(work: Work, numbers: Sequence[int]) -> Sequence[Source]:
    """Objects as they stand now, inside the running unit of work."""
    statement = list_sources(Instance.id.in_(numbers))
    rows = work.session.execute(scope.unscoped(statement, because="rows that were just read"))
    return [source_of(row) for row in rows]


def is_as_read(now: Source, before: Source) -> bool:
    """Whether what a form was made of still holds."""
    return now == before


def _give_up(work: Work, sources: Sequence[Source]) -> None:
    for source in sources:
        columns: dict[str, Any] = {"served_stale": False}
        if source.served_key is None:
            columns["served_syntax_uid"] = _NEVER
        work.session.execute(update(Instance).where(Instance.id == source.id).values(**columns))


def _note_uids(made: Made) -> None:
    series = made.source.series_id
    study = select(Series.study_id).where(Series.id == series).scalar_subquery()
    for table, key, uid in ((Series, series, made.series_uid), (Study, study, made.study_uid)):
        db.session.execute(
            update(table)
            .where(table.id == key, table.served_uid.is_(None))
            .values(served_uid=uid)
            .execution_options(synchronize_session=False)
        )
