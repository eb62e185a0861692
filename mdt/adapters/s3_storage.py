"""Blobs in a bucket of an S3 service, under ``prefix/<key>``.

They are hashed and sealed before they leave, so the service holds ciphertext alone. Where it is and
who we are there is said by the usual variables (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``). Loaded only where it is used (``storage_url``).
"""

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mdt.adapters.blob_format import (
    CHUNK_BYTES,
    HEAD_BYTES,
    SealedContent,
    check_content,
    open_blob,
    open_stream,
)
from mdt.adapters.storage import (
    BlobNotFound,
    KeptBlob,
    Sealer,
    StorageUnavailable,
    StoredBlob,
    blob_path,
    is_key,
)
from mdt.rules.attachments import MEBIBYTE

# Somebody waits for the answer: three tries, and a service that is down is said to be soon.
_CLIENT = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
    # Each chunk carries its own proof, and not every service knows the newer checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_PART_BYTES = 8 * MEBIBYTE
_TRANSFER = TransferConfig(
    multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, use_threads=False
)
# Who reads on from where the last bytes ended will go on: fewer questions for a big blob.
_AHEAD_BYTES = 4 * MEBIBYTE
_GONE = frozenset({"NoSuchKey", "404", "NotFound"})


class S3Storage:
    """The storage of a bucket."""

    def __init__(self, bucket: str, prefix: str, sealer: Sealer) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._sealer = sealer
        self._client: Any = boto3.client("s3", config=_CLIENT)

    def put(self, content: bytes | BinaryIO) -> StoredBlob:
        """Send it in one request, or in parts where it is big; durable when this returns."""
        return self._put(SealedContent(uuid.uuid4().hex, content, self._sealer))

    def batch(self) -> "_S3Batch":
        """Begin to store several blobs."""
        return _S3Batch(self._put, self._sealer)

    def _put(self, sealed: SealedContent) -> StoredBlob:
        stream = io.BufferedReader(_Pieces(iter(sealed)), CHUNK_BYTES)
        with _asking():
            self._client.upload_fileobj(
                stream, self._bucket, self._name(sealed.key), Config=_TRANSFER
            )
        return sealed.blob

    def open(self, key: str) -> BinaryIO:
        """Return the content as a stream that can be read from any place."""
        return open_stream(key, self._source(key, HEAD_BYTES + CHUNK_BYTES), self._sealer)

    def read(self, key: str) -> bytes:
        """Return the content; raise `BlobNotFound` or `CorruptBlob`."""
        with closing(self._source(key, None)) as source:
            blob = open_blob(key, source, self._sealer)
            return blob.read(0, blob.size)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on, fewer at the end."""
        first = HEAD_BYTES + (CHUNK_BYTES if offset + length <= CHUNK_BYTES else 0)
        with closing(self._source(key, first)) as source:
            return open_blob(key, source, self._sealer).read(offset, length)

    def check(self, key: str, sha256: str | None = None) -> None:
        """Read all of it; raise `BlobNotFound`, or `CorruptBlob` also where its hash is another."""
        with closing(self._source(key, HEAD_BYTES + CHUNK_BYTES)) as source:
            check_content(key, open_blob(key, source, self._sealer), sha256)

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is fine."""
        with _asking():
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def keys(self) -> Iterator[KeptBlob]:
        """Give every blob, in the order of the keys (which is the service's own)."""
        pages = self._client.get_paginator("list_objects_v2")
        with _asking():
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for one in page.get("Contents", ()):
                    key = one["Key"].removeprefix(self._prefix)
                    if is_key(key):
                        yield KeptBlob(key, one["LastModified"])

    def copy_out(self, folder: Path) -> None:
        """Copy every blob that is not there yet into a folder as it lies here, sealed."""
        for blob in self.keys():
            target = blob_path(folder, blob.key)
            if target.exists():
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with _asking(blob.key), target.open("wb") as file:
                    self._client.download_fileobj(
                        self._bucket, self._name(blob.key), file, Config=_TRANSFER
                    )
            except BlobNotFound:
                # Deleted after its page was listed.
                target.unlink()

    def copy_in(self, folder: Path) -> None:
        """Take over every blob of such a folder."""
        for path in sorted(folder.glob("*/*/*")):
            if is_key(path.name):
                with _asking(), path.open("rb") as file:
                    self._client.upload_fileobj(
                        file, self._bucket, self._name(path.name), Config=_TRANSFER
                    )

    def clear_unfinished(self, *, before: datetime) -> int:
        """Give up uploads in parts that were begun before then; return how many."""
        pages = self._client.get_paginator("list_multipart_uploads")
        cleared = 0
        with _asking():
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for one in page.get("Uploads", ()):
                    if one["Initiated"] < before:
                        self._client.abort_multipart_upload(
                            Bucket=self._bucket, Key=one["Key"], UploadId=one["UploadId"]
                        )
                        cleared += 1
        return cleared

    def _name(self, key: str) -> str:
        if not is_key(key):
            raise BlobNotFound(key)
        return f"{self._prefix}{key}"

    def _source(self, key: str, first: int | None) -> "_ObjectSource":
        return _ObjectSource(self._client, self._bucket, self._name(key), key, first)


class _S3Batch:
    """Blobs that are sent one by one: a service has no cheaper way for several."""

    def __init__(self, put: Callable[[SealedContent], StoredBlob], sealer: Sealer) -> None:
        self._put, self._sealer = put, sealer

    def put(self, content: bytes, sha256: str | None = None) -> StoredBlob:
        """Send one; it is durable when this returns."""
        return self._put(SealedContent(uuid.uuid4().hex, content, self._sealer, sha256))

    def settle(self) -> None:
        """Nothing is left to do."""


class _ObjectSource:
    """The bytes of one object; the ``first`` of them (all, for ``None``) are fetched at once."""

    def __init__(self, client: Any, bucket: str, name: str, key: str, first: int | None) -> None:
        self._client, self._key = client, key
        self._place = {"Bucket": bucket, "Key": name}
        self.size = 0
        self._at, self._held = 0, b""
        self._fetch(0, first)

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer at the end."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        held_until = self._at + len(self._held)
        if not self._at <= offset <= offset + length <= held_until:
            ahead = _AHEAD_BYTES if self._at < offset <= held_until else 0
            self._fetch(offset, max(length, ahead))
        start = offset - self._at
        return self._held[start : start + length]

    def close(self) -> None:
        """Let go of what was fetched."""
        self._held = b""

    def _fetch(self, offset: int, length: int | None) -> None:
        wanted = {} if length is None else {"Range": f"bytes={offset}-{offset + length - 1}"}
        with _asking(self._key):
            answer = self._client.get_object(**self._place, **wanted)
            with closing(answer["Body"]) as body:
                self._at, self._held = offset, body.read()
        # "bytes 0-511/73400": a service that knows no ranges sends all of it.
        _, slash, size = answer.get("ContentRange", "").rpartition("/")
        if not slash:
            self._at = 0
        self.size = int(size) if slash else len(self._held)


class _Pieces(io.RawIOBase):
    """Pieces of any length, read as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is for reading alone."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # any buffer
        """Fill the buffer as far as one piece goes."""
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        piece = self._rest[: len(buffer)]
        buffer[: len(piece)] = piece
        self._rest = self._rest[len(piece) :]
        return len(piece)


@contextmanager
def _asking(key: str = "") -> Iterator[None]:
    """Say in our own words that the service does not answer, or has no such object."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if key and code in _GONE:
            raise BlobNotFound(key) from error
        raise StorageUnavailable(f"S3: {code}") from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"S3: {type(error).__name__}") from error
