"""The served form of images: the secret of a case, its rows, and what is made after the fact."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from mdt.adapters import devices
from mdt.adapters.dicom_ingest import ServedForm, ingest
from mdt.adapters.storage import BlobNotFound, CorruptBlob, StoredBlob
from mdt.extensions import db
from mdt.models.attachments import ImageSecret, Instance, InstanceMetadata, Series, Study
from mdt.queries import scope
from mdt.queries.sealed_files import open_image_secret, seal_image_secret
from mdt.rules.attachments import FileRefused
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import unit_of_work

# The served syntax of an object whose pixels nobody can decode: not to be tried again.
_NEVER = ""
_SECRET_BYTES = 32
_BATCH = 16


@dataclass(frozen=True)
class Prepared:
    """How many objects got a served form, and how many cannot have one."""

    served: int = 0
    refused: int = 0


def image_secret(case_id: int, *, now: datetime) -> bytes:
    """The secret by which the UIDs of a case are mapped; made when first asked for.

    The caller has found the case for its viewer. Side effects: a row, the first time.
    """
    found = _secret(case_id)
    if found is not None:
        return found
    with unit_of_work(None, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        # Somebody else's upload may have made it since.
        found = _secret(case_id)
        if found is None:
            found = os.urandom(_SECRET_BYTES)
            work.session.add(ImageSecret(case_id=case_id, sealed=seal_image_secret(case_id, found)))
    return found


def _secret(case_id: int) -> bytes | None:
    statement = select(ImageSecret).where(ImageSecret.case_id == case_id)
    row = db.session.scalar(scope.scoped_children(statement, of="case"))
    return None if row is None else open_image_secret(row)


def served_columns(served: ServedForm, blob: StoredBlob) -> dict[str, object]:
    """What an instance's row says of its served form."""
    return {
        "served_uid": served.sop_uid,
        "served_key": blob.key,
        "served_syntax_uid": served.syntax_uid,
        "served_size": blob.size,
        "frame_spans": [list(span) for span in served.spans],
    }


def prepare_images(*, now: datetime, most: int | None = None) -> Prepared:
    """Make the served form of objects that have none, ``most`` of them at a time.

    For what was taken by an earlier version. Each batch is committed, so that it goes on where it
    was broken off. Side effects: blobs, rows.
    """
    served = refused = 0
    while most is None or served + refused < most:
        left = _BATCH if most is None else min(_BATCH, most - served - refused)
        batch = _unserved(left)
        if not batch:
            break
        made = [(row, _served(row, now)) for row in batch]
        stored = [
            (row, form, devices.storage().put(form.data) if form else None) for row, form in made
        ]
        _write(stored, now)
        served += sum(form is not None for _, form in made)
        refused += sum(form is None for _, form in made)
    return Prepared(served, refused)


@dataclass(frozen=True)
class _Unserved:
    id: int
    case_id: int
    storage_key: str


def _unserved(most: int) -> Sequence[_Unserved]:
    statement = (
        select(Instance.id, Instance.case_id, Instance.storage_key)
        .where(Instance.served_syntax_uid.is_(None))
        .order_by(Instance.id)
        .limit(most)
    )
    db.session.rollback()
    found = scope.unscoped(statement, because="every object of every case is to be served")
    return [_Unserved(*row) for row in db.session.execute(found)]


def _served(row: _Unserved, now: datetime) -> ServedForm | None:
    secret = image_secret(row.case_id, now=now)
    try:
        return ingest(devices.storage().read(row.storage_key), secret)[1]
    except (FileRefused, BlobNotFound, CorruptBlob):
        return None


def _write(
    batch: Sequence[tuple[_Unserved, ServedForm | None, StoredBlob | None]], now: datetime
) -> None:
    """Note the forms of a batch. What was taken back meanwhile leaves a blob, which is swept."""
    with unit_of_work(None, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        for row, form, blob in batch:
            columns = served_columns(form, blob) if form and blob else {"served_syntax_uid": _NEVER}
            known = work.session.execute(
                update(Instance)
                .where(Instance.id == row.id, Instance.served_syntax_uid.is_(None))
                .values(**columns)
            )
            if form is None or not known.rowcount:  # type: ignore[attr-defined]
                continue
            work.session.execute(
                delete(InstanceMetadata).where(InstanceMetadata.instance_id == row.id)
            )
            work.session.execute(
                insert(InstanceMetadata), [{"instance_id": row.id, "json": form.metadata}]
            )
            _note_uids(row, form)


def _note_uids(row: _Unserved, form: ServedForm) -> None:
    series = select(Instance.series_id).where(Instance.id == row.id).scalar_subquery()
    study = select(Series.study_id).where(Series.id == series).scalar_subquery()
    for table, key, uid in ((Series, series, form.series_uid), (Study, study, form.study_uid)):
        db.session.execute(
            update(table)
            .where(table.id == key, table.served_uid.is_(None))
            .values(served_uid=uid)
            .execution_options(synchronize_session=False)
        )
