"""Images of a case to DICOMweb clients: everything comes from the served form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mdt.adapters import devices
from mdt.adapters.dicom_pixels import native_file, native_frame
from mdt.models.attachments import Series
from mdt.queries.dicomweb import (
    Place,
    ServedInstance,
    ServedMetadata,
    get_instance,
    list_instances,
    list_metadata,
)
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.drawing import Drawing
from mdt.rules.errors import MdtError, NotFound
from mdt.services.audit_log import record_view_once
from mdt.services.imaging import draw_served

_ONE_LOOK = timedelta(minutes=10)
_BULK_URI = b'"BulkDataURI":"bulkdata/'


class NoFrames(MdtError):
    """The object has no pixels that could be given frame by frame."""

    status = 406

    def __init__(self) -> None:
        super().__init__("dicomweb_no_frames")


@dataclass(frozen=True)
class Frames:
    """An object, and the numbers (from 1) of those of its frames that are wanted."""

    instance: ServedInstance
    numbers: tuple[int, ...]


def read_metadata(viewer: Viewer, place: Place, root: str, *, now: datetime) -> bytes:
    """DICOM JSON of every object of a place; ``root`` is the address of the case's images.

    Raises `NotFound` where nothing lies there. Side effects: an audit row for each series, once in
    ten minutes.
    """
    rows = list_metadata(viewer, place)
    if not rows:
        raise NotFound
    _note(viewer, place, sorted({one.series_id for one in rows}), now)
    return b"[" + b",".join(_addressed(root, one) for one in rows) + b"]"


def _addressed(root: str, one: ServedMetadata) -> bytes:
    """The JSON with whole addresses: clients take them as they are."""
    place = f"{root}/studies/{one.study_uid}/series/{one.series_uid}/instances/{one.uid}"
    return one.json.replace(_BULK_URI, f'"BulkDataURI":"{place}/bulkdata/'.encode())


def find_objects(viewer: Viewer, place: Place, *, now: datetime) -> Sequence[ServedInstance]:
    """The objects of a place, about to be sent; side effects as `read_metadata`."""
    found = list_instances(viewer, place)
    if not found:
        raise NotFound
    _note(viewer, place, sorted({one.series_id for one in found}), now)
    return found


def read_files(objects: Sequence[tuple[ServedInstance, bool]]) -> Iterator[bytes]:
    """Served files, each read when it is its turn; with its pixels decoded where so said.

    What is iterated later needs nothing of the request.
    """
    storage = devices.storage()

    def read(one: ServedInstance, *, decoded: bool) -> bytes:
        data = storage.read(one.key)
        return native_file(data) if decoded else data

    return (read(one, decoded=decoded) for one, decoded in objects)


def find_frames(viewer: Viewer, place: Place, numbers: Sequence[int], *, now: datetime) -> Frames:
    """Frames (from 1; all where none is named) that can be sent.

    Raises `NotFound` for one beyond the last, `NoFrames` for an object without any. Side effects as
    `read_metadata`.
    """
    found = get_instance(viewer, place)
    count = len(found.spans) - 1
    if count < 1:
        raise NoFrames
    if any(not 1 <= number <= count for number in numbers):
        raise NotFound
    _note(viewer, place, [found.series_id], now)
    return Frames(found, tuple(numbers) or tuple(range(1, count + 1)))


def read_frames(frames: Frames, *, decoded: bool) -> Iterator[bytes]:
    """The bytes of each frame as stored, or its values in little endian; as `read_files`."""
    storage, found = devices.storage(), frames.instance
    header = storage.read_range(found.key, *found.spans[0]) if decoded else b""

    def read(number: int) -> bytes:
        stored = storage.read_range(found.key, *found.spans[number])
        return native_frame(header, stored) if decoded else stored

    return map(read, frames.numbers)


def read_bulk_data(
    viewer: Viewer, place: Place, offset: int, length: int, *, now: datetime
) -> bytes:
    """A value that lies in the header of the served file; side effects as `read_metadata`."""
    found = get_instance(viewer, place)
    if not found.spans or offset < 0 or length < 1 or offset + length > found.spans[0][1]:
        raise NotFound
    _note(viewer, place, [found.series_id], now)
    return devices.storage().read_range(found.key, offset, length)


def draw_frame(
    viewer: Viewer, place: Place, number: int, how: Drawing, *, now: datetime, look: bool = True
) -> bytes:
    """Draw a frame (from 1) of an object. ``look`` is false for thumbnails, which open nothing.

    Raises `NotFound`, `NoFrames`, `FileRefused`. Side effects as `read_metadata`.
    """
    found = get_instance(viewer, place)
    if not found.rows or not found.columns:
        raise NoFrames
    if not 1 <= number <= found.frames:
        raise NotFound
    if look:
        _note(viewer, place, [found.series_id], now)
    return draw_served(found.key, found.spans, number - 1, how)


def draw_thumbnail(viewer: Viewer, place: Place, how: Drawing, *, now: datetime) -> bytes:
    """Draw the picture that stands for a study, a series or an object: the middle one."""
    pictures = [one for one in list_instances(viewer, place) if one.rows and one.columns]
    if not pictures:
        raise NotFound
    series = [one for one in pictures if one.series_id == pictures[0].series_id]
    middle = series[len(series) // 2]
    where = Place(place.case_id, middle.study_uid, middle.series_uid, middle.uid)
    return draw_frame(viewer, where, (middle.frames + 1) // 2, how, now=now, look=False)


def _note(viewer: Viewer, place: Place, series_ids: Sequence[int], now: datetime) -> None:
    for number in series_ids:
        record_view_once(
            viewer,
            AuditAction.SERIES_VIEW,
            (Series.__tablename__, number),
            now=now,
            within=_ONE_LOOK,
            case_id=place.case_id,
        )
