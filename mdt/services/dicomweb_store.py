"""STOW-RS: objects that another system sends into a case, and the answer that it expects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from mdt.adapters.sniffing import has_dicom_mark
from mdt.queries.cases import get_case_alone
from mdt.queries.dicomweb import Place, find_study
from mdt.rules.access import Viewer
from mdt.rules.attachments import Refusal
from mdt.services.attachments import FileResult, add_files
from mdt.services.file_intake import Description, SentFile
from mdt.services.quota import check_room

# A long message may fill the hospital's share while it arrives.
_PARTS_BETWEEN_CHECKS = 64
# Failure reasons of PS3.4 table B.2-1 and PS3.18 I.2.2.
_CANNOT_UNDERSTAND, _DUPLICATE, _NO_MATCH = 0xC000, 0x0111, 0xA900
_OUT_OF_RESOURCES, _PROCESSING = 0xA700, 0x0110
_REASONS = {
    Refusal.DICOM_OTHER_STUDY.value: _NO_MATCH,
    Refusal.READING_CRASHED.value: _PROCESSING,
    Refusal.READING_TOO_BIG.value: _OUT_OF_RESOURCES,
    Refusal.READING_TOO_SLOW.value: _OUT_OF_RESOURCES,
    Refusal.TOO_LARGE.value: _OUT_OF_RESOURCES,
    Refusal.VIRUS.value: _PROCESSING,
    "dicom_uid_conflict": _DUPLICATE,
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
    description = Description(study_uid=find_study(viewer, place) or place.study)
    readable: list[bool] = []
    files = _dicom_files(viewer, place.case_id, parts, readable)
    taken = iter(add_files(viewer, place.case_id, files, description, now=now))
    refused = FileResult("", Refusal.DICOM_UNREADABLE.value)
    results = [next(taken) if one else refused for one in readable]
    kept = [one for one in results if one.ok]
    status = 200 if len(kept) == len(results) else 202 if kept else 409
    return Stored(status, _answer(results, root))


def _dicom_files(
    viewer: Viewer, case_id: int, parts: Iterable[bytes], readable: list[bool]
) -> Iterator[SentFile]:
    """Give the DICOM files while they arrive; ``readable`` says of each part whether it is one.

    What is none is not looked at, or it would be filed as a document.
    """
    for place, data in enumerate(parts):
        if place and place % _PARTS_BETWEEN_CHECKS == 0:
            check_room(get_case_alone(viewer, case_id).hospital_id)
        readable.append(has_dicom_mark(data))
        if readable[-1]:
            yield SentFile(f"{place}.dcm", BytesIO(data))


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
