"""The directory of a disc (DICOMDIR): which objects it lists."""

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.opening import open_dataset

# Many times what a disc holds.
_MOST = 20_000


def list_directory(data: bytes) -> Plain:
    """Return ``[UID, path]`` of each object that the directory of a disc lists."""
    dataset, _ = open_dataset(data, pixels=False)
    found: list[Plain] = []
    for record in dataset.get("DirectoryRecordSequence", [])[:_MOST]:
        uid = str(record.get("ReferencedSOPInstanceUIDInFile", "") or "")
        parts = record.get("ReferencedFileID") or []
        path = parts if isinstance(parts, str) else "/".join(map(str, parts))
        if uid:
            found.append([uid, path[:200]])
    return {"objects": found}
