"""Marks on the pictures of a case: measured when they are made, kept, struck out and never changed.

Their value is what the server reads out of points and pixels. A mark hangs on the object itself, so
when its picture is blacked out later, which gives it another UID, the mark goes along.
"""

from dataclasses import dataclass
from datetime import datetime

from mdt.adapters import devices
from mdt.adapters.dicom_pixels import measure_frame
from mdt.models.cases import Case
from mdt.models.marks import KeyImage, Lesion, Mark
from mdt.queries.cases import get_case_alone
from mdt.queries.lesions import uses_mark
from mdt.queries.marks import (
    MarkedPlace,
    MarkFacts,
    check_marks,
    find_made,
    find_place,
    find_slide,
    get_mark,
    row_in,
)
from mdt.rules.access import Viewer
from mdt.rules.attachments import FileRefused
from mdt.rules.audit import AuditAction
from mdt.rules.content.reasons import LONGEST_STRIKE_REASON
from mdt.rules.errors import Invalid, Refused
from mdt.rules.events import LiveEventKind
from mdt.rules.image_plane import Point
from mdt.rules.measuring import (
    AREAS,
    LONGEST_KEY,
    MarkKind,
    Value,
    check_on_picture,
    measured,
    read_kind,
    read_points,
    read_text,
    shape_of,
)
from mdt.services.live_events import CaseWork, case_work

_PLACES = 3
#: Numbers of a point on a slide.
_FLAT = 2
_SPANS_OF_FRAMES = 2


@dataclass(frozen=True)
class OnPicture:
    """Which picture is meant: ``image`` and ``frame`` (from 1), else ``index`` in the series."""

    series_id: int | None = None
    slide_id: int | None = None
    image: str = ""
    frame: int = 1
    index: int | None = None


@dataclass(frozen=True)
class NewMark:
    """A mark as it was sent; ``kind``, ``points`` and ``text`` unread."""

    key: str
    picture: OnPicture
    kind: object
    points: object
    text: object = ""


def add_mark(viewer: Viewer, case_id: int, wish: NewMark, *, now: datetime) -> MarkFacts:
    """Keep a mark with what it measures; the same key again gives the same mark.

    `NotFound` for a case or picture that the viewer does not see, `Forbidden` for who only looks,
    `Refused("marks_locked")` once the opinion is signed, `Invalid` for what cannot be read. Side
    effects: a row, an audit row, in a live room an event.
    """
    case = get_case_alone(viewer, case_id)
    check_marks(viewer, case)
    check_key(wish.key)
    made = find_made(viewer, case_id, Mark, wish.key)
    if made is not None:
        return get_mark(viewer, case_id, made)
    kind = read_kind(wish.kind)
    text = read_text(kind, wish.text)
    place = place_of(viewer, case_id, wish.picture)
    points = read_points(kind, wish.points, _FLAT if place.slide_id else _PLACES)
    check_on_picture(points, place.plane)
    value = measured(kind, points, place.plane) | _inside(kind, points, place)
    with case_work(viewer, case_id, AuditAction.MARK_ADD, now=now) as doing:
        check_marks(viewer, _locked(viewer, case_id))
        made = find_made(viewer, case_id, Mark, wish.key)
        if made is not None:
            doing.work.silent = True
            return get_mark(viewer, case_id, made)
        mark = Mark(
            case_id=case_id,
            series_id=place.series_id,
            instance_id=place.instance_id,
            slide_id=place.slide_id,
            frame=place.frame,
            key=wish.key,
            kind=kind.value,
            points=[list(point) for point in points],
            text=text,
            value=value,
            by_user_id=viewer.user_id,
            at=now,
        )
        doing.work.session.add(mark)
        doing.work.about(mark, case_id=case_id, kind=kind.value)
        doing.tell(LiveEventKind.MARK, {"mark": mark.id, "change": "made"})
        return get_mark(viewer, case_id, mark.id)


def check_key(key: str) -> None:
    """Raise `Invalid` for a client's key that cannot be kept."""
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise Invalid({"key": "key_required"})


def place_of(viewer: Viewer, case_id: int, picture: OnPicture) -> MarkedPlace:
    """The picture that is meant, as its viewer may see it; raises `Invalid` or `NotFound`."""
    if picture.slide_id is not None and picture.series_id is None:
        return find_slide(viewer, case_id, picture.slide_id)
    if (
        picture.slide_id is not None
        or picture.series_id is None
        or not (picture.image or picture.index is not None)
    ):
        raise Invalid({"series": "picture_unknown"})
    return find_place(
        viewer,
        case_id,
        picture.series_id,
        image=picture.image,
        frame=picture.frame,
        index=picture.index,
    )


def _inside(kind: MarkKind, points: tuple[Point, ...], place: MarkedPlace) -> Value:
    """What the pixels of a region say; nothing where they cannot be read one frame at a time."""
    if kind not in AREAS or not place.key or len(place.spans) < _SPANS_OF_FRAMES:
        return {}
    shape = shape_of(kind, points, place.plane)
    storage = devices.storage()
    header, stored = (
        storage.read_range(place.key, *span) for span in (place.spans[0], place.spans[place.frame])
    )
    parts = (*shape.center, *shape.one, *shape.other)
    try:
        found = measure_frame(header, stored, place.frame - 1, parts, is_round=shape.round)
    except FileRefused:
        return {}
    return {
        name: round(one, _PLACES) if isinstance(one, float) else one
        for name, one in (found or {}).items()
    }


def _locked(viewer: Viewer, case_id: int) -> Case:
    return get_case_alone(viewer, case_id, for_update=True)


def strike_mark(
    viewer: Viewer, case_id: int, mark_id: int, reason: str, *, now: datetime
) -> MarkFacts:
    """Strike a mark out: it stays and is shown to nobody as valid.

    Whoever may mark may strike; another person's only with a reason, none by which a lesion is
    measured. Side effects: the row, an
    audit row, in a live room an event.
    """
    with case_work(viewer, case_id, AuditAction.MARK_STRIKE, now=now) as doing:
        check_marks(viewer, _locked(viewer, case_id))
        get_mark(viewer, case_id, mark_id)
        if uses_mark(case_id, mark_id):
            raise Refused("mark_in_lesion")
        mark = row_in(case_id, Mark, mark_id)
        strike_row(doing, mark, reason)
        doing.work.about(mark, case_id=case_id, kind=mark.kind)
        doing.tell(LiveEventKind.MARK, {"mark": mark.id, "change": "struck"})
        return get_mark(viewer, case_id, mark_id)


def strike_row(doing: CaseWork, row: Mark | KeyImage | Lesion, reason: str) -> None:
    """Strike out a row, inside the running work; raises `Refused` where it is already."""
    viewer = doing.work.viewer
    words = checked_reason(reason)
    if row.struck_at is not None:
        raise Refused("already_struck")
    if viewer is None or (row.by_user_id != viewer.user_id and not words):
        raise Invalid({"reason": "strike_reason_required"})
    row.struck_at, row.struck_by_id, row.struck_reason = doing.work.now, viewer.user_id, words
    doing.work.session.flush()


def checked_reason(reason: str) -> str:
    """Why something is struck out, tidied; raises `Invalid` where it is too long."""
    words = " ".join(reason.replace("\0", "").split())
    if len(words) > LONGEST_STRIKE_REASON:
        raise Invalid({"reason": "text_too_long"})
    return words
