"""Files wait, sealed and seen by nobody, for as long as the virus scanner does not answer."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from mdt.adapters import devices
from mdt.adapters.upload_parts import KEY_BYTES
from mdt.models.attachments import Upload
from mdt.queries import uploads as queries
from mdt.queries.uploads import UploadSecret
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.uploads import QUARANTINE_LIFE
from mdt.services.attachments import KEPT, QUARANTINED, FileResult
from mdt.services.file_intake import Description, SentFile
from mdt.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class HeldFile:
    """A file, or several sent as one (without a name), that waits or waited for the scanner.

    ``refused`` is empty while it waits; then it says which of its files were not taken, and why.
    """

    name: str
    since: datetime
    waits: bool
    refused: tuple[tuple[str, str], ...] = ()


def hold_upload(
    viewer: Viewer,
    case_id: int,
    upload_id: str,
    names: Sequence[str],
    description: Description,
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """Keep an upload that is whole until its files can be looked at.

    Side effects: its row says so and how the files are to be filed.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        work.silent = True
        upload = queries.get_upload(viewer, case_id, upload_id, now=now, for_update=True)
        secret = queries.open_secret(upload)
        upload.sealed = queries.seal_secret(upload_id, _filed(secret, description))
        upload.waiting_since = upload.waiting_since or now
        upload.expires_at = now + QUARANTINE_LIFE
    return tuple(FileResult(name, QUARANTINED) for name in names)


def hold_sent(
    viewer: Viewer,
    case_id: int,
    files: Sequence[SentFile],
    description: Description,
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """Keep files that came in one request, each as an upload of its own; see `hold_upload`."""
    for file in files:
        length = file.stream.seek(0, os.SEEK_END)
        file.stream.seek(0)
        upload_id, key, parts = uuid4().hex, os.urandom(KEY_BYTES), devices.parts()
        parts.create(upload_id)
        try:
            parts.append(upload_id, key, 0, file.stream, most=length)
            secret = _filed(UploadSecret(key, file.name), description)
            with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
                work.silent = True
                upload = Upload(
                    id=upload_id,
                    case_id=case_id,
                    by_user_id=viewer.user_id,
                    length=length,
                    sealed=queries.seal_secret(upload_id, secret),
                    at=now,
                    waiting_since=now,
                    expires_at=now + QUARANTINE_LIFE,
                )
                work.session.add(upload)
        except BaseException:
            parts.delete(upload_id)
            raise
    return tuple(FileResult(file.name, QUARANTINED) for file in files)


def held_files(viewer: Viewer, case_id: int, *, now: datetime) -> tuple[HeldFile, ...]:
    """This person's files that wait, and what of those that waited was then refused."""
    found = []
    for upload in queries.list_held(viewer, case_id, now=now):
        name, since = queries.open_secret(upload).name, upload.waiting_since or upload.at
        results = queries.open_results(upload)
        if results is None:
            found.append(HeldFile(name, since, waits=True))
        elif refused := tuple(_refused(results)):
            found.append(HeldFile(name, since, waits=False, refused=refused))
    return tuple(found)


def _refused(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names and codes of files that were not taken, those of a ZIP instead of it."""
    for one in results:
        if one["inside"]:
            yield from _refused(one["inside"])
        elif one["code"] not in KEPT:
            yield one["name"], one["code"]


def description_of(secret: UploadSecret) -> Description:
    """How the files were to be filed."""
    day = date.fromisoformat(secret.dated_on) if secret.dated_on else None
    return Description(secret.kind, day, stain=secret.stain, block=secret.block)


def _filed(secret: UploadSecret, description: Description) -> UploadSecret:
    day = description.dated_on.isoformat() if description.dated_on else ""
    return UploadSecret(
        secret.key,
        secret.name,
        secret.bundle,
        description.kind,
        day,
        description.stain,
        description.block,
    )
