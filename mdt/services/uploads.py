"""Files sent in parts over poor lines: what arrived stays, and the sender goes on from there."""

import io
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast
from uuid import uuid4

from mdt.adapters import devices
from mdt.adapters.archives import read_bundle
from mdt.adapters.upload_parts import KEY_BYTES, Incoming
from mdt.adapters.virus_scan import ScannerUnavailable
from mdt.models.attachments import Upload
from mdt.queries import uploads as queries
from mdt.queries.cases import get_case
from mdt.queries.people import get_user, viewer_of
from mdt.queries.uploads import UploadSecret
from mdt.rules.access import Viewer
from mdt.rules.attachments import PASSING
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.uploads import (
    LARGEST_PART,
    LIFE,
    MOST_OPEN,
    MOST_OPEN_BYTES,
    Checksum,
    UploadBusy,
    UploadConflict,
    UploadOffer,
)
from mdt.services.attachments import (
    QUARANTINED,
    FileResult,
    check_may_add,
    file_answered,
)
from mdt.services.file_intake import Description, SentFile
from mdt.services.quarantine import description_of, hold_sent, hold_upload
from mdt.services.quota import HospitalFull, check_room
from mdt.services.slide_intake import add_everything
from mdt.services.unit_of_work import unit_of_work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UploadState:
    """How far an upload is: bytes on disk out of all; ``taken`` once its files are in the case.

    ``name`` is the file's, empty for a bundle of several.
    """

    id: str
    offset: int
    length: int
    expires_at: datetime
    name: str = ""
    taken: bool = False


def begin_upload(
    viewer: Viewer,
    case_id: int,
    offer: UploadOffer,
    *,
    now: datetime,
    life: timedelta = LIFE,
    phone_link_id: int | None = None,
    admit: Callable[[], None] | None = None,
) -> UploadState:
    """Make room for bytes that are going to be sent into a case.

    Who may attach files to it: `NotFound`, `Forbidden`, `Refused` otherwise, also for somebody who
    has too much on the way already. ``life`` is how long it is kept; ``phone_link_id`` says which
    phone sends it; ``admit`` raises, in the same transaction, where it may not. Side effects: a
    row, an empty file; uploads whose time is over are cleared away. No audit row: the files' own
    says what came into the case.
    """
    clear_expired(now=now)
    upload_id, parts = uuid4().hex, devices.parts()
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        case = get_case(viewer, case_id)
        check_may_add(viewer, case)
        if admit is not None:
            admit()
        _check_quota(viewer, case_id, offer, now)
        check_room(case.hospital_id, offer.length)
        secret = UploadSecret(os.urandom(KEY_BYTES), offer.name, offer.bundle)
        parts.create(upload_id)
        upload = Upload(
            id=upload_id,
            case_id=case_id,
            by_user_id=viewer.user_id,
            length=offer.length,
            sealed=queries.seal_secret(upload_id, secret),
            at=now,
            expires_at=now + life,
            phone_link_id=phone_link_id,
        )
        work.session.add(upload)
    return UploadState(upload_id, 0, offer.length, now + life)


def _check_quota(viewer: Viewer, case_id: int, offer: UploadOffer, now: datetime) -> None:
    if len(queries.list_open(viewer, case_id, now=now)) >= MOST_OPEN:
        raise Refused("upload_too_many", most=MOST_OPEN)
    if queries.open_bytes(viewer) + offer.length > MOST_OPEN_BYTES:
        raise Refused("upload_quota", limit=MOST_OPEN_BYTES)


def upload_state(viewer: Viewer, case_id: int, upload_id: str, *, now: datetime) -> UploadState:
    """How far an upload of this person is; raise `NotFound`."""
    return _state(queries.get_upload(viewer, case_id, upload_id, now=now))


