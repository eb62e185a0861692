"""Slides on their way into a case: a branch of its own, as they are too large for memory."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.adapters.slide_copies import write_copy
from mdt.adapters.slide_reader import read_slide
from mdt.adapters.sniffing import HEAD_BYTES
from mdt.adapters.storage import StoredBlob
from mdt.models.slides import Slide
from mdt.queries.cases import get_case_alone
from mdt.queries.slides import find_same
from mdt.rules.access import Viewer
from mdt.rules.attachments import FileRefused, Refusal, extension_of
from mdt.rules.audit import AuditAction
from mdt.rules.jobs import JobName
from mdt.rules.slides import (
    LARGEST_SLIDE,
    SlideFacts,
    SlideFormat,
    clean_label,
    may_be_picture,
    slide_format,
)
from mdt.services.attachments import DUPLICATE, TAKEN, FileResult, add_files, check_may_add
from mdt.services.file_intake import Description, SentFile
from mdt.services.quota import check_room
from mdt.services.slide_sources import mrxs_in, unpack_mrxs
from mdt.services.stored_blobs import discard_later, take_back
from mdt.services.unit_of_work import unit_of_work

_PIECE = 1024 * 1024
#: What a result's kind says of a slide.
SLIDE = "slide"


@dataclass(frozen=True)
class _Sent:
    """A file that is a slide, and how it is to be filed."""

    file: SentFile
    format: SlideFormat
    description: Description


@dataclass(frozen=True)
class _Arrived:
    """A slide that was read and stored, and that no row speaks of yet."""

    sent: _Sent
    facts: SlideFacts
    blob: StoredBlob


def add_everything(
    viewer: Viewer,
    case_id: int,
    files: Sequence[SentFile],
    description: Description,
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """Attach files to a case, slides among them; one result for each, in the order sent.

    As `mdt.services.attachments.add_files`, which takes all that is no slide.
    """
    formats = [_format_of(file, description) for file in files]
    others = [file for file, found in zip(files, formats, strict=True) if found is None]
    slides_alone = files and not others
    answers = iter(() if slides_alone else add_files(viewer, case_id, others, description, now=now))
    return tuple(
        next(answers)
        if found is None
        else _add(viewer, case_id, _Sent(file, found, description), now=now)
        for file, found in zip(files, formats, strict=True)
    )


def _format_of(file: SentFile, description: Description) -> SlideFormat | None:
    if description.phone_link_id is not None:
        return None
    head = file.stream.read(HEAD_BYTES)
    file.stream.seek(0)
    found = slide_format(head, file.name)
    if found is None and mrxs_in(file.stream, head, file.name):
        found = SlideFormat.MRXS_ZIP
    file.stream.seek(0)
    return found


def _add(viewer: Viewer, case_id: int, sent: _Sent, *, now: datetime) -> FileResult:
    case = get_case_alone(viewer, case_id)
    check_may_add(viewer, case)
    check_room(case.hospital_id)
    try:
        return _take(viewer, case_id, sent, now=now)
    except FileRefused as refused:
        return FileResult(sent.file.name, _said(refused, sent.file.name).value)


def _said(refused: FileRefused, name: str) -> Refusal:
    """A scanned paper is no damaged slide."""
    if refused.refusal is Refusal.SLIDE_UNREADABLE and may_be_picture(name):
        return Refusal.IMAGE_OTHER_FORMAT
    return refused.refusal


def _take(viewer: Viewer, case_id: int, sent: _Sent, *, now: datetime) -> FileResult:
    file = sent.file
    _check(file.stream, sent.format)
    sha256 = _hash(file.stream)
    same = find_same(case_id, sha256)
    if same is not None:
        return _there(file.name, same)
    scanner = devices.scanner()
    if scanner is not None:
        file.stream.seek(0)
        scanner.check(file.stream)
    facts = _look(file, sent.format)
    file.stream.seek(0)
    arrived = _Arrived(sent, facts, devices.storage().put(file.stream))
    try:
        return _write(viewer, case_id, arrived, now=now)
    except BaseException as error:
        take_back([arrived.blob.key], error)
        raise


def _check(stream: BinaryIO, found: SlideFormat) -> None:
    if found is SlideFormat.VENDOR and devices.settings().slide_converter is None:
        raise FileRefused(Refusal.SLIDE_VENDOR)
    size = stream.seek(0, 2)
    if size > LARGEST_SLIDE:
        raise FileRefused(Refusal.TOO_LARGE, size=size, limit=LARGEST_SLIDE)


def _hash(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    for piece in _pieces(stream):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _look(file: SentFile, found: SlideFormat) -> SlideFacts:
    """Read the slide once before it is taken; what a converter makes of a file comes later."""
    if found is SlideFormat.VENDOR:
        return SlideFacts(0, 0)
    file.stream.seek(0)
    with devices.slide_copies().passing(uuid4().hex) as folder:
        return read_slide(_opened(file.stream, found, folder))


def _opened(stream: BinaryIO, found: SlideFormat, folder: Path) -> Path:
    if found is SlideFormat.MRXS_ZIP:
        return unpack_mrxs(stream, folder)
    return write_copy(stream, folder / "slide")


def _write(viewer: Viewer, case_id: int, arrived: _Arrived, *, now: datetime) -> FileResult:
    sent, facts, blob = arrived.sent, arrived.facts, arrived.blob
    vendor = sent.format is SlideFormat.VENDOR
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        case = get_case_alone(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        same = find_same(case.id, blob.sha256)
        if same is not None:
            # By another upload meanwhile.
            work.silent = True
            discard_later(work, [blob.key])
            return _there(sent.file.name, same)
        slide = Slide(
            case_id=case.id,
            format=sent.format.value,
            extension=extension_of(sent.file.name) if vendor else "",
            storage_key=blob.key,
            sha256=blob.sha256,
            size=blob.size,
            stain=clean_label(sent.description.stain),
            block=clean_label(sent.description.block),
            vendor=facts.vendor,
            width=facts.width,
            height=facts.height,
            mpp=facts.mpp,
            objective=facts.objective,
            by_user_id=viewer.user_id,
            at=now,
        )
        work.session.add(slide)
        work.session.flush()
        work.about(case, case_id=case.id, slides=1)
        work.after_commit(lambda: queue().put(JobName.SLIDES_PREPARE))
    return FileResult(sent.file.name, TAKEN, SLIDE, slide_id=slide.id)


def _there(name: str, same: tuple[int, bool]) -> FileResult:
    number, struck = same
    code = "attachment_struck" if struck else DUPLICATE
    return FileResult(name, code, SLIDE, slide_id=number)
