"""Storages for tests, with a way round them to the bytes at rest."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3

from mdt.adapters.storage import Sealer, Storage
from mdt.adapters.storage_url import storage_from_url


class Place(Protocol):
    """A storage and the bytes that it keeps."""

    storage: Storage

    def reopened(self, sealer: Sealer) -> Storage: ...
    def at_rest(self) -> dict[str, bytes]: ...
    def overwrite(self, key: str, data: bytes) -> None: ...
    def begin_and_break_off(self) -> None: ...
    def unfinished(self) -> int: ...


class FolderPlace:
    def __init__(self, root: Path, sealer: Sealer) -> None:
        self.root = root
        self.storage = self.reopened(sealer)

    def reopened(self, sealer: Sealer) -> Storage:
        return storage_from_url(str(self.root), sealer)

    def at_rest(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._files()}

    def overwrite(self, key: str, data: bytes) -> None:
        path = self.root / key[:2] / key[2:4] / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def begin_and_break_off(self) -> None:
        path = self.root / "ab" / "cd" / ".new-x"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")

    def unfinished(self) -> int:
        return sum(path.name.startswith(".new-") for path in self._files())

    def _files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


class S3Place:
    def __init__(self, url: str, sealer: Sealer) -> None:
        self.url = url
        self.storage = self.reopened(sealer)
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, f"{parts.path.strip('/')}/"
        self._client: Any = boto3.client("s3")

    def reopened(self, sealer: Sealer) -> Storage:
        return storage_from_url(self.url, sealer)

    def at_rest(self) -> dict[str, bytes]:
        listed = self._client.list_objects_v2(Bucket=self._bucket).get("Contents", ())
        return {
            one["Key"].removeprefix(self._prefix): self._client.get_object(
                Bucket=self._bucket, Key=one["Key"]
            )["Body"].read()
            for one in listed
        }

    def overwrite(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=f"{self._prefix}{key}", Body=data)

    def begin_and_break_off(self) -> None:
        self._client.create_multipart_upload(Bucket=self._bucket, Key=f"{self._prefix}{'0' * 32}")

    def unfinished(self) -> int:
        return len(self._client.list_multipart_uploads(Bucket=self._bucket).get("Uploads", ()))


def grow_old(folder: Path, at: datetime) -> None:
    """Have everything in a folder been written then."""
    for path in folder.rglob("*"):
        os.utime(path, (at.timestamp(), at.timestamp()))
