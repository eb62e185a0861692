"""Names on photographs of papers are blacked out in the copy that is shown; the original stays."""

from collections.abc import Sequence
from datetime import datetime

from mdt.adapters import devices
from mdt.adapters.documents import ViewingCopy, viewing_copy
from mdt.models.attachments import Attachment
from mdt.queries.attachments import get_document
from mdt.queries.cases import check_doctor, get_case, get_case_as_doctor
from mdt.rules.access import Viewer
from mdt.rules.attachments import KINDS_BY_MEDIA_TYPE
from mdt.rules.audit import AuditAction
from mdt.rules.black_out import MOST_ON_OBJECT, Box, box_words, clipped, read_boxes
from mdt.rules.errors import Invalid, Refused, Stale
from mdt.services.stored_blobs import discard_later, take_back
from mdt.services.unit_of_work import unit_of_work


def picture_to_black_out(viewer: Viewer, case_id: int, attachment_id: int) -> Attachment:
    """A photograph, for a doctor of its hospital: `NotFound` or `Forbidden` otherwise.

    `Refused("black_out_pictures_only")` for another document.
    """
    check_doctor(viewer, get_case(viewer, case_id))
    document = get_document(viewer, case_id, attachment_id)
    if not document.media_type.startswith("image/"):
        raise Refused("black_out_pictures_only")
    return document


def draw_black_document(
    viewer: Viewer, case_id: int, attachment_id: int, regions: str
) -> tuple[bytes, str]:
    """The copy as it would be, and its media type; ``regions`` as in `read_boxes`."""
    document = picture_to_black_out(viewer, case_id, attachment_id)
    return _copy(document, read_boxes(regions))[0].data, document.media_type


def black_out_document(
    viewer: Viewer, case_id: int, attachment_id: int, regions: str, *, now: datetime
) -> None:
    """Black out rectangles in what is shown of a photograph, in addition to those of before.

    ``regions`` as in `read_boxes`. Raises `Invalid` for rectangles beside it, `Stale` where it was
    changed meanwhile. It waits as before, or stays released. Side effects: a new blob, the old one
    goes; row; one audit row.
    """
    document = picture_to_black_out(viewer, case_id, attachment_id)
    copy, kept = _copy(document, read_boxes(regions))
    _replace(viewer, AuditAction.ATTACHMENT_BLACK_OUT, document, copy, kept, now)


def show_document_again(viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime) -> None:
    """Take back all that was blacked out in a photograph, which then waits for release again."""
    document = picture_to_black_out(viewer, case_id, attachment_id)
    if not document.black_boxes:
        raise Refused("not_blacked_out")
    copy = _drawn(document, ())
    _replace(viewer, AuditAction.ATTACHMENT_SHOW_AGAIN, document, copy, (), now)


def _copy(document: Attachment, more: Sequence[Box]) -> tuple[ViewingCopy, tuple[Box, ...]]:
    """The copy with old and new rectangles; and these, cut to its size."""
    before: list[Box] = [
        (left, top, width, height) for left, top, width, height in document.black_boxes or ()
    ]
    copy = _drawn(document, [*before, *more])
    kept = tuple(dict.fromkeys((*before, *clipped(more, copy.width, copy.height))))
    if len(kept) > MOST_ON_OBJECT:
        raise Invalid({"regions": "regions_too_many"})
    return copy, kept


def _drawn(document: Attachment, boxes: Sequence[Box]) -> ViewingCopy:
    original = devices.storage().read(document.storage_key)
    return viewing_copy(original, KINDS_BY_MEDIA_TYPE[document.media_type], boxes)


def _replace(
    viewer: Viewer,
    action: AuditAction,
    read: Attachment,
    copy: ViewingCopy,
    boxes: tuple[Box, ...],
    now: datetime,
) -> None:
    number, case_id, old = read.id, read.case_id, read.viewing_key
    blob = devices.storage().put(copy.data)
    try:
        with unit_of_work(viewer, action, now=now) as work:
            case = get_case_as_doctor(viewer, case_id)
            document = _unchanged(get_document(viewer, case.id, number), old)
            document.viewing_key = blob.key
            document.black_boxes = [list(box) for box in boxes] or None
            if not boxes:
                document.released_at = document.released_by_id = None
            discard_later(work, [old])
            work.about(document, case_id=case.id, boxes=box_words(boxes))
    except BaseException as error:
        take_back([blob.key], error)
        raise


def _unchanged(document: Attachment, viewing_key: str) -> Attachment:
    if document.viewing_key != viewing_key:
        raise Stale
    return document
