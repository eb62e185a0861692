"""Uploads that are arriving: a person's own ones in a case, and what is sealed of each."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from mdt.extensions import db, sealing
from mdt.models.attachments import Attachment, Series, Upload
from mdt.models.slides import Slide
from mdt.queries import scope
from mdt.queries.cases import get_case
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound

_BECAUSE = "the person's own uploads"


@dataclass(frozen=True)
class UploadSecret:
    """What is sealed of an upload: the key of its file, the sender's name, whether a bundle.

    ``kind`` and ``dated_on`` (ISO) are how its documents are to be filed, where it waits,
    ``stain`` and ``block`` what is said of its slides.
    """

    key: bytes
    name: str = ""
    bundle: bool = False
    kind: str = ""
    dated_on: str = ""
    stain: str = ""
    block: str = ""


def get_upload(
    viewer: Viewer, case_id: int, upload_id: str, *, now: datetime, for_update: bool = False
) -> Upload:
    """An upload of this person into this case; raise `NotFound`, also for one that is over."""
    get_case(viewer, case_id)
    statement = select(Upload).where(
        Upload.id == upload_id,
        Upload.case_id == case_id,
        Upload.by_user_id == viewer.user_id,
        Upload.expires_at > now,
    )
    if for_update:
        statement = statement.with_for_update()
    found = db.session.scalar(scope.unscoped(statement, because=_BECAUSE))
    if found is None:
        raise NotFound
    return found


def list_open(viewer: Viewer, case_id: int, *, now: datetime) -> Sequence[Upload]:
    """This person's uploads into the case that were not taken yet; raise `NotFound`.

    The oldest first; without what a phone sends in their name, which goes on there or nowhere.
    """
    get_case(viewer, case_id)
    begun = and_(
        Upload.sealed_results.is_(None),
        Upload.waiting_since.is_(None),
        Upload.phone_link_id.is_(None),
    )
    return _list_own(viewer, case_id, begun, now)


def list_held(viewer: Viewer, case_id: int, *, now: datetime) -> Sequence[Upload]:
    """This person's uploads into a case, just found, that wait or waited for the scanner."""
    return _list_own(viewer, case_id, Upload.waiting_since.is_not(None), now)


def _list_own(
    viewer: Viewer, case_id: int, wanted: ColumnElement[bool], now: datetime
) -> Sequence[Upload]:
    statement = (
        select(Upload)
        .where(
            Upload.case_id == case_id,
            Upload.by_user_id == viewer.user_id,
            Upload.expires_at > now,
            wanted,
        )
        # Those that wait in the order in which they came to wait, the others by their beginning.
        .order_by(func.coalesce(Upload.waiting_since, Upload.at), Upload.id)
    )
    return db.session.scalars(scope.unscoped(statement, because=_BECAUSE)).all()


def list_waiting(*, now: datetime) -> Sequence[tuple[str, int, int]]:
    """Id, case and sender of all uploads that wait for the scanner, the oldest first."""
    statement = (
        select(Upload.id, Upload.case_id, Upload.by_user_id)
        .where(
            Upload.waiting_since.is_not(None),
            Upload.sealed_results.is_(None),
            Upload.expires_at > now,
        )
        .order_by(Upload.waiting_since, Upload.id)
    )
    rows = db.session.execute(scope.unscoped(statement, because="housekeeping"))
    return [(row.id, row.case_id, row.by_user_id) for row in rows]


def all_there(
    case_id: int, documents: Collection[int], series: Collection[int], slides: Collection[int]
) -> bool:
    """Whether all of these are still in the case."""
    for table, wanted in ((Attachment, documents), (Series, series), (Slide, slides)):
        statement = select(func.count(table.id)).where(
            table.case_id == case_id, table.id.in_(wanted)
        )
        if db.session.scalar(scope.unscoped(statement, because=_BECAUSE)) != len(wanted):
            return False
    return True


def open_bytes(viewer: Viewer) -> int:
    """How much this person has announced and not finished, over all cases."""
    statement = select(func.coalesce(func.sum(Upload.length), 0)).where(
        Upload.by_user_id == viewer.user_id, Upload.sealed_results.is_(None)
    )
    return int(db.session.scalar(scope.unscoped(statement, because=_BECAUSE)) or 0)


def list_expired(*, now: datetime) -> Sequence[Upload]:
    """Uploads whose time is over, of anybody."""
    statement = select(Upload).where(Upload.expires_at <= now).limit(500)
    return db.session.scalars(scope.unscoped(statement, because="housekeeping")).all()


def known_uploads(ids: Collection[str]) -> set[str]:
    """Those of these that have a row, of anybody."""
    statement = select(Upload.id).where(Upload.id.in_(ids))
    return set(db.session.scalars(scope.unscoped(statement, because="housekeeping")))


def seal_secret(upload_id: str, secret: UploadSecret) -> bytes:
    """Seal what nobody else may read of an upload."""
    plain = {**asdict(secret), "key": secret.key.hex()}
    return _seal(upload_id, plain)


def open_secret(upload: Upload) -> UploadSecret:
    """What was sealed. Raises `mdt.crypto.SealBroken`."""
    plain = _open(upload.id, upload.sealed)
    return UploadSecret(**{**plain, "key": bytes.fromhex(plain["key"])})


def seal_results(upload_id: str, results: Sequence[dict[str, Any]]) -> bytes:
    """Seal what became of the files, whose names may hold the patient's."""
    return _seal(upload_id, list(results))


def open_results(upload: Upload) -> list[dict[str, Any]] | None:
    """What became of the files, or ``None`` before they were taken."""
    if upload.sealed_results is None:
        return None
    found: list[dict[str, Any]] = _open(upload.id, upload.sealed_results)
    return found


def _seal(upload_id: str, plain: object) -> bytes:
    text = json.dumps(plain, ensure_ascii=False).encode()
    return sealing.keyring.seal(text, aad=_aad(upload_id))


def _open(upload_id: str, sealed: bytes) -> Any:
    return json.loads(sealing.keyring.open(sealed, aad=_aad(upload_id)))


def _aad(upload_id: str) -> bytes:
    return f"upload:{upload_id}".encode()
