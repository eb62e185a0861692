"""Which storage ``MDT_STORAGE_URL`` names."""

from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mdt.adapters.folder_storage import FolderStorage
from mdt.adapters.storage import Sealer, Storage


def storage_from_url(url: str, sealer: Sealer) -> Storage:
    """Open a storage: a folder, as a path or a file URL, or ``s3://bucket/prefix``.

    Raises `ValueError` for anything else. Nothing is read or written before the first blob.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _s3_storage(parts.netloc, parts.path.strip("/"), sealer)
    if parts.scheme == "file":
        return FolderStorage(Path(unquote(parts.path)), sealer)
    if parts.scheme and len(parts.scheme) > 1:
        raise ValueError(
            f"MDT_STORAGE_URL: cannot store at {parts.scheme}://; name a folder or s3://bucket"
        )
    return FolderStorage(Path(url), sealer)


def _s3_storage(bucket: str, prefix: str, sealer: Sealer) -> Storage:
    if not bucket:
        raise ValueError("MDT_STORAGE_URL: s3:// needs the name of a bucket: s3://bucket/prefix")
    # Its library takes longer to load than all of ours: only where it is used.
    module: Any = import_module("mdt.adapters.s3_storage")
    storage: Storage = module.S3Storage(bucket, prefix, sealer)
    return storage
