"""Files are attached to a case: each is taken, was there already, or is refused with a reason."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mdt.adapters import devices
from mdt.models.attachments import Attachment
from mdt.models.cases import Case
from mdt.queries.attachments import get_document, takes_files
from mdt.queries.cases import check_doctor, get_case, get_case_alone
from mdt.queries.known_contents import KnownContents, known_contents
from mdt.queries.sealed_files import seal_file_name
from mdt.rules.access import Viewer
from mdt.rules.attachments import KINDS_BY_MEDIA_TYPE, MEDIA_TYPES, FileRefused, Refusal
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.deidentification import CaseUids
from mdt.rules.document_kinds import DICOM_STUDY, check_kind, offered_kinds
from mdt.rules.errors import Invalid, Refused
from mdt.services.file_intake import (
    Description,
    Read,
    ReadDirectory,
    ReadDocument,
    ReadImage,
    Reading,
    SentFile,
    read_ahead,
    unpack,
)
from mdt.services.file_storing import Stored, Storing
from mdt.services.imaging import StoredImage, add_images
from mdt.services.quota import check_room
from mdt.services.served_images import case_uids, make_again_if_renamed
from mdt.services.stored_blobs import discard_later
from mdt.services.unit_of_work import Work, unit_of_work

#: Codes of a file that is in the case now; every other code is a refusal.
TAKEN, DUPLICATE, REFILED = "taken", "duplicate", "refiled"
NO_IMAGE, ARCHIVE = "no_image", "archive"
#: It is kept apart until the virus scanner answers again.
QUARANTINED = "quarantined"
#: The directory of a disc, held against what is in the case.
DIRECTORY = "disc_directory"
#: Codes of files that are in the case, or will be.
KEPT = frozenset({TAKEN, DUPLICATE, REFILED, NO_IMAGE, ARCHIVE, QUARANTINED})
# As many files at least are looked up at once among what the case holds.
_WAVE = 4
_NAME_LENGTH = 200
_LOOKED_UP_AT_ONCE = 500


@dataclass(frozen=True)
class FileResult:
    """What became of a file. ``inside`` says it of each file of a ZIP.

    Of an image ``sop_class_uid`` and ``sop_uid`` are as it was sent, ``served_path`` is its address
    below the case's images. Of a disc's directory ``listed`` is how many objects it names,
    ``lacking`` the paths of those that the case has not.
    """

    name: str
    code: str
    kind: str = ""
    series_id: int | None = None
    slide_id: int | None = None
    attachment_id: int | None = None
    inside: tuple["FileResult", ...] = ()
    sop_class_uid: str = ""
    sop_uid: str = ""
    served_path: str = ""
    listed: int = 0
    lacking: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """The file, or something out of it, is in the case, or will be once it was looked at."""
        return self.code in KEPT


def add_files(
    viewer: Viewer,
    case_id: int,
    files: Iterable[SentFile],
    description: Description = Description(),  # noqa: B008 -- frozen
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """Attach files to a case; the answer has one result for each, in the order sent.

    ``files`` are asked for one by one, while those before are read. Doctors of the own hospital,
    until the case is locked: `NotFound`, `Forbidden` or `Refused("attachments_locked")` otherwise.
    What is answered as taken is on disk and committed.
    A document that is there already is filed under the type that is asked for now. Side effects:
    blobs; rows and one audit row for each batch, and one for each document filed anew. Raises
    `HospitalFull`, and `ScannerUnavailable` where files cannot be looked at: those of batches
    before it are taken.
    """
    _check_description(description, now)
    case = get_case_alone(viewer, case_id)
    check_may_add(viewer, case)
    check_room(case.hospital_id)
    uids = case_uids(case_id, now=now)
    found: dict[int, list[FileResult]] = defaultdict(list)
    names: list[str] = []
    from_phone = description.phone_link_id is not None
    pieces = unpack(_noting_names(files, names), pictures_only=from_phone)
    for batch in read_ahead(pieces, description, local_date(now), uids):
        owners = [one.piece.owner for one in batch]
        for owner, result in zip(owners, _keep(viewer, case_id, batch, uids, now), strict=True):
            found[owner].append(_filed_anew(viewer, case_id, result, description, now))
    return tuple(_result_of(name, found[place]) for place, name in enumerate(names))


def _noting_names(files: Iterable[SentFile], names: list[str]) -> Iterator[SentFile]:
    """Give one file after the other and keep nothing of it but its name."""
    for file in files:
        names.append(file.name)
        yield file


def check_may_add(viewer: Viewer, case: Case) -> None:
    """Raise unless this viewer may attach files to this case now."""
    check_doctor(viewer, case)
    if not takes_files(case):
        raise Refused("attachments_locked")


def _filed_anew(
    viewer: Viewer, case_id: int, result: FileResult, description: Description, now: datetime
) -> FileResult:
    """A document that was there already goes where its sender says it belongs."""
    number, kind = result.attachment_id, description.kind
    if result.code != DUPLICATE or number is None or not kind or kind == result.kind:
        return result
    with unit_of_work(viewer, AuditAction.ATTACHMENT_EDIT, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        document = get_document(viewer, case.id, number)
        work.about(document, case_id=case.id, before=document.kind, after=kind)
        document.kind = kind
        document.dated_on = description.dated_on or document.dated_on
    return FileResult(result.name, REFILED, kind, attachment_id=number)


def file_answered(
    viewer: Viewer,
    case_id: int,
    results: Sequence[FileResult],
    description: Description,
    *,
    now: datetime,
) -> tuple[FileResult, ...]:
    """File documents that were answered before under the type that is asked for now.

    Without a type, and of what is no document, the answer is the one before. Raises what
    `add_files` raises. Side effects: those of documents filed anew.
    """
    _check_description(description, now)
    if not description.kind:
        return tuple(results)
    return tuple(_file_answered(viewer, case_id, one, description, now) for one in results)


def _file_answered(
    viewer: Viewer, case_id: int, result: FileResult, description: Description, now: datetime
) -> FileResult:
    inside = file_answered(viewer, case_id, result.inside, description, now=now)
    if result.attachment_id is None:
        return replace(result, inside=inside)
    document = get_document(viewer, case_id, result.attachment_id)
    # Somebody may have filed it elsewhere since.
    filed = replace(result, kind=document.kind)
    if document.struck_at is not None or document.kind == description.kind:
        return filed
    try:
        check_kind(description.kind, KINDS_BY_MEDIA_TYPE[document.media_type])
    except FileRefused as refused:
        return FileResult(result.name, refused.code)
    return _filed_anew(viewer, case_id, replace(filed, code=DUPLICATE), description, now)


def _check_description(description: Description, now: datetime) -> None:
    if description.kind and description.kind not in offered_kinds():
        raise Invalid({"kind": "document_kind_unknown"})
    if description.dated_on and description.dated_on > local_date(now):
        raise Invalid({"dated_on": "date_in_future"})


def _result_of(name: str, inside: Sequence[FileResult]) -> FileResult:
    if len(inside) == 1 and inside[0].name == name:
        return inside[0]
    if any(one.ok for one in inside):
        return FileResult(name, ARCHIVE, inside=tuple(inside))
    return FileResult(name, "archive_nothing_taken", inside=tuple(inside))


def _keep(
    viewer: Viewer, case_id: int, batch: deque[Reading], uids: CaseUids, now: datetime
) -> Sequence[FileResult]:
    """Store what is new while the rest is read, and commit it; say what became of each file."""
    results: list[FileResult] = []
    known = KnownContents({}, {}, {})
    directories: dict[int, ReadDirectory] = {}
    with Storing(devices.storage()) as storing:
        while batch:
            wave = _read_by_now(batch)
            known = known.with_more(_known(case_id, [read for _, read in wave]))
            for name, read in wave:
                if isinstance(read, ReadDirectory):
                    directories[len(results)] = read
                    results.append(FileResult(name, DIRECTORY))
                    continue
                code = read.value if isinstance(read, Refusal) else _met(read, known)
                if code == TAKEN and not isinstance(read, Refusal):
                    storing.begin(len(results), read)
                results.append(_result(name, code, read, known))
        stored = storing.finish()
        if stored:
            _write(viewer, case_id, stored, results, uids, now)
    for place, directory in directories.items():
        results[place] = _compared(case_id, results[place], directory)
    return results


def _compared(case_id: int, result: FileResult, directory: ReadDirectory) -> FileResult:
    """What a disc lists against what the case holds; its directory comes after its images."""
    uids = [uid for uid, _ in directory.objects]
    there: set[str] = set()
    for begin in range(0, len(uids), _LOOKED_UP_AT_ONCE):
        some = uids[begin : begin + _LOOKED_UP_AT_ONCE]
        there |= known_contents(case_id, sop_uids=some, hashes=()).images.keys()
    lacking = tuple(path for uid, path in directory.objects if uid not in there)
    return replace(result, listed=len(directory.objects), lacking=lacking)


def _read_by_now(batch: deque[Reading]) -> Sequence[tuple[str, Read]]:
    """Take out what was read of a batch: what is there, but a few at least."""
    found: list[tuple[str, Read]] = []
    while batch and (len(found) < _WAVE or batch[0].done):
        one = batch.popleft()
        found.append((one.piece.name, one.read()))
    return found


def _result(
    name: str, code: str, read: ReadImage | ReadDocument | Refusal, known: KnownContents
) -> FileResult:
    """What is there already is named as it is filed, not as it was sent this time."""
    if isinstance(read, Refusal):
        return FileResult(name, code)
    if code == DUPLICATE and isinstance(read, ReadDocument) and read.sha256 in known.filed:
        number, kind = known.filed[read.sha256]
        return FileResult(name, code, kind, attachment_id=number)
    return _named(FileResult(name, code, _kind(read)), read)


def _named(result: FileResult, read: ReadImage | ReadDocument) -> FileResult:
    """The result with the names of the image that it is about."""
    if not isinstance(read, ReadImage):
        return result
    served = read.served
    path = f"studies/{served.study_uid}/series/{served.series_uid}/instances/{served.sop_uid}"
    return replace(
        result,
        sop_class_uid=read.header.sop_class_uid,
        sop_uid=read.header.sop_instance_uid,
        served_path=path,
    )


def _kind(read: ReadImage | ReadDocument) -> str:
    return DICOM_STUDY if isinstance(read, ReadImage) else read.document_type


def _known(case_id: int, reads: Sequence[Read]) -> KnownContents:
    return known_contents(
        case_id,
        sop_uids=[one.header.sop_instance_uid for one in reads if isinstance(one, ReadImage)],
        hashes=[one.sha256 for one in reads if isinstance(one, ReadDocument)],
    )


def _met(read: ReadImage | ReadDocument, known: KnownContents) -> str:
    """``taken`` for what is new (and known from then on), else what stands in its way."""
    table = known.images if isinstance(read, ReadImage) else known.documents
    name = read.header.sop_instance_uid if isinstance(read, ReadImage) else read.sha256
    before = table.get(name)
    if before is None:
        table[name] = (read.sha256, False)
        return TAKEN
    sha256, struck = before
    if sha256 != read.sha256:
        return "dicom_uid_conflict"
    return "attachment_struck" if struck else DUPLICATE


def _write(
    viewer: Viewer,
    case_id: int,
    stored: Sequence[Stored],
    results: list[FileResult],
    uids: CaseUids,
    now: datetime,
) -> None:
    """Commit the rows; ``results`` gets their numbers, and what came by another upload."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_ADD, now=now) as work:
        case = get_case_alone(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        known = _known(case.id, [one.read for one in stored])
        met = [(one, _met(one.read, known)) for one in stored]
        new = [one for one, code in met if code == TAKEN]
        for one, code in met:
            if code != TAKEN:
                results[one.place] = _result(results[one.place].name, code, one.read, known)
        _add_documents(work, case, new, results)
        _add_images(work, case, new, results)
        images = [one.blob.key for one in new if isinstance(one.read, ReadImage)]
        make_again_if_renamed(work, case.id, uids, images)
        surplus = [key for one, code in met if code != TAKEN for key in one.keys]
        discard_later(work, surplus)
        documents = len(new) - len(images)
        work.about(case, case_id=case.id, documents=documents, images=len(images))
        work.row["data"] |= _by_phone(new)


def _by_phone(stored: Sequence[Stored]) -> dict[str, int]:
    """By which phone link a batch came, for the trail."""
    for one in stored:
        if isinstance(one.read, ReadDocument) and one.read.phone_link_id is not None:
            return {"phone": one.read.phone_link_id}
    return {}


def _add_documents(
    work: Work, case: Case, stored: Sequence[Stored], results: list[FileResult]
) -> None:
    rows: list[tuple[int, Attachment]] = []
    for one in stored:
        read = one.read
        if not isinstance(read, ReadDocument):
            continue
        row = Attachment(
            case_id=case.id,
            kind=read.document_type,
            media_type=MEDIA_TYPES[read.kind],
            sealed_name=seal_file_name(one.blob.key, _own_name(read.name)),
            storage_key=one.blob.key,
            viewing_key=one.copy.key,
            sha256=read.sha256,
            size=one.blob.size,
            pages=read.copy.pages,
            dated_on=read.dated_on,
            phone_link_id=read.phone_link_id,
            by_user_id=work.viewer.user_id if work.viewer else case.created_by_id,
            at=work.now,
        )
        work.session.add(row)
        rows.append((one.place, row))
    work.session.flush()
    for place, row in rows:
        results[place] = FileResult(results[place].name, TAKEN, row.kind, attachment_id=row.id)


def _add_images(
    work: Work, case: Case, stored: Sequence[Stored], results: list[FileResult]
) -> None:
    images = [(one, one.read) for one in stored if isinstance(one.read, ReadImage)]
    series = add_images(
        work,
        case,
        [StoredImage(read.header, one.blob, read.served, one.copy) for one, read in images],
    )
    for (one, read), series_id in zip(images, series, strict=True):
        code = TAKEN if read.header.has_image else NO_IMAGE
        name = results[one.place].name
        result = FileResult(name, code, DICOM_STUDY, series_id=series_id)
        results[one.place] = _named(result, read)


def _own_name(name: str) -> str:
    """The file's own name, without the folders that it lay in."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][-_NAME_LENGTH:]
