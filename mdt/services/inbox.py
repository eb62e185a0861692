"""The inbox of a hospital: what its PACS sends is kept, listed beside a case, and taken into it."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from mdt.adapters import devices
from mdt.adapters.dicom_reader import clean_bytes, read_header
from mdt.adapters.storage import StoredBlob
from mdt.models.cases import Case
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.models.regions import Hospital
from mdt.queries import inbox as queries
from mdt.queries.cases import get_case
from mdt.queries.inbox import InboxPage
from mdt.queries.pacs import find_peer
from mdt.rules.access import Viewer
from mdt.rules.attachments import MEBIBYTE, Kind, check_size
from mdt.rules.audit import AuditAction
from mdt.rules.errors import MdtError
from mdt.rules.header_identity import without_identity
from mdt.rules.imaging import DicomHeader
from mdt.rules.pacs import INBOX_LIFE
from mdt.services.attachments import FileResult, add_files, check_may_add
from mdt.services.file_intake import SentFile
from mdt.services.quota import check_room
from mdt.services.stored_blobs import discard_later, take_back
from mdt.services.unit_of_work import Work, begin_reading, unit_of_work

_DESCRIPTION_LENGTH = 120
_MODALITIES_LENGTH = 60
# Files that are held in memory to be handed on together.
_BATCH_FILES = 64
_BATCH_BYTES = 64 * MEBIBYTE
_CLEARED_AT_ONCE = 50


class NotAsAnnounced(MdtError):
    """The object is another than its sender said."""

    status = 422


@dataclass(frozen=True)
class Sender:
    """A machine that was let in: whose it is and by which title it called."""

    hospital_id: int
    ae_title: str


def sender_of(title: str, address: str) -> Sender | None:
    """Who calls by this title from this address; nothing for somebody unknown."""
    begin_reading()
    peer = find_peer(title, address)
    return None if peer is None else Sender(peer.hospital_id, peer.ae_title)


def receive_object(
    sender: Sender, data: bytes, *, sop_class_uid: str, sop_uid: str, now: datetime
) -> None:
    """Keep a DICOM file in the inbox of its sender's hospital; on disk when this returns.

    The same object once more changes nothing, unless the study's time is over: it begins anew.
    Raises `FileRefused`, `NotAsAnnounced`, `HospitalFull`, `StorageUnavailable`. Side effects: a
    blob, rows; one audit row for each study.
    """
    check_size(Kind.DICOM, len(data))
    kept = clean_bytes(data)
    header = read_header(kept)
    if (header.sop_class_uid, header.sop_instance_uid) != (sop_class_uid, sop_uid):
        raise NotAsAnnounced("object_not_as_announced")
    sha256 = hashlib.sha256(kept).hexdigest()
    begin_reading()
    known = queries.find_receiving(sender.hospital_id, header)
    if known and known.expires_at > now and queries.holds_object(known, sop_uid, sha256):
        return
    check_room(sender.hospital_id, len(kept))
    blob = devices.storage().put(kept)
    try:
        _write(sender, header, blob, now)
    except BaseException as error:
        take_back([blob.key], error)
        raise


def _write(sender: Sender, header: DicomHeader, blob: StoredBlob, now: datetime) -> None:
    with unit_of_work(None, AuditAction.INBOX_RECEIVE, now=now) as work:
        # Two associations may bring the first objects of one study at the same moment.
        hospital = select(Hospital.id).where(Hospital.id == sender.hospital_id)
        work.session.execute(hospital.with_for_update(key_share=True))
        study = queries.find_receiving(sender.hospital_id, header, for_update=True)
        work.silent = study is not None
        if study is None:
            study = _new_study(work, sender, header)
        elif queries.holds_object(study, header.sop_instance_uid, blob.sha256):
            discard_later(work, [blob.key])
            if study.expires_at <= now:
                study.received_at, study.expires_at = now, now + INBOX_LIFE
            return
        study.object_count += 1
        study.modalities = _with_modality(study.modalities, header.modality)
        study.received_at, study.expires_at = now, now + INBOX_LIFE
        work.session.add(
            InboxObject(
                study_id=study.id,
                sop_uid=header.sop_instance_uid,
                storage_key=blob.key,
                sha256=blob.sha256,
                size=blob.size,
                at=now,
            )
        )


def _new_study(work: Work, sender: Sender, header: DicomHeader) -> InboxStudy:
    description = without_identity(header.study_description.replace("\0", ""), header.patient)
    study = InboxStudy(
        hospital_id=sender.hospital_id,
        study_uid=header.study_uid,
        study_date=header.study_date,
        description=description[:_DESCRIPTION_LENGTH],
        modalities="",
        object_count=0,
        ae_title=sender.ae_title,
        received_at=work.now,
        expires_at=work.now + INBOX_LIFE,
    )
    queries.name_person(study, header.patient)
    work.session.add(study)
    work.about(study)
    work.row["hospital_id"] = sender.hospital_id
    return study


def _with_modality(known: str, modality: str) -> str:
    new = modality.replace("\0", "").strip().upper()[:16]
    found = sorted({*known.split("/"), new} - {""})
    text = "/".join(found)
    return text if len(text) <= _MODALITIES_LENGTH else known


def open_inbox(
    viewer: Viewer, case_id: int, *, text: str = "", page: int = 1, now: datetime
) -> tuple[Case, InboxPage]:
    """The inbox beside a case, for who may attach files to it; see `list_inbox`.

    Raises `NotFound`, `Forbidden`, `Refused`. Side effects: one audit row.
    """
    with unit_of_work(viewer, AuditAction.INBOX_VIEW, now=now) as work:
        case = get_case(viewer, case_id)
        check_may_add(viewer, case)
        found = queries.list_inbox(viewer, case, text=text, page=page)
        work.about(case, case_id=case.id, found=found.total)
        return case, found


def open_received(viewer: Viewer, *, free: bool = False, page: int = 1, now: datetime) -> InboxPage:
    """What the PACS of the viewer's hospitals sent. Side effects: an audit row."""
    with unit_of_work(viewer, AuditAction.INBOX_VIEW, now=now) as work:
        found = queries.list_received(viewer, free=free, page=page)
        work.row["data"] = {"found": found.total}
        return found


