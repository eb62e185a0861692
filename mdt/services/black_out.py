"""Names burned into pictures are blacked out in what is served; the original stays as it came.

A changed picture is a new object: whatever keeps the old one under its UID (a browser, another
archive) cannot show it for the new one. What names it within the case is made again with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, update

from mdt.adapters import devices
from mdt.adapters.storage import Storage
from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series
from mdt.queries import scope
from mdt.queries.attachments import ImagePlace, find_image, series_of
from mdt.queries.cases import check_doctor, get_case, get_case_as_doctor
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.black_out import (
    MOST_PIXELS,
    Box,
    Extent,
    FrameBox,
    box_words,
    clipped,
    on_frames,
    read_boxes,
    together,
)
from mdt.rules.deidentification import CaseUids, Risk, changed_uid
from mdt.rules.drawing import Drawing
from mdt.rules.errors import Refused, Stale
from mdt.services.imaging import draw_place
from mdt.services.served_images import (
    Made,
    Source,
    case_uids,
    current_sources,
    is_as_read,
    list_sources,
    make,
    source_of,
    write_made,
)
from mdt.services.stored_blobs import take_back
from mdt.services.unit_of_work import unit_of_work

_THREADS = 4
_PAGE = 500
# What served UIDs look like within DICOM JSON.
_SERVED_UID = re.compile(rb'"(2\.25\.\d{1,39})"')
# What is blacked out in an object, and what is to be.
_Boxes = Callable[[tuple[FrameBox, ...]], tuple[FrameBox, ...]]


@dataclass(frozen=True)
class Wish:
    """What somebody drew on the ``number``-th picture (from 1) of a series, and where it holds."""

    number: int
    extent: Extent
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class _Target:
    """An object to be changed: where its first picture stands, how large it is."""

    id: int
    first_image: int
    frames: int
    rows: int
    columns: int

    @property
    def pixels(self) -> int:
        return self.rows * self.columns * self.frames


def place_to_black_out(viewer: Viewer, case_id: int, series_id: int, number: int) -> ImagePlace:
    """Where a picture lies, for a doctor of its hospital: `NotFound`, `Forbidden` otherwise."""
    check_doctor(viewer, get_case(viewer, case_id))
    return find_image(viewer, case_id, series_id, number)


def reach_of(place: ImagePlace) -> tuple[int, int]:
    """How many pictures its object has, and how many objects of the series are of its size."""
    alike = _targets(place, Extent.SERIES)
    frames = next((one.frames for one in alike if one.id == place.instance_id), 1)
    return frames, len(alike)


def list_black_pictures(viewer: Viewer, case_id: int, series_id: int, wish: Wish) -> Sequence[int]:
    """Numbers (from 1) of the pictures that a wish would change; raises `Invalid`, `Refused`."""
    place = place_to_black_out(viewer, case_id, series_id, wish.number)
    clipped(wish.boxes, place.columns, place.rows)
    if wish.extent is Extent.FRAME:
        return [wish.number]
    return [
        one.first_image + frame + 1
        for one in _targets(place, wish.extent)
        for frame in range(one.frames)
    ]


def draw_black_picture(
    viewer: Viewer,
    case_id: int,
    series_id: int,
    number: int,
    regions: str,
    how: Drawing,
) -> bytes:
    """The picture as it would be, as JPEG; ``regions`` as in `read_boxes`. Nothing is kept."""
    place = place_to_black_out(viewer, case_id, series_id, number)
    boxes = clipped(read_boxes(regions), place.columns, place.rows)
    return draw_place(place, replace(how, black=on_frames(boxes)))


def count_blacked_out(case_id: int, series_id: int) -> int:
    """How many objects of a series, which the viewer may see, are blacked out somewhere."""
    return len(_blacked_out(case_id, series_id))


def black_out_series(
    viewer: Viewer, case_id: int, series_id: int, wish: Wish, *, now: datetime
) -> int:
    """Black out rectangles in the served form of a series; gives the number of pictures.

    Doctors of the own hospital: `NotFound` or `Forbidden` otherwise. `Invalid` for rectangles
    beside the picture, `Refused` for too much at once, `FileRefused` for pixels that cannot be
    changed, `Stale` where the series was changed meanwhile. The series waits as before, or stays
    released. Side effects: new blobs, the old ones go; rows; one audit row with the rectangles.
    """
    place = place_to_black_out(viewer, case_id, series_id, wish.number)
    boxes = clipped(wish.boxes, place.columns, place.rows)
    targets = _targets(place, wish.extent)
    if sum(one.pixels for one in targets) > MOST_PIXELS:
        raise Refused("black_out_too_much")
    single = wish.extent is Extent.FRAME
    more = on_frames(boxes, place.frame) if single else on_frames(boxes)
    images = 1 if single else sum(one.frames for one in targets)
    _change(
        _Change(viewer, AuditAction.ATTACHMENT_BLACK_OUT, case_id, series_id, now),
        [one.id for one in targets],
        lambda before: together(before, more),
        {"images": images, "extent": wish.extent.value, "boxes": box_words(boxes)},
    )
    return images


def show_series_again(viewer: Viewer, case_id: int, series_id: int, *, now: datetime) -> None:
    """Take back all that was blacked out in a series, which then waits for release again.

    As `black_out_series`; `Refused("not_blacked_out")` where nothing is.
    """
    case = get_case(viewer, case_id)
    check_doctor(viewer, case)
    numbers = _blacked_out(case.id, series_id)
    if not numbers:
        raise Refused("not_blacked_out")
    _change(
        _Change(viewer, AuditAction.ATTACHMENT_SHOW_AGAIN, case_id, series_id, now),
        numbers,
        lambda _: (),
        {"images": len(numbers)},
    )


def _targets(place: ImagePlace, extent: Extent) -> Sequence[_Target]:
    """The objects that are meant: those of a series only where they are of the same size."""
    statement = select(
        Instance.id,
        Instance.first_image,
        Instance.frames,
        Instance.rows,
        Instance.columns,
    ).where(Instance.series_id == place.series_id, Instance.first_image.is_not(None))
    if extent is Extent.SERIES:
        same = (Instance.rows == place.rows, Instance.columns == place.columns)
        statement = statement.where(*same).order_by(Instance.first_image)
    else:
        statement = statement.where(Instance.id == place.instance_id)
    rows = db.session.execute(scope.scoped_children(statement, of="series")).all()
    return [
        _Target(
            id=row.id,
            first_image=row.first_image or 0,
            frames=row.frames,
            rows=row.rows,
            columns=row.columns,
        )
        for row in rows
    ]


def _blacked_out(case_id: int, series_id: int) -> Sequence[int]:
    statement = select(Instance.id).where(
        Instance.case_id == case_id,
        Instance.series_id == series_id,
        Instance.black_boxes.is_not(None),
    )
    return db.session.scalars(scope.scoped_children(statement, of="case")).all()


@dataclass(frozen=True)
class _Change:
    """Who changes which series, how the audit trail calls it, and when."""

    viewer: Viewer
    action: AuditAction
    case_id: int
    series_id: int
    now: datetime
    #: Objects whose headers could not be read when it was looked for those that name what changes:
    #: those above this number were not there, those named were not prepared.
    latest: int = 0
    unprepared: tuple[int, ...] = ()

    @property
    def opens(self) -> bool:
        """What was blacked out is shown again."""
        return self.action is AuditAction.ATTACHMENT_SHOW_AGAIN


def _change(
    change: _Change, numbers: Sequence[int], boxes: _Boxes, said: Mapping[str, Any]
) -> None:
    """Make what changes, and what names it, then let the rows name it all in one transaction.

    All is made of the very rows of which `_write` finds, under the lock, whether they still hold.
    """
    revision = _revision(change)
    change = replace(change, latest=_latest(change.case_id), unprepared=_unprepared(change.case_id))
    before = _read(Instance.id.in_(numbers))
    if not all(one.served_key for one in before):
        raise Refused("black_out_preparing")
    sources = [
        replace(one, boxes=boxes(one.boxes), cleared=one.cleared and not change.opens)
        for one in before
    ]
    naming = list(_naming(change.case_id, before))
    # Last: who renames a picture since makes those above anew that name it, and they do not hold.
    uids = case_uids(change.case_id, now=change.now)
    after = _renamed(uids, sources, revision + 1)
    made = list(_made([*sources, *naming], after))
    try:
        _write(change, revision, [*before, *naming], made, said)
    except BaseException as error:
        take_back([one.key for one in made], error)
        raise


def _revision(change: _Change) -> int:
    statement = select(Series.revision).where(
        Series.id == change.series_id, Series.case_id == change.case_id
    )
    return db.session.scalar(scope.scoped_children(statement, of="case")) or 0


def _latest(case_id: int) -> int:
    statement = select(func.max(Instance.id)).where(Instance.case_id == case_id)
    return db.session.scalar(scope.scoped_children(statement, of="case")) or 0


def _unprepared(case_id: int) -> tuple[int, ...]:
    statement = select(Instance.id).where(
        Instance.case_id == case_id, Instance.served_key.is_(None)
    )
    return tuple(db.session.scalars(scope.scoped_children(statement, of="case")))


def _read(*conditions: Any) -> Sequence[Source]:
    statement = scope.scoped_children(list_sources(*conditions), of="case")
    return [source_of(row) for row in db.session.execute(statement)]


def _naming(
    case_id: int, changed: Sequence[Source], among: ColumnElement[bool] | None = None
) -> Iterator[Source]:
    """Other objects of the case (or ``among`` them) whose headers name one that is renamed."""
    old = {one.served_uid.encode() for one in changed if one.served_uid}
    mine = {one.id for one in changed}
    statement = (
        select(InstanceMetadata.instance_id, InstanceMetadata.json)
        .join(Instance, Instance.id == InstanceMetadata.instance_id)
        .where(Instance.case_id == case_id, true() if among is None else among)
    )
    wanted = scope.scoped_children(statement, of="case").execution_options(yield_per=_PAGE)
    numbers = [
        number
        for number, json in db.session.execute(wanted)
        if number not in mine and not old.isdisjoint(_SERVED_UID.findall(json))
    ]
    for start in range(0, len(numbers), _PAGE):
        yield from _read(Instance.id.in_(numbers[start : start + _PAGE]))


def _renamed(uids: CaseUids, changed: Sequence[Source], revision: int) -> CaseUids:
    renamed = dict(uids.renamed)
    for one in changed:
        renamed.pop(one.sop_uid, None)
        if one.boxes:
            renamed[one.sop_uid] = changed_uid(uids.secret, one.sop_uid, revision)
    return CaseUids(uids.secret, renamed)


def _made(sources: Sequence[Source], uids: CaseUids) -> Sequence[Made]:
    """All of them, or none where one fails."""
    storage = devices.storage()
    with ThreadPoolExecutor(_THREADS) as pool:
        tasks = [pool.submit(make, storage, one, uids) for one in sources]
    failed = [error for task in tasks if (error := task.exception())]
    made = [task.result() for task in tasks if not task.exception()]
    if failed:
        _discard(storage, made)
        raise failed[0]
    return made


def _discard(storage: Storage, made: Sequence[Made]) -> None:
    for one in made:
        storage.delete(one.key)


def _write(
    change: _Change,
    revision: int,
    before: Sequence[Source],
    made: Sequence[Made],
    said: Mapping[str, Any],
) -> None:
    with unit_of_work(change.viewer, change.action, now=change.now) as work:
        case = get_case_as_doctor(change.viewer, change.case_id)
        series = series_of(case, change.series_id)
        still = {one.id: one for one in current_sources(work, [one.id for one in before])}
        same = all(one.id in still and is_as_read(still[one.id], one) for one in before)
        if series.revision != revision or not same or _named_since(change, before):
            raise Stale
        series.revision += 1
        if change.opens:
            _hold(series)
        write_made(work, made)
        boxes = [
            {"id": one.source.id, "black_boxes": [list(box) for box in one.source.boxes] or None}
            for one in made
        ]
        work.session.execute(update(Instance), boxes)
        work.about(series, case_id=case.id, **said)


def _named_since(change: _Change, before: Sequence[Source]) -> bool:
    """Whether something that could not be read then names what changes."""
    starts = range(0, len(change.unprepared), _PAGE)
    pages = [change.unprepared[start : start + _PAGE] for start in starts]
    since = [Instance.id > change.latest, *(Instance.id.in_(page) for page in pages)]
    return any(any(True for _ in _naming(change.case_id, before, one)) for one in since)


def _hold(series: Series) -> None:
    """Somebody saw a name there, so somebody has to look again."""
    series.risk = series.risk or Risk.MARKED.value
    series.released_at = series.released_by_id = None
