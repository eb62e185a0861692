"""Key images: chosen in the viewer, with a caption, in an order; shown wherever the case is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mdt.adapters.pdf_fonts import missing_characters
from mdt.models.cases import Case
from mdt.models.marks import KeyImage
from mdt.queries.cases import get_case_alone
from mdt.queries.key_images import (
    KeyImageFacts,
    get_key_image,
    list_key_images,
    next_place,
    rows_in_order,
)
from mdt.queries.marks import check_marks, find_made, row_in
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.drawing import Drawing
from mdt.rules.errors import Invalid, NotFound, Refused, Stale
from mdt.rules.events import LiveEventKind
from mdt.rules.viewer_state import MOST_KEY_IMAGES, State, read_caption, read_state
from mdt.services.imaging import draw_image
from mdt.services.live_events import CaseWork, case_work
from mdt.services.marks import OnPicture, check_key, place_of, strike_row


@dataclass(frozen=True)
class NewKeyImage:
    """A key image as it was sent; ``state`` and ``caption`` unread."""

    key: str
    picture: OnPicture
    state: object
    caption: object = ""


def add_key_image(
    viewer: Viewer, case_id: int, wish: NewKeyImage, *, now: datetime
) -> KeyImageFacts:
    """Choose a picture as it stands in the viewer, behind the others; the same key does it once.

    Who may, and what is raised: as `mdt.services.marks.add_mark`. Side effects: a row, an audit
    row, in a live room an event.
    """
    check_marks(viewer, get_case_alone(viewer, case_id))
    check_key(wish.key)
    caption, state = _caption(wish.caption), read_state(wish.state)
    if wish.picture.slide_id is not None:
        raise Refused("key_image_of_slide")
    place = place_of(viewer, case_id, wish.picture)
    with case_work(viewer, case_id, AuditAction.KEY_IMAGE_ADD, now=now) as doing:
        _check(viewer, case_id)
        made = find_made(viewer, case_id, KeyImage, wish.key)
        if made is not None:
            doing.work.silent = True
            return get_key_image(viewer, case_id, made)
        if len(rows_in_order(case_id)) >= MOST_KEY_IMAGES:
            raise Refused("key_images_too_many", most=MOST_KEY_IMAGES)
        row = KeyImage(
            case_id=case_id,
            series_id=place.series_id,
            instance_id=place.instance_id,
            frame=place.frame,
            key=wish.key,
            place=next_place(case_id),
            state=state,
            caption=caption,
            by_user_id=viewer.user_id,
            at=now,
        )
        doing.work.session.add(row)
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "made")
        return get_key_image(viewer, case_id, row.id)


def caption_key_image(
    viewer: Viewer, case_id: int, number: int, caption: object, *, now: datetime
) -> KeyImageFacts:
    """Write the words under a key image anew. Side effects: as `add_key_image`."""
    words = _caption(caption)
    with case_work(viewer, case_id, AuditAction.KEY_IMAGE_EDIT, now=now) as doing:
        row = _standing(viewer, case_id, number)
        row.caption = words
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "caption")
        return get_key_image(viewer, case_id, number)


def order_key_images(
    viewer: Viewer, case_id: int, order: Sequence[int], *, now: datetime
) -> tuple[KeyImageFacts, ...]:
    """Put the key images in order: all that the viewer sees; others stay behind these.

    Raises `Stale` where others are there by now. Side effects: as `add_key_image`.
    """
    with case_work(viewer, case_id, AuditAction.KEY_IMAGE_EDIT, now=now) as doing:
        case = _check(viewer, case_id)
        seen = [one.id for one in list_key_images(viewer, case_id)]
        if sorted(order) != sorted(seen):
            raise Stale
        rows = {row.id: row for row in rows_in_order(case_id)}
        unseen = [number for number in rows if number not in set(seen)]
        for place, number in enumerate([*order, *unseen], start=1):
            rows[number].place = place
        doing.work.about(case, case_id=case_id, order=list(order))
        doing.tell(LiveEventKind.KEY_IMAGE, {"change": "order"})
        doing.work.session.flush()
        return list_key_images(viewer, case_id)


def strike_key_image(
    viewer: Viewer, case_id: int, number: int, reason: str, *, now: datetime
) -> KeyImageFacts:
    """Take a key image out; it stays in the record. As `mdt.services.marks.strike_mark`."""
    with case_work(viewer, case_id, AuditAction.KEY_IMAGE_STRIKE, now=now) as doing:
        _check(viewer, case_id)
        get_key_image(viewer, case_id, number)
        row = row_in(case_id, KeyImage, number)
        strike_row(doing, row, reason)
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "struck")
        return get_key_image(viewer, case_id, number)


def draw_key_image(
    viewer: Viewer, case_id: int, number: int, size: int | None, *, now: datetime
) -> tuple[bytes, str]:
    """The picture in the window that it was chosen with, and which it is; raises `NotFound`.

    Side effects: as `mdt.services.imaging.draw_image`.
    """
    found = get_key_image(viewer, case_id, number)
    if found.number is None or found.picture.series_id is None:
        raise NotFound
    how = drawing_of(found.state, size)
    picture, _ = draw_image(viewer, case_id, found.picture.series_id, found.number, how, now=now)
    return picture, found.version


def drawing_of(state: State, size: int | None) -> Drawing:
    """How a kept state is drawn."""
    return Drawing(state.get("center"), state.get("width"), size=size, invert=bool(state["invert"]))


def _check(viewer: Viewer, case_id: int) -> Case:
    case = get_case_alone(viewer, case_id, for_update=True)
    check_marks(viewer, case)
    return case


def _standing(viewer: Viewer, case_id: int, number: int) -> KeyImage:
    _check(viewer, case_id)
    if get_key_image(viewer, case_id, number).struck is not None:
        raise Refused("already_struck")
    return row_in(case_id, KeyImage, number)


def _caption(raw: object) -> str:
    """It is printed: what no font of the PDF has is refused now."""
    caption = read_caption(raw)
    if missing_characters(caption):
        raise Invalid({"caption": "missing_glyph"})
    return caption


def _tell(doing: CaseWork, row: KeyImage, change: str) -> None:
    doing.tell(LiveEventKind.KEY_IMAGE, {"key_image": row.id, "change": change})