def open_received_study(
    viewer: Viewer, inbox_id: int, *, now: datetime
) -> tuple[queries.InboxLine, tuple[queries.CaseForStudy, ...]]:
    """A study with the cases that may take it. Raises `NotFound`. Side effects: an audit row."""
    with unit_of_work(viewer, AuditAction.INBOX_VIEW, now=now) as work:
        study = queries.get_received(viewer, inbox_id)
        work.about(study)
        return queries.received_line(viewer, study), queries.list_cases_for(viewer, study)


def take_study(
    viewer: Viewer, case_id: int, inbox_id: int, *, now: datetime
) -> tuple[FileResult, ...]:
    """Attach all objects of a study to a case of the same hospital; one result for each.

    What is there already stays as it is, so that a study is taken again where more has come.
    Raises `NotFound` and what `add_files` raises. Side effects: those of `add_files`; the study
    names the case; one audit row.
    """
    case = get_case(viewer, case_id)
    check_may_add(viewer, case)
    study = queries.get_inbox_study(viewer, case, inbox_id)
    objects = queries.stored_objects(study.id)
    results = tuple(
        result
        for files in _batches(objects)
        for result in add_files(viewer, case_id, files, now=now)
    )
    if any(one.ok for one in results):
        with unit_of_work(viewer, AuditAction.INBOX_TAKE, now=now) as work:
            case = get_case(viewer, case_id)
            study = queries.get_inbox_study(viewer, case, inbox_id, for_update=True)
            study.taken_case_id, study.taken_by_id = case.id, viewer.user_id
            study.taken_at = now
            work.about(study, case_id=case.id, images=sum(one.ok for one in results))
    return results


def _batches(objects: queries.StoredObjects) -> Iterator[list[SentFile]]:
    """The files of a study, few enough at a time to be held in memory."""
    storage = devices.storage()
    batch: list[SentFile] = []
    size = 0
    for place, (key, length) in enumerate(objects, start=1):
        if batch and (len(batch) >= _BATCH_FILES or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(SentFile(f"{place}.dcm", io.BytesIO(storage.read(key))))
        size += length
    if batch:
        yield batch


def clear_inbox(*, now: datetime) -> int:
    """Delete studies whose time is over; return how many. Side effects: rows and blobs go."""
    gone = 0
    while numbers := _clear_some(now):
        gone += numbers
    return gone


def _clear_some(now: datetime) -> int:
    begin_reading()
    if not queries.list_over(now=now, most=1):
        return 0
    with unit_of_work(None, AuditAction.INBOX_CLEAR, now=now) as work:
        over = [
            one.id for one in queries.list_over(now=now, most=_CLEARED_AT_ONCE, for_update=True)
        ]
        keys = queries.keys_of(over)
        work.session.execute(delete(InboxObject).where(InboxObject.study_id.in_(over)))
        work.session.execute(delete(InboxStudy).where(InboxStudy.id.in_(over)))
        work.row["data"] = {"count": len(over)}
        discard_later(work, keys)
    return len(over)