def open_uploads(viewer: Viewer, case_id: int, *, now: datetime) -> tuple[UploadState, ...]:
    """This person's uploads into the case that broke off, the oldest first."""
    found = []
    for upload in queries.list_open(viewer, case_id, now=now):
        # A file that is gone (a restored backup has none) leaves nothing to go on with.
        with suppress(NotFound):
            found.append(_state(upload))
    return tuple(found)


def _state(upload: Upload) -> UploadState:
    taken = upload.sealed_results is not None
    return UploadState(
        upload.id,
        upload.length if taken else _offset(upload.id),
        upload.length,
        upload.expires_at,
        queries.open_secret(upload).name,
        taken,
    )


def _offset(upload_id: str) -> int:
    try:
        return devices.parts().offset(upload_id)
    except FileNotFoundError as error:
        raise NotFound from error


def append_part(
    viewer: Viewer,
    case_id: int,
    upload_id: str,
    offset: int,
    body: Incoming,
    *,
    size: int | None,
    checksum: Checksum | None,
    now: datetime,
) -> int:
    """Write the next bytes of an upload to disk; return how many are there now.

    ``size`` is what the sender announced for this part. Raises `NotFound`, `UploadConflict`,
    `UploadBusy`, `ChecksumMismatch`, and `Refused` for more than there is room for.
    """
    upload = queries.get_upload(viewer, case_id, upload_id, now=now)
    if upload.sealed_results is not None:
        raise UploadConflict("upload_offset", offset=upload.length)
    room = min(LARGEST_PART, upload.length - offset)
    if size is not None and size > room:
        raise Refused("upload_part_too_large", limit=room)
    key = queries.open_secret(upload).key
    try:
        return devices.parts().append(upload_id, key, offset, body, most=room, checksum=checksum)
    except FileNotFoundError as error:
        raise NotFound from error


