"""Files on their way into a case: unpacked, looked at, read in the sandbox. No table is touched.

The virus scanner, where one is configured, looks at each before anything else reads it.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from mdt.adapters import devices
from mdt.adapters.archives import read_zip
from mdt.adapters.dicom_ingest import Making, ServedForm, ingest
from mdt.adapters.dicom_reader import clean_bytes, read_directory
from mdt.adapters.documents import ViewingCopy, viewing_copy
from mdt.adapters.sniffing import HEAD_BYTES, sniff
from mdt.adapters.virus_scan import Scanner
from mdt.rules.attachments import MEBIBYTE, FileRefused, Kind, Refusal, check_size
from mdt.rules.deidentification import CaseUids
from mdt.rules.discs import DiscPlan, plan_files
from mdt.rules.document_kinds import OTHER, check_kind, guess_date, guess_kind
from mdt.rules.imaging import DicomHeader
from mdt.rules.phone_links import PICTURES

# Files that are read, stored and committed together: few enough that nobody waits for the writer.
_BATCH_FILES = 64
_BATCH_BYTES = 64 * MEBIBYTE
# Reading waits for the sandbox and storing for the disk: threads let one go on while others wait.
_THREADS = 4


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent; ``stream`` can be read and rewound."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Description:
    """What the sender says of documents: type and day; without a type it is guessed.

    Of slides ``stain`` and ``block``.

    ``study_uid`` says to which study all images belong: others are refused. ``phone_link_id``: they
    are photographs from a phone, and nothing else is taken.
    """

    kind: str = ""
    dated_on: date | None = None
    study_uid: str = ""
    phone_link_id: int | None = None
    stain: str = ""
    block: str = ""


@dataclass(frozen=True)
class Piece:
    """One file of a batch; ``owner`` is the place of the sent file that it came from or out of."""

    owner: int
    name: str
    kind: Kind | None = None
    data: bytes = field(default=b"", repr=False)
    refusal: Refusal | None = None


@dataclass(frozen=True)
class ReadImage:
    """A DICOM object that was read; ``data`` is what will be stored as the original."""

    data: bytes = field(repr=False)
    sha256: str
    header: DicomHeader = field(repr=False)
    served: ServedForm = field(repr=False)


@dataclass(frozen=True)
class ReadDocument:
    """A document with its viewing copy, its type and the day that it stands for."""

    data: bytes = field(repr=False)
    sha256: str
    name: str = field(repr=False)
    kind: Kind
    document_type: str
    dated_on: date | None
    copy: ViewingCopy = field(repr=False)
    phone_link_id: int | None = None


@dataclass(frozen=True)
class ReadDirectory:
    """The directory of a disc: UID and path of each object that it lists."""

    objects: tuple[tuple[str, str], ...]


Read = ReadImage | ReadDocument | ReadDirectory | Refusal

#: What of a disc is its viewer's without looking like it.
VIEWERS_TOO = frozenset(
    {Refusal.EMPTY, Refusal.EXECUTABLE, Refusal.HTML, Refusal.SVG, Refusal.UNKNOWN_FORMAT}
)


def unpack(files: Iterable[SentFile], *, pictures_only: bool = False) -> Iterator[Piece]:
    """Take the files one by one, those of a ZIP each by itself; what is not taken says why."""
    for owner, file in enumerate(files):
        try:
            yield from _pieces(owner, file, pictures_only=pictures_only)
        except FileRefused as refused:
            # Of a ZIP that breaks off, what came out before stays.
            yield Piece(owner, file.name, refusal=refused.refusal)


def _pieces(owner: int, file: SentFile, *, pictures_only: bool) -> Iterator[Piece]:
    kind = sniff(file.stream.read(HEAD_BYTES), file.name)
    if isinstance(kind, Refusal):
        raise FileRefused(kind)
    if pictures_only and kind not in PICTURES:
        raise FileRefused(Refusal.IMAGE_OTHER_FORMAT)
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    check_size(kind, size)
    if kind is not Kind.ZIP:
        yield Piece(owner, file.name, kind, file.stream.read())
        return
    plans: list[DiscPlan] = []

    def choose(names: Sequence[str]) -> Sequence[str]:
        plans.append(plan_files(names))
        return plans[0].wanted

    for entry in read_zip(file.stream, choose=choose):
        piece = _entry(owner, entry.name, entry.data)
        if piece.refusal in VIEWERS_TOO and entry.name in plans[0].disc:
            piece = replace(piece, refusal=Refusal.DISC_VIEWER)
        yield piece
    for name in plans[0].left_out:
        yield Piece(owner, name, refusal=Refusal.DISC_VIEWER)


def _entry(owner: int, name: str, data: bytes) -> Piece:
    kind = sniff(data[:HEAD_BYTES], name)
    if isinstance(kind, Refusal):
        return Piece(owner, name, refusal=kind)
    if kind is Kind.ZIP:
        return Piece(owner, name, refusal=Refusal.ARCHIVE_WITHIN_ARCHIVE)
    try:
        check_size(kind, len(data))
    except FileRefused as refused:
        return Piece(owner, name, refusal=refused.refusal)
    return Piece(owner, name, kind, data)


@dataclass(frozen=True)
class Reading:
    """A piece on its way through the sandbox; `read` waits for what came of it."""

    piece: Piece
    _task: Future[Read]

    def read(self) -> Read:
        """What was read; raises `ScannerUnavailable` where nobody could look at it before."""
        return self._task.result()

    @property
    def done(self) -> bool:
        """Whether nobody would have to wait."""
        return self._task.done()


def read_ahead(
    pieces: Iterable[Piece], description: Description, today: date, uids: CaseUids
) -> Iterator[deque[Reading]]:
    """Begin to read each piece as soon as it is there; give them in batches, in their order.

    A batch is small enough to hold in memory and to commit at once; the one after it is read while
    the caller stores it, and takes its readings out as it does. ``uids`` says how the case's
    are served. What ``pieces`` raises comes after the batches before it.
    """
    scanner = devices.scanner()
    with ThreadPoolExecutor(_THREADS) as pool:

        def begin(piece: Piece) -> Reading:
            task = pool.submit(_read, piece, scanner, description, today, uids)
            return Reading(piece, task)

        try:
            yield from _one_ahead(_batches(pieces, begin))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _batches(
    pieces: Iterable[Piece], begin: Callable[[Piece], Reading]
) -> Iterator[deque[Reading]]:
    batch: deque[Reading] = deque()
    size = 0
    for piece in pieces:
        if batch and (len(batch) >= _BATCH_FILES or size + len(piece.data) > _BATCH_BYTES):
            yield batch
            batch, size = deque(), 0
        batch.append(begin(piece))
        size += len(piece.data)
    if batch:
        yield batch


def _one_ahead(batches: Iterator[deque[Reading]]) -> Iterator[deque[Reading]]:
    """Give each batch when the one after it has been begun, or could not be."""
    running = None
    while True:
        failure: Exception | None = None
        try:
            following = next(batches, None)
        except Exception as error:
            following, failure = None, error
        if running is not None:
            yield running
        if failure is not None:
            raise failure
        if following is None:
            return
        running = following


def _read(
    piece: Piece, scanner: Scanner | None, description: Description, today: date, uids: CaseUids
) -> Read:
    if piece.refusal is not None or piece.kind is None:
        return piece.refusal or Refusal.UNKNOWN_FORMAT
    try:
        if scanner is not None:
            scanner.check(piece.data)
        if piece.kind is Kind.DICOM:
            return _read_object(piece.data, uids, description.study_uid)
        return _read_document(piece, piece.kind, description, today)
    except FileRefused as refused:
        return refused.refusal


def _read_object(data: bytes, uids: CaseUids, study_uid: str) -> ReadImage | ReadDirectory:
    try:
        return _read_image(data, uids, study_uid)
    except FileRefused as refused:
        if refused.refusal is not Refusal.DICOM_DIRECTORY:
            raise
        return ReadDirectory(read_directory(data))


def _read_image(data: bytes, uids: CaseUids, study_uid: str) -> ReadImage:
    kept = clean_bytes(data)
    header, served = ingest(kept, uids.secret, Making(renamed=uids.renamed))
    if study_uid and study_uid not in {header.study_uid, served.study_uid}:
        raise FileRefused(Refusal.DICOM_OTHER_STUDY)
    return ReadImage(kept, hashlib.sha256(kept).hexdigest(), header, served)


def _read_document(piece: Piece, kind: Kind, description: Description, today: date) -> ReadDocument:
    return ReadDocument(
        data=piece.data,
        sha256=hashlib.sha256(piece.data).hexdigest(),
        name=piece.name,
        kind=kind,
        document_type=_document_type(piece.name, kind, description),
        dated_on=description.dated_on or guess_date(piece.name, today),
        copy=viewing_copy(piece.data, kind),
        phone_link_id=description.phone_link_id,
    )


def _document_type(name: str, kind: Kind, description: Description) -> str:
    if description.kind:
        check_kind(description.kind, kind)
        return description.kind
    guessed = guess_kind(name)
    try:
        check_kind(guessed, kind)
    except FileRefused:
        return OTHER
    return guessed
