"""Files that were read go to disk while others are still being read."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from mdt.adapters.storage import Batch, Storage, StoredBlob
from mdt.services.file_intake import ReadDocument, ReadImage
from mdt.services.stored_blobs import take_back

# Storing waits for the disk: threads let one write while others wait.
_THREADS = 4
# No row keeps the hash of what is made of an original.
_UNHASHED = ""


@dataclass(frozen=True)
class Stored:
    """A file whose bytes are safe on disk and that no row speaks of yet.

    ``read`` is what was read of it, without the bytes.
    """

    place: int
    read: ReadImage | ReadDocument
    blob: StoredBlob
    #: What is shown of it: a document's viewing copy, an image's served form.
    copy: StoredBlob

    @property
    def keys(self) -> tuple[str, ...]:
        """Its blobs."""
        return self.blob.key, self.copy.key


class Storing:
    """Puts the files of a batch on disk: all of them, or none where something fails.

    To be used as a context: what was put goes where that ends with an error.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._batch = storage.batch()
        self._pool = ThreadPoolExecutor(_THREADS)
        self._tasks: list[Future[Stored]] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what runs; after an error take everything back."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        if kind is not None:
            done = [one for one in self._tasks if not one.cancelled() and not one.exception()]
            take_back([key for one in done for key in one.result().keys], error)

    def begin(self, place: int, read: ReadImage | ReadDocument) -> None:
        """Have a file stored; ``place`` is where it stands in its batch."""
        self._tasks.append(self._pool.submit(_put, self._storage, self._batch, place, read))

    def finish(self) -> Sequence[Stored]:
        """What was stored, in the order in which it was begun; all of it is durable now."""
        stored = [task.result() for task in self._tasks]
        self._batch.settle()
        return stored


def _put(storage: Storage, batch: Batch, place: int, read: ReadImage | ReadDocument) -> Stored:
    blob = batch.put(read.data, read.sha256)
    try:
        if isinstance(read, ReadImage):
            copy = batch.put(read.served.data, _UNHASHED)
            light = replace(read, data=b"", served=replace(read.served, data=b""))
            return Stored(place, light, blob, copy)
        copy = batch.put(read.copy.data, _UNHASHED)
        return Stored(place, replace(read, data=b"", copy=replace(read.copy, data=b"")), blob, copy)
    except BaseException:
        storage.delete(blob.key)
        raise