def drop_upload(viewer: Viewer, case_id: int, upload_id: str, *, now: datetime) -> None:
    """Give an upload up; raise `UploadBusy` while it is being written or taken.

    Side effects: row and bytes are gone; nothing else knew of them.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        upload = queries.get_upload(viewer, case_id, upload_id, now=now, for_update=True)
        with devices.parts().held(upload_id):
            work.session.delete(upload)
            work.session.flush()
            work.after_commit(lambda: devices.parts().delete(upload_id))


def take_upload(
    viewer: Viewer, case_id: int, upload_id: str, description: Description, *, now: datetime
) -> tuple[FileResult, ...]:
    """Attach the files of an upload that is whole; asked again, the same answer is given.

    Asked again with another type, its documents are filed anew (`file_answered`).

    Raises `NotFound`, `UploadBusy` while it is being taken, `UploadConflict` before it is whole or
    where it is not as it was written any more, and what `add_files` raises. Side effects: those of
    `add_files`; the bytes are given up.
    """
    upload = queries.get_upload(viewer, case_id, upload_id, now=now)
    secret = queries.open_secret(upload)
    if upload.sealed_results is not None:
        return _answered(viewer, case_id, upload, description, now)
    offset = _offset(upload_id)
    if offset != upload.length:
        raise UploadConflict("upload_not_whole", offset=offset)
    description = replace(description, phone_link_id=upload.phone_link_id)
    with devices.parts().whole(upload_id, secret.key) as whole:
        with _sent(whole, secret) as files:
            try:
                results = add_everything(viewer, case_id, files, description, now=now)
            except ScannerUnavailable as error:
                log.warning("an upload waits: %s", error)
                names = [file.name for file in files]
                return hold_upload(viewer, case_id, upload_id, names, description, now=now)
        _note_results(viewer, case_id, upload_id, results, now)
    devices.parts().delete(upload_id)
    return results


def add_sent(
    viewer: Viewer,
    case_id: int,
    files: Sequence[SentFile],
    description: Description,
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """Attach files that came in one request (`add_files`); they wait where none can be scanned."""
    try:
        return add_everything(viewer, case_id, files, description, now=now)
    except ScannerUnavailable as error:
        log.warning("sent files wait: %s", error)
        return hold_sent(viewer, case_id, files, description, now=now)


def take_waiting(*, now: datetime) -> int:
    """Take what waited for the virus scanner into its cases; return how many uploads were done.

    Each as who sent it, by the rights of now. Side effects: those of `take_upload`.
    """
    waiting = queries.list_waiting(now=now)
    if not waiting or not devices.scanner_answers():
        return 0
    done = 0
    for upload_id, case_id, user_id in waiting:
        try:
            done += _take_waiting(upload_id, case_id, user_id, now)
        except Exception:
            # The others do not wait for this one.
            log.exception("upload %s was not taken; it is tried again", upload_id)
    return done


def _take_waiting(upload_id: str, case_id: int, user_id: int, now: datetime) -> bool:
    user = get_user(user_id)
    if user is None or not user.active:
        return False
    viewer = viewer_of(user, now=now)
    try:
        secret = queries.open_secret(queries.get_upload(viewer, case_id, upload_id, now=now))
        results = take_upload(viewer, case_id, upload_id, description_of(secret), now=now)
    except (NotFound, UploadBusy, HospitalFull):
        # The case is not this person's any more, the person asks for it this moment, or there is
        # no room: it goes on waiting.
        return False
    except (Forbidden, Refused, UploadConflict) as refused:
        results = (FileResult(secret.name, refused.code),)
        _note_results(viewer, case_id, upload_id, results, now)
        devices.parts().delete(upload_id)
    return all(one.code != QUARANTINED for one in results)


@contextmanager
def _sent(whole: io.BufferedReader, secret: UploadSecret) -> Iterator[list[SentFile]]:
    if not secret.bundle:
        yield [SentFile(secret.name, cast("BinaryIO", whole))]
        return
    # Eight megabytes or so: in memory, as each file must be read from its beginning.
    files = [SentFile(one.name, io.BytesIO(one.data)) for one in read_bundle(whole)]
    yield files


def _note_results(
    viewer: Viewer,
    case_id: int,
    upload_id: str,
    results: tuple[FileResult, ...],
    now: datetime,
) -> None:
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        upload = queries.get_upload(viewer, case_id, upload_id, now=now, for_update=True)
        upload.sealed_results = queries.seal_results(upload_id, [asdict(one) for one in results])
        if upload.waiting_since:
            upload.expires_at = now + LIFE


def _answered(
    viewer: Viewer, case_id: int, upload: Upload, description: Description, now: datetime
) -> tuple[FileResult, ...]:
    """What was answered before, documents filed as is asked now.

    Given up is an upload whose files were taken back meanwhile, or could not be read for a reason
    that may pass: whoever picks them again sends them anew.
    """
    results = _results(queries.open_results(upload) or [])
    every = [one for result in results for one in (result, *result.inside)]
    documents = {one.attachment_id for one in every if one.attachment_id}
    series = {one.series_id for one in every if one.series_id}
    slides = {one.slide_id for one in every if one.slide_id}
    failed = upload.waiting_since is None and any(one.code in PASSING for one in every)
    if not failed and queries.all_there(case_id, documents, series, slides):
        return file_answered(viewer, case_id, results, description, now=now)
    drop_upload(viewer, case_id, upload.id, now=now)
    raise NotFound


def _results(plain: list[dict[str, Any]]) -> tuple[FileResult, ...]:
    return tuple(FileResult(**one | {"inside": _results(one["inside"])}) for one in plain)


def clear_expired(*, now: datetime) -> int:
    """Give up uploads whose time is over; return how many. Side effects: rows and bytes go."""
    if not queries.list_expired(now=now):
        return 0
    with unit_of_work(None, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        expired = queries.list_expired(now=now)
        gone = [upload.id for upload in expired]
        for upload in expired:
            work.session.delete(upload)
    for name in gone:
        devices.parts().delete(name)
    return len(gone)
