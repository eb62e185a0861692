"""STOW-RS: objects that another system sends into a case, and the answer that it expects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from mdt.adapters.sniffing import has_dicom_mark
from mdt.queries.cases import get_case
from mdt.queries.dicomweb import Place, find_study
from mdt.rules.access import Viewer
from mdt.rules.attachments import MEBIBYTE, Refusal
from mdt.services.attachments import FileResult, add_files, check_may_add
from mdt.services.file_intake import Description, SentFile

# As many at once as are read, stored and committed together.
_GROUP_FILES = 64
_GROUP_BYTES = 32 * MEBIBYTE
# Failure reasons of PS3.4 table B.2-1 and PS3.18 I.2.2.
_CANNOT_UNDERSTAND, _DUPLICATE, _NO_MATCH = 0xC000, 0x0111, 0xA900
_OUT_OF_RESOURCES, _PROCESSING = 0xA700, 0x0110
_REASONS = {
    Refusal.DICOM_OTHER_STUDY.value: _NO_MATCH,
    Refusal.READING_CRASHED.value: _PROCESSING,
    Refusal.READING_TOO_BIG.value: _OUT_OF_RESOURCES,
    Refusal.READING_TOO_SLOW.value: _OUT_OF_RESOURCES,
    Refusal.TOO_LARGE.value: _OUT_OF_RESOURCES,
    "dicom_uid_conflict": _DUPLICATE,
    "virus_found": _PROCESSING,
}


@dataclass(frozen=True)
class Stored:
    """The answer to a STOW-RS request: its status, and the DICOM JSON of it."""

    status: int
    answer: dict[str, Any]


def store_objects(
    viewer: Viewer, place: Place, parts: Iterable[bytes], root: str, *, now: datetime
) -> Stored:
    """Take DICOM files into a case, of one study where ``place`` names it.

    One that is there already counts as stored. 200 where all are, 202 where some are, 409 where
    none is (PS3.18 10.5.3). Raises what `add_files` raises. Side effects: those of `add_files`, for
    64 files at a time.
    """
    check_may_add(viewer, get_case(viewer, place.case_id))
    study = find_study(viewer, place) or place.study
    results: list[FileResult] = []
    for group in _groups(parts):
        results += _store(viewer, place.case_id, group, Description(study_uid=study), now)
    kept = [one for one in results if one.ok]
    status = 200 if len(kept) == len(results) else 202 if kept else 409
    return Stored(status, _answer(results, root))


def _store(
    viewer: Viewer, case_id: int, group: Sequence[bytes], description: Description, now: datetime
) -> Sequence[FileResult]:
    """Take a group; what is no DICOM file is not looked at, or it would be filed as a document."""
    files = [
        SentFile(f"{place}.dcm", BytesIO(data))
        for place, data in enumerate(group)
        if has_dicom_mark(data)
    ]
    taken = iter(add_files(viewer, case_id, files, description, now=now) if files else ())
    refused = FileResult("", Refusal.DICOM_UNREADABLE.value)
    return [next(taken) if has_dicom_mark(data) else refused for data in group]


def _groups(parts: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    group: list[bytes] = []
    size = 0
    for part in parts:
        if group and (len(group) >= _GROUP_FILES or size + len(part) > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(part)
        size += len(part)
    if group:
        yield group


def _answer(results: Sequence[FileResult], root: str) -> dict[str, Any]:
    """Stored and failed objects, by the UIDs that the sender knows; addresses are the served."""
    kept = [_referenced(one, root) for one in results if one.ok]
    failed = [_failed(one) for one in results if not one.ok]
    studies = {one.served_path.split("/series/")[0] for one in results if one.ok}
    answer: dict[str, Any] = {}
    if len(studies) == 1:
        answer["00081190"] = _attribute("UR", f"{root}/{studies.pop()}")
    if failed:
        answer["00081198"] = _attribute("SQ", *failed)
    if kept:
        answer["00081199"] = _attribute("SQ", *kept)
    return answer


def _referenced(one: FileResult, root: str) -> dict[str, Any]:
    return {
        "00081150": _attribute("UI", one.sop_class_uid),
        "00081155": _attribute("UI", one.sop_uid),
        "00081190": _attribute("UR", f"{root}/{one.served_path}"),
    }


def _failed(one: FileResult) -> dict[str, Any]:
    names = {"00081150": one.sop_class_uid, "00081155": one.sop_uid}
    known = {tag: _attribute("UI", uid) for tag, uid in names.items() if uid}
    return known | {"00081197": _attribute("US", _REASONS.get(one.code, _CANNOT_UNDERSTAND))}


def _attribute(vr: str, *values: object) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}
